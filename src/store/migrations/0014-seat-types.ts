/**
 * The mappings of groups to seat types, which Enterprise's settings records carry. Seats have one type
 * here, so that these are kept and grant nothing (PRODUCT 1.7, 6.1).
 */
import type { Migration } from "../migrate.ts";

export const seatTypes: Migration = {
  name: "0014-seat-types",
  up: async (db) => {
    for (const table of ["saml_settings", "scim_settings"] as const) {
      await db.schema
        .alterTable(table)
        .addColumn("user_type_groups", "text", (column) => column.notNull().defaultTo("[]"))
        .execute();
    }
  },
};
