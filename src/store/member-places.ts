/** Members of places as conditions of the list of members: who belongs to any of several. */
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { type Db, isOneOf } from "./statement.ts";

/** The member of `memberships` belongs to any of these workspaces. */
export function isInWorkspace(db: Db, ids: readonly number[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select 1 from workspace_members
    where workspace_members.organization_id = memberships.organization_id
    and workspace_members.user_id = memberships.user_id
    and ${isOneOf(db, "workspace_members.workspace_id", ids)})`;
}

/**
 * The member of `memberships` was given any of these projects, or belongs to its workspace. Those who see
 * every project by their role are not meant, and what is only pending is none yet (PRODUCT 4.4).
 */
export function isInProject(db: Db, ids: readonly number[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`(exists (select 1 from project_members
      where project_members.organization_id = memberships.organization_id
      and project_members.user_id = memberships.user_id and project_members.is_pending = 0
      and ${isOneOf(db, "project_members.project_id", ids)})
    or exists (select 1 from workspace_members
      join projects on projects.workspace_id = workspace_members.workspace_id
      where workspace_members.organization_id = memberships.organization_id
      and workspace_members.user_id = memberships.user_id
      and ${isOneOf(db, "projects.id", ids)}))`;
}
