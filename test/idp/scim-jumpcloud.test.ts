/** JumpCloud's provisioning (scim-clients 1.5). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

onEveryEngine("JumpCloud", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "MA", group: "JC Managers" }] },
    });
    ({ client } = world);
  });
  after(() => world.close());

  test("activation makes a test user and a test group and deletes both, twice over", async () => {
    for (let round = 0; round < 2; round += 1) {
      const user = await client.addUser("jumpcloud.test@contoso.com");
      const group = await client.addGroup("JumpCloud test group", user);
      await client.expect(204, "DELETE", `/Groups/${group}`);
      await client.expect(204, "DELETE", `/Users/${user}`);
      await client.expect(404, "GET", `/Users/${user}`);
    }
    assert.equal(await world.roleOf("jumpcloud.test@contoso.com"), "DI scim");
  });

  test("a member is removed by a list beside the path, as Entra does", async () => {
    const id = await client.addUser("jc@contoso.com");
    const stays = await client.addUser("jc2@contoso.com");
    const group = await client.addGroup("JC Managers", id, stays);
    assert.equal(await world.roleOf("jc@contoso.com"), "MA scim");
    const value = [{ value: id }];
    await client.patch(204, `/Groups/${group}`, { op: "remove", path: "members", value });
    assert.deepEqual(await world.membersOf(group), [stays]);
    assert.deepEqual(await world.assignmentsOf("jc@contoso.com"), []);
  });
});
