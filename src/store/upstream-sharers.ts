/**
 * Lists the people who share projects with somebody, by Label Studio's numbers (GATEWAY 10.5, PRODUCT
 * 1.4).
 */
import { type Db, isOneOf } from "./statement.ts";

/**
 * Label Studio's numbers of everybody who belongs to one of these projects of it: by themselves, by the
 * workspace, by having made it, or by a role that sees everything.
 */
export async function listSharers(
  db: Db,
  organizationId: number,
  projects: readonly number[],
): Promise<readonly number[]> {
  const shared = db
    .selectFrom("projects")
    .where("projects.organization_id", "=", organizationId)
    .where(isOneOf(db, "projects.upstream_id", projects));
  const byProject = db
    .selectFrom("project_members")
    .where("is_pending", "=", 0)
    .where("project_id", "in", shared.select("projects.id"))
    .select("user_id");
  const byWorkspace = db
    .selectFrom("workspace_members")
    .where("workspace_id", "in", shared.select("projects.workspace_id"))
    .select("user_id");
  const rows = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", organizationId)
    .where("users.upstream_id", "is not", null)
    .where((eb) =>
      eb.or([
        eb("memberships.role", "in", ["OW", "AD"]),
        eb("users.id", "in", byProject),
        eb("users.id", "in", byWorkspace),
        eb("users.id", "in", shared.select("projects.created_by")),
      ]),
    )
    .select("users.upstream_id as upstreamId")
    .execute();
  return rows.flatMap(({ upstreamId }) => upstreamId ?? []);
}
