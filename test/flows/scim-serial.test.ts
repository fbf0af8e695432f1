/**
 * Two requests about one person at once come to what one after the other comes to, in one of the two
 * orders (DESIGN 5): for every pair of what provisioning, sign-in, administrators and mappings do, and for
 * what the person does themselves beside that which might end it.
 *
 * On PostgreSQL the person's row is held until both requests wait for it, or have gone as far as they
 * go without it: whatever a request reads of the person before its own lock is old by then. Beside that,
 * on both engines, statements wait here and there by a seeded generator, so that the requests meet at
 * other places each round. LABELGATE_SERIAL_ROUNDS says how many rounds each pair has (1 unless told),
 * LABELGATE_SERIAL_SEED where they begin; a failure names its seed.
 */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { transferOrganization } from "../../src/people/members.ts";
import { hashPassword } from "../../src/people/password.ts";
import { signInByPassword } from "../../src/people/sign-in.ts";
import { onEveryEngine } from "../engines.ts";
import { seededRandom } from "../saml/mutation.ts";
import { sessionHeaders } from "./organization-world.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";
import { type Shake, shakeable } from "./shaken.ts";

interface Person {
  readonly id: string;
  readonly userId: number;
  readonly email: string;
  /** Of a session that the person has. */
  readonly cookie: string;
}

/** "Staff" is the group that the person is in from the start, "Managers" the one that they may join. */
interface Places {
  readonly staff: string;
  readonly managers: string;
  /** The workspace "Desk". */
  readonly desk: number;
}

type Operation = (world: ScimWorld, person: Person, places: Places) => Promise<unknown>;

const startMappings = {
  roles: [
    { role: "RE", group: "Staff" },
    { role: "MA", group: "Managers" },
  ],
  workspaces: [{ workspace: "Desk", group: "Managers" }],
} as const;

const patch = (world: ScimWorld, path: string, ...Operations: readonly object[]) =>
  world.client.send("PATCH", path, { Operations });
const members = (op: "add" | "remove", { id }: Person) => ({
  op,
  path: "members",
  value: [{ value: id }],
});

const operations: Readonly<Record<string, Operation>> = {
  "active false": (world, { id }) =>
    patch(world, `/Users/${id}`, { op: "replace", path: "active", value: false }),
  "active true": (world, { id }) =>
    patch(world, `/Users/${id}`, { op: "replace", path: "active", value: true }),
  "a new address": (world, { id, email }) =>
    patch(world, `/Users/${id}`, { op: "replace", path: "userName", value: `new-${email}` }),
  "the resource deleted": (world, { id }) => world.client.send("DELETE", `/Users/${id}`),
  "a group joined": (world, person, { managers }) =>
    patch(world, `/Groups/${managers}`, members("add", person)),
  "a group left": (world, person, { staff }) =>
    patch(world, `/Groups/${staff}`, members("remove", person)),
  // Without settings there is no request to answer.
  "a sign-on": (world, { email }) => world.signOn(email, ["SAML-Annotators"]).catch(() => null),
  "a role by hand": (world, { userId }) => byHand(world, userId, "NO"),
  "deactivated by hand": (world, { userId }) => byHand(world, userId, "DI"),
  "other mappings": (world) =>
    world.map({ ...startMappings, roles: [{ role: "AD", group: "Staff" }] }),
};

