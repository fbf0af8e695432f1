/**
 * Projects by the original's API (facts 4.4): list, one, made, changed, deleted. What the caller does
 * not see answers as missing (PRODUCT 1.1, 1.6). What a project labels is Label Studio's: fields of
 * that kind are answered empty, and refused where they would change.
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  listVisibleProjects,
  loadVisibleProject,
  type ProjectChanges,
} from "../store/visible-projects.ts";
import { actingCallerOf, idOf } from "./caller.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { notKept, parseBody, parseQuery, wireId } from "./parse.ts";
import { answerProject, fixedProjectFields } from "./place-answers.ts";
import {
  answeredField,
  emptyableField,
  flagField,
  idsField,
  orderField,
  queryIdField,
  textField,
  titleField,
  unknownHere,
} from "./place-fields.ts";
import { viewerOf } from "./places.ts";
import { changeProject, makeProject, removeProject } from "./projects.ts";

const writable = {
  description: emptyableField(10_000, { isLine: false }),
  workspace: wireId.nullable().optional(),
  organization: wireId.optional(),
  color: textField(16).nullable().optional(),
  label_config: notKept(fixedProjectFields.label_config),
  is_published: notKept(fixedProjectFields.is_published),
  is_draft: notKept(fixedProjectFields.is_draft),
};
const answered = {
  id: answeredField,
  workspace_title: answeredField,
  created_at: answeredField,
  created_by: answeredField,
  assignment_settings: notKept({}),
  review_settings: notKept({}),
  task_number: answeredField,
  total_annotations_number: answeredField,
  total_predictions_number: answeredField,
};

/** `POST /api/projects/` */
export const projectSchema = z.object({ title: titleField, ...writable, ...answered });

/** `PATCH /api/projects/{id}/` */
export const projectPatchSchema = projectSchema.partial();

const pins = ["all", "exclude_pinned", "pinned_only"] as const;

/** `GET /api/projects/` */
export const projectListSchema = z.object({
  ...pageFields,
  ids: idsField,
  workspaces: queryIdField,
  title: textField(1000).optional(),
  search: textField(200).optional(),
  archived: flagField,
  ordering: orderField({ id: "id", title: "title", created_at: "created_at" }),
  // Nobody pins a project here.
  filter: z.enum(pins, { error: `Send one of ${pins.join(", ")}.` }).optional(),
  // Which counts to leave out, and how many members to show: the answer has neither.
  include: z.string().optional(),
  members_limit: z.string().optional(),
  state: unknownHere("Labelgate knows no states of projects."),
  source_interface_id: unknownHere("Labelgate knows no interfaces of projects."),
});

/** `GET` and `PATCH /api/projects/{id}/` */
export const projectQuerySchema = z.object({ members_limit: z.string().optional() });

interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/projects";

/** Routes of projects. */
export function projectRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get(base, async (request) => {
      const viewer = viewerOf(request.caller("projects:read"), "projects:read");
      const query = parseQuery(projectListSchema, request.query);
      const page = pageOf(query);
      const { count, projects } = await listVisibleProjects(deps.store.db, {
        viewer,
        filter: filterOf(query),
        page: {
          ...(query.ordering ?? { order: "id", isDescending: true }),
          offset: page.offset,
          limit: page.size,
        },
      });
      const results = projects.map((project) => answerProject(viewer.organizationId, project));
      return answerPage(deps, request.url, { page, count, results });
    });

    app.post(base, async (request, reply) => {
      const acting = actingCallerOf(request, "projects:write");
      const { organizationId } = acting.principal;
      const { title, ...rest } = parseBody(projectSchema, request.body);
      const changes = changesOf(organizationId, rest);
      const made = await makeProject(deps, acting, { ...changes, title });
      return await reply.code(201).send(answerProject(organizationId, made));
    });

    app.get<ById>(`${base}/:id`, async (request) => {
      const viewer = viewerOf(request.caller("projects:read"), "projects:read");
      parseQuery(projectQuerySchema, request.query);
      const found = await loadVisibleProject(deps.store.db, viewer, idOf(request.params.id));
      if (found === null) throw new AppError("not_found");
      return answerProject(viewer.organizationId, found);
    });

    app.patch<ById>(`${base}/:id`, async (request) => {
      const acting = actingCallerOf(request, "projects:write");
      const { organizationId } = acting.principal;
      parseQuery(projectQuerySchema, request.query);
      const changes = changesOf(organizationId, parseBody(projectPatchSchema, request.body));
      const id = idOf(request.params.id);
      return answerProject(organizationId, await changeProject(deps, acting, { id, changes }));
    });

    app.delete<ById>(`${base}/:id`, async (request, reply) => {
      const acting = actingCallerOf(request, "projects:write");
      await removeProject(deps, acting, idOf(request.params.id));
      return await reply.code(204).send();
    });
  };
}

function filterOf(query: z.output<typeof projectListSchema>) {
  return {
    ids: query.filter === "pinned_only" ? [] : query.ids,
    workspaceId: query.workspaces,
    title: query.title,
    search: query.search,
    isArchived: query.archived,
  };
}

function changesOf(
  organizationId: number,
  fields: z.output<typeof projectPatchSchema>,
): ProjectChanges {
  const { title, description, color, workspace: workspaceId } = fields;
  const { organization = organizationId } = fields;
  if (organization !== organizationId) {
    const sentence = "There is no such organization.";
    throw new AppError("validation_failed", { fields: { organization: [sentence] } });
  }
  return { title, description, color, workspaceId };
}
