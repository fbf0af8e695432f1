/**
 * Project roles by the original's API (facts 4.4): Annotator or Reviewer in one project, in place of
 * the organization role of an Annotator or Reviewer (PRODUCT 1.5). Who has none there acts by the
 * organization role, and is not listed.
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listPlaceMembers, loadProjectGrant, loadProjectGrantsOf } from "../store/place-members.ts";
import { listVisibleProjects } from "../store/visible-projects.ts";
import { type Acting, actingCallerOf, idOf, sourceOf } from "./caller.ts";
import { parseBody, parseQuery, wireId } from "./parse.ts";
import { answerGivenRole, answerProjectRole } from "./place-answers.ts";
import { answeredField, idsField, orderField } from "./place-fields.ts";
import { removeProjectRole, setProjectRole } from "./place-membership.ts";
import { findPlace, viewerOf } from "./places.ts";

/** A project role by its code. Inherit is the absence of one, so it is removed and not given. */
export const projectRoleField = z.enum(["AN", "RE"], {
  error: "A project role is AN (Annotator) or RE (Reviewer).",
});

/** `POST /api/projects/roles/` */
export const projectRoleSchema = z.object({
  project: wireId,
  user: wireId,
  role: projectRoleField,
  id: answeredField,
  role_source: answeredField,
});

/** `GET /api/projects/roles/` */
export const ownProjectRolesSchema = z.object({
  ids: idsField,
  ordering: orderField({ id: "id", project: "project" }),
});

interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/projects";
/** As many as a list without pages shows. */
const maxUnpaged = 10_000;

/** Routes of project roles. */
export function projectRoleRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<ById>(`${base}/:id/roles`, async (request) => {
      const viewer = viewerOf(request.caller("project_members:read"), "project_members:read");
      const id = idOf(request.params.id);
      const { key } = await findPlace(deps.store.db, viewer, { kind: "project", id });
      const { members } = await listPlaceMembers(deps.store.db, {
        place: key,
        filter: { among: "explicit" },
        page: { order: "id", isDescending: false, offset: 0, limit: maxUnpaged },
      });
      return members.flatMap((member) => answerProjectRole(id, member) ?? []);
    });

    app.get(`${base}/roles`, async (request) => {
      const principal = request.caller("projects:read");
      const { ids, ordering } = parseQuery(ownProjectRolesSchema, request.query);
      const { projects } = await listVisibleProjects(deps.store.db, {
        viewer: viewerOf(principal, "projects:read"),
        filter: { ids },
        page: { order: "id", isDescending: false, offset: 0, limit: maxUnpaged },
      });
      const projectIds = projects.map(({ id }) => id);
      const grants = await loadProjectGrantsOf(deps.store.db, principal, projectIds);
      const roles = [...grants].flatMap(
        ([id, held]) => answerProjectRole(id, { ...principal, grants: held }) ?? [],
      );
      const { order = "id", isDescending = false } = ordering ?? {};
      return roles.sort((a, b) => (isDescending ? -1 : 1) * (Number(a[order]) - Number(b[order])));
    });

    app.post(`${base}/roles`, async (request, reply) => {
      const acting = actingCallerOf(request, "project_members:write");
      const body = parseBody(projectRoleSchema, request.body);
      const { project: projectId, user: userId, role } = body;
      await setProjectRole(deps, acting, { projectId, userId, role });
      const answer = await roleGiven(deps, acting, { projectId, userId });
      return await reply.code(201).send(answer);
    });

    app.delete<ById>(`${base}/roles/:id`, async (request, reply) => {
      const acting = actingCallerOf(request, "project_members:write");
      const { organizationId } = acting.principal;
      const found = await loadProjectGrant(deps.store.db, organizationId, idOf(request.params.id));
      if (found === null) throw new AppError("not_found");
      await removeProjectRole(deps, acting, found);
      return await reply.code(204).send();
    });
  };
}

/**
 * The role that the caller just gave: another source may grant more, which then counts (PRODUCT 1.5).
 */
async function roleGiven(
  deps: Deps,
  { principal }: Acting,
  { projectId, userId }: { projectId: number; userId: number },
) {
  const { organizationId } = principal;
  const grants = await loadProjectGrantsOf(deps.store.db, { organizationId, userId }, [projectId]);
  const given = grants.get(projectId)?.find(({ source }) => source === sourceOf(principal));
  // Somebody took it again in between.
  if (given === undefined) throw new AppError("conflict");
  return answerGivenRole(projectId, userId, given);
}