/** Beside some of the others only: what they might miss of one another. */
const further: Readonly<Record<string, Operation>> = {
  "removed by hand": (world, { userId }) =>
    asOwner(world, "DELETE", `/api/organizations/${world.organizationId}/memberships/${userId}/`),
  "the first name by hand": (world, { userId }) =>
    asOwner(world, "PATCH", `/api/users/${userId}`, { first_name: "Hand" }),
  "the last name by SCIM": (world, { id }) =>
    patch(world, `/Users/${id}`, { op: "replace", path: "name.familyName", value: "Scim" }),
  "a workspace by hand": (world, { userId }, { desk }) =>
    asOwner(world, "POST", `/api/workspaces/${desk}/memberships/`, { user: userId }),
  "a sign-in by password": async (world, { email }) => {
    const visitor = {
      ...{ ip: "192.0.2.77", userAgent: "serial", requestId: "serial" },
      previousSessionHash: null,
    };
    const form = { email, password, keep: false, visitor };
    await signInByPassword(world.test.deps, form).catch(() => null);
  },
  "a token made": (world, { cookie }) =>
    world.test.app.inject({
      ...{ method: "POST", url: "/api/current-user/reset-token/", payload: {} },
      headers: sessionHeaders(world.test, cookie),
    }),
  "made the Owner": async (world, { userId }) => {
    const { organizationId } = world;
    const owner = { ...(await world.owner()), organizationId, role: "OW" as const };
    const principal = { ...owner, via: "session" as const, sessionId: null };
    const acting = { principal, ip: "192.0.2.78", requestId: "serial" };
    await transferOrganization(world.test.deps, acting, userId).catch(() => null);
  },
  "the settings reset": (world) => asOwner(world, "DELETE", "/api/saml/settings"),
};

const password = "serial or at once";

const rounds = Number(process.env["LABELGATE_SERIAL_ROUNDS"] ?? 1);
const firstSeed = Number(process.env["LABELGATE_SERIAL_SEED"] ?? 1);

/** Which of them beside which. */
const beside: readonly (readonly [string, readonly string[]])[] = [
  ["removed by hand", ["active false", "a sign-on", "a group joined", "a role by hand"]],
  ["the first name by hand", ["the last name by SCIM", "a new address", "a sign-on"]],
  ["a workspace by hand", ["deactivated by hand", "a group joined", "removed by hand"]],
  ["a sign-in by password", ["active false", "deactivated by hand", "removed by hand"]],
  ["a token made", ["active false", "deactivated by hand", "removed by hand", "a new address"]],
  [
    "made the Owner",
    ["active false", "deactivated by hand", "removed by hand", "a sign-on", "a group left"],
  ],
  ["made the Owner", ["a new address", "a role by hand", "a sign-in by password", "a token made"]],
  ["the settings reset", ["a sign-on", "a group joined", "a group left", "active false"]],
];

async function asOwner(
  world: ScimWorld,
  method: "POST" | "PATCH" | "DELETE",
  url: string,
  payload?: object,
): Promise<unknown> {
  return await world.test.app.inject({
    ...{ method, url },
    headers: { authorization: `Token ${await world.ownerToken()}` },
    ...(payload !== undefined && { payload }),
  });
}

async function byHand(world: ScimWorld, userId: number, role: string): Promise<unknown> {
  const url = `/api/organizations/${world.organizationId}/memberships`;
  return await asOwner(world, "PATCH", url, { user_id: userId, role });
}

const names = Object.keys(operations);
const pairs = [
  ...names.flatMap((left, at) => names.slice(at + 1).map((right) => [left, right] as const)),
  ...beside.flatMap(([left, others]) => others.map((right) => [left, right] as const)),
];

function assertOneOf(serial: readonly unknown[], state: unknown, how: string): void {
  const text = JSON.stringify(state);
  assert.ok(
    serial.some((one) => JSON.stringify(one) === text),
    `${how} came to ${text}; one after the other: ${JSON.stringify(serial, null, 1)}`,
  );
}

