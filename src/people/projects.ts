/**
 * Projects as the directory knows them: id, title, description and workspace (PRODUCT 1.4). What is
 * labelled in them is Label Studio's; who belongs to them is place-membership.ts's.
 */
import { planPlaceDeleted } from "../access/plan-places.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listHolderIds, loadPlacePeople } from "../store/place-members.ts";
import { createProject } from "../store/projects.ts";
import type { Db } from "../store/store.ts";
import type { Viewer } from "../store/visibility.ts";
import {
  deleteProject,
  loadVisibleProject,
  lockProject,
  type ProjectChanges,
  type ProjectRecord,
  updateProject,
} from "../store/visible-projects.ts";
import { loadVisibleWorkspace } from "../store/workspaces.ts";
import type { Acting } from "./caller.ts";
import { applyPlans } from "./place-membership.ts";
import { notePlace, viewerOf } from "./places.ts";

/** Makes a project. @throws AppError `validation_failed` for a workspace that the caller does not see */
export async function makeProject(
  deps: Deps,
  acting: Acting,
  made: ProjectChanges & { readonly title: string },
): Promise<ProjectRecord> {
  const viewer = viewerOf(acting.principal, "projects:write");
  const { title, description = "", color = null, workspaceId = null } = made;
  return await deps.store.transaction(async (tx) => {
    await requireWorkspace(tx, acting, workspaceId);
    const id = await createProject(tx, {
      organizationId: viewer.organizationId,
      title,
      description,
      color,
      workspaceId,
      createdBy: viewer.userId,
      at: deps.now(),
    });
    await notePlace(deps, tx, {
      acting,
      action: "project_made",
      change: { project: { id, title }, workspaceId },
    });
    return await visibleProject(tx, viewer, id);
  });
}

/**
 * Changes a project. Another workspace brings its members and takes those of the former one.
 * @throws AppError `not_found`, `validation_failed` for a workspace that the caller does not see
 */
export async function changeProject(
  deps: Deps,
  acting: Acting,
  { id, changes }: { id: number; changes: ProjectChanges },
): Promise<ProjectRecord> {
  const viewer = viewerOf(acting.principal, "projects:write");
  return await deps.store.transaction(async (tx) => {
    const before = await visibleProject(tx, viewer, id);
    await requireWorkspace(tx, acting, changes.workspaceId ?? null);
    await updateProject(tx, { organizationId: viewer.organizationId, id }, changes);
    const { title, workspaceId } = before;
    await notePlace(deps, tx, {
      acting,
      action: "project_changed",
      change: { project: { id, title }, from: { workspaceId }, to: changes },
    });
    // A Manager may move a project out of what they see; the answer still says what it became.
    return (await loadVisibleProject(tx, { ...viewer, sees: "organization" }, id)) ?? before;
  });
}

/** Deletes a project; whoever belongs to it loses that. @throws AppError `not_found` */
export async function removeProject(deps: Deps, acting: Acting, id: number): Promise<void> {
  const viewer = viewerOf(acting.principal, "projects:write");
  const { organizationId } = viewer;
  await deps.store.transaction(async (tx) => {
    await lockProject(tx, organizationId, id);
    const { title } = await visibleProject(tx, viewer, id);
    const place = { kind: "project", id, title } as const;
    const key = { organizationId, kind: "project", id } as const;
    const people = await loadPlacePeople(tx, key, await listHolderIds(tx, key));
    const plans = people.map((person) => planPlaceDeleted(person, place));
    await applyPlans(deps, tx, { acting, action: "project_deleted", plans });
    await deleteProject(tx, organizationId, id);
    await notePlace(deps, tx, {
      acting,
      action: "project_deleted",
      change: { project: { id, title } },
    });
  });
}

/**
 * Puts a project into a workspace, or takes it out.
 * @throws AppError `not_found` for either that the caller does not see, or a project that is elsewhere
 */
export async function moveProject(
  deps: Deps,
  acting: Acting,
  move: { readonly workspaceId: number; readonly projectId: number; readonly isInto: boolean },
): Promise<ProjectRecord> {
  const { workspaceId, projectId: id, isInto } = move;
  const { db } = deps.store;
  const places = viewerOf(acting.principal, "workspaces:write");
  if ((await loadVisibleWorkspace(db, places, workspaceId)) === null) {
    throw new AppError("not_found");
  }
  if (!isInto) {
    const viewer = viewerOf(acting.principal, "projects:write");
    const found = await visibleProject(db, viewer, id);
    if (found.workspaceId !== workspaceId) throw new AppError("not_found");
  }
  return await changeProject(deps, acting, {
    id,
    changes: { workspaceId: isInto ? workspaceId : null },
  });
}

async function requireWorkspace(tx: Db, { principal }: Acting, id: number | null): Promise<void> {
  if (id === null) return;
  const viewer = viewerOf(principal, "workspaces:write");
  if ((await loadVisibleWorkspace(tx, viewer, id)) !== null) return;
  const fields = { workspace: ["There is no such workspace in this organization."] };
  throw new AppError("validation_failed", { fields });
}

async function visibleProject(tx: Db, viewer: Viewer, id: number): Promise<ProjectRecord> {
  const found = await loadVisibleProject(tx, viewer, id);
  if (found === null) throw new AppError("not_found");
  return found;
}
