/**
 * Members of a project by the original's API (facts 4.4): page by page with `implicit_member`,
 * `project_role` and `project_role_source`, added and removed one by one and in bulk. What comes
 * through the workspace ends there, what the identity provider grants ends there (PRODUCT 1.4).
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listPlaceMembers, type PlaceMemberFilter } from "../store/place-members.ts";
import { personNumber } from "../store/wire-numbers.ts";
import { actingCallerOf, idOf } from "./caller.ts";
import { rolesField, searchField, seatTypesField, timeField } from "./member-list.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { parseBody, parseQuery, wireFlag, wireId } from "./parse.ts";
import { answerPlaceMember, answerProjectMember } from "./place-answers.ts";
import { answeredField, flagField, idsField, orderField, queryIdField } from "./place-fields.ts";
import {
  addManyToPlace,
  addToPlace,
  removeFromPlace,
  removeManyFromPlace,
} from "./place-membership.ts";
import { findPlace, type PlaceName, removalOf, viewerOf } from "./places.ts";
import { projectMembersCsv } from "./project-members-csv.ts";
import { projectRoleField } from "./project-role-routes.ts";

/** Filters of every list and bulk request of project members. */
const filters = {
  search: searchField,
  role: rolesField,
  tags: idsField,
  user_type: seatTypesField,
  last_activity__gte: timeField,
  last_activity__lte: timeField,
};

/** `POST …/members/` */
export const projectMemberSchema = z.object({ user: wireId });

/** `DELETE …/members/` */
export const projectMemberRemovalSchema = z.object({ user: queryIdField });

const orders = orderField({
  id: "id",
  email: "email",
  username: "email",
  first_name: "firstName",
  last_name: "lastName",
  role: "role",
  date_joined: "joinedAt",
  last_activity: "lastSignInAt",
});

/** `GET …/members/export/` */
export const projectMemberExportSchema = z.object({
  ...filters,
  ids: idsField,
  implicit: flagField,
  // Nobody who was removed is kept.
  with_deleted: flagField,
  ordering: orders,
});

/** `GET …/members/paginated/` */
export const projectMemberPageSchema = z.object({
  ...pageFields,
  ...filters,
  ids: idsField,
  implicit: flagField,
  no_annotators: flagField,
  // There are no view-only people, and nobody who was removed is kept.
  no_view_only: flagField,
  with_deleted: flagField,
  ordering: orders,
});

const rolesOfMembers = z
  .array(z.object({ user_id: wireId, role: projectRoleField }), { error: "Send a list." })
  .max(10_000, { error: "Send at most 10000 roles." })
  .optional();

/** `POST …/members/bulk/` */
export const projectBulkSchema = z.object({
  all: wireFlag,
  included: idsField,
  excluded: idsField,
  roles: rolesOfMembers,
});

/** The query of `POST …/members/bulk/`: whom "all" means. */
export const projectBulkQuerySchema = z.object(filters);

/** `DELETE …/members/bulk/` */
export const projectBulkRemovalSchema = z.object({
  ...filters,
  all: flagField,
  included: idsField,
  excluded: idsField,
  // The bulk body of an assignment may be sent back as it was.
  roles: answeredField,
});

interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/projects/:id/members";
/** As many as a list without pages shows; who needs more asks page by page. */
const maxUnpaged = 10_000;

