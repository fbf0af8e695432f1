/**
 * The preview over 100,000 members, on the database of DATABASE_URL, else on a fresh SQLite file: how
 * long it takes, for how long at most nothing else gets its turn, and how much memory it needs. Fails
 * where either passes its limit. Its last line is one JSON object.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { parseConfig } from "../src/config.ts";
import type { Deps } from "../src/deps.ts";
import { createLogger } from "../src/http/log.ts";
import { parseFields } from "../src/settings/parse.ts";
import { previewSaml } from "../src/settings/preview.ts";
import { samlPatchSchema } from "../src/settings/schema.ts";
import { createOrganization } from "../src/store/organizations.ts";
import { migrate, openStore, type Store } from "../src/store/store.ts";

const people = 100_000;
const groups = 200;
/** Nobody else may wait longer than this for their turn. */
const mostHeldMs = 50;
/** A few numbers of each member, and a batch. */
const mostMemoryMiB = 200;

const dataDir = mkdtempSync(join(tmpdir(), "labelgate-preview-"));
const databaseUrl = process.env["DATABASE_URL"] ?? "";
const store = await openStore({ databaseUrl, dataDir });
try {
  await migrate(store);
  const organizationId = await seed(store);
  const figures = await measure(() => preview(depsOf(store), organizationId));
  process.stdout.write(
    `${JSON.stringify({ bench: "preview", engine: store.dialect, people, ...figures })}\n`,
  );
  if (figures.heldMs > mostHeldMs) throw new Error(`nothing else ran for ${figures.heldMs} ms`);
  if (figures.memoryMiB > mostMemoryMiB) throw new Error(`it took ${figures.memoryMiB} MiB`);
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
async function preview(deps: Deps, organizationId: number): Promise<void> {
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

/** Runs `work` once to warm up, then measures it. */
async function measure(work: () => Promise<void>) {
  await work();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let most = before;
  let heldMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    heldMs = Math.max(heldMs, now - last - 1);
    last = now;
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

/** An organization of its own in whatever database it is, with its people made by the engine. */
async function seed({ db, dialect }: Store): Promise<number> {
  const at = Date.now();
  const name = `bench-${at}`;
  const made = { title: name, at, samlToken: name, inviteToken: name };
  const organizationId = await createOrganization(db, made);
  const numbers =
    dialect === "sqlite"
      ? sql`with recursive s(i) as (select 1 union all select i + 1 from s where i < ${sql.lit(people)})`
      : sql`with s(i) as (select generate_series(1, ${sql.lit(people)}))`;
  await sql`insert into users (email, first_name, last_name, created_at)
    ${numbers} select 'person-' || i || ${sql.lit(`@${name}.example`)}, 'Ada', 'Byron', 1
    from s`.execute(db);
  await sql`insert into memberships
      (organization_id, user_id, role, role_source, role_set_at, created_at, last_groups)
    select ${sql.lit(organizationId)}, id, 'AN', 'saml', 1, 1,
      '["group-' || (id % ${sql.lit(groups)}) || '","everybody"]'
    from users where email like ${sql.lit(`%@${name}.example`)}`.execute(db);
  await sql.raw(dialect === "sqlite" ? "analyze" : "vacuum analyze memberships").execute(db);
  return organizationId;
}
