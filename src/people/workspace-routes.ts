/**
 * Workspaces by the original's API (facts 4.4): list, one, made, changed, deleted, and the projects in
 * them. What the caller does not see answers as missing (PRODUCT 1.1, 1.6).
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listVisibleProjects } from "../store/visible-projects.ts";
import {
  listVisibleWorkspaces,
  loadVisibleWorkspace,
  type WorkspaceChanges,
} from "../store/workspaces.ts";
import { actingCallerOf, idOf } from "./caller.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { notKept, parseBody, parseQuery, wireFlag, wireId } from "./parse.ts";
import { answerProject, answerWorkspace } from "./place-answers.ts";
import {
  answeredField,
  emptyableField,
  flagField,
  orderField,
  queryIdField,
  textField,
  titleField,
} from "./place-fields.ts";
import { removalOf, viewerOf } from "./places.ts";
import { moveProject } from "./projects.ts";
import { changeWorkspace, makeWorkspace, removeWorkspace } from "./workspaces.ts";

const writable = {
  description: emptyableField(10_000, { isLine: false }),
  color: emptyableField(16),
  is_archived: wireFlag.optional(),
  is_personal: notKept(false),
};
const answered = {
  id: answeredField,
  created_by: answeredField,
  created_by_user: answeredField,
  membership: answeredField,
  projects_count: answeredField,
};

/** `POST /api/workspaces/` */
export const workspaceSchema = z.object({ title: titleField, ...writable, ...answered });

/** `PATCH /api/workspaces/{id}/` */
export const workspacePatchSchema = workspaceSchema.partial();

/** `GET /api/workspaces/` */
export const workspaceListSchema = z.object({
  // Search and pages are an addition; without them the list is whole, as the original's is.
  ...pageFields,
  search: textField(200).optional(),
  is_archived: flagField,
  is_personal: flagField,
  include_all_workspaces: flagField,
  ordering: orderField({ id: "id", title: "title", created_at: "created_at" }),
});

/** `POST /api/workspaces/{id}/projects/` */
export const workspaceProjectSchema = z.object({ project: wireId });

/** `DELETE /api/workspaces/{id}/projects/` */
export const workspaceProjectQuerySchema = z.object({ project: queryIdField });

interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/workspaces";

/** Routes of workspaces. */
export function workspaceRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get(base, async (request) => {
      const viewer = viewerOf(request.caller("workspaces:read"), "workspaces:read");
      const query = parseQuery(workspaceListSchema, request.query);
      const withCreator = query.include_all_workspaces === true && viewer.sees === "organization";
      const isPaged = query.page !== undefined || query.page_size !== undefined;
      const page = pageOf(query);
      const { count, workspaces } = await listVisibleWorkspaces(deps.store.db, viewer, {
        isArchived: query.is_archived,
        // Labelgate has no personal workspaces.
        isPersonal: query.is_personal === true,
        search: query.search,
        ...(query.ordering ?? { order: "id", isDescending: false }),
        ...(isPaged && { part: { offset: page.offset, limit: page.size } }),
      });
      const results = workspaces.map((workspace) => answerWorkspace(workspace, { withCreator }));
      return isPaged ? answerPage(deps, request.url, { page, count, results }) : results;
    });

    app.post(base, async (request, reply) => {
      const acting = actingCallerOf(request, "workspaces:write");
      const { title, ...rest } = parseBody(workspaceSchema, request.body);
      const made = await makeWorkspace(deps, acting, { ...changesOf(rest), title });
      return await reply.code(201).send(answerWorkspace(made));
    });

    app.get<ById>(`${base}/:id`, async (request) => {
      const viewer = viewerOf(request.caller("workspaces:read"), "workspaces:read");
      const found = await loadVisibleWorkspace(deps.store.db, viewer, idOf(request.params.id));
      if (found === null) throw new AppError("not_found");
      return answerWorkspace(found);
    });

    app.patch<ById>(`${base}/:id`, async (request) => {
      const acting = actingCallerOf(request, "workspaces:write");
      const changes = changesOf(parseBody(workspacePatchSchema, request.body));
      const id = idOf(request.params.id);
      return answerWorkspace(await changeWorkspace(deps, acting, { id, changes }));
    });

    app.delete<ById>(`${base}/:id`, async (request, reply) => {
      const acting = actingCallerOf(request, "workspaces:write");
      await removeWorkspace(deps, acting, idOf(request.params.id));
      return await reply.code(204).send();
    });
    await app.register(projectsOfWorkspaceRoutes(deps));
  };
}

function projectsOfWorkspaceRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<ById>(`${base}/:id/projects`, async (request) => {
      const principal = request.caller("projects:read");
      const { db } = deps.store;
      const workspaceId = idOf(request.params.id);
      const viewer = viewerOf(principal, "projects:read");
      if ((await loadVisibleWorkspace(db, viewer, workspaceId)) === null) {
        throw new AppError("not_found");
      }
      const page = { order: "id", isDescending: false, offset: 0, limit: 10_000 } as const;
      const { projects } = await listVisibleProjects(db, { viewer, filter: { workspaceId }, page });
      return projects.map((project) => answerProject(viewer.organizationId, project));
    });

    app.post<ById>(`${base}/:id/projects`, async (request, reply) => {
      const acting = actingCallerOf(request, "projects:write");
      const { project: projectId } = parseBody(workspaceProjectSchema, request.body);
      const workspaceId = idOf(request.params.id);
      const moved = await moveProject(deps, acting, { workspaceId, projectId, isInto: true });
      return await reply.code(201).send(answerProject(acting.principal.organizationId, moved));
    });

    app.delete<ById>(`${base}/:id/projects`, async (request, reply) => {
      const acting = actingCallerOf(request, "projects:write");
      const { project: projectId } = parseQuery(workspaceProjectQuerySchema, removalOf(request));
      if (projectId === undefined) {
        throw new AppError("validation_failed", { fields: { project: ["Name the project."] } });
      }
      const workspaceId = idOf(request.params.id);
      await moveProject(deps, acting, { workspaceId, projectId, isInto: false });
      return await reply.code(204).send();
    });
  };
}

function changesOf(fields: z.output<typeof workspacePatchSchema>): WorkspaceChanges {
  return {
    title: fields.title,
    description: fields.description,
    color: fields.color,
    isArchived: fields.is_archived,
  };
}
