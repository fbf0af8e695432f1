/**
 * Kysely's dialect for node:sqlite: one connection that writes, one that reads (PRODUCT 9.1).
 *
 *   select outside a transaction ─▶ reader: never waits, sees what is committed and nothing else
 *   any other statement          ─▶ writer, as a transaction of its own
 *   transaction                  ─▶ writer, for its whole length
 *
 * node:sqlite runs on the event loop, so waiting for other processes and for other transactions is
 * group-commit.ts's, between statements and never inside SQLite. Opening the file and saying what is
 * wrong with it is sqlite.ts's.
 */
import {
  type CompiledQuery,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SyncConnection } from "../statement.ts";
import { GroupCommit } from "./group-commit.ts";
import type { SqliteFile } from "./sqlite-file.ts";

/** The two connections to one file. */
export interface SqliteFiles {
  readonly reader: SqliteFile;
  readonly writer: SqliteFile;
}

/** The dialect over connections that are open already; closing the Kysely closes them. */
export class NodeSqliteDialect implements Dialect {
  readonly #files: SqliteFiles;
  readonly #onAccessWrite: () => void;

  constructor(files: SqliteFiles, onAccessWrite: () => void = () => undefined) {
    this.#files = files;
    this.#onAccessWrite = onAccessWrite;
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#files, this.#onAccessWrite);
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
  readonly #commits: GroupCommit;

  constructor(files: SqliteFiles, onAccessWrite: () => void) {
    this.#files = files;
    this.#commits = new GroupCommit(files.writer, onAccessWrite);
  }

  async init(): Promise<void> {
    // The files are open before there is a driver, so that what is wrong with them is told at start.
  }

  async acquireConnection(): Promise<NodeSqliteConnection> {
    return new NodeSqliteConnection(this.#files, this.#commits);
  }

  async beginTransaction(connection: NodeSqliteConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: NodeSqliteConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: NodeSqliteConnection): Promise<void> {
    await connection.rollback();
  }

  async releaseConnection(): Promise<void> {
    // A connection is a view of the two files; it holds nothing once its transaction has ended.
  }

  async destroy(): Promise<void> {
    await this.#commits.close();
    this.#files.reader.close();
  }
}

/** A connection as Kysely sees it: the reader and the writer, or a transaction on the writer. */
class NodeSqliteConnection implements SyncConnection {
  readonly #files: SqliteFiles;
  readonly #commits: GroupCommit;
  /** The route of statements: by their kind, or all to the writer while a transaction is open. */
  #mode: "single" | "transaction" = "single";

  constructor(files: SqliteFiles, commits: GroupCommit) {
    this.#files = files;
    this.#commits = commits;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#mode === "transaction") return this.executeSync<Row>(query);
    if (SelectQueryNode.is(query.query)) return this.#files.reader.run<Row>(query);
    await this.begin();
    try {
      const result = this.#files.writer.run<Row>(query);
      await this.commit();
      return result;
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  /** Runs a statement of the open transaction. */
  executeSync<Row>(query: CompiledQuery): QueryResult<Row> {
    if (this.#commits.isOpen) return this.#files.writer.run<Row>(query);
    throw new Error("the transaction was taken back after a failure of the disk");
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    // Holding a cursor open over awaits would keep the file's history from being trimmed.
    yield await this.executeQuery<Row>(query);
  }

  async begin(): Promise<void> {
    await this.#commits.begin();
    this.#mode = "transaction";
  }

  async commit(): Promise<void> {
    this.#mode = "single";
    await this.#commits.end();
  }

  /** Does nothing after a commit that failed: the whole group was taken back then. */
  async rollback(): Promise<void> {
    if (this.#mode === "single") return;
    this.#mode = "single";
    await this.#commits.undo();
  }
}
