/**
 * Sessions of Label Studio's own host, children of the first host's: they end with it. And the codes by
 * which a browser takes its session from the one host to the other (GATEWAY 10.2).
 */
import { type ColumnDefinitionBuilder, sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { keyedTable, required } from "./columns.ts";

const parent = (column: ColumnDefinitionBuilder) =>
  column.notNull().references("sessions.token_hash").onDelete("cascade");

export const studioSessions: Migration = {
  name: "0011-studio-sessions",
  up: async (db, dialect) => {
    const { schema } = db;
    const sessions = schema
      .createTable("studio_sessions")
      .addColumn("token_hash", "text", (column) => column.primaryKey().notNull())
      // One at a time: a new hand-over ends the former one.
      .addColumn("session_hash", "text", (column) => parent(column).unique())
      .addColumn("created_at", "bigint", required);
    await keyedTable(sessions, dialect).execute();
    const codes = schema
      .createTable("studio_codes")
      .addColumn("code_hash", "text", (column) => column.primaryKey().notNull())
      .addColumn("session_hash", "text", parent)
      .addColumn("state_hash", "text", required)
      .addColumn("next", "text", required)
      .addColumn("expires_at", "bigint", required);
    await keyedTable(codes, dialect).execute();
    await schema
      .createIndex("studio_codes_session")
      .on("studio_codes")
      .column("session_hash")
      .execute();
    // Where the parent is gone as well, its own row in the feed tells.
    if (dialect === "sqlite") {
      await sql`create trigger access_studio_ended after delete on studio_sessions
        begin
          insert into access_changes (user_id)
            select user_id from sessions where token_hash = old.session_hash;
        end`.execute(db);
      return;
    }
    await sql`create function note_access_of_studio() returns trigger language plpgsql as $$
      begin
        insert into access_changes (user_id)
          select user_id from sessions where token_hash = old.session_hash;
        if found then raise info 'labelgate: access changed'; end if;
        return null;
      end $$`.execute(db);
    await sql`create trigger access_studio_ended after delete on studio_sessions
      for each row execute function note_access_of_studio()`.execute(db);
  },
};
