/**
 * Members by the original's API: list, one, role, removal (facts 4.4), and as additions deactivation
 * and the transfer of the organization. Every address names the caller's organization, or nothing.
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { type OrgRole, orgRoles } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listMembers, loadMember, type MemberOrder } from "../store/members.ts";
import { actingCallerOf, idOf, mayCallerOf, organizationOf } from "./caller.ts";
import { changeRole, removeMember, transferOrganization } from "./members.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { parseBody, parseQuery, wireFlag, wireId } from "./parse.ts";
import { answerMember } from "./person-answer.ts";

const roleNames = "OW, AD, MA, RE, AN, NO, DI";

/** An organization role by its code. */
export const roleField = z.enum(orgRoles, { error: `Send a role: one of ${roleNames}.` });

/** The only seat there is. */
const seatType = z.enum(["standard"], { error: "Labelgate has standard seats only." }).optional();

/** `PATCH /api/organizations/{id}/memberships` */
export const memberPatchSchema = z.object({
  user_id: wireId,
  role: roleField.optional(),
  user_type: seatType,
});

/** `POST …/memberships/{user_pk}/deactivate` and every other body that may say nothing. */
export const emptySchema = z.object({});

/** `POST /api/organizations/{id}/transfer` */
export const transferSchema = z.object({ user_id: wireId });

const orders = {
  id: "id",
  user__id: "id",
  email: "email",
  user__email: "email",
  user__username: "email",
  first_name: "firstName",
  user__first_name: "firstName",
  last_name: "lastName",
  user__last_name: "lastName",
  role: "role",
  created_at: "joinedAt",
} as const satisfies Readonly<Record<string, MemberOrder>>;

/** By what a list may be ordered: a field, with a minus sign for the last first. */
export const orderingField = z
  .string()
  .transform((text) => ({ field: text.replace(/^-/, ""), isDescending: text.startsWith("-") }))
  .refine(
    (order): order is { field: keyof typeof orders; isDescending: boolean } =>
      Object.hasOwn(orders, order.field),
    {
      error: `Order by one of ${Object.keys(orders).join(", ")}; a minus sign before it reverses.`,
    },
  )
  .transform(({ field, isDescending }) => ({ order: orders[field], isDescending }))
  .optional();

/** One role or several, separated by commas or sent more than once. */
export const rolesField = z
  .union([z.string(), z.array(z.string())])
  .transform((given) =>
    [given]
      .flat()
      .flatMap((text) => text.split(","))
      .map((text) => text.trim()),
  )
  .refine((codes): codes is OrgRole[] => codes.every((code) => roleField.safeParse(code).success), {
    error: `Send roles separated by commas: ${roleNames}.`,
  })
  .optional();

/** What a search looks for: words that must all be there. */
export const searchField = z
  .string()
  .max(200, "Search for at most 200 characters.")
  .transform((text) =>
    text
      .split(/\s+/)
      .filter((word) => word !== "")
      .slice(0, 8),
  )
  .optional();

/** `GET /api/organizations/{id}/memberships` */
export const memberListSchema = z.object({
  ...pageFields,
  search: searchField,
  role: rolesField,
  ordering: orderingField,
  exclude_workspace_id: wireId.optional(),
  exclude_project_id: wireId.optional(),
  // Asks for projects by person, of which the answer has the empty lists either way.
  contributed_to_projects: wireFlag.optional(),
});

const base = "/api/organizations/:id/memberships";

/** Routes of members. */
export function memberRoutes(deps: Deps): FastifyPluginAsync {
  const { db } = deps.store;
  return async (app) => {
    app.get<{ Params: { id: string } }>(base, async (request) => {
      const principal = mayCallerOf(request, "members:read");
      const organizationId = organizationOf(principal, request.params.id);
      const query = parseQuery(memberListSchema, request.query);
      const page = pageOf(query);
      const filter = filterOf(organizationId, query);
      const { count, members } = await listMembers(db, filter, {
        order: query.ordering?.order ?? "id",
        isDescending: query.ordering?.isDescending ?? false,
        offset: page.offset,
        limit: page.size,
      });
      const results = members.map((member) => answerMember(organizationId, member));
      return answerPage(deps, request.url, { page, count, results });
    });

    app.patch<{ Params: { id: string } }>(base, async (request) => {
      const acting = actingCallerOf(request, "members:write");
      const organizationId = organizationOf(acting.principal, request.params.id);
      const { user_id: userId, role } = parseBody(memberPatchSchema, request.body);
      const member =
        role === undefined
          ? await loadMember(db, organizationId, userId)
          : await changeRole(deps, acting, { userId, role });
      if (member === null) throw new AppError("not_found");
      return answerMember(organizationId, member);
    });

    app.get<{ Params: { id: string; user: string } }>(`${base}/:user`, async (request) => {
      const principal = mayCallerOf(request, "members:read");
      const organizationId = organizationOf(principal, request.params.id);
      const member = await loadMember(db, organizationId, idOf(request.params.user));
      if (member === null) throw new AppError("not_found");
      const { user, ...rest } = answerMember(organizationId, member);
      const counts = { annotations_count: 0, contributed_projects_count: 0 };
      return { ...rest, ...counts, user: user.id, user_detail: user };
    });

    app.delete<{ Params: { id: string; user: string } }>(
      `${base}/:user`,
      async (request, reply) => {
        const acting = actingCallerOf(request, "members:write");
        organizationOf(acting.principal, request.params.id);
        await removeMember(deps, acting, idOf(request.params.user));
        return await reply.code(204).send();
      },
    );

    app.post<{ Params: { id: string; user: string } }>(
      `${base}/:user/deactivate`,
      async (request) => {
        const acting = actingCallerOf(request, "members:write");
        const organizationId = organizationOf(acting.principal, request.params.id);
        parseBody(emptySchema, request.body);
        const userId = idOf(request.params.user);
        const member = await changeRole(deps, acting, { userId, role: "DI" });
        return answerMember(organizationId, member);
      },
    );

    app.post<{ Params: { id: string } }>("/api/organizations/:id/transfer", async (request) => {
      const acting = actingCallerOf(request, "organization:transfer");
      const organizationId = organizationOf(acting.principal, request.params.id);
      const { user_id: userId } = parseBody(transferSchema, request.body);
      const member = await transferOrganization(deps, acting, userId);
      return answerMember(organizationId, member);
    });
  };
}

function filterOf(organizationId: number, query: z.output<typeof memberListSchema>) {
  return {
    organizationId,
    ...(query.search === undefined ? {} : { words: query.search }),
    ...(query.role === undefined ? {} : { roles: query.role }),
    ...(query.exclude_workspace_id === undefined
      ? {}
      : { exceptWorkspaceId: query.exclude_workspace_id }),
    ...(query.exclude_project_id === undefined
      ? {}
      : { exceptProjectId: query.exclude_project_id }),
  };
}
