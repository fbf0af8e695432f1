/** The role that the seat limit keeps back, until its holder signs in while a seat is free (PRODUCT 1.7). */
import type { Migration } from "../migrate.ts";

export const awaitedRole: Migration = {
  name: "0021-awaited-role",
  up: async (db) => {
    await db.schema.alterTable("memberships").addColumn("awaited_role", "text").execute();
  },
};
