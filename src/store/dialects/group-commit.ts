/**
 * Transactions on SQLite's one writing connection, and how they share commits. Waiting for the disk
 * is most of what a small transaction costs, and one commit can carry many:
 *
 *   first   ─▶ BEGIN IMMEDIATE ─▶ work ────────────────────────────┐
 *   another ───────────────────▶ SAVEPOINT ─▶ work ─▶ RELEASE ─────┤
 *                                    one COMMIT, then all are told ┘
 *
 * 1. One transaction works at a time; the others wait for their turn, in the order of asking.
 * 2. Nobody is told that a transaction stands before the COMMIT that holds it has reached the disk,
 *    nor that it failed by what an earlier one of its group had written.
 * 3. A transaction that fails takes back its own savepoint alone. A COMMIT that fails fails the group.
 * 4. A COMMIT that made rows in the feed of changes of access says so before anybody is told of it.
 * 5. A group ends with the event loop's turn in which it began, so a lone transaction waits for
 *    nothing, and under load those that arrive together are written together.
 */
import { setTimeout as wait } from "node:timers/promises";
import { CompiledQuery } from "kysely";
import { AppError } from "../../errors.ts";
import { Mutex } from "./mutex.ts";
import type { SqliteFile } from "./sqlite-file.ts";

/** The time for which a write waits for other processes that share the file. */
const busyMs = 5_000;
/** The time for which a write waits for its turn within this process. */
const turnMs = 10_000;
/** Tries for the file's lock are this far apart at most; others hold it for some milliseconds. */
const longestPauseMs = 12;
/** After so long without a gap the file is left free so long: other processes can only try. */
const longestStreakMs = 25;
const gapMs = 2;

/** SQLite's result code for "another connection holds the lock". */
const sqliteBusy = 5;

const begin = CompiledQuery.raw("begin immediate");
const commit = CompiledQuery.raw("commit");
const rollback = CompiledQuery.raw("rollback");
const save = CompiledQuery.raw("savepoint one");
const release = CompiledQuery.raw("release one");
const takeBack = CompiledQuery.raw("rollback to one");
const feedExists = CompiledQuery.raw("select 1 from sqlite_master where name = 'access_changes'");
/** Reads the number of rows that the feed ever had: a look-up in a table of a dozen rows. */
const feedLength = CompiledQuery.raw(
  "select seq from sqlite_sequence where name = 'access_changes'",
);

/** Transactions that one COMMIT will carry. */
interface Group {
  readonly committed: Promise<void>;
  readonly settle: (error?: unknown) => void;
  /** Some transaction's work is in it. */
  hasWork: boolean;
  /** Its turn of the event loop is over: it ends as soon as nobody works in it. */
  isDue: boolean;
}

/** The writing connection, shared by all transactions of the process. */
export class GroupCommit {
  readonly #writer: SqliteFile;
  readonly #turns = new Mutex();
  #group: Group | null = null;
  /** True once the holder of the turn works behind a savepoint, since others' work lies before it. */
  #isSaved = false as boolean;
  #streakFrom = 0;
  #lastCommit = 0;
  readonly #onAccessWrite: () => void;
  /** -1 before the migration that makes the feed. */
  #feedLength = -1;

  constructor(writer: SqliteFile, onAccessWrite: () => void) {
    this.#writer = writer;
    this.#onAccessWrite = onAccessWrite;
  }

  /** Begins a transaction; its statements may run on the writer until `end` or `undo`. */
  async begin(): Promise<void> {
    await this.#takeTurn();
    try {
      this.#group ??= await this.#beginGroup();
      this.#isSaved = this.#group.hasWork;
      if (this.#isSaved) this.#writer.run(save);
    } catch (error) {
      this.#turns.release();
      throw error;
    }
  }

  /** Ends a transaction; resolves once it is on the disk. */
  async end(): Promise<void> {
    const group = this.#mustGroup();
    try {
      if (this.#isSaved) this.#writer.run(release);
      group.hasWork = true;
    } catch (error) {
      this.#fail(group, error);
    }
    this.#pass(group);
    await group.committed;
  }

  /** Takes a transaction back, once what it may have read of others is on the disk. */
  async undo(): Promise<void> {
    const group = this.#mustGroup();
    try {
      if (this.#isSaved) {
        this.#writer.run(takeBack);
        this.#writer.run(release);
      } else group.isDue = true;
    } catch (error) {
      // A disk that fails makes SQLite itself take everything back, the others' work too.
      this.#fail(group, error);
    }
    this.#pass(group);
    // A failure of the group is told to those whose work it held; this one failed by itself.
    await group.committed.catch(() => undefined);
  }

  /** False where SQLite itself took everything back, so that nothing may be written any more. */
  get isOpen(): boolean {
    return this.#writer.isInTransaction;
  }

  /** Waits for its turn to be the last, and closes the connection. */
  async close(): Promise<void> {
    await this.#takeTurn();
    if (this.#group !== null) this.#finish(this.#group);
    this.#writer.close();
  }

  async #takeTurn(): Promise<void> {
    if (await this.#turns.acquire(turnMs)) return;
    throw new AppError("not_ready", {
      detail: `The database was busy with other transactions for ${turnMs / 1000} seconds.`,
    });
  }

  /** Gives the turn on; ends the group where its time is over. */
  #pass(group: Group): void {
    if (group.isDue && this.#group === group) this.#finish(group);
    this.#turns.release();
  }

  async #beginGroup(): Promise<Group> {
    await this.#leaveGap();
    await whenFree(() => this.#writer.run(begin));
    const group = newGroup();
    setImmediate(() => {
      group.isDue = true;
      if (this.#group === group && this.#turns.isFree) this.#finish(group);
    });
    return group;
  }

  #finish(group: Group): void {
    try {
      if (group.hasWork) {
        const length = this.#lengthOfFeed();
        this.#writer.run(commit);
        if (length !== this.#feedLength) this.#onAccessWrite();
        this.#feedLength = length;
      } else if (this.#writer.isInTransaction) this.#writer.run(rollback);
      this.#group = null;
      this.#lastCommit = performance.now();
      group.settle();
    } catch (error) {
      this.#fail(group, error);
    }
  }

  #lengthOfFeed(): number {
    if (this.#feedLength < 0 && this.#writer.run(feedExists).rows.length === 0) return -1;
    return this.#writer.run<{ seq: number }>(feedLength).rows[0]?.seq ?? 0;
  }

  /** Nothing of the group stands. */
  #fail(group: Group, error: unknown): void {
    this.#group = null;
    if (this.#writer.isInTransaction) this.#writer.run(rollback);
    group.settle(error);
  }

  async #leaveGap(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastCommit > gapMs) this.#streakFrom = now;
    if (now - this.#streakFrom < longestStreakMs) return;
    await wait(gapMs);
    this.#streakFrom = performance.now();
  }

  #mustGroup(): Group {
    if (this.#group === null) throw new Error("a transaction ended that had not begun");
    return this.#group;
  }
}

function newGroup(): Group {
  let settle: Group["settle"] = () => undefined;
  const committed = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  // Where every transaction of the group failed by itself, nobody waits for this.
  committed.catch(() => undefined);
  return { committed, settle, hasWork: false, isDue: false };
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
