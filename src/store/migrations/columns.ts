/**
 * Column shapes that the migrations share. Like them it never changes what it makes: a shape that
 * must become another one gets another name.
 */
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";
import type { MigrationDialect } from "../migrate.ts";

export type Schema = Kysely<unknown>["schema"];

/** A whole number that the engine counts up; never given twice where others remember it. */
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
