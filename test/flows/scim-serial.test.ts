/**
 * Two requests about one person at once come to what one after the other comes to, in one of the two
 * orders (DESIGN 5): for every pair of what provisioning, sign-on, administrators and mappings do.
 *
 * On PostgreSQL the person's row is held until both requests wait for it, or have gone as far as they
 * go without it: whatever a request reads of the person before its own lock is old by then.
 */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

interface Person {
  readonly id: string;
  readonly userId: number;
  readonly email: string;
}

/** "Staff" is the group that the person is in from the start, "Managers" the one that they may join. */
interface Places {
  readonly staff: string;
  readonly managers: string;
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
  "a sign-on": (world, { email }) => world.signOn(email, ["SAML-Annotators"]),
  "a role by hand": (world, { userId }) => byHand(world, userId, "NO"),
  "deactivated by hand": (world, { userId }) => byHand(world, userId, "DI"),
  "other mappings": (world) =>
    world.map({ ...startMappings, roles: [{ role: "AD", group: "Staff" }] }),
};

async function byHand(world: ScimWorld, userId: number, role: string): Promise<unknown> {
  return await world.test.app.inject({
    method: "PATCH",
    url: `/api/organizations/${world.organizationId}/memberships`,
    headers: { authorization: `Token ${await world.ownerToken()}` },
    payload: { user_id: userId, role },
  });
}

const names = Object.keys(operations);
const pairs = names.flatMap((left, at) =>
  names.slice(at + 1).map((right) => [left, right] as const),
);

onEveryEngine("two requests about one person", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  let places: Places;
  let made = 0;
  before(async () => {
    world = await ScimWorld.open(engine, {
      saml: { roles: [{ role: "AN", group: "SAML-Annotators" }] },
      env: { SCIM_REQUESTS_PER_SECOND: "0" },
    });
    ({ client } = world);
    await world.api("POST", "/api/workspaces", { title: "Desk" });
    await world.map(startMappings);
    places = { staff: await client.addGroup("Staff"), managers: await client.addGroup("Managers") };
  });
  after(() => world.close());

  /** A member of Staff, who has signed in. */
  async function newPerson(): Promise<Person> {
    made += 1;
    const email = `person${made}@contoso.com`;
    const id = await client.addUser(email);
    const person = { id, email, userId: await userIdOf(email) };
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
      table: "workspace_members" | "scim_group_members" | "scim_assignments" | "sessions",
    ) =>
      db
        .selectFrom(table)
        .where("organization_id", "=", organizationId)
        .where("user_id", "=", userId);
    const account = await db.selectFrom("users").where("id", "=", userId).select("email").execute();
    const membership = await db
      .selectFrom("memberships")
      .where("organization_id", "=", organizationId)
      .where("user_id", "=", userId)
      .select(["role", "role_source"])
      .execute();
    const resource = await db
      .selectFrom("scim_users")
      .where("organization_id", "=", organizationId)
      .where("user_id", "=", userId)
      .select("active")
      .execute();
    const workspaces = await rowsOf("workspace_members").select("source").execute();
    const groups = await rowsOf("scim_group_members")
      .select("group_seq")
      .orderBy("group_seq")
      .execute();
    const assignments = await rowsOf("scim_assignments")
      .select(["scope", "group_name", "role"])
      .orderBy("scope")
      .orderBy("group_name")
      .execute();
    const sessions = await rowsOf("sessions").select("method").execute();
    return {
      address: account[0]?.email === email ? "as it was" : "new",
      membership: membership.map(({ role, role_source: source }) => `${role} ${source}`).join(),
      resource: resource.map(({ active }) => active).join(),
      workspaces: workspaces.map(({ source }) => source).join(),
      groups: groups.length,
      assignments: assignments.map((row) => Object.values(row).join(" ")),
      sessions: sessions.length,
    };
  }

  const run = async (name: string, person: Person): Promise<void> => {
    await operations[name]?.(world, person, places);
  };

  async function oneAfterTheOther(order: readonly string[]): Promise<unknown> {
    const person = await newPerson();
    for (const name of order) await run(name, person);
    return await ended(person);
  }

  async function atOnce(order: readonly string[]): Promise<unknown> {
    const person = await newPerson();
    const release = engine.name === "postgres" ? await hold(person) : null;
    const running: Promise<void>[] = [];
    for (const name of order) {
      running.push(run(name, person));
      if (release !== null) await pause(40);
    }
    await release?.();
    await Promise.all(running);
    return await ended(person);
  }

  /** The state, before the world is as it was for the next one. */
  async function ended(person: Person): Promise<unknown> {
    const state = await stateOf(person);
    await client.send("DELETE", `/Users/${person.id}`);
    await world.map(startMappings);
    return state;
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

  for (const pair of pairs) {
    test(`${pair[0]} beside ${pair[1]}`, async () => {
      const swapped = pair.toReversed();
      const serial = [await oneAfterTheOther(pair), await oneAfterTheOther(swapped)];
      for (const order of [pair, swapped]) {
        const state = JSON.stringify(await atOnce(order));
        assert.ok(
          serial.some((one) => JSON.stringify(one) === state),
          `${order.join(", then ")} came to ${state}; one after the other: ${JSON.stringify(serial, null, 1)}`,
        );
      }
    });
  }
});
