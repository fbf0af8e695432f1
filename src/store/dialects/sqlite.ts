/**
 * Opens the embedded database, or says in one sentence why it cannot be opened (PRODUCT 9.1).
 *
 * WAL lets reads go on beside a write; synchronous=FULL makes a commit survive the machine, not only
 * the process; foreign keys are off in SQLite unless asked for.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Kysely } from "kysely";
import { codeOf, OpenError } from "../open-error.ts";
import type { Database } from "../schema.ts";
import { isBusy } from "./group-commit.ts";
import { NodeSqliteDialect } from "./node-sqlite.ts";
import { SqliteFile } from "./sqlite-file.ts";

/** The time for which opening waits for other processes, inside SQLite: nothing else runs yet. */
const openBusyMs = 5_000;
const openTries = 5;
/**
 * In KiB. The reader keeps the upper levels of every index of a large database; the writer, which
 * changes a dozen pages with each sign-in, most of a hundred thousand members.
 */
const readerCachePragma = "pragma cache_size = -16384";
const writerCachePragma = "pragma cache_size = -65536";

/**
 * Opens the file at `path`; the file and its folder are made where they are missing. `onAccessWrite`
 * hears of commits that changed somebody's access, before their writers do.
 */
export async function openSqlite(
  path: string,
  onAccessWrite: () => void = () => undefined,
): Promise<Kysely<Database>> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const sentence = `The data folder ${dirname(path)} cannot be made (${codeOf(cause)}): choose one with DATA_DIR that this user may write to.`;
    throw new OpenError(sentence, cause);
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return new Kysely({ dialect: new NodeSqliteDialect(openFiles(path), onAccessWrite) });
    } catch (cause) {
      // Several processes that start together all switch to WAL; SQLite does not wait for that.
      if (!isBusy(cause) || tries === openTries)
        throw new OpenError(sentenceFor(path, cause), cause);
    }
    await wait(100 * tries);
  }
}

/**
 * Keeps the file, and what SQLite keeps beside it, from everybody but this user: it holds e-mail
 * addresses and hashes of passwords. SQLite gives new files beside it the rights that it has itself.
 */
function keepToOneself(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
    for (const name of [path, `${path}-wal`, `${path}-shm`]) {
      if (existsSync(name)) chmodSync(name, 0o600);
    }
  } catch {
    // Not this user's file, or a file system without rights: SQLite says whether it can be used.
  }
}

function openFiles(path: string): { reader: SqliteFile; writer: SqliteFile } {
  keepToOneself(path);
  const writer = new SqliteFile(path, openBusyMs);
  try {
    writer.exec("pragma journal_mode = wal");
    writer.exec("pragma synchronous = full");
    writer.exec(writerCachePragma);
    // What a savepoint may have to take back stays in memory.
    writer.exec("pragma temp_store = memory");
    // Four times the usual length, so that pages which every sign-in touches are copied less often.
    writer.exec("pragma wal_autocheckpoint = 4000");
    // An empty write proves now, and not at the first sign-in, that the file can be written to.
    writer.exec("begin immediate; pragma user_version = 1; commit");
    // From here on waiting happens between tries, in group-commit.ts.
    writer.exec("pragma busy_timeout = 0");
    const reader = new SqliteFile(path, openBusyMs);
    reader.exec("pragma query_only = on");
    reader.exec(readerCachePragma);
    return { reader, writer };
  } catch (error) {
    writer.close();
    throw error;
  }
}

/** SQLite's primary result codes → what to do about them. */
const sentences: Readonly<Record<number, (path: string) => string>> = {
  5: (path) => `The database ${path} is locked by another process; stop that one first.`,
  8: (path) => `The database ${path} cannot be written to: give this user the right to.`,
  10: (path) => `The disk fails to read or write the database ${path}.`,
  11: (path) => `The database ${path} is damaged; restore it from a backup.`,
  13: (path) => `The disk with the database ${path} is full.`,
  14: (path) =>
    `The database ${path} cannot be opened: its folder must exist and this user must be able to write to it.`,
  26: (path) =>
    `The file ${path} is not an SQLite database; move it away or choose another folder.`,
};

function sentenceFor(path: string, error: unknown): string {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const sentence = sentences[code];
  if (sentence !== undefined) return sentence(path);
  return `The database ${path} cannot be opened: ${error instanceof Error ? error.message : error}.`;
}
