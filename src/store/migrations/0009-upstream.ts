/**
 * People and projects by Label Studio's numbers (GATEWAY 10.5), and what is still to be done there.
 *
 * A number is given once: unique while it is linked, and `upstream_links` remembers whom it was linked
 * to before. The outbox has one row for each person whose account is to be made, linked or renamed;
 * people from before attaching stand in it from the beginning.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { isFlag, keyedTable, required } from "./columns.ts";

export const upstream: Migration = {
  name: "0009-upstream",
  up: async (db, dialect) => {
    const { schema } = db;
    for (const [name, type] of [
      ["upstream_id", "integer"],
      ["upstream_email", "text"],
    ] as const) {
      await schema.alterTable("users").addColumn(name, type).execute();
    }
    for (const [name, type] of [
      ["upstream_id", "integer"],
      // Microseconds, as exactly as Label Studio tells them: the number and this instant are one pair.
      ["upstream_created_at", "bigint"],
      ["gone_at", "bigint"],
      ["pinned_at", "bigint"],
    ] as const) {
      await schema.alterTable("projects").addColumn(name, type).execute();
    }
    await schema
      .alterTable("projects")
      .addColumn("is_draft", "integer", (column) =>
        column.notNull().defaultTo(0).check(isFlag("is_draft")),
      )
      .execute();
    for (const table of ["users", "projects"]) {
      await schema
        .createIndex(`${table}_upstream_id`)
        .unique()
        .on(table)
        .column("upstream_id")
        .execute();
    }
    await keyedTable(
      schema
        .createTable("upstream_links")
        .addColumn("upstream_id", "integer", (column) => column.primaryKey().notNull())
        .addColumn("user_id", "integer", (column) =>
          column.notNull().references("users.id").onDelete("cascade"),
        )
        .addColumn("linked_at", "bigint", required),
      dialect,
    ).execute();
    await createOutbox(db);
    await keyedTable(
      schema
        .createTable("upstream_state")
        .addColumn("name", "text", (column) => column.primaryKey().notNull())
        .addColumn("value", "text", required),
      dialect,
    ).execute();
  },
};

async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("upstream_outbox")
    .addColumn("user_id", "integer", (column) =>
      column.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    // Counts up with each wish, so that one that came while another was being done is not lost.
    .addColumn("wish", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("due_at", "bigint", required)
    // An administrator must decide; nothing happens by itself until then.
    .addColumn("is_undecided", "integer", (column) =>
      column.notNull().defaultTo(0).check(isFlag("is_undecided")),
    )
    .addColumn("problem", "text")
    .execute();
  await db.schema
    .createIndex("upstream_outbox_due")
    .on("upstream_outbox")
    .columns(["is_undecided", "due_at"])
    .execute();
  await sql`insert into upstream_outbox (user_id, due_at) select id, 0 from users`.execute(db);
}
