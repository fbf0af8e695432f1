/**
 * Our own side of bench:gateway: `labelgate serve` as `npm start` runs it, in front of the stub upstream, on
 * a directory of 10,000 people who are all signed in.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { migrate, openStore } from "../src/store/store.ts";
import { freePort } from "../test/browser/free-port.ts";
import { stopProcess, treeOf, usageOf } from "./gateway-child.ts";
import { type Behind, type Peer, untilAnswers } from "./gateway-peers.ts";
import { fillDirectory } from "./gateway-world.ts";

const root = join(import.meta.dirname, "..");
/** As `npm start` sets Node's memory. */
const memory = ["--min-semi-space-size=32", "--max-semi-space-size=64"];

/** A server that spends less than this in a second has nothing to do. */
const idleMs = 60;

/** Which database. */
export interface On {
  readonly engine: "sqlite" | "postgres";
  /** Of a PostgreSQL server; empty for SQLite. */
  readonly databaseUrl: string;
  /** Where SQLite's file goes. */
  readonly folder: string;
}

/** Ours, with everything that a server has but its log. */
export async function labelgate(behind: Behind, on: On): Promise<Peer> {
  const dataDir = join(on.folder, on.engine);
  const databaseUrl = on.engine === "postgres" ? await freshDatabase(on.databaseUrl) : "";
  process.stderr.write(`filling the directory on ${on.engine}…\n`);
  const store = await openStore({ databaseUrl, dataDir });
  await migrate(store);
  const tokens = await fillDirectory(store);
  await store.close();
  const port = await freePort();
  const server = spawn(
    process.execPath,
    [...memory, ...profiling(), join(root, "src/main.ts"), "serve"],
    {
      cwd: on.folder,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PORT: String(port),
        LISTEN_ADDRESS: "127.0.0.1",
        BASE_URL: `http://localhost:${port}`,
        SECRET_KEY: randomBytes(32).toString("hex"),
        DATA_DIR: dataDir,
        ...(databaseUrl === "" ? {} : { DATABASE_URL: databaseUrl }),
        LOG_LEVEL: "error",
        UPSTREAM_URL: `http://127.0.0.1:${behind.port}`,
        UPSTREAM_SECRET_KEY: randomBytes(32).toString("hex"),
      },
    },
  );
  await untilAnswers(server, port);
  const pids = treeOf(server.pid ?? 0);
  await untilIdle(pids);
  return {
    name: `labelgate, ${on.engine}`,
    target: {
      port,
      host: `localhost:${port}`,
      cookies: tokens.map((token) => `labelgate_session=${token}`),
    },
    pids,
    knowsPeople: true,
    isOurs: true,
    stop: async () => await stopProcess(server, () => server.kill("SIGTERM")),
  };
}

/** Waits until the server has compared its people and projects with the upstream's, a minute at most. */
async function untilIdle(pids: readonly number[]): Promise<void> {
  let former = -Infinity;
  for (let second = 0; second < 60; second += 1) {
    const { cpuMs } = usageOf(pids);
    if (cpuMs - former < idleMs) return;
    former = cpuMs;
    await wait(1_000);
  }
}

/** `BENCH_PROFILE=folder` writes a profile of each server of ours there. */
function profiling(): readonly string[] {
  const folder = process.env["BENCH_PROFILE"];
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

async function freshDatabase(serverUrl: string): Promise<string> {
  const name = `gateway_${process.pid}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
