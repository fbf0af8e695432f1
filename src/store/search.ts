/**
 * Search as people type it: text that occurs somewhere in a column, whatever its case. SQLite folds
 * ASCII letters only.
 */
import { type RawBuilder, sql } from "kysely";
import { type Db, dialectOf } from "./statement.ts";

/** The condition that `term` occurs in one of `columns`; signs such as % mean themselves. */
export function isFoundIn(db: Db, columns: readonly string[], term: string): RawBuilder<boolean> {
  const found = dialectOf(db) === "sqlite" ? sql.raw("instr") : sql.raw("strpos");
  const conditions = columns.map(
    (column) => sql`${found}(lower(${sql.ref(column)}), lower(cast(${term} as text))) > 0`,
  );
  return sql<boolean>`(${sql.join(conditions, sql` or `)})`;
}
