/**
 * Background work of a running server: metadata refresh with certificate warnings, and clean-up of
 * what has expired. Each job runs on whichever replica holds its lease (DESIGN 5); a replica that dies
 * loses it when it runs out.
 */
import type { Deps } from "../deps.ts";
import type { Step } from "../gateway/step.ts";
import type { Metrics } from "../http/metrics.ts";
import { parseIdpMetadata } from "../saml/metadata.ts";
import {
  daysToCertificateEnd,
  expiryThreshold,
  type FetchMetadata,
  refreshDueMetadata,
} from "../sso/metadata-refresh.ts";
import { deleteExpired } from "../store/cleanup.ts";
import { releaseLease, takeLease } from "../store/leases.ts";
import { listSamlOrganizations } from "../store/saml-organizations.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";

const minuteMs = 60_000;

interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** The time for which the lease outlives a replica that died. */
  readonly leaseMs: number;
  run(): Promise<void>;
}

/** Stops the jobs: waits for what runs, gives the leases back. */
export type StopJobs = () => Promise<void>;

/** People and projects in step with Label Studio (GATEWAY 10.5). */
function studioJobs(step: Step): readonly Job[] {
  return [
    {
      name: "studio",
      everyMs: 5 * minuteMs,
      leaseMs: 10 * minuteMs,
      run: async () => {
        await step.sync.run();
      },
    },
    {
      name: "studio-accounts",
      everyMs: 5000,
      leaseMs: minuteMs,
      run: async () => {
        if ((await step.door.closed()) === null) await step.people.workOutbox();
      },
    },
  ];
}

/** Starts the jobs, each at once and then on its schedule. */
export function startJobs(
  deps: Deps,
  {
    fetchMetadata,
    metrics,
    step,
  }: { fetchMetadata: FetchMetadata; metrics: Metrics; step: Step | null },
): StopJobs {
  const certificates = certificateWatch(deps, metrics);
  const jobs: readonly Job[] = [
    {
      name: "metadata",
      everyMs: minuteMs,
      leaseMs: 10 * minuteMs,
      run: async () => {
        await refreshDueMetadata(deps, fetchMetadata);
        await certificates();
      },
    },
    {
      name: "cleanup",
      everyMs: 10 * minuteMs,
      leaseMs: 20 * minuteMs,
      run: async () => {
        await deleteExpired(deps.store.db, deps.now());
      },
    },
    ...(step === null ? [] : studioJobs(step)),
  ];
  const holder = deps.randomToken(12);
  const stops = jobs.map((job) => startJob(deps, holder, job));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

function startJob(deps: Deps, holder: string, job: Job): StopJobs {
  const { name, everyMs, leaseMs } = job;
  let running: Promise<void> | null = null;
  const tick = async (): Promise<void> => {
    try {
      const now = deps.now();
      const wish = { name, holder, now, until: now + leaseMs };
      if (await takeLease(deps.store.db, wish)) await job.run();
    } catch (error) {
      deps.log.error({ err: error, job: name }, "background job failed; it runs again on schedule");
    }
  };
  const start = (): void => {
    running ??= tick().finally(() => {
      running = null;
    });
  };
  const timer = setInterval(start, everyMs);
  start();
  return async () => {
    clearInterval(timer);
    await running;
    await releaseLease(deps.store.db, { name, holder });
  };
}

/** Looks at every organization's certificates at most hourly; a threshold is logged once (PRODUCT 2.7). */
function certificateWatch(deps: Deps, metrics: Metrics): () => Promise<void> {
  const logged = new Map<number, number | null>();
  let lookAgainAt = 0;
  return async () => {
    if (deps.now() < lookAgainAt) return;
    lookAgainAt = deps.now() + 60 * minuteMs;
    const known: { organizationId: number; days: number }[] = [];
    for (const organizationId of await listSamlOrganizations(deps.store.db)) {
      const days = await certificateDays(deps, organizationId);
      if (days === null) continue;
      known.push({ organizationId, days });
      const threshold = expiryThreshold(days);
      if (threshold !== null && logged.get(organizationId) !== threshold) {
        deps.log.warn({ organizationId, days }, "the identity provider's certificate ends soon");
      }
      logged.set(organizationId, threshold);
    }
    metrics.setCertificateDays(known);
  };
}

async function certificateDays(deps: Deps, organizationId: number): Promise<number | null> {
  const { idpMetadata } = await loadSamlByOrganization(deps.store.db, organizationId);
  if (idpMetadata === null) return null;
  try {
    return daysToCertificateEnd(parseIdpMetadata(idpMetadata, deps.now()), deps.now());
  } catch (error) {
    deps.log.warn({ err: error, organizationId }, "the metadata on record cannot be used");
    return null;
  }
}
