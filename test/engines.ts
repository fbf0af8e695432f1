/**
 * Both databases for tests: every test of the store and of the flows runs on each (PRODUCT 9.1).
 *
 * PostgreSQL comes from LABELGATE_TEST_POSTGRES_URL, which scripts/test.ts sets for a whole run, else
 * from a server that is started for the file. Each store has a database or file of its own.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite } from "node:test";
import pg from "pg";
import { migrate, openStore, type Store, type StoreOptions } from "../src/store/store.ts";
import { startPostgres, type TestPostgres } from "./postgres.ts";

/** One of the two databases. */
export interface Engine {
  readonly name: "sqlite" | "postgres";
  /** A fresh store: migrated, empty. Closed and removed after the suite. */
  open(): Promise<Store>;
  /** Where a fresh, empty, not migrated database is; for processes that open it themselves. */
  create(): Promise<StoreOptions>;
  /** Opens what `create` made, without migrating it. Closed after the suite. */
  openAt(options: StoreOptions): Promise<Store>;
}

/** Registers a suite per engine; `body` registers its tests. */
export function onEveryEngine(title: string, body: (engine: Engine) => void): void {
  register(title, { name: "sqlite", make: sqliteMaker, body });
  suitesOnPostgres += 1;
  register(title, { name: "postgres", make: postgresMaker, body });
}

interface Maker {
  /** A place for a database, empty or as migrations leave it. */
  make(isMigrated: boolean): Promise<StoreOptions>;
  clean(): Promise<void>;
}

function register(
  title: string,
  { name, make, body }: { name: Engine["name"]; make: () => Maker; body: (engine: Engine) => void },
): void {
  suite(`${title} on ${name}`, () => {
    const maker = make();
    const stores: Store[] = [];
    const openAt = async (options: StoreOptions): Promise<Store> => {
      const store = await openStore(options);
      stores.push(store);
      return store;
    };
    body({
      name,
      openAt,
      create: () => maker.make(false),
      open: async () => {
        const store = await openAt(await maker.make(true));
        await migrate(store);
        return store;
      },
    });
    after(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await maker.clean();
    });
  });
}

function sqliteMaker(): Maker {
  const folders: string[] = [];
  return {
    make: async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "labelgate-sqlite-"));
      folders.push(dataDir);
      return { databaseUrl: "", dataDir };
    },
    clean: async () => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Suites still to come or running; the file's own server stops after the last. */
let suitesOnPostgres = 0;
let started: Promise<TestPostgres> | undefined;
let template: Promise<string> | undefined;

function postgresMaker(): Maker {
  const names: string[] = [];
  return {
    make: async (isMigrated) => {
      const server = await serverUrl();
      const name = `labelgate_test_${randomBytes(6).toString("hex")}`;
      if (isMigrated) template ??= makeTemplate(server);
      const from = isMigrated ? ` template ${await template}` : "";
      await ask(server, `create database ${name}${from}`);
      names.push(name);
      return { databaseUrl: withDatabase(server, name), dataDir: "" };
    },
    clean: async () => {
      suitesOnPostgres -= 1;
      const isLast = suitesOnPostgres === 0;
      if (isLast && started !== undefined) return await (await started).stop();
      const server = await serverUrl();
      if (isLast && template !== undefined) names.push(await template);
      for (const name of names) await ask(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function serverUrl(): Promise<string> {
  const given = process.env["LABELGATE_TEST_POSTGRES_URL"];
  if (given !== undefined && given !== "") return given;
  started ??= startPostgres();
  return (await started).url;
}

/** A migrated database that others are copied from, which is quicker than migrating each. */
async function makeTemplate(server: string): Promise<string> {
  const name = `labelgate_template_${randomBytes(6).toString("hex")}`;
  await ask(server, `create database ${name}`);
  const store = await openStore({ databaseUrl: withDatabase(server, name), dataDir: "" });
  await migrate(store);
  await store.close();
  return name;
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function ask(server: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
