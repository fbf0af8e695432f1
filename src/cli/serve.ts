/**
 * `labelgate serve`: open, migrate, check the secret, first Owner, listen, background jobs; and the end of all that.
 *
 *   SIGTERM ─ /ready says no ─ no new connections ─ requests under way are answered ─ jobs end ─
 *             database closes ─ exit 0; whatever still hangs after ten seconds is cut off: exit 1
 */
import type { FastifyInstance } from "fastify";
import { type Config, currentEnvironment } from "../config.ts";
import { configWarnings } from "../config-warnings.ts";
import type { Deps } from "../deps.ts";
import { createApp } from "../http/app.ts";
import { createMetrics } from "../http/metrics.ts";
import { ensureFirstOwner } from "../people/first-owner.ts";
import { fetchMetadata } from "../settings/fetch-metadata.ts";
import { migrate } from "../store/store.ts";
import { createEmbedded, type Embedded } from "./embedded/embedded.ts";
import { CommandFailure, messageOf } from "./failure.ts";
import { type StopJobs, startJobs } from "./jobs.ts";
import { configOrFail, describeDatabase, openDeps } from "./open-deps.ts";
import { takeSecretOrFail } from "./secret-key.ts";
import { startStudio } from "./studio.ts";

const stopWithinMs = 10_000;

/** Runs until a signal stops it. @throws CommandFailure where it cannot start */
export async function serve(): Promise<void> {
  const config = configOrFail();
  const deps = await openDeps(config, { logs: "stdout" });
  for (const warning of configWarnings(currentEnvironment(), config)) deps.log.warn(warning);
  await migrateOrFail(deps);
  await takeSecretOrFail(deps);
  await greetFirstOwner(deps);

  const embedded = embeddedOf(deps);
  let isStopping = false;
  const metrics = createMetrics({ withProcess: true });
  const wiring = { fetchMetadata: (url: string) => fetchMetadata(config, url), metrics };
  const running = await startStudio(deps, embedded === null ? {} : { embedded });
  const app = await createApp(deps, {
    ...wiring,
    isStopping: () => isStopping,
    ...(running !== null && {
      studio: running.studio,
      administration: { upstream: running.studio.upstream, step: running.step },
    }),
  });
  await listenOrFail(app, config);
  const stopJobs = startJobs(deps, { ...wiring, step: running?.step ?? null });
  embedded?.start();

  onStopSignal((signal) => {
    isStopping = true;
    deps.log.info({ signal }, "stopping");
    const stopStudio = async () => {
      await running?.stop();
      await embedded?.stop();
    };
    void stop(deps, app, [stopJobs, stopStudio]);
  });
  deps.log.info({ url: config.baseUrl, database: deps.store.dialect }, "labelgate is ready");
}

/** The embedded Label Studio, where UPSTREAM_URL asks for it (GATEWAY 10.1). @throws CommandFailure */
function embeddedOf({ config, log, now }: Deps): Embedded | null {
  if (config.upstreamUrl !== "embedded") return null;
  try {
    return createEmbedded({ config, environment: currentEnvironment(), log, now });
  } catch (error) {
    throw new CommandFailure(
      `DATA_DIR ${config.dataDir} cannot keep an embedded Label Studio: ${messageOf(error)}`,
    );
  }
}

async function migrateOrFail(deps: Deps): Promise<void> {
  try {
    const applied = await migrate(deps.store);
    if (applied.length > 0) deps.log.info({ applied }, "the database was migrated");
  } catch (error) {
    throw new CommandFailure(
      `${describeDatabase(deps.config)} cannot be migrated: ${messageOf(error)}`,
    );
  }
}

/** The set-up link goes to standard error as plain text, so that it is no part of the log. */
async function greetFirstOwner(deps: Deps): Promise<void> {
  const owner = await ownerOrFail(deps);
  if (owner.outcome === "created") deps.log.info("the Owner of the configuration was created");
  if (owner.outcome === "link") {
    process.stderr.write(
      `\nWelcome to Labelgate. Open this link to set it up (good once, for 24 hours):\n\n  ${owner.url}\n\n`,
    );
  }
}

async function ownerOrFail(deps: Deps) {
  try {
    return await ensureFirstOwner(deps);
  } catch (error) {
    throw new CommandFailure(`The first Owner cannot be made: ${messageOf(error)}`);
  }
}

async function listenOrFail(app: FastifyInstance, config: Config): Promise<void> {
  const { port, listenAddress } = config;
  try {
    await app.listen({ port, host: listenAddress });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "EADDRINUSE") {
      throw new CommandFailure(
        `Port ${port} is in use already; stop the other program or set PORT to another one.`,
      );
    }
    if (code === "EACCES") {
      throw new CommandFailure(`Port ${port} may not be opened by this user; set PORT above 1023.`);
    }
    throw new CommandFailure(
      `LISTEN_ADDRESS ${listenAddress} cannot be listened on: ${messageOf(error)}`,
    );
  }
}

/** The first signal stops in good order, a second one at once. */
function onStopSignal(stopInOrder: (signal: string) => void): void {
  let isFirst = true;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (!isFirst) process.exit(1);
      isFirst = false;
      stopInOrder(signal);
    });
  }
}

/** Requests first, then what they may need: the jobs and Label Studio. */
async function stop(deps: Deps, app: FastifyInstance, parts: readonly StopJobs[]): Promise<void> {
  setTimeout(() => {
    deps.log.warn("requests were still under way after ten seconds and were cut off");
    process.exit(1);
  }, stopWithinMs).unref();
  try {
    await app.close();
    for (const stopPart of parts) await stopPart();
    await deps.store.close();
    deps.log.info("stopped");
    process.exit(0);
  } catch (error) {
    deps.log.error({ err: error }, "stopping failed");
    process.exit(1);
  }
}
