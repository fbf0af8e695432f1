/**
 * Parts that the API of workspaces and that of projects share: the viewer of a request, the workspace
 * or project it names, and the MANUAL flags (PRODUCT 1.6, 5).
 */
import type { FastifyRequest } from "fastify";
import { type Action, authorize, type Principal } from "../access/authorize.ts";
import type { Place } from "../access/plan-places.ts";
import type { Config } from "../config.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import type { PlaceKey } from "../store/place-members.ts";
import type { Db } from "../store/store.ts";
import type { Viewer } from "../store/visibility.ts";
import { loadVisibleProject } from "../store/visible-projects.ts";
import { loadVisibleWorkspace } from "../store/workspaces.ts";
import type { Acting } from "./caller.ts";

/**
 * Builds the viewer of `action`. Managers see what they created beside what they belong to.
 * @throws AppError `permission_denied`
 */
export function viewerOf(principal: Principal, action: Action): Viewer {
  const { organizationId, userId, role } = principal;
  const decision = authorize(principal, action);
  if (!decision.allow) throw new AppError(decision.code, { detail: decision.reason });
  if (decision.reach === "organization") return { organizationId, userId, sees: "organization" };
  return { organizationId, userId, sees: role === "MA" ? "made" : "own" };
}

/** The workspace or project that a request names. */
export interface PlaceName {
  readonly kind: Place["kind"];
  readonly id: number;
}

/** A place with the key of its members. */
export interface FoundPlace extends Place {
  readonly key: PlaceKey;
}

/** The place, where the viewer sees it. @throws AppError `not_found` */
export async function findPlace(
  db: Db,
  viewer: Viewer,
  { kind, id }: PlaceName,
): Promise<FoundPlace> {
  const { organizationId } = viewer;
  if (kind === "workspace") {
    const found = await loadVisibleWorkspace(db, viewer, id);
    if (found === null) throw new AppError("not_found");
    return { kind, id, title: found.title, key: { organizationId, kind, id } };
  }
  const found = await loadVisibleProject(db, viewer, id);
  if (found === null) throw new AppError("not_found");
  const key = { organizationId, kind, id, workspaceId: found.workspaceId } as const;
  return { kind, id, title: found.title, key };
}

/**
 * Refuses to add or remove members by hand where groups alone decide (PRODUCT 5). Reading goes on.
 * @throws AppError `workspaces_managed_by_groups`, `projects_managed_by_groups`
 */
export function requireManual(config: Config, kind: Place["kind"]): void {
  if (kind === "workspace" && !config.manualWorkspaceManagement) {
    throw new AppError("workspaces_managed_by_groups");
  }
  if (kind === "project" && !config.manualProjectMemberManagement) {
    throw new AppError("projects_managed_by_groups");
  }
}

/** Notes what was done to a place itself; who its members are is noted by apply.ts. */
export async function notePlace(
  deps: Deps,
  tx: Db,
  { acting, action, change }: { acting: Acting; action: string; change: Record<string, unknown> },
): Promise<void> {
  await recordAudit(tx, {
    organizationId: acting.principal.organizationId,
    at: deps.now(),
    actor: { kind: "person", userId: acting.principal.userId },
    action,
    changes: [{ kind: action, ...change }],
    ip: acting.ip,
    requestId: acting.requestId,
  });
}

/**
 * Reads the parameters of a removal: from the query, and as the original still takes it, from the
 * body. Where both name something, the query counts.
 */
export function removalOf({ body, query }: FastifyRequest): Readonly<Record<string, unknown>> {
  const fields = (given: unknown) => (typeof given === "object" && given !== null ? given : {});
  return { ...fields(body), ...fields(query) };
}
