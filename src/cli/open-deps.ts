/**
 * Configuration and database for a command. Owns the sentences for what can be wrong with either;
 * what a command then does is its own file's.
 */
import { pino } from "pino";
import { type Config, ConfigError, loadConfig } from "../config.ts";
import type { Deps } from "../deps.ts";
import { createLogger } from "../http/log.ts";
import { randomToken } from "../random.ts";
import { openStore, type Store } from "../store/store.ts";
import { CommandFailure, messageOf } from "./failure.ts";

/** The configuration. @throws CommandFailure with every problem at once */
export function configOrFail(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.message);
    throw error;
  }
}

/** Names the database's address, without its password. */
export function describeDatabase({ databaseUrl, dataDir }: Config): string {
  if (databaseUrl === "") return `The SQLite database in ${dataDir}`;
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `The PostgreSQL database ${pathname.slice(1)} at ${hostname || "localhost"}:${port || 5432}`;
}

/**
 * Opens the dependencies of flows, on the real clock.
 * @throws CommandFailure where the database does not answer
 */
export async function openDeps(
  config: Config,
  { logs }: { logs: "stdout" | "stderr" },
): Promise<Deps> {
  const log = createLogger(
    config,
    pino.destination({ dest: logs === "stdout" ? 1 : 2, sync: true }),
  );
  return {
    config,
    store: await storeOrFail(config, log),
    now: Date.now,
    randomToken,
    log,
  };
}

async function storeOrFail(config: Config, log: Deps["log"]): Promise<Store> {
  try {
    const { databaseUrl, dataDir } = config;
    const store = await openStore({ databaseUrl, dataDir, log });
    await store.ping();
    return store;
  } catch (error) {
    const where = describeDatabase(config);
    throw new CommandFailure(`${where} cannot be opened: ${messageOf(error)}`);
  }
}

/** Runs `work` on a migrated database and closes it. @throws CommandFailure where it is not migrated */
export async function withDeps<T>(work: (deps: Deps) => Promise<T>): Promise<T> {
  const deps = await openDeps({ ...configOrFail(), logLevel: "warn" }, { logs: "stderr" });
  try {
    if (!(await deps.store.isMigrated())) {
      throw new CommandFailure(
        `${describeDatabase(deps.config)} is not at this version's migrations; run labelgate migrate first.`,
      );
    }
    return await work(deps);
  } finally {
    await deps.store.close();
  }
}
