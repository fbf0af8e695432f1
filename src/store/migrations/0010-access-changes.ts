/**
 * The feed of changes by which every process forgets what it kept of somebody's access (GATEWAY 10.3).
 *
 * Triggers write it, in the transaction of the change, so that no writer can forget to. A row names the
 * person, or nobody where it concerns everybody. A sign-in that takes nothing away and gives nothing
 * new writes no row.
 *
 * On PostgreSQL a row bears its transaction's number, since rows of long transactions become visible
 * after younger ones, and the process that wrote is told by a notice on its connection.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { logId, logIdType } from "./columns.ts";

export const accessChanges: Migration = {
  name: "0010-access-changes",
  up: async (db, dialect) => {
    if (dialect === "sqlite") await feedOnSqlite(db);
    else await feedOnPostgres(db);
    await db.schema
      .createIndex("projects_by_maker")
      .on("projects")
      .columns(["organization_id", "created_by"])
      .execute();
  },
};

/**
 * The columns of a project that decide who may open it, and who then is concerned: its creator, or
 * everybody.
 */
const projectChanged = "of workspace_id, upstream_id, created_by on projects";
const personChanged = "of email, first_name, last_name, upstream_id on users";

async function feedOnSqlite(db: Kysely<unknown>): Promise<void> {
  // Counted up and never given twice: readers remember the last number that they have seen.
  await sql`create table access_changes (
    id integer primary key autoincrement,
    user_id integer,
    at bigint not null default (cast(unixepoch('subsec') * 1000 as integer))
  )`.execute(db);
  const note = async (name: string, event: string, userId: string, when = "true") => {
    await sql`create trigger ${sql.raw(`access_${name}`)} after ${sql.raw(event)}
      when ${sql.raw(when)}
      begin insert into access_changes (user_id) values (${sql.raw(userId)}); end`.execute(db);
  };
  for (const table of ["sessions", "api_tokens", "memberships"]) {
    await note(`${table}_ended`, `delete on ${table}`, "old.user_id");
  }
  await note("role", "update of role on memberships", "new.user_id", "old.role <> new.role");
  for (const table of ["workspace_members", "project_members"]) {
    await note(`${table}_added`, `insert on ${table}`, "new.user_id");
    await note(`${table}_changed`, `update on ${table}`, "new.user_id");
    await note(`${table}_removed`, `delete on ${table}`, "old.user_id");
  }
  await note(
    "person",
    `update ${personChanged}`,
    "new.id",
    `(old.email, old.first_name, old.last_name) is not (new.email, new.first_name, new.last_name)
      or old.upstream_id is not new.upstream_id`,
  );
  await note(
    "project",
    `update ${projectChanged}`,
    "null",
    `old.workspace_id is not new.workspace_id or old.upstream_id is not new.upstream_id
      or old.created_by is not new.created_by`,
  );
  for (const [event, row] of [
    ["insert", "new"],
    ["delete", "old"],
  ] as const) {
    await note(`project_${event}`, `${event} on projects`, concerned(row), isOpened(row));
  }
}

const concerned = (row: string) =>
  `case when ${row}.workspace_id is null then ${row}.created_by end`;
const isOpened = (row: string) =>
  `${row}.upstream_id is not null and coalesce(${row}.workspace_id, ${row}.created_by) is not null`;

async function feedOnPostgres(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("access_changes")
    .addColumn("id", logIdType("postgres"), logId("postgres"))
    .addColumn("xid", sql`xid8`, (column) => column.notNull().defaultTo(sql`pg_current_xact_id()`))
    .addColumn("user_id", "integer")
    .addColumn("at", "bigint", (column) =>
      column.notNull().defaultTo(sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`),
    )
    .execute();
  await db.schema.createIndex("access_changes_xid").on("access_changes").column("xid").execute();
  await sql`create function note_access_of_members() returns trigger language plpgsql as $$
    begin
      insert into access_changes (user_id) select distinct user_id from changed;
      if found then raise info 'labelgate: access changed'; end if;
      return null;
    end $$`.execute(db);
  await noteFunction(db, "note_access_of_role", "new.user_id");
  await noteFunction(db, "note_access_of_person", "new.id");
  await noteFunction(db, "note_access_of_project", "null");
  await noteFunction(db, "note_access_of_new_project", concerned("new"));
  await noteFunction(db, "note_access_of_old_project", concerned("old"));
  for (const table of ["sessions", "api_tokens", "memberships"]) {
    await noteRows(db, table, "delete");
  }
  for (const table of ["workspace_members", "project_members"]) {
    for (const event of ["insert", "update", "delete"] as const) await noteRows(db, table, event);
  }
  await sql`create trigger access_role after update of role on memberships
    for each row when (old.role <> new.role) execute function note_access_of_role()`.execute(db);
  await sql`create trigger access_person after update ${sql.raw(personChanged)}
    for each row when ((old.email, old.first_name, old.last_name, old.upstream_id)
      is distinct from (new.email, new.first_name, new.last_name, new.upstream_id))
    execute function note_access_of_person()`.execute(db);
  await sql`create trigger access_project after update ${sql.raw(projectChanged)}
    for each row when ((old.workspace_id, old.upstream_id, old.created_by)
      is distinct from (new.workspace_id, new.upstream_id, new.created_by))
    execute function note_access_of_project()`.execute(db);
  await sql`create trigger access_project_insert after insert on projects
    for each row when (${sql.raw(isOpened("new"))})
    execute function note_access_of_new_project()`.execute(db);
  await sql`create trigger access_project_delete after delete on projects
    for each row when (${sql.raw(isOpened("old"))})
    execute function note_access_of_old_project()`.execute(db);
}

async function noteFunction(db: Kysely<unknown>, name: string, userId: string): Promise<void> {
  await sql`create function ${sql.raw(name)}() returns trigger language plpgsql as $$
    begin
      insert into access_changes (user_id) values (${sql.raw(userId)});
      raise info 'labelgate: access changed';
      return null;
    end $$`.execute(db);
}

/** One row a person and statement, however many rows the statement touched. */
async function noteRows(
  db: Kysely<unknown>,
  table: string,
  event: "insert" | "update" | "delete",
): Promise<void> {
  const rows = event === "delete" ? "old" : "new";
  await sql`create trigger ${sql.raw(`access_${table}_${event}`)}
    after ${sql.raw(event)} on ${sql.table(table)}
    referencing ${sql.raw(rows)} table as changed
    for each statement execute function note_access_of_members()`.execute(db);
}
