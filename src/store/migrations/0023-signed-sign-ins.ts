/**
 * Whether a key of the identity provider had signed what an attempt was judged by, so that what strangers
 * post is told apart from it and kept in bounds (PRODUCT 8.4). Of former attempts that is known where
 * they told who came. Only rows of strangers are in the index: a sign-on pays nothing for it.
 */
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { isFlag } from "./columns.ts";

export const signedSignIns: Migration = {
  name: "0023-signed-sign-ins",
  up: async (db) => {
    await db.schema
      .alterTable("sign_in_log")
      .addColumn("signed", "integer", (column) => column.check(isFlag("signed")))
      .execute();
    await sql`update sign_in_log set signed = 1 where identity is not null`.execute(db);
    await sql`create index sign_in_log_strangers on sign_in_log (organization_id, id)
      where signed = 0`.execute(db);
  },
};
