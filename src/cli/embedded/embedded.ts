/**
 * Embedded Label Studio from Labelgate's start to its end (GATEWAY 10.1): installs it where it is missing,
 * runs it, starts it again when it ends by itself, and tells its condition all the while. Labelgate answers
 * from the first moment; nothing that happens here stops it.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Config, type Environment, keepSecret } from "../../config.ts";
import type { Deps } from "../../deps.ts";
import {
  createUpstreamState,
  type EmbeddedUpstream,
  type UpstreamStateControl,
} from "../../gateway/upstream-state.ts";
import { messageOf } from "../failure.ts";
import { createBackoff } from "./backoff.ts";
import { backUpBeforeUpgrade, noteVersion } from "./backup.ts";
import { embeddedEnvironment, installEnvironment } from "./environment.ts";
import { type FileLock, takeFileLock } from "./file-lock.ts";
import { type EmbeddedPlaces, makePlaces, makeSocketPath, noteSocketPath } from "./folders.ts";
import { InstallFailure, install, installedVersion, isInstalled, pythonOf } from "./install.ts";
import { type LabelStudioEvent, runLabelStudio } from "./label-studio.ts";
import { type BoundedLog, openBoundedLog } from "./log-file.ts";

/** The parts of Labelgate that embedded Label Studio needs. */
export interface EmbeddedOptions {
  readonly config: Pick<
    Config,
    "dataDir" | "upstreamWheels" | "labelStudioPath" | "upstreamMaxUploadBytes"
  >;
  /** This process's environment, of which installers see a part. */
  readonly environment: Environment;
  readonly log: Deps["log"];
  readonly now: () => number;
  /** The Python environment's folder; by default `DATA_DIR/label-studio/venv`. */
  readonly venv?: string;
  readonly platform?: NodeJS.Platform;
}

/** An embedded Label Studio; its socket and key stand before it runs. */
export interface Embedded extends EmbeddedUpstream {
  /** Begins to install and run it, and looks after it from then on. */
  start(): void;
  /** Ends it, in good order where it is possible within eight seconds. */
  stop(): Promise<void>;
}

const sizeWords = "about 800 MB, once";
const onWindows =
  "Embedded Label Studio is not offered on Windows; set UPSTREAM_URL to the address of a Label Studio of your own, or run Labelgate in WSL.";
const sqliteAdvice =
  "embedded Label Studio keeps its data in SQLite, which is for a few people at a time; docs/label-studio.md tells how to go on with PostgreSQL";

/** The embedded Label Studio of `DATA_DIR`; makes its folders and its key, and starts nothing yet. */
export function createEmbedded(options: EmbeddedOptions): Embedded {
  const { config, now, log } = options;
  const places = makePlaces(config.dataDir);
  const socketPath = makeSocketPath(places.root);
  noteSocketPath(places, socketPath);
  const first = { phase: "starting", percent: null, message: "Label Studio starts." } as const;
  const state = createUpstreamState(first, now);
  const secretKey = keepSecret(places.secretFile);
  const stopping = new AbortController();
  const care: Care = {
    options,
    places,
    socketPath,
    secretKey,
    state,
    signal: stopping.signal,
    output: openBoundedLog(places.logFile),
  };
  let done = Promise.resolve();
  return {
    socketPath,
    secretKey,
    state,
    start: () => {
      done = lookAfter(care).catch((error: unknown) => {
        fail(care, `Label Studio cannot be run: ${messageOf(error)}`);
        log.error({ err: error }, "embedded Label Studio was given up");
      });
    },
    stop: async () => {
      stopping.abort();
      await done;
      care.output.close();
      if (!socketPath.startsWith(places.root)) rmSync(dirname(socketPath), { recursive: true });
    },
  };
}

interface Care {
  readonly options: EmbeddedOptions;
  readonly places: EmbeddedPlaces;
  readonly socketPath: string;
  readonly secretKey: string;
  readonly state: UpstreamStateControl;
  readonly signal: AbortSignal;
  readonly output: BoundedLog;
}

async function lookAfter(care: Care): Promise<void> {
  const { options, places } = care;
  if ((options.platform ?? process.platform) === "win32") return fail(care, onWindows);
  const lock = await takeLockPatiently(care, places.lockFile, () =>
    fail(
      care,
      `Another Labelgate runs the Label Studio in ${places.root}; stop it, or set another DATA_DIR.`,
    ),
  );
  if (lock === null) return;
  try {
    const venv = await installPatiently(care);
    if (venv !== null) await keepRunning(care, venv);
  } finally {
    lock.release();
  }
}

/** The lock on `path`, waiting for whoever has it; null where Labelgate stops meanwhile. */
async function takeLockPatiently(
  care: Care,
  path: string,
  onBusy: () => void,
): Promise<FileLock | null> {
  while (!care.signal.aborted) {
    const lock = takeFileLock(path);
    if (lock !== null) return lock;
    onBusy();
    await pause(care, 1_000);
  }
  return null;
}

