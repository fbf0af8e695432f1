/**
 * Both databases for tests: every test of the store and of the flows runs on each (PRODUCT 9.1).
 *
 * PostgreSQL comes from LABELGATE_TEST_POSTGRES_URL, which scripts/test.ts sets for a whole run, else
 * from a server that is started for the file. Each store has a database or file of its own.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { after, suite } from "node:test";
import { openStore, type Store, type StoreOptions } from "../src/store/store.ts";
import {
  ask,
  copyMigrated,
  createDatabase,
  makeTemplate,
  quickFolder,
  sqliteFolder,
  withDatabase,
} from "./databases.ts";
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

interface Creator {
  /** A place for a database, empty or as migrations leave it. */
  make(isMigrated: boolean): Promise<StoreOptions>;
  clean(): Promise<void>;
}

function register(
  title: string,
  {
    name,
    make,
    body,
  }: { name: Engine["name"]; make: () => Creator; body: (engine: Engine) => void },
): void {
  suite(`${title} on ${name}`, () => {
    const creator = make();
    const stores: Store[] = [];
    const openAt = async (options: StoreOptions): Promise<Store> => {
      const store = await openStore(options);
      stores.push(store);
      return store;
    };
    body({
      name,
      openAt,
      create: () => creator.make(false),
      open: async () => {
        const store = await openAt(await creator.make(true));
        // Connects, as migrations do: a store that never did cannot be closed.
        await store.ping();
        return store;
      },
    });
    after(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await creator.clean();
    });
  });
}

function sqliteMaker(): Creator {
  const folders: string[] = [];
  return {
    make: async (isMigrated) => {
      const dataDir = sqliteFolder();
      folders.push(dataDir);
      if (isMigrated) await copyMigrated(dataDir);
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

function postgresMaker(): Creator {
  const names: string[] = [];
  return {
    make: async (isMigrated) => {
      const server = await serverUrl();
      const name = `labelgate_test_${randomBytes(6).toString("hex")}`;
      if (isMigrated) template ??= givenTemplate() ?? makeTemplate(server);
      await createDatabase(server, name, isMigrated ? await template : undefined);
      names.push(name);
      return { databaseUrl: withDatabase(server, name), dataDir: "" };
    },
    clean: async () => {
      suitesOnPostgres -= 1;
      const isLast = suitesOnPostgres === 0;
      if (isLast && started !== undefined) return await (await started).stop();
      if (isLast && template !== undefined && givenTemplate() === undefined)
        names.push(await template);
      if (names.length === 0) return;
      const server = await serverUrl();
      for (const name of names) await ask(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function serverUrl(): Promise<string> {
  const given = process.env["LABELGATE_TEST_POSTGRES_URL"];
  if (given !== undefined && given !== "") return given;
  started ??= startPostgres(quickFolder());
  return (await started).url;
}

/** The template that scripts/test.ts has made for all. */
function givenTemplate(): Promise<string> | undefined {
  const given = process.env["LABELGATE_TEST_POSTGRES_TEMPLATE"];
  return given === undefined || given === "" ? undefined : Promise.resolve(given);
}