onEveryEngine("two requests about one person", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  let places: Places;
  let shake: Shake;
  let made = 0;
  let passwordHash = "";
  let project = 0;
  before(async () => {
    world = await ScimWorld.open(engine, { env: { SCIM_REQUESTS_PER_SECOND: "0" } });
    project = await world.addProject();
    await configure();
    ({ client } = world);
    const { id: desk } = await world.api("POST", "/api/workspaces", { title: "Desk" });
    await world.map(startMappings);
    const [staff, managers] = [await client.addGroup("Staff"), await client.addGroup("Managers")];
    places = { staff, managers, desk };
    passwordHash = await hashPassword(password);
    shake = shakeable(world.test.store);
  });
  after(() => world.close());

  /** What the sign-in goes by: a role, and a project, which SCIM's assignments would keep it from giving. */
  async function configure(): Promise<void> {
    const domains = ["contoso.com"];
    await world.sso.saveSettings({
      ...{ domain: "contoso.com", domains, roles: [{ role: "AN", group: "SAML-Annotators" }] },
      projects: [{ projectId: project, group: "SAML-Annotators", role: "AN" }],
    });
    await world.sso.trust(world.sso.signer.metadataXml());
  }

  /** A member of Staff, who has signed in. */
  async function newPerson(): Promise<Person> {
    made += 1;
    const email = `person${made}@contoso.com`;
    const { db } = world.test.store;
    const id = await client.addUser(email);
    const userId = await userIdOf(email);
    await db
      .updateTable("users")
      .where("id", "=", userId)
      .set({ password_hash: passwordHash })
      .execute();
    await db
      .updateTable("memberships")
      .where("user_id", "=", userId)
      .set({ opens_by_password: 1 })
      .execute();
    const cookie = await world.test.signedInCookie(email, world.organizationId);
    const person = { id, email, userId, cookie };
    await patch(world, `/Groups/${places.staff}`, members("add", person));
    return person;
  }

  async function userIdOf(email: string): Promise<number> {
    const { db } = world.test.store;
    const user = db.selectFrom("users").where("email", "=", email).select("id");
    return (await user.executeTakeFirstOrThrow()).id;
  }

  /** All that the person is and has, but for times and counters. */
  async function stateOf({ userId, email }: Person): Promise<unknown> {
    const { db } = world.test.store;
    const { organizationId } = world;
    const rowsOf = (
      table:
        | "workspace_members"
        | "project_members"
        | "scim_group_members"
        | "scim_assignments"
        | "sessions"
        | "api_tokens",
    ) =>
      db
        .selectFrom(table)
        .where("organization_id", "=", organizationId)
        .where("user_id", "=", userId);
    const { email: address, ...named } = await db
      .selectFrom("users")
      .where("id", "=", userId)
      .select(["email", "first_name", "last_name"])
      .executeTakeFirstOrThrow();
    const membership = await db
      .selectFrom("memberships")
      .where("organization_id", "=", organizationId)
      .where("user_id", "=", userId)
      .select(["role", "role_source", "opens_by_password"])
      .execute();
    const resource = await db
      .selectFrom("scim_users")
      .where("organization_id", "=", organizationId)
      .where("user_id", "=", userId)
      .select("active")
      .execute();
    const workspaces = await rowsOf("workspace_members").select("source").execute();
    const projects = await rowsOf("project_members").select(["role", "source"]).execute();
    const groups = await rowsOf("scim_group_members")
      .select("group_seq")
      .orderBy("group_seq")
      .execute();
    const assignments = await rowsOf("scim_assignments")
      .select(["scope", "group_name", "role"])
      .orderBy("scope")
      .orderBy("group_name")
      .execute();
    const sessions = await rowsOf("sessions").select("method").orderBy("method").execute();
    const tokens = await rowsOf("api_tokens").select("kind").execute();
    return {
      address: address === email ? "as it was" : "new",
      names: Object.values(named).join(" "),
      membership: membership.map((row) => Object.values(row).join(" ")).join(),
      resource: resource.map(({ active }) => active).join(),
      workspaces: workspaces.map(({ source }) => source).join(),
      projects: projects.map((row) => Object.values(row).join(" ")).join(),
      groups: groups.length,
      assignments: assignments.map((row) => Object.values(row).join(" ")),
      sessions: sessions.map(({ method }) => method).join(),
      tokens: tokens.length,
    };
  }

  const run = async (name: string, person: Person): Promise<void> => {
    await (operations[name] ?? further[name])?.(world, person, places);
  };

  async function oneAfterTheOther(order: readonly string[]): Promise<unknown> {
    const person = await newPerson();
    for (const name of order) await run(name, person);
    return await ended(person);
  }

  /** Both wait for the person's row, the first one longer. */
  async function atOnce(order: readonly string[]): Promise<unknown> {
    const person = await newPerson();
    const release = await hold(person);
    const running: Promise<void>[] = [];
    for (const name of order) {
      const started = run(name, person);
      running.push(started);
      await isWaiting(started, running.length);
    }
    await release();
    await Promise.all(running);
    return await ended(person);
  }

  /** Both begin within a few statements of one another, and wait between them as the seed says. */
  async function shaken(order: readonly string[], seed: number): Promise<unknown> {
    const person = await newPerson();
    const random = seededRandom(seed);
    await shake(random, async () => {
      const running = order.map(async (name) => {
        await pause(random.below(15));
        await run(name, person);
      });
      await Promise.all(running);
    });
    return await ended(person);
  }

  /** The state, before the world is as it was for the next one. */
  async function ended(person: Person): Promise<unknown> {
    const state = await stateOf(person);
    await giveBack(person);
    await client.send("DELETE", `/Users/${person.id}`);
    await world.map(startMappings);
    await world.sso.reload();
    if (world.sso.record.idpMetadata === null) await configure();
    return state;
  }

  /** The organization is its first Owner's again, and the person somebody whom provisioning may delete. */
  async function giveBack({ userId }: Person): Promise<void> {
    const { db } = world.test.store;
    const made = await db
      .updateTable("memberships")
      .where("user_id", "=", userId)
      .where("role", "=", "OW")
      .set({ role: "RE" })
      .returning("user_id")
      .execute();
    if (made.length === 0) return;
    const first = db.selectFrom("users").where("email", "=", "owner@contoso.com").select("id");
    await db.updateTable("memberships").where("user_id", "=", first).set({ role: "OW" }).execute();
  }

  /** Until so many requests wait for a lock, or this one is over without. */
  async function isWaiting(started: Promise<void>, count: number): Promise<void> {
    let isOver = false;
    const over = started.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    for (let turn = 0; turn < 20 && !isOver; turn += 1) {
      const { rows } = await sql<{ waiting: number }>`select count(*)::int as waiting
        from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        world.test.store.db,
      );
      if ((rows[0]?.waiting ?? 0) >= count) return;
      await pause(5);
    }
  }

  /** Locks the person's account as a request would; the function returned lets it go. */
  async function hold({ userId }: Person): Promise<() => Promise<void>> {
    const gate = new EventEmitter();
    const holding = world.test.store.transaction(async (tx) => {
      await tx.selectFrom("users").where("id", "=", userId).select("id").forUpdate().execute();
      const released = once(gate, "release");
      gate.emit("held");
      await released;
    });
    await Promise.race([once(gate, "held"), holding]);
    return async () => {
      gate.emit("release");
      await holding;
    };
  }

  /** What the pair comes to at once, each way and each round, with how it came to that. */
  async function* meetings(at: number, pair: readonly [string, string]) {
    const swapped = pair.toReversed();
    if (engine.name === "postgres") {
      for (const order of [pair, swapped]) {
        yield { state: await atOnce(order), how: order.join(", then ") };
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      const seed = firstSeed + round * pairs.length + at;
      const order = (round + at) % 2 === 0 ? pair : swapped;
      yield { state: await shaken(order, seed), how: `${order.join(" with ")} by seed ${seed}` };
    }
  }

  for (const [at, pair] of pairs.entries()) {
    test(`${pair[0]} beside ${pair[1]}`, async () => {
      const serial = [await oneAfterTheOther(pair), await oneAfterTheOther(pair.toReversed())];
      if (pair[0] === "made the Owner") assert.match(JSON.stringify(serial[0]), /"OW /);
      for await (const { state, how } of meetings(at, pair)) assertOneOf(serial, state, how);
    });
  }
});
