/**
 * A copy of Label Studio's SQLite database before another version of it migrates that one: its
 * migrations know no way back. Old copies are kept; only their reader knows when they may go.
 */
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EmbeddedPlaces } from "./folders.ts";

type Places = Pick<EmbeddedPlaces, "database" | "backups" | "versionFile">;

/**
 * Copies the database where it was last run by another version than `version` (also by an unknown
 * one); answers the copy's path, or null where none was needed.
 */
export function backUpBeforeUpgrade(places: Places, version: string, nowMs: number): string | null {
  if (!existsSync(places.database)) return null;
  const before = lastVersion(places);
  if (before === version) return null;
  const at = new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-");
  const path = join(places.backups, `label_studio-${before ?? "unknown"}-${at}.sqlite3`);
  const database = new DatabaseSync(places.database, { readOnly: true, timeout: 10_000 });
  try {
    // An empty file is taken, with the rights that it has.
    closeSync(openSync(path, "w", 0o600));
    // Takes in what still stands in the write-ahead log, which a copy of the file would miss.
    database.prepare("VACUUM INTO ?").run(path);
  } finally {
    database.close();
  }
  return path;
}

/** Notes that `version` has run on this database. */
export function noteVersion(places: Places, version: string): void {
  writeFileSync(places.versionFile, `${version}\n`, { mode: 0o600 });
}

function lastVersion({ versionFile }: Places): string | null {
  if (!existsSync(versionFile)) return null;
  const text = readFileSync(versionFile, "utf8").trim();
  return /^[\w.+-]{1,40}$/.test(text) ? text : null;
}