/** Routes of project members. */
export function projectMemberRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<ById>(base, async (request) => {
      const viewer = viewerOf(request.caller("project_members:read"), "project_members:read");
      const { key } = await findPlace(deps.store.db, viewer, projectOf(request.params.id));
      const { members } = await listPlaceMembers(deps.store.db, {
        place: key,
        filter: { among: "explicit" },
        page: { order: "id", isDescending: false, offset: 0, limit: maxUnpaged },
      });
      return members.map((member) => answerPlaceMember(viewer.organizationId, member));
    });

    app.get<ById>(`${base}/paginated`, async (request) => {
      const viewer = viewerOf(request.caller("project_members:read"), "project_members:read");
      const query = parseQuery(projectMemberPageSchema, request.query);
      const page = pageOf(query);
      const { key } = await findPlace(deps.store.db, viewer, projectOf(request.params.id));
      const { count, members } = await listPlaceMembers(deps.store.db, {
        place: key,
        filter: { ...filterOf(query), ...amongOf(query), userIds: query.ids },
        page: {
          ...(query.ordering ?? { order: "id", isDescending: false }),
          offset: page.offset,
          limit: page.size,
        },
      });
      const results = members.map((member) => answerProjectMember(viewer.organizationId, member));
      return answerPage(deps, request.url, { page, count, results });
    });

    app.get<ById>(`${base}/export`, async (request, reply) => {
      const viewer = viewerOf(request.caller("project_members:read"), "project_members:read");
      const query = parseQuery(projectMemberExportSchema, request.query);
      const { key } = await findPlace(deps.store.db, viewer, projectOf(request.params.id));
      const filter = { ...filterOf(query), ...amongOf(query), userIds: query.ids };
      const order = query.ordering ?? { order: "id", isDescending: false };
      reply.header("content-disposition", 'attachment; filename="project-members.csv"');
      reply.type("text/csv; charset=utf-8");
      return await projectMembersCsv(deps, { place: key, filter, order });
    });

    app.post<ById>(base, async (request, reply) => {
      const acting = actingCallerOf(request, "project_members:write");
      const { user: userId } = parseBody(projectMemberSchema, request.body);
      await addToPlace(deps, acting, { place: projectOf(request.params.id), userId });
      return await reply.code(201).send({ user: personNumber(userId) });
    });

    app.delete<ById>(base, async (request, reply) => {
      const acting = actingCallerOf(request, "project_members:write");
      const { user: userId } = parseQuery(projectMemberRemovalSchema, removalOf(request));
      if (userId === undefined) {
        throw new AppError("validation_failed", { fields: { user: ["Name the member."] } });
      }
      await removeFromPlace(deps, acting, { place: projectOf(request.params.id), userId });
      return await reply.code(204).send();
    });
    await app.register(bulkRoutes(deps));
  };
}

function bulkRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.post<ById>(`${base}/bulk`, async (request) => {
      const acting = actingCallerOf(request, "project_members:write");
      const query = parseQuery(projectBulkQuerySchema, request.query);
      const {
        all,
        included = [],
        excluded = [],
        roles = [],
      } = parseBody(projectBulkSchema, request.body);
      const result = await addManyToPlace(deps, acting, {
        place: projectOf(request.params.id),
        selection: { all, included, excluded, filter: filterOf(query) },
        roles: new Map(roles.map(({ user_id: userId, role }) => [userId, role])),
      });
      return {
        assignments: result.changed,
        skipped_user_ids: result.skippedUserIds.map(personNumber),
      };
    });

    app.delete<ById>(`${base}/bulk`, async (request) => {
      const acting = actingCallerOf(request, "project_members:write");
      const query = parseQuery(projectBulkRemovalSchema, removalOf(request));
      const { all = false, included = [], excluded = [] } = query;
      const result = await removeManyFromPlace(deps, acting, {
        place: projectOf(request.params.id),
        selection: { all, included, excluded, filter: filterOf(query) },
      });
      return {
        unassignments: result.changed,
        skipped_user_ids: result.skippedUserIds.map(personNumber),
      };
    });
  };
}

function projectOf(text: string): PlaceName {
  return { kind: "project", id: idOf(text) };
}

function filterOf(query: z.output<typeof projectBulkQuerySchema>) {
  return {
    words: query.search,
    roles: query.role,
    tagIds: query.tags,
    signedInFrom: query.last_activity__gte,
    signedInUntil: query.last_activity__lte,
    // Every seat is a standard one.
    isNobody: query.user_type?.includes("standard") === false,
  };
}

/**
 * Set of people that a list of members selects from; everybody who belongs to the project unless
 * told.
 */
function amongOf(query: {
  readonly implicit?: boolean | undefined;
  readonly no_annotators?: boolean | undefined;
}): Pick<PlaceMemberFilter, "among" | "exceptRoles"> {
  const told = query.implicit === true ? "implicit" : "explicit";
  const among = query.implicit === undefined ? "members" : told;
  return { among, exceptRoles: query.no_annotators === true ? ["AN"] : undefined };
}
