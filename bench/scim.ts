/**
 * `npm run bench:scim`: provisioning through the whole application but the network, on both databases:
 * people created per second, look-ups, one-member changes and pages in organizations and groups of
 * different sizes (DESIGN invariant 8), and a PUT of 10,000 members who are there already.
 *
 * Then the same few requests go to us and to other servers over HTTP (scim-compare.ts).
 *
 * Sizes are measured in turn, round by round, so that the machine's mood falls on all alike; figures
 * are medians. The last line is one JSON object.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { makeScimToken } from "../src/provisioning/tokens.ts";
import { migrate, openStore, type Store } from "../src/store/store.ts";
import { openTestApp, type TestApp } from "../test/app.ts";
import type { Engine } from "../test/engines.ts";
import { startPostgres } from "../test/postgres.ts";
import { compare, type PeerFigures } from "./scim-compare.ts";
import { medians, perSecond, round, withLongestBlock } from "./scim-measure.ts";

const people = { small: 1_000, large: 100_000 } as const;
const groups = [10, 1_000, 50_000] as const;
const rounds = 40;
const creates = 1_500;
const putMembers = 10_000;

interface Client {
  readonly name: string;
  readonly organizationId: number;
  send(method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: object): Promise<void>;
}

async function clientOf(t: TestApp, title: string): Promise<Client> {
  const { organizationId } = await t.createOrganizationWithOwner({ title });
  const holder = { organizationId, actor: { kind: "system" } } as const;
  const { token } = await makeScimToken(t.deps, holder, { name: "bench", days: null });
  const send: Client["send"] = async (method, path, body) => {
    const answer = await t.app.inject({
      method,
      url: `/scim/v2${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/scim+json" }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.body}`);
  };
  return { name: title, organizationId, send };
}

const idOf = (organizationId: number, at: number): string =>
  `00000000-0000-4000-${String(8000 + organizationId)}-${String(at).padStart(12, "0")}`;

/** People of an organization by the database alone, as if they had been provisioned. */
async function fill({ db, dialect }: Store, { name, organizationId }: Client, count: number) {
  const domain = `@${name.toLowerCase()}.example`;
  const padded = dialect === "sqlite" ? sql`printf('%012d', i)` : sql`lpad(i::text, 12, '0')`;
  const numbers = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})`;
  const email = sql`'p' || i || ${sql.lit(domain)}`;
  await sql`${numbers} insert into users (email, first_name, last_name, created_at)
    select ${email}, 'P', 'N', 1 from n`.execute(db);
  const org = sql.lit(organizationId);
  await sql`insert into memberships (organization_id, user_id, role, role_source, role_set_at, created_at)
    select ${org}, id, 'AN', 'scim', 1, 1 from users where email like ${sql.lit(`p%${domain}`)}`.execute(
    db,
  );
  await sql`${numbers} insert into scim_users (id, organization_id, user_id, user_name, user_name_key,
      external_id, active, created_at, modified_at, document, search)
    select ${sql.lit(`00000000-0000-4000-${8000 + organizationId}-`)} || ${padded}, ${org}, users.id,
      users.email, users.email, 'x' || i, 1, 1, 1,
      '{"userName":"' || users.email || '","active":true}', '{"username":[{"value":"' || users.email || '"}]}'
    from n join users on users.email = ${email}`.execute(db);
  await sql`${sql.raw("analyze")}`.execute(db);
}

const membersTo = (organizationId: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ value: idOf(organizationId, at + 1) }));

async function measureCreates(client: Client, atOnce: number, batch: string): Promise<number> {
  const create = async (at: number) =>
    await client.send("POST", "/Users", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: `${batch}${at}@new.example`,
      name: { givenName: "New", familyName: "Person" },
      emails: [{ value: `${batch}${at}@new.example`, type: "work", primary: true }],
      active: true,
    });
  return await perSecond(create, { times: creates, atOnce });
}

/** 10,000 people who join, and then leave, a group that gives a role and a workspace. */
async function measureMapped({ db }: Store, { organizationId, send }: Client) {
  const row = { organization_id: organizationId, created_at: 1, created_by: null };
  await db
    .insertInto("workspaces")
    .values({ ...row, title: "Mapped" })
    .execute();
  const lists = {
    roles_groups: JSON.stringify([{ role: "RE", group: "Mapped" }]),
    workspaces_groups: JSON.stringify([{ workspace: "Mapped", group: "Mapped" }]),
    projects_groups: "[]",
  };
  await db
    .insertInto("scim_settings")
    .values({ organization_id: organizationId, ...lists })
    .onConflict((conflict) => conflict.column("organization_id").doUpdateSet(lists))
    .execute();
  await send("POST", "/Groups", { displayName: "Mapped" });
  const put = async (members: readonly object[]) =>
    await withLongestBlock(() =>
      send("PUT", "/Groups/Mapped?excludedAttributes=members", { displayName: "Mapped", members }),
    );
  const joining = await put(membersTo(organizationId, putMembers));
  const leaving = await put([]);
  return { joining, leaving };
}

async function measureGroups(client: Client) {
  const { organizationId, send } = client;
  for (const size of groups) {
    const members = membersTo(organizationId, size);
    await send("POST", "/Groups", { displayName: `Of ${size}`, members });
  }
  const value = [{ value: idOf(organizationId, people.large - 1) }];
  const works = groups.map((size) => async () => {
    for (const op of ["add", "remove"]) {
      await send("PATCH", `/Groups/${encodeURIComponent(`Of ${size}`)}`, {
        Operations: [{ op, path: "members", value }],
      });
    }
  });
  const oneMember = await medians(works, rounds);
  const members = membersTo(organizationId, putMembers);
  await send("POST", "/Groups", { displayName: "Put", members });
  const put = async () =>
    await send("PUT", "/Groups/Put?excludedAttributes=members", { displayName: "Put", members });
  const [putUnchanged = Number.NaN] = await medians([put], 5);
  return { oneMember, putUnchanged };
}

/** Requests at 25 a second for some seconds, as Entra asks for; how many failed, and the slowest. */
async function sustain(client: Client): Promise<{ errors: number; slowestMs: number }> {
  let [errors, slowestMs] = [0, 0];
  const running: Promise<void>[] = [];
  for (let at = 0; at < 125; at++) {
    const begun = performance.now();
    const path = `/Users?filter=userName%20eq%20%22p${at + 1}%40large.example%22`;
    const done = client.send("GET", path).catch(() => {
      errors += 1;
    });
    running.push(
      done.then(() => {
        slowestMs = Math.max(slowestMs, performance.now() - begun);
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await Promise.all(running);
  return { errors, slowestMs: round(slowestMs) };
}

async function measure(engine: Engine) {
  const t = await openTestApp(engine);
  const small = await clientOf(t, "Small");
  const large = await clientOf(t, "Large");
  const fresh = await clientOf(t, "Fresh");
  console.log(`${engine.name}: filling organizations of ${people.small} and ${people.large}…`);
  await fill(t.store, small, people.small);
  await fill(t.store, large, people.large);
  await measureCreates(fresh, 8, "warm");
  const createsPerSecond = {
    one: await measureCreates(fresh, 1, "one"),
    eight: await measureCreates(fresh, 8, "eight"),
  };
  let at = 0;
  const lookUp = (client: Client) => async () => {
    at = (at + 37) % people.small;
    const name = `p${at + 1}@${client.name.toLowerCase()}.example`;
    await client.send("GET", `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`);
  };
  const lookUps = await medians([lookUp(small), lookUp(large)], rounds * 5);
  const page = (startIndex: number) => async () =>
    await large.send("GET", `/Users?startIndex=${startIndex}&count=100`);
  const pages = await medians([page(1), page(people.large - 99)], rounds);
  const ofGroups = await measureGroups(large);
  const mapped = await measureMapped(t.store, large);
  const sustained = await sustain(large);
  await t.close();
  return { engine: engine.name, createsPerSecond, lookUps, pages, ...ofGroups, mapped, sustained };
}

const folder = mkdtempSync(join(tmpdir(), "labelgate-bench-scim-"));
const postgres = await startPostgres();
const load = loadavg()[0] ?? Number.NaN;
const figures: Awaited<ReturnType<typeof measure>>[] = [];
let peers: readonly PeerFigures[] = [];

function engineOf(name: Engine["name"], dataDir: string): Engine {
  const open = async () => {
    const databaseUrl = name === "postgres" ? postgres.url : "";
    const store = await openStore({ databaseUrl, dataDir });
    await migrate(store);
    return store;
  };
  return { name, open } as Engine;
}

try {
  for (const name of ["sqlite", "postgres"] as const) {
    figures.push(await measure(engineOf(name, folder)));
  }
  console.log("the same requests to other servers…");
  peers = await compare(engineOf("sqlite", join(folder, "peers")), folder);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

const ratio = (list: readonly number[]): number =>
  round(Math.max(...list) / (list[0] ?? Number.NaN));
for (const one of figures) {
  const { one: single, eight } = one.createsPerSecond;
  console.log(`${one.engine}: ${single} people created a second, ${eight} with 8 at once`);
  console.log(
    `  userName eq: ${one.lookUps.join(" and ")} ms at ${people.small} and ${people.large} people; ratio ${ratio(one.lookUps)}`,
  );
  console.log(
    `  one member added and removed: ${one.oneMember.join(", ")} ms in groups of ${groups.join(", ")}; ratio ${ratio(one.oneMember)}`,
  );
  console.log(`  PUT of ${putMembers} members who are there: ${one.putUnchanged} ms`);
  const { joining, leaving } = one.mapped;
  console.log(
    `  PUT of ${putMembers} new members of a mapped group: ${joining.ms} ms, nobody else waits longer than ${joining.longestBlockMs} ms; of nobody in their place: ${leaving.ms} and ${leaving.longestBlockMs} ms`,
  );
  console.log(`  first and last page: ${one.pages.join(" and ")} ms`);
  console.log(
    `  25 requests a second: ${one.sustained.errors} errors, slowest ${one.sustained.slowestMs} ms`,
  );
}
console.log(`over HTTP on loopback, one process with the client:`);
for (const peer of peers) {
  const { one, eight } = peer.createsPerSecond;
  const members = Object.entries(peer.oneMemberMs).map(
    ([size, ms]) => `${ms ?? "refused"} ms of ${size}`,
  );
  console.log(`  ${peer.name}: ${one} people created a second, ${eight} with 8 at once`);
  console.log(`    userName eq: ${peer.lookUpMs} ms; one member: ${members.join(", ")}`);
  console.log(`    ${peer.does}`);
  for (const limit of peer.limits) console.log(`    refused: ${limit}`);
}
console.log(`load of the machine at the start: ${round(load)}`);
console.log(JSON.stringify({ bench: "scim", load: round(load), figures, peers }));
