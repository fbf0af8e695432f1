/**
 * Column shapes that the migrations share. Like them it never changes what it makes: a shape that
 * must become another one gets another name.
 */
import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Migration, MigrationDialect } from "../migrate.ts";

export type Schema = Kysely<unknown>["schema"];

/** The row's number, counted up by the engine and never given twice: others remember it. */
export function id(dialect: MigrationDialect) {
  return (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    dialect === "sqlite"
      ? column.primaryKey().autoIncrement()
      : column.primaryKey().generatedByDefaultAsIdentity();
}

export const required = (column: ColumnDefinitionBuilder) => column.notNull();

export const oneOf = (column: string, values: string) =>
  sql`${sql.ref(column)} in (${sql.raw(values)})`;

export const isFlag = (column: string) => oneOf(column, "0,1");

export const organization = (column: ColumnDefinitionBuilder) =>
  column.notNull().references("organizations.id").onDelete("cascade");

/**
 * Ends a table whose rows are found by their key alone: SQLite then keeps them in the key's own tree
 * instead of beside it, which halves what a sign-in writes there.
 */
export function keyedTable<Table extends string>(
  table: CreateTableBuilder<Table>,
  dialect: MigrationDialect,
): CreateTableBuilder<Table> {
  return dialect === "sqlite" ? table.modifyEnd(sql`without rowid`) : table;
}

/** As `id`, for rows that nothing points at: with 64 bits, and without a count kept beside it. */
export function logId(dialect: MigrationDialect) {
  return (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    dialect === "sqlite" ? column.primaryKey() : column.primaryKey().generatedByDefaultAsIdentity();
}

/** SQLite counts up only whole numbers of this very type; they have 64 bits there anyway. */
export function logIdType(dialect: MigrationDialect): "integer" | "bigint" {
  return dialect === "sqlite" ? "integer" : "bigint";
}

/** Gives a table a column of text, or of a flag, with its value for the rows that are there. */
export async function addColumn(
  db: Kysely<unknown>,
  table: string,
  column: string,
  value: string | boolean,
): Promise<void> {
  const altered = db.schema.alterTable(table);
  const added =
    typeof value === "string"
      ? altered.addColumn(column, "text", (made) => made.notNull().defaultTo(value))
      : altered.addColumn(column, "integer", (made) =>
          made.notNull().defaultTo(Number(value)).check(isFlag(column)),
        );
  await added.execute();
}

/** The migration that a new setting needs, where its column is all that it needs. */
export function settingColumn(
  name: string,
  tables: readonly string[],
  column: string,
  value: string | boolean,
): Migration {
  return {
    name,
    up: async (db) => {
      for (const table of tables) await addColumn(db, table, column, value);
    },
  };
}
