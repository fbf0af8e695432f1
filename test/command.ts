/** Commands of `labelgate` for tests: each a process of its own, with its output and its exit code. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Engine } from "./engines.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a command finds in its environment beside PATH, HOME and Node's cache of compiled code. */
export type Environment = Readonly<Record<string, string>>;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running command; killed with this process. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #out = "";
  #err = "";

  constructor(args: readonly string[], env: Environment, input = "") {
    const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
    this.child = spawn(process.execPath, ["src/main.ts", ...args], {
      cwd: root,
      env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    running.add(this.child);
    this.child.once("close", () => running.delete(this.child));
    this.child.stdin?.end(input);
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#out += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.#err += chunk.toString();
    });
    this.ended = once(this.child, "close").then(([code]) => ({
      code: code as number | null,
      out: this.#out,
      err: this.#err,
    }));
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  async until(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!pattern.test(this.#out + this.#err)) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`no ${pattern} in:\n${this.#out}${this.#err}`);
      }
      await sleep(25);
    }
  }
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Runs a command to its end. */
export const run = async (args: readonly string[], env: Environment, input = ""): Promise<Ended> =>
  await new Command(args, env, input).ended;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** The environment of a server on a fresh, empty database of `engine`. */
export async function environmentOf(engine: Engine): Promise<Environment> {
  const { databaseUrl, dataDir } = await engine.create();
  const port = String(await freePort());
  return {
    PORT: port,
    LISTEN_ADDRESS: "127.0.0.1",
    DATA_DIR: dataDir,
    ...(databaseUrl === "" ? {} : { DATABASE_URL: databaseUrl }),
    SECRET_KEY: "a secret key for tests, of sufficient length",
  };
}

/** A server that has said that it is ready. */
export async function serving(env: Environment): Promise<Command> {
  const server = new Command(["serve"], env);
  await server.until(/labelgate is ready/);
  return server;
}

/** Ends a server in good order; its exit code. */
export async function stopped(server: Command): Promise<number | null> {
  server.child.kill("SIGTERM");
  return (await server.ended).code;
}
