/** Permissions of roles as an organization's Owner set them: one row for each that is not the default. */
import type { Migration } from "../migrate.ts";
import { id, organization, required } from "./columns.ts";

export const organizationPermissions: Migration = {
  name: "0024-organization-permissions",
  up: async (db, dialect) => {
    await db.schema
      .createTable("organization_permissions")
      .addColumn("id", "integer", id(dialect))
      .addColumn("organization_id", "integer", organization)
      .addColumn("permission", "text", required)
      .addColumn("roles", "text", required)
      .addUniqueConstraint("organization_permissions_key", ["organization_id", "permission"])
      .execute();
  },
};
