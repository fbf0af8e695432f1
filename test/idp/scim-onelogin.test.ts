/** OneLogin's provisioning as it was captured (scim-clients 1.3). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

const schemas = ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"];

onEveryEngine("OneLogin", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "MA", group: "Managers" }] },
    });
    client = world.client.as({ headers: { "user-agent": "" } });
  });
  after(() => world.close());

  test("a look-up has plus signs for blanks and ends with an ampersand", async () => {
    const id = await client.addUser("plus@contoso.com", { schemas });
    const { body } = await client.expect(
      200,
      "GET",
      "/Users?filter=userName+eq+%22plus@contoso.com%22&",
    );
    assert.deepEqual(
      body.Resources.map((user: { id: string }) => user.id),
      [id],
    );
  });

  test("a PUT with schemas of the drafts, a bare question mark and no active updates the person", async () => {
    const id = await client.addUser("drafts@contoso.com", { schemas, active: true });
    const { body } = await client.expect(200, "PUT", `/Users/${id}?`, {
      schemas,
      userName: "drafts@contoso.com",
      name: { givenName: "Dee", familyName: "Raft" },
      title: null,
      "urn:scim:schemas:extension:enterprise:2.0": { department: "Cardiology" },
    });
    assert.equal(body.active, true);
    assert.equal(await world.namesOf("drafts@contoso.com"), "Dee Raft");
    assert.equal(await world.roleOf("drafts@contoso.com"), "AN scim");
    assert.ok(body.schemas.every((urn: string) => urn.startsWith("urn:ietf:params:scim:")));
  });

  test("members come by small PATCHes", async () => {
    const id = await client.addUser("member@contoso.com");
    const group = await client.addGroup("Managers");
    const value = [{ value: id }];
    await client.patch(204, `/Groups/${group}?`, { op: "add", path: "members", value });
    assert.equal(await world.roleOf("member@contoso.com"), "MA scim");
  });
});
