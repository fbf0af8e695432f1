/** A text sealed by the server's secret, in one row, by which a start knows whether the secret is the one. */
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { required } from "./columns.ts";

export const secretCanary: Migration = {
  name: "0015-secret-canary",
  up: async (db) => {
    await db.schema
      .createTable("secret_canary")
      .addColumn("id", "integer", (column) => column.primaryKey().notNull())
      .addColumn("sealed", "text", required)
      .addColumn("sealed_at", "bigint", required)
      .addCheckConstraint("secret_canary_one", sql`id = 1`)
      .execute();
  },
};
