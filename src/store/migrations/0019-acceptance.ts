/**
 * Tells what people did themselves from what others made for them (PRODUCT 4.9, 9.6a): memberships that
 * they accepted, passwords whose mailbox was proved, invites that nobody but a mailbox has, and which
 * organization gave an account its names. Whoever signed in before counts as having accepted; the
 * passwords of the first organization, which is the operator's, count as proved.
 */
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

export const acceptance: Migration = {
  name: "0019-acceptance",
  up: async (db) => {
    const flag = "integer not null default 0";
    for (const column of [
      "memberships add column accepted_at bigint",
      "users add column names_from integer",
      `users add column password_proved ${flag}`,
      `invites add column is_mailed ${flag}`,
    ]) {
      await sql`alter table ${sql.raw(column)}`.execute(db);
    }
    await sql`update memberships set accepted_at = created_at
      where opens_by_password = 1 or last_sign_in_at is not null`.execute(db);
    await sql`update users set
      names_from = (select min(m.organization_id) from memberships m where m.user_id = users.id),
      password_proved = case when exists (select 1 from memberships m where m.user_id = users.id
        and m.opens_by_password = 1 and m.organization_id = (select min(id) from organizations))
        then 1 else 0 end`.execute(db);
  },
};
