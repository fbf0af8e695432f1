/**
 * An organization's rules for its API tokens and sessions (PRODUCT 6.6, 9.6). Null leaves a session to
 * the server's own limits. Where the rules change, what the gateway has kept of credentials is void.
 */
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { addColumn } from "./columns.ts";

const ruled =
  "api_tokens_enabled, legacy_api_tokens_enabled, session_max_minutes, session_idle_minutes";

export const organizationRules: Migration = {
  name: "0018-organization-rules",
  up: async (db, dialect) => {
    for (const flag of ["api_tokens_enabled", "legacy_api_tokens_enabled"]) {
      await addColumn(db, "organizations", flag, true);
    }
    await db.schema
      .alterTable("organizations")
      .addColumn("api_token_ttl_days", "integer", (column) => column.notNull().defaultTo(365))
      .execute();
    for (const limit of ["session_max_minutes", "session_idle_minutes"]) {
      await db.schema.alterTable("organizations").addColumn(limit, "integer").execute();
    }
    if (dialect === "sqlite") {
      await sql`create trigger access_rules after update of ${sql.raw(ruled)} on organizations
        begin insert into access_changes (user_id) values (null); end`.execute(db);
    } else {
      await sql`create trigger access_rules after update of ${sql.raw(ruled)} on organizations
        for each row execute function note_access_of_project()`.execute(db);
    }
  },
};
