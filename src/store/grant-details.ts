/**
 * Loads the time at which each source gave a person their grants (PRODUCT 8.5). The grants themselves are
 * people.ts's `loadAccess`; why is in the logs.
 */
import type { Source } from "../access/roles.ts";
import type { Db } from "./statement.ts";

/** A grant of a place: which, and by whom. */
export interface GrantKey {
  readonly place: "workspace" | "project";
  readonly id: number;
  readonly source: Source;
}

/** Tells when a grant was made, in epoch milliseconds; null for one that is not there. */
export type GrantedAt = (grant: GrantKey) => number | null;

/** The times of everything that the person was given in this organization. */
export async function loadGrantTimes(
  db: Db,
  { organizationId, userId }: { organizationId: number; userId: number },
): Promise<GrantedAt> {
  const times = new Map<string, number>();
  const workspaces = await db
    .selectFrom("workspace_members")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .select(["workspace_id as id", "source", "granted_at as at"])
    .execute();
  const projects = await db
    .selectFrom("project_members")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .select(["project_id as id", "source", "granted_at as at"])
    .execute();
  for (const { id, source, at } of workspaces) {
    times.set(keyOf({ place: "workspace", id, source }), at);
  }
  for (const { id, source, at } of projects) times.set(keyOf({ place: "project", id, source }), at);
  return (grant) => times.get(keyOf(grant)) ?? null;
}

function keyOf({ place, id, source }: GrantKey): string {
  return `${place} ${id} ${source}`;
}