/** The environment to run, installed where it must be; null where Labelgate stops meanwhile. */
async function installPatiently(care: Care): Promise<string | null> {
  const { config, log } = care.options;
  // Label Studio's process has a working directory of its own: a path must not depend on ours.
  if (config.labelStudioPath !== "") return resolve(config.labelStudioPath);
  const venv = resolve(care.options.venv ?? join(care.places.root, "venv"));
  const backoff = createBackoff(5_000, 600_000);
  while (!care.signal.aborted) {
    try {
      await installOnce(care, venv);
      return venv;
    } catch (error) {
      if (care.signal.aborted) break;
      if (!(error instanceof InstallFailure)) throw error;
      fail(care, error.message);
      const pauseMs = backoff.next(0);
      log.error({ log: care.places.logFile, pauseMs }, error.message);
      await pause(care, pauseMs);
    }
  }
  return null;
}

async function installOnce(care: Care, venv: string): Promise<void> {
  const { config, environment, log, now } = care.options;
  const report = (percent: number): void =>
    care.state.set({
      phase: "installing",
      percent,
      message: `Label Studio is being installed (${sizeWords}).`,
    });
  mkdirSync(dirname(venv), { recursive: true });
  // The folder may be shared: the demo keeps one for all its starts.
  const lock = await takeLockPatiently(care, `${venv}.lock`, () => report(0));
  if (lock === null) return;
  try {
    if (isInstalled(venv)) return;
    report(0);
    log.info({ folder: venv }, `installing Label Studio (${sizeWords})`);
    const startedAt = now();
    await install({
      venv,
      wheels: config.upstreamWheels,
      env: installEnvironment(environment),
      signal: care.signal,
      onLine: (line) => care.output.write(`${line}\n`),
      onPercent: report,
    });
    const seconds = Math.round((now() - startedAt) / 1000);
    log.info({ seconds }, "Label Studio is installed");
  } finally {
    lock.release();
  }
}

/** Runs Label Studio until Labelgate stops, again and again where it ends by itself. */
async function keepRunning(care: Care, venv: string): Promise<void> {
  const { log, now } = care.options;
  const backoff = createBackoff();
  while (!care.signal.aborted) {
    const startedAt = now();
    const run = await runOnce(care, venv);
    if (care.signal.aborted) return;
    const pauseMs = backoff.next(now() - startedAt);
    const seconds = Math.round(pauseMs / 1000);
    const phase = run === "was ready" ? "away" : "failed";
    const what = sentences[run](care);
    care.state.set({ phase, percent: null, message: `${what} It starts again in ${seconds} s.` });
    log.error({ log: care.places.logFile, pauseMs, lines: care.output.tail() }, what);
    await pause(care, pauseMs);
  }
}

type RunEnd = "was ready" | "never ready" | "locked" | "missing";

const sentences: Readonly<Record<RunEnd, (care: Care) => string>> = {
  "was ready": () => "Label Studio ended unexpectedly.",
  "never ready": ({ places }) => `Label Studio did not start; ${places.logFile} says why.`,
  locked: ({ places }) => `Another Label Studio still runs on ${places.data}.`,
  missing: ({ options }) =>
    `LABEL_STUDIO_PATH ${options.config.labelStudioPath} is no Python environment with Label Studio.`,
};

async function runOnce(care: Care, venv: string): Promise<RunEnd> {
  const { options, places, socketPath, secretKey, state, output } = care;
  const { log, now, config } = options;
  const version = installedVersion(venv);
  if (version === null || !existsSync(pythonOf(venv))) return "missing";
  const backup = backUpBeforeUpgrade(places, version, now());
  if (backup !== null) log.warn({ backup, version }, "Label Studio's database was backed up");
  state.set({ phase: "starting", percent: null, message: "Label Studio starts." });
  let isLocked = false;
  const run = runLabelStudio({
    python: pythonOf(venv),
    places,
    socketPath,
    env: embeddedEnvironment(places, { secretKey, maxUploadBytes: config.upstreamMaxUploadBytes }),
    onOutput: output.write,
    onEvent: (event) => {
      isLocked ||= event.event === "locked";
      if (event.event === "serving") noteVersion(places, event.version);
      tellProgress(state, event);
    },
  });
  const end = (): void => void run.stop();
  care.signal.addEventListener("abort", end, { once: true });
  const wasReady = await run.ready;
  if (wasReady && !care.signal.aborted) {
    state.set({ phase: "ready", percent: null, message: "Label Studio is ready." });
    log.info(
      { version, seconds: Math.round((now() - state.current().since) / 1000) },
      "Label Studio is ready",
    );
    log.info(sqliteAdvice);
  }
  await run.ended;
  await run.stop();
  care.signal.removeEventListener("abort", end);
  if (isLocked) return "locked";
  return wasReady ? "was ready" : "never ready";
}

function tellProgress(state: UpstreamStateControl, event: LabelStudioEvent): void {
  if (event.event !== "migrating") return;
  const percent = Math.floor((100 * event.done) / Math.max(1, event.total));
  const message = `Label Studio's database is being prepared (${event.done} of ${event.total} steps).`;
  state.set({ phase: "starting", percent, message });
}

function fail({ state }: Care, message: string): void {
  state.set({ phase: "failed", percent: null, message });
}

async function pause({ signal }: Care, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
