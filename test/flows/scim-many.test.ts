/**
 * Many people in one request to a mapped group (PRODUCT 7.5, 1.7, 7.6): what is made of them together
 * is what would be made of them one by one.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Engine, onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

const group = "LS-Many";
const flags = {
  MANUAL_ROLE_MANAGEMENT: "0",
  MANUAL_WORKSPACE_MANAGEMENT: "0",
  MANUAL_PROJECT_MEMBER_MANAGEMENT: "0",
};
/** Who they are before, by the part before the @. */
const people = ["plain", "admin", "inactive", "pending", "byhand", "already", "last"];

/** An organization in which the group gives a role, a workspace that is gone by now, and a project. */
async function open(engine: Engine, env: Record<string, string>): Promise<ScimWorld> {
  const world = await ScimWorld.open(engine, { env });
  const { db } = world.test.store;
  const projectId = await world.addProject();
  const { organizationId } = world;
  const title = "Many";
  await db
    .insertInto("workspaces")
    .values({ organization_id: organizationId, title, created_at: 1, created_by: null })
    .execute();
  await world.map({
    roles: [
      { role: "RE", group },
      { role: "AD", group: "LS-Admins" },
    ],
    workspaces: [{ workspace: title, group }],
    projects: [{ projectId, group, role: "AN" }],
  });
  await db.deleteFrom("workspaces").where("title", "=", title).execute();
  return world;
}

/** The people, each with an id. */
async function fill(world: ScimWorld): Promise<readonly string[]> {
  const ids: string[] = [];
  const { client } = world;
  for (const name of people) {
    const active = name !== "inactive";
    ids.push(await client.addUser(`${name}@contoso.com`, { active }));
  }
  await client.addGroup("LS-Admins", ids[people.indexOf("admin")] ?? "");
  const { db } = world.test.store;
  const set = async (name: string, role: "NO" | "DI" | "RE", source: "manual" | "scim") => {
    const person = db.selectFrom("users").where("email", "=", `${name}@contoso.com`).select("id");
    await db
      .updateTable("memberships")
      .where("user_id", "=", person)
      .set({ role, role_source: source, opens_by_password: 1 })
      .execute();
  };
  await set("pending", "NO", "scim");
  await set("byhand", "DI", "manual");
  await set("already", "RE", "scim");
  return ids;
}

/** All that the directory says of the people, and what the audit log says of the latest change. */
async function told(world: ScimWorld): Promise<readonly unknown[]> {
  const { db } = world.test.store;
  const rows: unknown[] = [];
  for (const name of people) {
    const email = `${name}@contoso.com`;
    const membership = await db
      .selectFrom("memberships")
      .innerJoin("users", "users.id", "memberships.user_id")
      .where("users.email", "=", email)
      .select(["users.id", "opens_by_password as opens"])
      .executeTakeFirstOrThrow();
    const audit = await db
      .selectFrom("audit_log")
      .where("subject_user_id", "=", membership.id)
      .orderBy("id", "desc")
      .select(["reasons", "actor_kind"])
      .executeTakeFirst();
    // Which of them makes the workspace depends on who is first, and its reason says so.
    const reasons = audit?.reasons.replaceAll(", which is created", "");
    const has = [await world.accessOf(email), await world.assignmentsOf(email)];
    rows.push([name, await world.roleOf(email), ...has, membership.opens, reasons]);
  }
  const { used } = await db
    .selectFrom("organizations")
    .where("id", "=", world.organizationId)
    .select("seats_used as used")
    .executeTakeFirstOrThrow();
  return [...rows, used];
}

onEveryEngine("many people in one request", (engine) => {
  for (const [title, env] of [
    ["with manual management on", {}],
    ["with manual management off", flags],
  ] as const) {
    test(`${title}, joining and leaving together is joining and leaving one by one`, async () => {
      const [together, apart] = [await open(engine, env), await open(engine, env)];
      const ids = await fill(together);
      const path = `/Groups/${await together.client.addGroup(group)}`;
      const members = ids.map((value) => ({ value }));
      await together.client.expect(200, "PUT", path, { displayName: group, members });
      const others = await fill(apart);
      const other = `/Groups/${await apart.client.addGroup(group)}`;
      const change = (op: string, id: string) =>
        apart.client.patch(204, other, { op, path: "members", value: [{ value: id }] });
      for (const id of others) await change("add", id);
      assert.deepEqual(await told(together), await told(apart));
      assert.equal(await together.roleOf("plain@contoso.com"), "RE scim");
      await together.client.patch(204, path, { op: "replace", path: "members", value: [] });
      for (const id of others) await change("remove", id);
      assert.deepEqual(await told(together), await told(apart));
      await together.close();
      await apart.close();
    });
  }

  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await open(engine, {});
    ({ client } = world);
  });
  after(() => world.close());

  test("of many who join at once, as many as there are seats get the role, and no more", async () => {
    const { organizationId } = world;
    const path = `/api/organizations/${organizationId}`;
    await world.api("PATCH", `${path}/set-default-role`, { default_role: "NO" });
    const ids: string[] = [];
    for (let at = 0; at < 230; at += 1) ids.push(await client.addUser(`seat${at}@contoso.com`));
    await world.api("PATCH", path, { seat_limit: 212 });
    await client.addGroup(group, ...ids);
    const { db } = world.test.store;
    const roles = await db
      .selectFrom("memberships")
      .where("organization_id", "=", organizationId)
      .groupBy("role")
      .orderBy("role")
      .select((eb) => ["role", eb.fn.countAll<number>().as("people")])
      .execute();
    assert.deepEqual(
      roles.map(({ role, people: count }) => `${role} ${Number(count)}`),
      ["NO 19", "OW 1", "RE 211"],
    );
  });

  test("fifty clients that each add forty people to one group leave exactly those in it, each with the role", async () => {
    await world.api("PATCH", `/api/organizations/${world.organizationId}`, { seat_limit: null });
    const found = await client.expect(200, "GET", "/Users?count=200&attributes=id");
    const ids: string[] = found.body.Resources.map(({ id }: { id: string }) => id);
    const [existing] = await client.find("Groups", `displayName eq "${group}"`);
    const at = `/Groups/${existing.id}`;
    await client.patch(204, at, { op: "replace", path: "members", value: [] });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const value = Array.from({ length: 40 }, (_two, step) => ({
          value: ids[(index * 4 + step) % ids.length],
        }));
        const Operations = [{ op: "add", path: "members", value }];
        return client.send("PATCH", at, { Operations });
      }),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
    assert.deepEqual(new Set(await world.membersOf(existing.id)), new Set(ids));
    const { db } = world.test.store;
    const assigned = await db
      .selectFrom("scim_assignments")
      .where("organization_id", "=", world.organizationId)
      .where("scope", "=", "organization")
      .select((eb) => eb.fn.countAll<number>().as("people"))
      .executeTakeFirstOrThrow();
    assert.equal(Number(assigned.people), ids.length);
  });
});
