/**
 * One connection to an SQLite file through node:sqlite, with its prepared statements kept: preparing
 * costs several times what running does. Whose turn it is, node-sqlite.ts decides.
 */
import { createHash } from "node:crypto";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { CompiledQuery, QueryResult } from "kysely";

/** More texts than the program has; only lists of unusual length could go beyond. */
const maxStatements = 500;

interface Prepared {
  readonly statement: StatementSync;
  /** Names of the result's columns; empty where there is no result. */
  columns: readonly string[];
}

/** An open connection. */
export class SqliteFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  /** Opens the file, which is made where it is missing; waits up to `busyMs` for other processes. */
  constructor(path: string, busyMs: number) {
    this.#database = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: true });
    // PostgreSQL has it, and a statement that both engines run may use it: to tell texts apart, no more.
    this.#database.function("md5", { deterministic: true }, (text) =>
      text === null ? null : createHash("md5").update(String(text)).digest("hex"),
    );
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs a statement that neither takes nor returns anything. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs a compiled query to its end. */
  run<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    const prepared = this.#prepare(sql);
    const { statement } = prepared;
    const values = parameters as readonly SQLInputValue[];
    if (prepared.columns.length > 0) {
      const rows = statement.all(...values) as unknown as readonly (readonly unknown[])[];
      if (rows[0] !== undefined && rows[0].length !== prepared.columns.length) {
        // Somebody added or dropped a column: SQLite has prepared the statement anew by itself.
        prepared.columns = namesOf(statement);
      }
      return { rows: rows.map((row) => objectOf<Row>(prepared.columns, row)) };
    }
    const { changes } = statement.run(...values);
    return { numAffectedRows: BigInt(changes), rows: [] };
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    const prepared = { statement, columns: namesOf(statement) };
    const [oldest] = this.#statements.keys();
    if (this.#statements.size >= maxStatements && oldest !== undefined) {
      this.#statements.delete(oldest);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

function namesOf(statement: StatementSync): readonly string[] {
  return statement.columns().map(({ name }) => name);
}

/** A plain object, as pg makes them; node:sqlite's own have no prototype and compare as different. */
function objectOf<Row>(columns: readonly string[], row: readonly unknown[]): Row {
  const object: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index += 1) {
    object[columns[index] ?? ""] = row[index];
  }
  return object as Row;
}
