/**
 * Migrated databases for tests, copied from one that was migrated once, which takes a twentieth of the
 * time that migrations take. Says how databases are made and dropped; whose they are, engines.ts says.
 */
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate, openStore } from "../src/store/store.ts";

/** Runs one statement on the server. */
export async function ask(server: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** The URL of another database of the same server. */
export function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Makes a migrated PostgreSQL database that others are copied from; answers its name. */
export async function makeTemplate(server: string): Promise<string> {
  const name = `labelgate_template_${randomBytes(6).toString("hex")}`;
  await ask(server, `create database ${name}`);
  await migrateAt({ databaseUrl: withDatabase(server, name), dataDir: "" });
  return name;
}

/** Makes a PostgreSQL database, empty or as `template` is. */
export async function createDatabase(
  server: string,
  name: string,
  template?: string,
): Promise<void> {
  // Files are copied as such: through the log, as PostgreSQL does it unless told, takes five times as long.
  const from = template === undefined ? "" : ` template ${template} strategy file_copy`;
  await ask(server, `create database ${name}${from}`);
}

/**
 * Where data goes that may be lost with the machine: into memory where there is room, since SQLite
 * waits for the disk with each commit, and PostgreSQL copies hundreds of files for each database.
 * scripts/test.ts names one for a run, and removes it whatever its processes leave.
 */
export function quickFolder(): string {
  return (
    quickFolders.find((path) => existsSync(path) && freeBytes(path) > minFreeBytes) ?? tmpdir()
  );
}

const quickFolders = ["/dev/shm"];
const minFreeBytes = 2 * 1024 ** 3;

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** A new folder for an SQLite file. */
export function sqliteFolder(): string {
  return mkdtempSync(join(quickFolder(), "labelgate-sqlite-"));
}

let migrated: Promise<string> | undefined;

/** Puts a migrated database into the folder. */
export async function copyMigrated(folder: string): Promise<void> {
  migrated ??= migrateFile();
  copyFileSync(join(await migrated, fileName), join(folder, fileName));
}

const fileName = "labelgate.db";

async function migrateFile(): Promise<string> {
  const dataDir = sqliteFolder();
  process.once("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  await migrateAt({ databaseUrl: "", dataDir });
  return dataDir;
}

async function migrateAt(options: { databaseUrl: string; dataDir: string }): Promise<void> {
  const store = await openStore(options);
  await migrate(store);
  await store.close();
}
