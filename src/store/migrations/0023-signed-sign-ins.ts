/**
 * Records whether a key of the identity provider had signed the message that an attempt was judged by, so
 * that unauthenticated attempts are told apart and kept in bounds (PRODUCT 8.4). Of former attempts that
 * is known where they tell who came. Only unsigned rows are in the index: a sign-in pays nothing for it.
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
