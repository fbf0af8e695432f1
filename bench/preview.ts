/**
 * Both previews over 100,000 members, each in six pushed groups too, on the database of DATABASE_URL, else on a fresh SQLite file: how
 * long each takes, for how long at most nothing else gets its turn, and how much memory it needs. Fails
 * where either passes its limit. Its last line is one JSON object.
 *
 * What other processes take of the machine meanwhile is not held by this one: of a pause counts what
 * this process itself computed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createLogger } from "../src/http/log.ts";
import { parseFields } from "../src/settings/parse.ts";
import { previewSaml, previewScim } from "../src/settings/preview.ts";
import { samlPatchSchema, scimPatchSchema } from "../src/settings/schema.ts";
import { migrate, openStore, type Store } from "../src/store/store.ts";
import { analyze, numbersTo, openCrowd } from "./people.ts";

const people = 100_000;
const groups = 200;
/** Nobody else may wait longer than this for their turn. */
const maxHeldMs = 50;
/** A few numbers of each member, and a batch. */
const maxMemoryMiB = 200;

const dataDir = mkdtempSync(join(tmpdir(), "labelgate-preview-"));
const databaseUrl = process.env["DATABASE_URL"] ?? "";
const store = await openStore({ databaseUrl, dataDir });
try {
  await migrate(store);
  const organizationId = await openCrowd(store, { count: people, groups });
  await pushGroups(store, organizationId);
  await analyze(store);
  const deps = depsOf(store);
  const saml = await measure(() => ofSaml(deps, organizationId));
  const scim = await measure(() => ofScim(deps, organizationId));
  const { dialect: engine } = store;
  process.stdout.write(`${JSON.stringify({ bench: "preview", engine, people, saml, scim })}\n`);
  for (const { heldMs, memoryMiB } of [saml, scim]) {
    if (heldMs > maxHeldMs) throw new Error(`nothing else ran for ${heldMs} ms`);
    if (memoryMiB > maxMemoryMiB) throw new Error(`it took ${memoryMiB} MiB`);
  }
} finally {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
}

function depsOf(opened: Store): Deps {
  const config = parseConfig({ SECRET_KEY: "a secret key for the bench, long enough" });
  const log = createLogger(config);
  return { config, store: opened, now: Date.now, randomToken: () => "", log };
}

/** A patch that changes everybody: all gain a workspace or a role, and a tenth lose access. */
async function ofSaml(deps: Deps, organizationId: number): Promise<void> {
  const names = Array.from({ length: groups }, (_, number) => `group-${number}`);
  const patch = {
    manual_role_management: false,
    roles_groups: names.slice(groups / 10).map((name) => ["Reviewer", name]),
    workspaces_groups: names.map((name) => [`Workspace of ${name}`, name]),
  };
  const parsed = parseFields(samlPatchSchema, patch);
  const never = async () => await Promise.reject(new Error("no metadata URL is asked"));
  const { summary } = await previewSaml(
    deps,
    never,
    { organizationId, userId: 1, query: {} },
    parsed,
  );
  if (summary.changed !== people || summary.losing_access !== people / 10) {
    throw new Error(`the preview is wrong: ${JSON.stringify(summary)}`);
  }
}

/** A mapping by which everybody becomes Reviewer. */
async function ofScim(deps: Deps, organizationId: number): Promise<void> {
  const parsed = parseFields(scimPatchSchema, { roles_groups: [["Reviewer", "pushed 1"]] });
  const { summary } = await previewScim(deps, { organizationId, query: {} }, parsed);
  if (summary.changed !== people || summary.gaining !== people) {
    throw new Error(`the preview is wrong: ${JSON.stringify(summary)}`);
  }
}

/** Runs `work` once to warm up, then measures it. */
async function measure(work: () => Promise<void>) {
  await work();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let most = before;
  let heldMs = 0;
  let last = { at: performance.now(), cpu: process.cpuUsage() };
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last.cpu);
    const paused = performance.now() - last.at - 1;
    heldMs = Math.max(heldMs, Math.min(paused, (user + system) / 1000));
    last = { at: performance.now(), cpu: process.cpuUsage() };
    most = Math.max(most, process.memoryUsage().heapUsed);
  }, 1);
  const start = performance.now();
  await work();
  const tookMs = performance.now() - start;
  clearInterval(timer);
  const round = (value: number) => Number(value.toFixed(1));
  return {
    tookMs: round(tookMs),
    heldMs: round(heldMs),
    memoryMiB: round((most - before) / 1_048_576),
  };
}

/** Fifty pushed groups: everybody is in the first five, and a fiftieth in each of the others. */
async function pushGroups({ db, dialect }: Store, organizationId: number): Promise<void> {
  const of = sql.lit(organizationId);
  await sql`insert into scim_users (id, organization_id, user_id, user_name, user_name_key, active,
      created_at, modified_at, document, search)
    select 'user ' || user_id, ${of}, user_id, 'user ' || user_id, 'user ' || user_id, 1, 1, 1, '{}', '{}'
    from memberships where organization_id = ${of}`.execute(db);
  await sql`insert into scim_groups (id, organization_id, display_name, display_name_key, created_at,
      modified_at, document, search)
    ${numbersTo(dialect, 50)} select 'group ' || i || ' of ' || ${of}, ${of}, 'pushed ' || i, 'pushed ' || i, 1, 1, '{}', '{}'
    from s`.execute(db);
  await sql`insert into scim_group_members (group_seq, user_id, organization_id)
    select seq, user_id, ${of} from scim_groups g, memberships m
    where g.organization_id = ${of} and m.organization_id = ${of}
      and (g.display_name in ('pushed 1', 'pushed 2', 'pushed 3', 'pushed 4', 'pushed 5')
        or g.display_name = 'pushed ' || (user_id % 50))`.execute(db);
}
