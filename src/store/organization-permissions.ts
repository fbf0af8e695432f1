/** Permissions of roles as an organization's Owner set them; access/ defines which there are. */
import type { OrgRole } from "../access/roles.ts";
import { fromJson } from "./json.ts";
import type { Db } from "./statement.ts";

/** One permission that is not the default. */
export interface PermissionOverride {
  readonly id: number;
  readonly permission: string;
  readonly roles: readonly OrgRole[];
}

/** Every override of the organization, in the order in which they were made. */
export async function listOverrides(
  db: Db,
  organizationId: number,
): Promise<readonly PermissionOverride[]> {
  const rows = await db
    .selectFrom("organization_permissions")
    .where("organization_id", "=", organizationId)
    .orderBy("id")
    .select(["id", "permission", "roles"])
    .execute();
  return rows.map((row) => ({ ...row, roles: fromJson(row.roles) }));
}

/** The override of one permission, or null where the default counts. */
export async function loadOverride(
  db: Db,
  organizationId: number,
  permission: string,
): Promise<PermissionOverride | null> {
  const row = await db
    .selectFrom("organization_permissions")
    .where("organization_id", "=", organizationId)
    .where("permission", "=", permission)
    .select(["id", "permission", "roles"])
    .executeTakeFirst();
  return row === undefined ? null : { ...row, roles: fromJson(row.roles) };
}

/** Saves the override of one permission, in place of the one that is there. */
export async function saveOverride(
  tx: Db,
  organizationId: number,
  { permission, roles }: Omit<PermissionOverride, "id">,
): Promise<void> {
  const text = JSON.stringify(roles);
  await tx
    .insertInto("organization_permissions")
    .values({ organization_id: organizationId, permission, roles: text })
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "permission"]).doUpdateSet({ roles: text }),
    )
    .execute();
}

/** Returns a permission to its default. */
export async function deleteOverride(
  tx: Db,
  organizationId: number,
  permission: string,
): Promise<void> {
  await tx
    .deleteFrom("organization_permissions")
    .where("organization_id", "=", organizationId)
    .where("permission", "=", permission)
    .execute();
}
