/**
 * The Label Studio of a running server (GATEWAY 10.1): reached, people and projects kept in step, the
 * feed of changes read; and the end of all that. What it is put together into is http/'s.
 */
import type { Deps } from "../deps.ts";
import { KeptLookups } from "../gateway/lookups.ts";
import { createStep, type Step } from "../gateway/step.ts";
import { createUpstream, type UpstreamOptions } from "../gateway/upstream.ts";
import type { StudioAdministration } from "../gateway/upstream-routes.ts";
import { createUpstreamState } from "../gateway/upstream-state.ts";
import { KeptViewers } from "../gateway/viewers.ts";
import type { Studio } from "../http/studio.ts";
import { listOrganizations } from "../store/saml-organizations.ts";
import { findRunning } from "./embedded/folders.ts";
import { CommandFailure } from "./failure.ts";

/** A Label Studio that the server runs with. */
export interface RunningStudio {
  readonly studio: Studio;
  readonly step: Step;
  /** Call when no request is under way any more. */
  stop(): Promise<void>;
}

/**
 * Begins to work with the Label Studio of the configuration; null where there is none.
 * @throws CommandFailure where it cannot be: a directory of several organizations
 */
export async function startStudio(
  deps: Deps,
  options: UpstreamOptions = {},
): Promise<RunningStudio | null> {
  if (deps.config.upstreamUrl === "") return null;
  await requireOneOrganization(deps);
  const upstream = createUpstream(deps, options);
  const viewers = new KeptViewers(deps);
  const step = createStep(deps, upstream);
  viewers.start();
  const inStep = comparedFirst(deps, step);
  if (upstream.state.current().phase === "ready") inStep.compare();
  // What happened while it was away, or who came before it was there, is not left for five minutes.
  const leave = upstream.state.onChange(({ phase }) => {
    if (phase === "ready") inStep.compare();
  });
  return {
    studio: { upstream, viewers, lookups: new KeptLookups(upstream, step), inStep },
    step,
    stop: async () => {
      leave();
      await viewers.stop();
      await upstream.close();
    },
  };
}

/**
 * As `step`, where requests wait for a comparison that is under way: whoever comes first after a start, or
 * after Label Studio was away, may meet another database (GATEWAY 10.5).
 */
function comparedFirst({ log }: Deps, step: Step): Step & { compare(): void } {
  let comparing: Promise<void> | null = null;
  return {
    ...step,
    requireOpen: () => comparing?.then(() => step.requireOpen()) ?? step.requireOpen(),
    compare: () => {
      const run = step.sync
        .run()
        .then(
          () => undefined,
          (error: unknown) => log.warn({ err: error }, "people and projects were not compared"),
        )
        .finally(() => {
          if (comparing === run) comparing = null;
        });
      comparing = run;
    },
  };
}

/** The same for a command; null where none is connected, or the embedded one does not run now. */
export function openStudio(deps: Deps): StudioAdministration | null {
  const { upstreamUrl, dataDir } = deps.config;
  if (upstreamUrl === "") return null;
  const running = upstreamUrl === "embedded" ? findRunning(dataDir) : null;
  if (upstreamUrl === "embedded" && running === null) return null;
  const there = { phase: "ready", percent: null, message: "Label Studio runs." } as const;
  const embedded = running && { ...running, state: createUpstreamState(there, deps.now) };
  const upstream = createUpstream(deps, embedded === null ? {} : { embedded });
  return { upstream, step: createStep(deps, upstream) };
}

/** Label Studio knows one organization, whose number is then ours. */
async function requireOneOrganization({ store }: Deps): Promise<void> {
  const organizations = await listOrganizations(store.db);
  if (organizations.length <= 1) return;
  const names = organizations.map(({ id, title }) => `${title} (${id})`).join(", ");
  throw new CommandFailure(
    `UPSTREAM_URL is set, and this directory has several organizations: ${names}. A Label Studio belongs to one; unset UPSTREAM_URL, or keep one organization.`,
  );
}
