/** The SCIM plugins of Keycloak, which share Captain-P-Goldfish's SDK (scim-clients 1.8). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

onEveryEngine("Keycloak", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "RE", group: "kc-reviewers" }] },
    });
    client = world.client.as({ type: "application/json" });
  });
  after(() => world.close());

  test("bodies are application/json, answers application/scim+json", async () => {
    const { headers } = await client.expect(201, "POST", "/Users", { userName: "kc@contoso.com" });
    assert.equal(headers["content-type"], "application/scim+json");
    assert.equal(await world.roleOf("kc@contoso.com"), "AN scim");
  });

  test("active comes as text, or as a list of one", async () => {
    const id = await client.addUser("text@contoso.com");
    const path = `/Users/${id}`;
    await client.patch(200, path, { op: "replace", path: "active", value: "false" });
    assert.equal(await world.roleOf("text@contoso.com"), "DI scim");
    await client.patch(200, path, { op: "replace", path: "active", value: [true] });
    assert.equal(await world.roleOf("text@contoso.com"), "AN scim");
    await client.patch(200, path, {
      op: "replace",
      value: { userName: "text@contoso.com", displayName: "Text" },
    });
    await client.expect(200, "PUT", path, { userName: "text@contoso.com", active: "false" });
    assert.equal(await world.roleOf("text@contoso.com"), "DI scim");
  });

  test("a group is replaced by PUT or PATCH, and emptied by a remove with null", async () => {
    const id = await client.addUser("kcm@contoso.com");
    const group = await client.addGroup("kc-reviewers");
    const path = `/Groups/${group}`;
    const members = [{ value: id }];
    await client.expect(200, "PUT", path, { displayName: "kc-reviewers", members });
    assert.equal(await world.roleOf("kcm@contoso.com"), "RE scim");
    await client.patch(
      204,
      path,
      { op: "replace", path: "members", value: members },
      { op: "replace", path: "displayName", value: "kc-reviewers" },
      { op: "replace", path: "externalId", value: "kc-1" },
    );
    assert.deepEqual(await world.membersOf(group), [id]);
    await client.patch(204, path, { op: "remove", path: "members", value: null });
    assert.deepEqual(await world.membersOf(group), []);
    assert.deepEqual(await world.assignmentsOf("kcm@contoso.com"), []);
  });
});
