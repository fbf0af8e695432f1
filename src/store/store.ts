/**
 * The database: opening, migrating, transactions. All state of Labelgate is in it (PRODUCT 9.1).
 *
 * Owns the choice of engine and what a transaction means there (DESIGN 5):
 * SQLite: BEGIN IMMEDIATE, so that what is read stays true until it is acted on. PostgreSQL: READ
 * COMMITTED, with the row locks that reads for a plan take. Where others were faster all the same, the
 * whole transaction runs again.
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { AppError } from "../errors.ts";
import { openPostgres } from "./dialects/postgres.ts";
import { openSqlite } from "./dialects/sqlite.ts";
import { applyMigrations, holdsTimeline, timeline } from "./migrate.ts";
import { codeOf } from "./open-error.ts";
import { TransactionRace } from "./race.ts";
import { type Db, type Dialect, dialectOf, onItsConnection } from "./statement.ts";

export type { Db } from "./statement.ts";

/** An open database. */
export interface Store {
  readonly db: Db;
  readonly dialect: Dialect;
  /**
   * Runs `work` in one transaction: all that it wrote through `tx` stands once this returns, and
   * nothing of it where it throws. `work` may run again where others were faster, so it changes
   * nothing but `tx`. Inside, everything goes through `tx`: a write through `db` would wait for the
   * transaction to end.
   * @throws AppError `not_ready` where the database stays locked, `conflict` where others were faster
   * time after time
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /**
   * Counts up with each commit of this process that changed anybody's access, before its writer is
   * told. It may also count where nothing stands. Of other processes the feed of changes tells.
   */
  accessWrites(): number;
  /** Answers once the database does; throws where it does not. */
  ping(): Promise<void>;
  /** True where the database is at this program's migrations. */
  isMigrated(): Promise<boolean>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

/** The database's address, and the callback for lost connections. */
export interface StoreOptions {
  /** A PostgreSQL URL, or empty for SQLite in `dataDir`. */
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly log?: { warn(fields: Readonly<Record<string, unknown>>, text: string): void };
}

/**
 * Opens the database; does not migrate it.
 * @throws OpenError with one sentence that says what is wrong and what would fix it
 */
export async function openStore({ databaseUrl, dataDir, log }: StoreOptions): Promise<Store> {
  let accessWrites = 0;
  const onAccessWrite = () => {
    accessWrites += 1;
  };
  const onLostConnection = (error: Error) => {
    log?.warn({ reason: error.message }, "an idle database connection was lost");
  };
  const db =
    databaseUrl === ""
      ? await openSqlite(join(dataDir, "labelgate.db"), onAccessWrite)
      : await openPostgres(databaseUrl, { onLostConnection, onAccessWrite });
  return storeOf(db, () => accessWrites);
}

/**
 * Brings the database to this program's schema; returns the names of the migrations applied. Safe to
 * call from several processes at once.
 * @throws OpenError where the database knows another history than this program
 */
export async function migrate(store: Store): Promise<readonly string[]> {
  return await store.transaction((tx) =>
    applyMigrations(tx, { dialect: store.dialect, at: Date.now(), migrations: timeline }),
  );
}

function storeOf(db: Db, accessWrites: Store["accessWrites"]): Store {
  const dialect = dialectOf(db);
  const begin = () =>
    dialect === "postgres"
      ? db.transaction().setIsolationLevel("read committed")
      : db.transaction();
  return {
    db,
    dialect,
    accessWrites,
    transaction: (work) => untilNotRaced(() => begin().execute((tx) => onItsConnection(tx, work))),
    ping: async () => {
      await db.selectNoFrom(sql.lit(1).as("one")).execute();
    },
    isMigrated: () => holdsTimeline(db, timeline),
    close: () => db.destroy(),
  };
}

/** One attempt and this many more; each fails only where another transaction has succeeded. */
const maxRetries = 8;
const firstPauseMs = 5;

/**
 * PostgreSQL's codes for "others were faster": serialization failure, deadlock, and a unique or
 * foreign key that another transaction filled or emptied between a read and a write.
 */
const raceCodes: ReadonlySet<string> = new Set(["40001", "40P01", "23505", "23503"]);

async function untilNotRaced<T>(attempt: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const isRace = error instanceof TransactionRace || raceCodes.has(codeOf(error));
      if (!isRace) throw error;
      if (retries === maxRetries) {
        if (!(error instanceof TransactionRace)) throw error;
        const detail = "Others changed the same thing at the same time; try again.";
        throw new AppError("conflict", { detail, cause: error });
      }
    }
    // Growing and random, so that two which met do not meet again.
    await wait(Math.random() * firstPauseMs * 2 ** Math.min(retries, 5));
  }
}
