/**
 * Workspaces, made, changed and deleted by hand (PRODUCT 1.4). Who belongs to them is
 * place-membership.ts's.
 */
import { planPlaceDeleted } from "../access/plan-places.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listHolderIds, loadPlacePeople } from "../store/place-members.ts";
import { createWorkspace } from "../store/projects.ts";
import type { Db } from "../store/store.ts";
import type { Viewer } from "../store/visibility.ts";
import {
  deleteWorkspace,
  findWorkspaceByTitle,
  loadVisibleWorkspace,
  lockWorkspace,
  updateWorkspace,
  type WorkspaceChanges,
  type WorkspaceRecord,
} from "../store/workspaces.ts";
import type { Acting } from "./caller.ts";
import { applyPlans } from "./place-membership.ts";
import { notePlace, viewerOf } from "./places.ts";

const titleTaken = "There is a workspace with this title already.";

/** Makes a workspace without members. @throws AppError `validation_failed` for a title in use */
export async function makeWorkspace(
  deps: Deps,
  acting: Acting,
  made: WorkspaceChanges & { readonly title: string },
): Promise<WorkspaceRecord> {
  const viewer = viewerOf(acting.principal, "workspaces:write");
  const { title, description = "", color = "", isArchived = false } = made;
  return await deps.store.transaction(async (tx) => {
    const id = await createWorkspace(tx, {
      organizationId: viewer.organizationId,
      title,
      description,
      color,
      isArchived,
      createdBy: viewer.userId,
      at: deps.now(),
    });
    if (id === null) throw new AppError("validation_failed", { fields: { title: [titleTaken] } });
    await notePlace(deps, tx, {
      acting,
      action: "workspace_made",
      change: { workspace: { id, title } },
    });
    return await visibleWorkspace(tx, viewer, id);
  });
}

/** Changes a workspace. @throws AppError `not_found`, `validation_failed` for a title in use */
export async function changeWorkspace(
  deps: Deps,
  acting: Acting,
  { id, changes }: { id: number; changes: WorkspaceChanges },
): Promise<WorkspaceRecord> {
  const viewer = viewerOf(acting.principal, "workspaces:write");
  return await deps.store.transaction(async (tx) => {
    const { organizationId } = viewer;
    const before = await visibleWorkspace(tx, viewer, id);
    if (changes.title !== undefined) {
      const taken = await findWorkspaceByTitle(tx, organizationId, changes.title);
      if (taken !== null && taken !== id) {
        throw new AppError("validation_failed", { fields: { title: [titleTaken] } });
      }
    }
    await updateWorkspace(tx, { organizationId, id }, changes);
    await notePlace(deps, tx, {
      acting,
      action: "workspace_changed",
      change: { workspace: { id, title: before.title }, to: changes },
    });
    return await visibleWorkspace(tx, viewer, id);
  });
}

/**
 * Deletes a workspace that holds no projects; whoever belongs to it loses that.
 * @throws AppError `not_found`, `conflict` while it holds projects, seen by the caller or not
 */
export async function removeWorkspace(deps: Deps, acting: Acting, id: number): Promise<void> {
  const viewer = viewerOf(acting.principal, "workspaces:write");
  const { organizationId } = viewer;
  await deps.store.transaction(async (tx) => {
    await lockWorkspace(tx, organizationId, id);
    const { title, projectsCount } = await visibleWorkspace(tx, viewer, id);
    if (projectsCount > 0) {
      const projects = projectsCount === 1 ? "1 project" : `${projectsCount} projects`;
      const detail = `The workspace holds ${projects}; move or delete them first.`;
      throw new AppError("conflict", { detail });
    }
    const place = { kind: "workspace", id, title } as const;
    const key = { organizationId, kind: "workspace", id } as const;
    const people = await loadPlacePeople(tx, key, await listHolderIds(tx, key));
    const plans = people.map((person) => planPlaceDeleted(person, place));
    await applyPlans(deps, tx, { acting, action: "workspace_deleted", plans });
    await deleteWorkspace(tx, organizationId, id);
    await notePlace(deps, tx, {
      acting,
      action: "workspace_deleted",
      change: { workspace: { id, title } },
    });
  });
}

async function visibleWorkspace(tx: Db, viewer: Viewer, id: number): Promise<WorkspaceRecord> {
  const found = await loadVisibleWorkspace(tx, viewer, id);
  if (found === null) throw new AppError("not_found");
  return found;
}
