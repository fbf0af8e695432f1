/** SCIM in hostile hands: other organizations, escalation, takeover, oversized bodies (PRODUCT 1.1, 7.6, 7.8). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

onEveryEngine("a hostile SCIM client", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  let mallory: ScimClient;
  let malloryWorld: ScimWorld;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "AD", group: "LS-Admins" }] },
    });
    malloryWorld = await world.neighbour("Mallory");
    ({ client } = world);
    mallory = malloryWorld.client;
  });
  after(() => world.close());

  test("another organization's ids answer exactly as missing ones, for every method", async () => {
    const user = await client.addUser("victim@contoso.com");
    const group = await client.addGroup("LS-Admins", user);
    const missing = "00000000-0000-4000-8000-000000000000";
    const requests = [
      ["GET", "Users", undefined],
      ["PUT", "Users", { userName: "victim@contoso.com" }],
      ["PATCH", "Users", { Operations: [{ op: "replace", path: "active", value: false }] }],
      ["DELETE", "Users", undefined],
      ["GET", "Groups", undefined],
      ["PUT", "Groups", { displayName: "LS-Admins" }],
      ["PATCH", "Groups", { Operations: [{ op: "remove", path: "members" }] }],
      ["DELETE", "Groups", undefined],
    ] as const;
    for (const [method, type, body] of requests) {
      const foreign = type === "Users" ? [user, "victim@contoso.com"] : [group, "LS-Admins"];
      const expected = await mallory.send(method, `/${type}/${missing}`, body);
      for (const key of foreign) {
        const answer = await mallory.send(method, `/${type}/${key}`, body);
        assert.deepEqual([answer.status, answer.text], [404, expected.text], `${method} ${key}`);
      }
    }
    assert.equal(await world.roleOf("victim@contoso.com"), "AD scim");
    assert.deepEqual(await world.membersOf(group), [user]);
    assert.deepEqual(await mallory.find("Users", `id eq "${user}" or userName pr`), []);
  });

  test("members of another organization cannot be put into a group", async () => {
    const user = await client.addUser("member@contoso.com");
    const group = await mallory.addGroup("Mine");
    for (const value of [user, "member@contoso.com"]) {
      const operation = { op: "add", path: "members", value: [{ value }] };
      const { body } = await mallory.patch(400, `/Groups/${group}`, operation);
      assert.equal(body.scimType, "invalidValue");
    }
  });

  test("an account of another organization keeps its address, names and access there", async () => {
    await client.addUser("shared@contoso.com", { name: { givenName: "Real", familyName: "Name" } });
    const id = await mallory.addUser("shared@contoso.com", {
      name: { givenName: "Fake", familyName: "Name" },
    });
    await malloryWorld.sso.saveSettings({
      domain: "mallory.example",
      domains: ["mallory.example"],
    });
    const rename = { op: "replace", path: "userName", value: "mine@mallory.example" };
    await mallory.patch(403, `/Users/${id}`, rename);
    await mallory.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: false });
    assert.equal(await world.namesOf("shared@contoso.com"), "Real Name");
    assert.equal(await world.roleOf("shared@contoso.com"), "AN scim");
  });

  test("no group, role attribute or default gives Owner", async () => {
    const email = "climber@contoso.com";
    const id = await client.addUser(email, { roles: [{ value: "Owner", primary: true }] });
    await client.addGroup("Owner", id);
    await client.patch(200, `/Users/${id}`, { op: "add", path: "roles", value: [{ value: "OW" }] });
    assert.equal(await world.roleOf(email), "AN scim");
  });

  test("the Owner in a mapped group stays Owner, and leaving it takes nothing", async () => {
    const { email } = await world.owner();
    const id = await client.addUser(email);
    const [group] = await client.find("Groups", 'displayName eq "LS-Admins"');
    const members = { path: "members", value: [{ value: id }] };
    await client.patch(204, `/Groups/${group.id}`, { op: "add", ...members });
    assert.equal(await world.roleOf(email), "OW manual");
    await client.patch(204, `/Groups/${group.id}`, { op: "remove", ...members });
    assert.equal(await world.roleOf(email), "OW manual");
  });

  test("ids and externalIds that a client chooses are never keys", async () => {
    const owner = await world.owner();
    const { body } = await client.expect(201, "POST", "/Users", {
      id: String(owner.userId),
      externalId: String(owner.userId),
      userName: "chosen@contoso.com",
    });
    assert.notEqual(body.id, String(owner.userId));
    await client.expect(404, "GET", `/Users/${owner.userId}`);
  });

  test("names that every object inherits are refused wherever they stand", async () => {
    const id = await client.addUser("proto@contoso.com");
    const bodies = [
      '{"Operations":[{"op":"add","value":{"__proto__":{"x":1}}}]}',
      '{"Operations":[{"op":"add","path":"__proto__.x","value":1}]}',
      '{"Operations":[{"op":"add","path":"constructor.prototype","value":1}]}',
    ];
    for (const body of bodies) {
      const answer = await client.send("PATCH", `/Users/${id}`, body);
      assert.equal(answer.status, 400, body);
    }
    assert.equal(({} as Record<string, unknown>)["x"], undefined);
  });

  test("bodies that are too large are 413, of other types 415, each a SCIM error", async () => {
    const large = await client.send("POST", "/Users", {
      userName: "large@contoso.com",
      title: "x".repeat(1_100_000),
    });
    assert.deepEqual([large.status, large.body.status], [413, "413"]);
    const many = Array.from({ length: 1001 }, () => ({ op: "add", path: "title", value: "x" }));
    const id = await client.addUser("many@contoso.com");
    await client.expect(413, "PATCH", `/Users/${id}`, { Operations: many });
    const xml = await client.as({ type: "application/xml" }).send("POST", "/Users", "<x/>");
    assert.deepEqual([xml.status, xml.headers["content-type"]], [415, "application/scim+json"]);
  });
});
