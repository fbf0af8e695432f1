/** Google Workspace's provisioning (scim-clients 1.6). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";

onEveryEngine("Google Workspace", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine);
    ({ client } = world);
  });
  after(() => world.close());

  test("mappings are built from the schema of users, whose characteristics are right", async () => {
    const { body } = await client.expect(200, "GET", `/Schemas/${userUrn}`);
    assert.equal(body.id, userUrn);
    const attribute = (name: string) =>
      body.attributes.find((one: { name: string }) => one.name === name);
    const { type, required, mutability, uniqueness } = attribute("userName");
    assert.deepEqual(
      [type, required, mutability, uniqueness],
      ["string", true, "readWrite", "server"],
    );
    assert.deepEqual(
      [attribute("groups").mutability, attribute("emails").multiValued],
      ["readOnly", true],
    );
  });

  test("a suspended person is created inactive, and a late delete is no error", async () => {
    const body = { schemas: [userUrn], userName: "suspended@contoso.com", active: false };
    const { body: made } = await client.expect(201, "POST", "/Users", body);
    assert.equal(made.active, false);
    assert.equal(await world.roleOf("suspended@contoso.com"), "DI scim");
    await client.expect(204, "DELETE", `/Users/${made.id}`);
    await client.expect(404, "DELETE", `/Users/${made.id}`);
  });

  test("a delete without a suspension before it takes the access away", async () => {
    const id = await client.addUser("sudden@contoso.com");
    await client.expect(204, "DELETE", `/Users/${id}`);
    assert.equal(await world.roleOf("sudden@contoso.com"), "DI scim");
  });
});
