/**
 * The caller and other people by the original's API (facts 4.4): `/api/current-user` and
 * `/api/users/`. Both speak of members of the caller's organization; deleting one ends the
 * membership and leaves the account (PRODUCT 7.4 has it so for SCIM).
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { authorize, type Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listMembers, loadMember } from "../store/members.ts";
import { addAccount, renameAccount } from "./accounts.ts";
import { type Acting, actingCallerOf, callerOf, idOf } from "./caller.ts";
import { emailField, nameField } from "./fields.ts";
import { orderingField, searchField } from "./member-list.ts";
import { removeMember } from "./members.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { notKept, parseBody, parseQuery } from "./parse.ts";
import { answerUser, fixedUserFields } from "./person-answer.ts";
import { whoami } from "./whoami.ts";

/** Beyond this a list without pages would be worth nobody's while. */
const maxUnpaged = 10_000;

const keptElsewhere = {
  phone: notKept(fixedUserFields.phone),
  allow_newsletters: notKept(fixedUserFields.allow_newsletters),
  custom_hotkeys: notKept(fixedUserFields.custom_hotkeys),
};

/** `PATCH /api/current-user` and `PATCH /api/users/{id}/` */
export const userPatchSchema = z.object({
  first_name: nameField.optional(),
  last_name: nameField.optional(),
  // The address is the person (PRODUCT 1.2): it may come along, and only as it is.
  email: emailField.optional(),
  username: emailField.optional(),
  active_organization: z.number({ error: "Send a whole number." }).optional(),
  ...keptElsewhere,
});

/** `POST /api/users/` */
export const userCreateSchema = z
  .object({
    username: z.string().max(256, "This may have at most 256 characters.").optional(),
    email: emailField.optional(),
    first_name: nameField.default(""),
    last_name: nameField.default(""),
    password: z.string().optional(),
    active_organization: z.number({ error: "Send a whole number." }).optional(),
    ...keptElsewhere,
  })
  .refine((fields) => addressOf(fields) !== undefined, {
    path: ["email"],
    error: "Send the e-mail address of the person, as email or as username.",
  })
  // A user name of another kind is Label Studio's habit; people are known by their address here.
  .refine(
    ({ email, username }) =>
      !username?.includes("@") || addressIn(username) === (email ?? addressIn(username)),
    {
      path: ["username"],
      error: "This is another e-mail address than the person's.",
    },
  );

/** `GET /api/users/` */
export const userListSchema = z.object({
  ...pageFields,
  search: searchField,
  ordering: orderingField,
});

/** Routes of accounts. */
export function userRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/current-user", async (request) => {
      return await whoami(deps, request.caller("own_account:read"));
    });

    app.patch("/api/current-user", async (request) => {
      const acting = actingCallerOf(request, "own_account:write");
      await rename(deps, acting, { userId: acting.principal.userId, body: request.body });
      return await whoami(deps, callerOf(request));
    });

    app.get("/api/users", async (request) => {
      const principal = request.caller("users:read");
      return await listUsers(deps, principal, request);
    });

    app.post("/api/users", async (request, reply) => {
      const acting = actingCallerOf(request, "users:write");
      const body = parseBody(userCreateSchema, request.body);
      refuseOtherOrganization(acting.principal, body.active_organization);
      const userId = await addAccount(deps, acting, {
        email: addressOf(body) ?? "",
        firstName: body.first_name,
        lastName: body.last_name,
        password: body.password ?? null,
      });
      return await reply.code(201).send(await describeUser(deps, acting.principal, userId));
    });

    app.get<{ Params: { id: string } }>("/api/users/:id", async (request) => {
      const principal = request.caller("users:read");
      return await describeUser(deps, principal, idOf(request.params.id));
    });

    app.patch<{ Params: { id: string } }>("/api/users/:id", async (request) => {
      const userId = idOf(request.params.id);
      const isSelf = userId === request.principal?.userId;
      const acting = actingCallerOf(request, isSelf ? "own_account:write" : "users:write");
      await rename(deps, acting, { userId, body: request.body });
      return await describeUser(deps, acting.principal, userId);
    });

    app.delete<{ Params: { id: string } }>("/api/users/:id", async (request, reply) => {
      const acting = actingCallerOf(request, "members:write");
      await removeMember(deps, acting, idOf(request.params.id));
      return await reply.code(204).send();
    });
  };
}

async function rename(
  deps: Deps,
  acting: Acting,
  { userId, body }: { userId: number; body: unknown },
): Promise<void> {
  const patch = parseBody(userPatchSchema, body);
  const member = await loadMember(deps.store.db, acting.principal.organizationId, userId);
  if (member === null) throw new AppError("not_found");
  refuseOtherOrganization(acting.principal, patch.active_organization);
  for (const field of ["email", "username"] as const) {
    if ((patch[field] ?? member.email) === member.email) continue;
    const sentence = "An account's address is not changed here.";
    throw new AppError("validation_failed", { fields: { [field]: [sentence] } });
  }
  if (patch.first_name === undefined && patch.last_name === undefined) return;
  const names = { firstName: patch.first_name, lastName: patch.last_name };
  await renameAccount(deps, acting, { userId, names });
}

/** A credential opens one organization; choosing another is a new sign-in (PRODUCT 4.10). */
function refuseOtherOrganization({ organizationId }: Principal, asked: number | undefined): void {
  if (asked === undefined || asked === organizationId) return;
  const sentence = `The organization of this credential is ${organizationId}.`;
  throw new AppError("validation_failed", { fields: { active_organization: [sentence] } });
}

/** People below Manager find themselves alone. */
async function listUsers(
  deps: Deps,
  principal: Principal,
  { query: given, url }: { query: unknown; url: string },
) {
  const { organizationId } = principal;
  const query = parseQuery(userListSchema, given);
  const isPaged = query.page !== undefined || query.page_size !== undefined;
  const page = isPaged ? pageOf(query) : { number: 1, size: maxUnpaged, offset: 0 };
  const { count, members } = await listMembers(
    deps.store.db,
    {
      organizationId,
      ...(query.search === undefined ? {} : { words: query.search }),
      ...(seesAll(principal) ? {} : { userIds: [principal.userId] }),
    },
    {
      order: query.ordering?.order ?? "id",
      isDescending: query.ordering?.isDescending ?? false,
      offset: page.offset,
      limit: page.size,
    },
  );
  const results = members.map((member) => answerUser(organizationId, member));
  if (isPaged) return answerPage(deps, url, { page, count, results });
  if (count <= maxUnpaged) return results;
  const sentence = `There are ${count} people: ask for pages, with page and page_size.`;
  throw new AppError("validation_failed", { fields: { page: [sentence] } });
}

function seesAll(principal: Principal): boolean {
  const decision = authorize(principal, "users:read");
  return decision.allow && decision.reach === "organization";
}

async function describeUser(deps: Deps, principal: Principal, userId: number) {
  const { organizationId } = principal;
  const isHidden = !seesAll(principal) && userId !== principal.userId;
  const member = isHidden ? null : await loadMember(deps.store.db, organizationId, userId);
  if (member === null) throw new AppError("not_found");
  return answerUser(organizationId, member);
}

/** The person's address: `email`, else a user name that is one. */
function addressOf({
  email,
  username,
}: {
  email?: string | undefined;
  username?: string | undefined;
}) {
  return email ?? addressIn(username);
}

function addressIn(username: string | undefined): string | undefined {
  return emailField.safeParse(username).data;
}
