/**
 * Members of a workspace by the original's API (facts 4.4): all, page by page, added and removed one
 * by one and in bulk. What is granted by the identity provider is removed there (PRODUCT 1.4).
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listPlaceMembers } from "../store/place-members.ts";
import { personNumber } from "../store/wire-numbers.ts";
import { actingCallerOf, idOf } from "./caller.ts";
import { searchField } from "./member-list.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { parseBody, parseQuery, wireFlag, wireId } from "./parse.ts";
import { answerPlaceMember, answerWorkspaceMember } from "./place-answers.ts";
import { flagField, idsField, queryIdField } from "./place-fields.ts";
import {
  addManyToPlace,
  addToPlace,
  removeFromPlace,
  removeManyFromPlace,
} from "./place-membership.ts";
import { findPlace, type PlaceName, removalOf, viewerOf } from "./places.ts";

/** `POST …/memberships/` */
export const workspaceMemberSchema = z.object({ user: wireId, workspace: wireId.optional() });

/** `DELETE …/memberships/` */
export const workspaceMemberRemovalSchema = z.object({
  user_id: queryIdField,
  user: queryIdField,
});

/** `GET …/memberships/paginated/` */
export const workspaceMemberPageSchema = z.object({
  ...pageFields,
  search: searchField,
  ids: idsField,
});

/** `POST …/memberships/bulk/` */
export const workspaceBulkSchema = z.object({
  all: wireFlag,
  included: idsField,
  excluded: idsField,
});

/** `DELETE …/memberships/bulk/` */
export const workspaceBulkRemovalSchema = z.object({
  all: flagField,
  included: idsField,
  excluded: idsField,
  search: searchField,
  ids: idsField,
});

interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/workspaces/:id/memberships";
/** As many as a list without pages shows; who needs more asks page by page. */
const maxUnpaged = 10_000;

/** Routes of workspace members. */
export function workspaceMemberRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<ById>(base, async (request) => {
      const principal = request.caller("workspace_members:read");
      const workspace = idOf(request.params.id);
      const page = { offset: 0, limit: maxUnpaged };
      const { members } = await membersOf(deps, principal, { id: workspace, page, filter: {} });
      const { organizationId } = principal;
      return members.map((one) => ({ user: answerPlaceMember(organizationId, one), workspace }));
    });

    app.get<ById>(`${base}/paginated`, async (request) => {
      const principal = request.caller("workspace_members:read");
      const query = parseQuery(workspaceMemberPageSchema, request.query);
      const page = pageOf(query);
      const { count, members } = await membersOf(deps, principal, {
        id: idOf(request.params.id),
        page: { offset: page.offset, limit: page.size },
        filter: { words: query.search, userIds: query.ids },
      });
      const { organizationId } = principal;
      const results = members.map((one) => answerWorkspaceMember(organizationId, one));
      return answerPage(deps, request.url, { page, count, results });
    });

    app.post<ById>(base, async (request) => {
      const acting = actingCallerOf(request, "workspace_members:write");
      const { user: userId, workspace } = parseBody(workspaceMemberSchema, request.body);
      const place = workspaceOf(request.params.id);
      if (workspace !== undefined && workspace !== place.id) {
        const fields = { workspace: ["This is not the workspace of the address."] };
        throw new AppError("validation_failed", { fields });
      }
      await addToPlace(deps, acting, { place, userId });
      return { user: personNumber(userId), workspace: place.id };
    });

    app.delete<ById>(base, async (request, reply) => {
      const acting = actingCallerOf(request, "workspace_members:write");
      const { user_id: id, user } = parseQuery(workspaceMemberRemovalSchema, removalOf(request));
      const userId = id ?? user;
      if (userId === undefined) {
        throw new AppError("validation_failed", { fields: { user_id: ["Name the member."] } });
      }
      await removeFromPlace(deps, acting, { place: workspaceOf(request.params.id), userId });
      return await reply.code(204).send();
    });
    await app.register(bulkRoutes(deps));
  };
}

function bulkRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.post<ById>(`${base}/bulk`, async (request) => {
      const acting = actingCallerOf(request, "workspace_members:write");
      const body = parseBody(workspaceBulkSchema, request.body);
      const { all, included = [], excluded = [] } = body;
      const result = await addManyToPlace(deps, acting, {
        place: workspaceOf(request.params.id),
        selection: { all, included, excluded, filter: {} },
        roles: new Map(),
      });
      return {
        assignments: result.changed,
        skipped_user_ids: result.skippedUserIds.map(personNumber),
      };
    });

    app.delete<ById>(`${base}/bulk`, async (request) => {
      const acting = actingCallerOf(request, "workspace_members:write");
      const query = parseQuery(workspaceBulkRemovalSchema, removalOf(request));
      const { all = false, included = [], excluded = [], search, ids } = query;
      const result = await removeManyFromPlace(deps, acting, {
        place: workspaceOf(request.params.id),
        selection: { all, included, excluded, filter: { words: search, userIds: ids } },
      });
      return {
        unassignments: result.changed,
        skipped_user_ids: result.skippedUserIds.map(personNumber),
      };
    });
  };
}

function workspaceOf(text: string): PlaceName {
  return { kind: "workspace", id: idOf(text) };
}

interface MembersAsked {
  readonly id: number;
  readonly page: { readonly offset: number; readonly limit: number };
  readonly filter: {
    readonly words?: readonly string[] | undefined;
    readonly userIds?: readonly number[] | undefined;
  };
}

async function membersOf(deps: Deps, principal: Principal, { id, page, filter }: MembersAsked) {
  const { db } = deps.store;
  const viewer = viewerOf(principal, "workspace_members:read");
  const { key } = await findPlace(db, viewer, { kind: "workspace", id });
  return await listPlaceMembers(db, {
    place: key,
    filter: { among: "explicit", ...filter },
    page: { order: "id", isDescending: false, ...page },
  });
}
