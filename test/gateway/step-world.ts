/** People and projects in step with the stub of Label Studio, for tests. */

import { Writable } from "node:stream";
import type { OrgRole } from "../../src/access/roles.ts";
import { parseConfig } from "../../src/config.ts";
import type { Deps } from "../../src/deps.ts";
import { createStep, type Step } from "../../src/gateway/step.ts";
import { createUpstream, type Upstream } from "../../src/gateway/upstream.ts";
import { createLogger } from "../../src/http/log.ts";
import type { StudioViewer } from "../../src/labelstudio/viewer.ts";
import { randomToken } from "../../src/random.ts";
import type { Store } from "../../src/store/store.ts";
import type { Engine } from "../engines.ts";
import { seedMember, seedOrganization } from "../seed.ts";
import { type StubLabelStudio, startStubLabelStudio } from "./stub-label-studio.ts";

/** What a test works with. */
export interface StepWorld {
  readonly stub: StubLabelStudio;
  readonly store: Store;
  readonly deps: Deps;
  readonly upstream: Upstream;
  readonly step: Step;
  readonly organizationId: number;
  /** The clock stands at the real time, and this much later. */
  advance(ms: number): void;
  /** A member; not yet in step. */
  member(email: string, role?: OrgRole): Promise<number>;
  /** The viewer that the gateway would make of the person now. */
  viewer(userId: number, projects?: StudioViewer["projects"]): Promise<StudioViewer>;
  /** What the table of people says of the person's account. */
  link(userId: number): Promise<{ readonly id: number | null; readonly email: string | null }>;
  /** What an administrator must decide about the person, or null. */
  problem(userId: number): Promise<string | null>;
  close(): Promise<void>;
}

/** A fresh world on a fresh database. */
export async function openStepWorld(
  engine: Engine,
  env: Readonly<Record<string, string>> = {},
): Promise<StepWorld> {
  const stub = await startStubLabelStudio();
  const store = await engine.open();
  let aheadMs = 0;
  const config = parseConfig({
    SECRET_KEY: "a secret key for tests, of sufficient length",
    UPSTREAM_URL: stub.url,
    UPSTREAM_SECRET_KEY: stub.secretKey,
    ...env,
  });
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const deps: Deps = {
    config,
    store,
    now: () => Date.now() + aheadMs,
    randomToken,
    log: createLogger(config, silent),
  };
  // Credentials are minted on the real clock, which is Label Studio's too.
  const upstream = createUpstream({ ...deps, now: Date.now });
  const organizationId = await seedOrganization(store);
  const step = createStep(deps, upstream);
  return {
    stub,
    store,
    deps,
    upstream,
    step,
    organizationId,
    advance: (ms) => {
      aheadMs += ms;
    },
    member: (email, role = "AN") => seedMember(store, organizationId, email, { role }),
    viewer: async (userId, projects) => await viewerOf(store, { organizationId, userId }, projects),
    link: async (userId) => {
      const row = await store.db
        .selectFrom("users")
        .where("id", "=", userId)
        .select(["upstream_id as id", "upstream_email as email"])
        .executeTakeFirstOrThrow();
      return row;
    },
    problem: async (userId) => {
      const row = await store.db
        .selectFrom("upstream_outbox")
        .where("user_id", "=", userId)
        .where("is_undecided", "=", 1)
        .select("problem")
        .executeTakeFirst();
      return row?.problem ?? null;
    },
    close: async () => {
      await upstream.close();
      await stub.stop();
    },
  };
}

async function viewerOf(
  store: Store,
  { organizationId, userId }: { organizationId: number; userId: number },
  projects?: StudioViewer["projects"],
): Promise<StudioViewer> {
  const row = await store.db
    .selectFrom("users")
    .innerJoin("memberships", "memberships.user_id", "users.id")
    .where("users.id", "=", userId)
    .where("memberships.organization_id", "=", organizationId)
    .select(["users.email", "users.first_name as firstName", "users.last_name as lastName"])
    .select(["users.upstream_id as upstreamUserId", "memberships.role"])
    .executeTakeFirstOrThrow();
  const seesAll = row.role === "OW" || row.role === "AD";
  return {
    ...row,
    userId,
    organizationId,
    projects: projects ?? (seesAll ? "all" : new Map()),
  };
}
