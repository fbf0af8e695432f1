/** PingOne's and PingFederate's provisioning (scim-clients 1.4, 1.9.8). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

onEveryEngine("PingOne", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "RE", group: "Ping Reviewers" }] },
    });
    ({ client } = world);
  });
  after(() => world.close());

  test("a person may be provisioned disabled, and enabled by PUT", async () => {
    const body = { userName: "ping@contoso.com", active: false };
    const { body: made } = await client.expect(201, "POST", "/Users", body);
    assert.equal(await world.roleOf("ping@contoso.com"), "DI scim");
    await client.expect(200, "PUT", `/Users/${made.id}`, { ...body, active: true });
    assert.equal(await world.roleOf("ping@contoso.com"), "AN scim");
  });

  test("the identifier of the filter is the administrator's to choose", async () => {
    const id = await client.addUser("key@contoso.com", {
      externalId: "Ext-1",
      emails: [{ value: "k@contoso.com" }],
    });
    for (const filter of [
      'username Eq "key@contoso.com"',
      'externalId eq "Ext-1"',
      'emails.value eq "k@contoso.com"',
      'emails eq "K@contoso.com"',
    ]) {
      const [found] = await client.find("Users", filter);
      assert.equal(found?.id, id, filter);
    }
    assert.deepEqual(await client.find("Users", 'externalId eq "ext-1"'), []);
  });

  test("members are removed by a list under the attribute's name once more", async () => {
    const id = await client.addUser("sdk@contoso.com");
    const other = await client.addUser("sdk2@contoso.com");
    const group = await client.addGroup("Ping Reviewers", id, other);
    assert.equal(await world.roleOf("sdk@contoso.com"), "RE scim");
    const value = { members: [{ value: id }] };
    await client.patch(204, `/Groups/${group}`, { op: "remove", path: "members", value });
    assert.deepEqual(await world.membersOf(group), [other]);
  });

  test("the remove action is disable or delete, and both take the access away", async () => {
    const disabled = await client.addUser("disable@contoso.com");
    await client.patch(200, `/Users/${disabled}`, { op: "replace", path: "active", value: false });
    const deleted = await client.addUser("delete@contoso.com");
    await client.expect(204, "DELETE", `/Users/${deleted}`);
    assert.equal(await world.roleOf("disable@contoso.com"), "DI scim");
    assert.equal(await world.roleOf("delete@contoso.com"), "DI scim");
  });
});
