/** Many clients at once (DESIGN 5): no member is lost, no person is made twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

onEveryEngine("SCIM at once", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: {
        roles: [
          { role: "MA", group: "Managers" },
          { role: "RE", group: "Reviewers" },
        ],
      },
    });
    ({ client } = world);
  });
  after(() => world.close());
  const change = (op: string, id: string) => ({
    Operations: [{ op, path: "members", value: [{ value: id }] }],
  });

  test("fifty clients PATCH one group at once, and the members are exactly those expected", async () => {
    const ids: string[] = [];
    for (let at = 0; at < 50; at += 1) ids.push(await client.addUser(`p${at}@contoso.com`));
    const [before, later] = [ids.slice(0, 25), ids.slice(25)];
    const group = await client.addGroup("Managers", ...before);
    const answers = await Promise.all([
      ...before.map((id) => client.send("PATCH", `/Groups/${group}`, change("remove", id))),
      ...later.map((id) => client.send("PATCH", `/Groups/${group}`, change("add", id))),
    ]);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
    const expected = later.toSorted((left, right) => (left < right ? -1 : 1));
    assert.deepEqual(await world.membersOf(group), expected);
    for (const at of [25, 49]) assert.equal(await world.roleOf(`p${at}@contoso.com`), "MA scim");
    assert.deepEqual(await world.assignmentsOf("p0@contoso.com"), []);
    const { body } = await client.expect(200, "GET", `/Groups/${group}?attributes=meta`);
    assert.equal(body.meta.version, 'W/"51"', "each of the fifty raised it once");
  });

  test("two POSTs of one userName at once are one 201 and one 409", async () => {
    for (let round = 0; round < 5; round += 1) {
      const body = { userName: `race${round}@contoso.com` };
      const answers = await Promise.all([
        client.send("POST", "/Users", body),
        client.send("POST", "/Users", body),
      ]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    }
    const group = { displayName: "Race" };
    const answers = await Promise.all([
      client.send("POST", "/Groups", group),
      client.send("POST", "/Groups", group),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
  });

  test("one person put into two groups at once has the higher role of the two", async () => {
    const managers = (await client.find("Groups", 'displayName eq "Managers"'))[0].id;
    const reviewers = await client.addGroup("Reviewers");
    for (let round = 0; round < 5; round += 1) {
      const email = `both${round}@contoso.com`;
      const id = await client.addUser(email);
      await Promise.all([
        client.send("PATCH", `/Groups/${managers}`, change("add", id)),
        client.send("PATCH", `/Groups/${reviewers}`, change("add", id)),
      ]);
      assert.equal(await world.roleOf(email), "MA scim");
      assert.equal((await world.assignmentsOf(email)).length, 2);
    }
  });

  test("mappings saved while groups change leave nobody judged by the former ones", async () => {
    const managers = (await client.find("Groups", 'displayName eq "Managers"'))[0].id;
    const ids: string[] = [];
    for (let at = 0; at < 8; at += 1) ids.push(await client.addUser(`saved${at}@contoso.com`));
    await Promise.all([
      ...ids.map((id) => client.send("PATCH", `/Groups/${managers}`, change("add", id))),
      world.map({ roles: [{ role: "RE", group: "Managers" }] }),
    ]);
    for (let at = 0; at < 8; at += 1) {
      assert.equal(await world.roleOf(`saved${at}@contoso.com`), "RE scim");
    }
  });
});
