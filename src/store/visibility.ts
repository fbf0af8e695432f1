/**
 * The workspaces and projects that somebody sees (PRODUCT 1.6): all of the organization, or what they
 * belong to. Every query of either starts here, so that what is not seen reads as missing.
 */
import type { Db } from "./statement.ts";

/** The person whose view decides what is visible, in one organization. */
export interface Viewer {
  readonly organizationId: number;
  readonly userId: number;
  /**
   * `organization`: all of it. `made`: what the person belongs to and what they made, which is a
   * Manager's. `own`: what they belong to.
   */
  readonly sees: "organization" | "made" | "own";
}

/** The organization's workspaces that the viewer sees. */
export function visibleWorkspaces(db: Db, { organizationId, userId, sees }: Viewer) {
  const all = db.selectFrom("workspaces").where("workspaces.organization_id", "=", organizationId);
  if (sees === "organization") return all;
  const joined = db
    .selectFrom("workspace_members")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .select("workspace_id");
  return all.where((eb) =>
    eb.or([
      eb("workspaces.id", "in", joined),
      ...(sees === "made" ? [eb("workspaces.created_by", "=", userId)] : []),
    ]),
  );
}

/**
 * The organization's projects that the viewer sees: members of a workspace are implicitly members of
 * its projects (PRODUCT 1.4), and a membership that is only pending is none yet (PRODUCT 4.4).
 */
export function visibleProjects(db: Db, viewer: Viewer) {
  const { organizationId, userId, sees } = viewer;
  const all = db.selectFrom("projects").where("projects.organization_id", "=", organizationId);
  if (sees === "organization") return all;
  const joined = db
    .selectFrom("project_members")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .where("is_pending", "=", 0)
    .select("project_id");
  const workspaces = visibleWorkspaces(db, viewer).select("workspaces.id");
  return all.where((eb) =>
    eb.or([
      eb("projects.id", "in", joined),
      eb("projects.workspace_id", "in", workspaces),
      ...(sees === "made" ? [eb("projects.created_by", "=", userId)] : []),
    ]),
  );
}
