/**
 * Kysely's dialect for node:sqlite: one connection that writes, one that reads (PRODUCT 9.1).
 *
 *   select outside a transaction ─▶ reader: never waits, sees what is committed and nothing else
 *   any other statement          ─▶ writer, one statement at a time
 *   transaction                  ─▶ writer, for its whole length: BEGIN IMMEDIATE … COMMIT
 *
 * 1. node:sqlite runs on the event loop, so waiting for another process is done here, between short
 *    tries, and not inside SQLite, where it would stop every other request of this process.
 * 2. Opening the file and saying what is wrong with it is sqlite.ts's.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { AppError } from "../../errors.ts";
import { Mutex } from "./mutex.ts";
import type { SqliteFile } from "./sqlite-file.ts";

/** How long a write waits for other processes that share the file. */
const busyMs = 5_000;
/** How long a write waits for its turn within this process. */
const turnMs = 10_000;
/** Tries for the file's lock are this far apart at most; others hold it for about a millisecond. */
const longestPauseMs = 12;

/** SQLite's result code for "another connection holds the lock". */
const sqliteBusy = 5;

const begin = CompiledQuery.raw("begin immediate");
const commit = CompiledQuery.raw("commit");
const rollback = CompiledQuery.raw("rollback");

/** The two connections to one file. */
export interface SqliteFiles {
  readonly reader: SqliteFile;
  readonly writer: SqliteFile;
}

/** The dialect over connections that are open already; closing the Kysely closes them. */
export class NodeSqliteDialect implements Dialect {
  readonly #files: SqliteFiles;

  constructor(files: SqliteFiles) {
    this.#files = files;
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#files);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new NodeSqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Tells Kysely not to let reads queue behind transactions: the driver sees to the order. */
class NodeSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #files: SqliteFiles;
  readonly #turns = new Mutex();

  constructor(files: SqliteFiles) {
    this.#files = files;
  }

  async init(): Promise<void> {
    // The files are open before there is a driver, so that what is wrong with them is told at start.
  }

  async acquireConnection(): Promise<NodeSqliteConnection> {
    return new NodeSqliteConnection(this.#files, this.#turns);
  }

  async beginTransaction(connection: NodeSqliteConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: NodeSqliteConnection): Promise<void> {
    connection.commit();
  }

  async rollbackTransaction(connection: NodeSqliteConnection): Promise<void> {
    connection.rollback();
  }

  async releaseConnection(): Promise<void> {
    // A connection is a view of the two files; it holds nothing once its transaction has ended.
  }

  async destroy(): Promise<void> {
    await takeTurn(this.#turns);
    this.#files.reader.close();
    this.#files.writer.close();
  }
}

/** What Kysely sees as a connection: the reader and the writer, or a transaction on the writer. */
class NodeSqliteConnection implements DatabaseConnection {
  readonly #files: SqliteFiles;
  readonly #turns: Mutex;
  /** Where statements go: by their kind, or all to the writer while a transaction is open. */
  #mode: "single" | "transaction" = "single";

  constructor(files: SqliteFiles, turns: Mutex) {
    this.#files = files;
    this.#turns = turns;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { reader, writer } = this.#files;
    if (this.#mode === "transaction") return writer.run<Row>(query);
    if (SelectQueryNode.is(query.query)) return reader.run<Row>(query);
    await takeTurn(this.#turns);
    try {
      return await whenFree(() => writer.run<Row>(query));
    } finally {
      this.#turns.release();
    }
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    // Holding a cursor open over awaits would keep the file's history from being trimmed.
    yield await this.executeQuery<Row>(query);
  }

  async begin(): Promise<void> {
    await takeTurn(this.#turns);
    try {
      await whenFree(() => this.#files.writer.run(begin));
      this.#mode = "transaction";
    } catch (error) {
      this.#turns.release();
      throw error;
    }
  }

  /** Where committing fails, Kysely rolls back, and only that ends the turn. */
  commit(): void {
    this.#files.writer.run(commit);
    this.#end();
  }

  /** SQLite itself rolls back where the disk fails; there is nothing left to do then. */
  rollback(): void {
    try {
      if (this.#files.writer.isInTransaction) this.#files.writer.run(rollback);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#mode = "single";
    this.#turns.release();
  }
}

async function takeTurn(turns: Mutex): Promise<void> {
  if (await turns.acquire(turnMs)) return;
  throw new AppError("not_ready", {
    detail: `The database was busy with other transactions for ${turnMs / 1000} seconds.`,
  });
}

/** Runs `work` once no other process holds the file's lock. */
async function whenFree<Result>(work: () => Result): Promise<Result> {
  let deadline = 0;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      const now = performance.now();
      if (deadline === 0) deadline = now + busyMs;
      if (now >= deadline) {
        const detail = `Another process kept the database locked for ${busyMs / 1000} seconds.`;
        throw new AppError("not_ready", { detail, cause: error });
      }
    }
    await wait(1 + Math.random() * (longestPauseMs - 1));
  }
}

/** True for every kind of "busy", whose extended codes carry it in the lowest byte. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error)) return false;
  return (Number(error.errcode) & 0xff) === sqliteBusy;
}
