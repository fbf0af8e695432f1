/** Who shares tabs with Managers (GATEWAY 10.4): people of the upper roles, by Label Studio's numbers. */
import { type Db, statement } from "./statement.ts";

const findManagers = statement<{ organizationId: number }, { upstream_id: number | null }>(
  (db, value) =>
    db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .where("memberships.organization_id", "=", value("organizationId"))
      .where("memberships.role", "in", ["OW", "AD", "MA"])
      .where("users.upstream_id", "is not", null)
      .select("users.upstream_id"),
);

/** Label Studio's numbers of the Managers and Administrators of an organization. */
export async function loadStudioManagers(
  db: Db,
  organizationId: number,
): Promise<ReadonlySet<number>> {
  const rows = await findManagers.all(db, { organizationId });
  return new Set(rows.flatMap(({ upstream_id: id }) => (id === null ? [] : [id])));
}
