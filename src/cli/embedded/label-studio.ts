/**
 * One run of embedded Label Studio: starts run.py in a process group of its own, tells what it is doing,
 * finds out when it answers, and ends it. When to start it and when again is embedded.ts's business.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { EmbeddedPlaces } from "./folders.ts";
import { shipped } from "./install.ts";

/** Options of one run. */
export interface LabelStudioOptions {
  readonly python: string;
  readonly places: EmbeddedPlaces;
  readonly socketPath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
  readonly onEvent: (event: LabelStudioEvent) => void;
}

/** An event that run.py reports; `locked`: another process has the data. */
export type LabelStudioEvent = z.infer<typeof eventSchema>;

const eventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("loading") }),
  z.object({ event: z.literal("locked") }),
  z.object({ event: z.literal("migrating"), done: z.number(), total: z.number() }),
  z.object({ event: z.literal("serving"), version: z.string() }),
]);

/** A run that is under way. */
export interface LabelStudioRun {
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<void>;
  /** True once it answers, false where it ends before. */
  readonly ready: Promise<boolean>;
  /** Ends it in good order, after a few seconds by force. */
  stop(): Promise<void>;
}

/** The account that owns Label Studio's organization; nobody has its password, and no mail gets there. */
export const serviceAccount = "service@labelgate.invalid";

const stopWithinMs = 8_000;
const askEveryMs = 200;

/** Starts Label Studio. */
export function runLabelStudio(options: LabelStudioOptions): LabelStudioRun {
  const { places, socketPath } = options;
  const asked = {
    lock: places.dataLockFile,
    database: places.database,
    schema: shipped("schema.sql"),
    account: serviceAccount,
    socket: socketPath,
  };
  // A group of its own: Ctrl-C in a terminal must reach Labelgate alone, which then stops in order.
  const child = spawn(options.python, ["-I", shipped("run.py"), JSON.stringify(asked)], {
    cwd: places.work,
    env: options.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  listen(child, options);
  let isGone = false;
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      isGone = true;
      resolve();
    };
    child.once("error", (error) => {
      options.onOutput(`${error.message}\n`);
      finish();
    });
    child.once("exit", finish);
  });
  return {
    ended,
    ready: waitUntilReady(socketPath, () => isGone),
    stop: () => stop(child, ended),
  };
}

function listen(child: ChildProcess, options: LabelStudioOptions): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => options.onOutput(text));
  }
  // The pipe breaks when the process ends, which `ended` tells already.
  child.stdin?.on("error", () => undefined);
  const events = child.stdio[3];
  if (!(events instanceof Readable)) return;
  createInterface({ input: events }).on("line", (line) => {
    const event = parseEvent(line);
    if (event !== null) options.onEvent(event);
  });
}

/** The event that a line of run.py's tells, or null where it tells none. */
export function parseEvent(line: string): LabelStudioEvent | null {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

async function waitUntilReady(socketPath: string, isGone: () => boolean): Promise<boolean> {
  while (!isGone()) {
    if (await isHealthy(socketPath)) return true;
    await sleep(askEveryMs);
  }
  return false;
}

/** True where Label Studio answers on its socket. */
export function isHealthy(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/health", timeout: 10_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
    asked.end();
  });
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.stdin?.end();
  const force = setTimeout(() => killGroup(child), stopWithinMs);
  await ended;
  clearTimeout(force);
  // A worker that did not end with its master.
  killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone.
  }
}
