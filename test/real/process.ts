/**
 * Child processes for the runs against real identity providers: commands that must succeed, and
 * servers that are waited for and stopped by their own handle.
 * Every failure carries what the process printed, since these runs happen where nobody watches.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How much of a process's output a failure shows, in characters, counted from the end. */
const shownOutput = 8_000;

// A signal ends a process without its exit handlers, and those are what kills the servers.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}

export interface ProcessOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Server {
  /** Everything printed so far, standard output and error together. */
  output(): string;
  hasExited(): boolean;
  /** SIGTERM, then SIGKILL after ten seconds; resolves when the process is gone. */
  stop(): Promise<void>;
}

function collect(child: ChildProcess): () => string {
  let text = "";
  const append = (chunk: Buffer): void => {
    text += chunk.toString("utf8");
  };
  child.stdout?.on("data", append);
  child.stderr?.on("data", append);
  return () => text;
}

function open(command: string, args: readonly string[], options: ProcessOptions): ChildProcess {
  return spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** Runs `command` to its end, however that is; a signal counts as exit code 1. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const child = open(command, args, options);
  const output = collect(child);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, output: output() };
}

/** Runs `command` to its end and resolves with its output; rejects unless it exits with 0. */
export async function run(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<string> {
  const { code, output } = await runToEnd(command, args, options);
  if (code === 0) return output;
  throw new Error(
    `${command} ${args.join(" ")} ended with ${code}:\n${output.slice(-shownOutput)}`,
  );
}

/** Starts a server process. It never outlives this process: on a sudden end it is killed. */
export function startServer(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Server {
  const child = open(command, args, options);
  const output = collect(child);
  // A test that fails before it stops its server must not keep the whole run waiting.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream instanceof Socket) stream.unref();
  }
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  let isGone = false;
  const closed = new Promise<void>((resolve) => {
    const finish = (): void => {
      isGone = true;
      process.removeListener("exit", kill);
      resolve();
    };
    child.once("close", finish);
    child.once("error", finish);
  });
  process.once("exit", kill);
  return {
    output,
    hasExited: () => isGone,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(kill, 10_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Polls `url` until it answers with a 2xx; fails early, with the output, when the server exits. */
export async function waitForAnswer(server: Server, url: string, timeoutMs: number): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (Date.now() < deadlineMs) {
    if (server.hasExited()) {
      throw new Error(`The server exited before ${url} answered:\n${tail(server)}`);
    }
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error(`${url} did not answer within ${timeoutMs} ms:\n${tail(server)}`);
}

function tail(server: Server): string {
  return server.output().slice(-shownOutput);
}

/** A TCP port of the loopback interface that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port was given");
  return address.port;
}
