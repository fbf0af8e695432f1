/** The NameID format that an organization's requests ask for (PRODUCT 2.5), by its short name. */
import type { Migration } from "../migrate.ts";

export const nameIdFormat: Migration = {
  name: "0020-nameid-format",
  up: async (db) => {
    await db.schema
      .alterTable("saml_settings")
      .addColumn("nameid_format", "text", (column) => column.notNull().defaultTo("transient"))
      .execute();
  },
};
