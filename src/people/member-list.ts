/**
 * The list of members by the original's API (facts 4.4): search, roles, order, pages; as additions who
 * set the role, whose password opens the organization, and the seats (PRODUCT 1.3, 1.7, 9.8).
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { type OrgRole, orgRoles, type Source } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { listMembers, type MemberFilter, type MemberOrder } from "../store/members.ts";
import { loadOrganization } from "../store/organizations.ts";
import { organizationOf } from "./caller.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { parseQuery, wireFlag } from "./parse.ts";
import { answerMember } from "./person-answer.ts";
import { idsField, queryIdField } from "./place-fields.ts";

/** Every role's code, for sentences. */
const roleNames = "OW, AD, MA, RE, AN, NO, DI";

/** An organization role by its code. */
export const roleField = z.enum(orgRoles, { error: `Send a role: one of ${roleNames}.` });

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
  role_source: "roleSource",
  last_sign_in_at: "lastSignInAt",
  last_activity: "lastSignInAt",
  user__last_activity: "lastSignInAt",
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

export const sources: readonly Source[] = ["manual", "saml", "scim", "api"];

/** Sources that set the role last: one or several, as roles are sent. */
const sourcesField = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(",").map((one) => one.trim())))
  .refine(
    (given): given is Source[] => given.every((one) => sources.some((each) => each === one)),
    {
      error: `Send sources separated by commas: ${sources.join(", ")}.`,
    },
  )
  .optional();

export const seatTypes = ["standard", "flex", "viewonly"] as const;

/** Seat types as the original has them, sent as roles are; here every seat is a standard one. */
export const seatTypesField = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(",").map((one) => one.trim())))
  .refine((given) => given.every((one) => seatTypes.some((each) => each === one)), {
    error: `Send seat types separated by commas: ${seatTypes.join(", ")}.`,
  })
  .optional();

/** A moment as ISO 8601 has it, in epoch milliseconds; without a zone it is UTC. */
export const timeField = z
  .union([z.iso.datetime({ offset: true, local: true }), z.iso.date()], {
    error: "Send a time such as 2026-01-31T12:00:00Z.",
  })
  .transform((text) =>
    Date.parse(/(?:Z|[+-]\d\d:\d\d)$|^[\d-]{10}$/.test(text) ? text : `${text}Z`),
  )
  .optional();

/** Words of a search, all of which must be there. */
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

/** Filters of whatever speaks of members; each narrows what the others leave. */
export const memberFilterFields = {
  search: searchField,
  role: rolesField,
  role_source: sourcesField,
  has_password: wireFlag.optional(),
  exclude_workspace_id: queryIdField,
  exclude_project_id: queryIdField,
  tags: idsField,
  user_type: seatTypesField,
  is_deleted: wireFlag.optional(),
  user__last_activity__gte: timeField,
  user__last_activity__lte: timeField,
};

const memberFilterSchema = z.object(memberFilterFields);

/** Page and order of a list of members. */
export const memberPageFields = { ...pageFields, ordering: orderingField };
const memberPageSchema = z.object(memberPageFields);

/** `GET /api/organizations/{id}/memberships` */
export const memberListSchema = z.object({
  ...memberPageFields,
  ...memberFilterFields,
  // Asks for projects by person, of which the answer has the empty lists either way.
  contributed_to_projects: wireFlag.optional(),
});

/** The route of the list. */
export function memberListRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Params: { id: string } }>("/api/organizations/:id/memberships", async (request) => {
      const principal = request.caller("members:read");
      const organizationId = organizationOf(principal, request.params.id);
      const query = parseQuery(memberListSchema, request.query);
      return await answerMembers(deps, request.url, {
        filter: memberFilterOf(organizationId, query),
        query,
      });
    });
  };
}

/** One page of the members, with the seats. */
export async function answerMembers(
  deps: Deps,
  url: string,
  { filter, query }: { filter: MemberFilter; query: z.output<typeof memberPageSchema> },
) {
  const { db } = deps.store;
  const { organizationId } = filter;
  const page = pageOf(query);
  const { count, members } = await listMembers(db, filter, {
    order: query.ordering?.order ?? "id",
    isDescending: query.ordering?.isDescending ?? false,
    offset: page.offset,
    limit: page.size,
  });
  const results = members.map((member) => answerMember(organizationId, member));
  const organization = await loadOrganization(db, organizationId);
  const seats = { used: organization?.seatsUsed ?? 0, limit: organization?.seatLimit ?? null };
  return { ...answerPage(deps, url, { page, count, results }), seats };
}

/** Translates the filters into a query of members. */
export function memberFilterOf(
  organizationId: number,
  query: z.output<typeof memberFilterSchema>,
): MemberFilter {
  return {
    organizationId,
    ...(query.search === undefined ? {} : { words: query.search }),
    ...(query.role === undefined ? {} : { roles: query.role }),
    ...(query.role_source === undefined ? {} : { roleSources: query.role_source }),
    ...(query.tags === undefined ? {} : { tagIds: query.tags }),
    ...(query.has_password === undefined ? {} : { hasPassword: query.has_password }),
    ...(query.user__last_activity__gte === undefined
      ? {}
      : { signedInFrom: query.user__last_activity__gte }),
    ...(query.user__last_activity__lte === undefined
      ? {}
      : { signedInUntil: query.user__last_activity__lte }),
    // Whoever is removed is no member any more, and every seat is a standard one.
    ...(query.is_deleted === true || query.user_type?.includes("standard") === false
      ? { userIds: [0] }
      : {}),
    ...(query.exclude_workspace_id === undefined
      ? {}
      : { exceptWorkspaceId: query.exclude_workspace_id }),
    ...(query.exclude_project_id === undefined
      ? {}
      : { exceptProjectId: query.exclude_project_id }),
  };
}
