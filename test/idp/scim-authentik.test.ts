/** authentik's outgoing provisioning (scim-clients 1.7). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

onEveryEngine("authentik", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "AD", group: "authentik Admins" }] },
    });
    ({ client } = world);
  });
  after(() => world.close());
  const user = (name: string) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: name,
    externalId: `${name}-uid`,
    active: true,
    displayName: name,
    name: { formatted: name, givenName: name, familyName: " " },
    emails: [{ value: `${name}@contoso.com`, type: "other", primary: true }],
  });

  test("the service provider's configuration drives it: PATCH, filter, and a chunk size", async () => {
    const { body } = await client.expect(200, "GET", "/ServiceProviderConfig");
    assert.deepEqual([body.patch.supported, body.filter.supported], [true, true]);
    assert.ok(body.bulk.maxOperations > 0);
  });

  test("a userName that is a bare name is kept, and the e-mail is the person's address", async () => {
    const { body } = await client.expect(201, "POST", "/Users", user("alice"));
    assert.equal(body.userName, "alice");
    assert.equal(await world.roleOf("alice@contoso.com"), "AN scim");
  });

  test("after a 409 it asks by an unquoted value and links the first that is found", async () => {
    const { body } = await client.expect(201, "POST", "/Users", user("bob"));
    await client.expect(409, "POST", "/Users", user("bob"));
    const { body: list } = await client.expect(200, "GET", "/Users?filter=userName%20eq%20bob");
    assert.equal(list.Resources[0].id, body.id);
    await client.expect(200, "PUT", `/Users/${body.id}`, { ...user("bob"), title: "Nurse" });
  });

  test("a group is made without members, filled one operation each, read back and emptied", async () => {
    const ids = [await client.addUser("g1@contoso.com"), await client.addUser("g2@contoso.com")];
    const { body } = await client.expect(201, "POST", "/Groups", {
      displayName: "authentik Admins",
      externalId: "group-uid",
    });
    const path = `/Groups/${body.id}`;
    const each = (op: string) => ids.map((value) => ({ op, path: "members", value: [{ value }] }));
    await client.patch(204, path, ...each("add"));
    assert.equal((await world.membersOf(body.id)).length, 2);
    assert.equal(await world.roleOf("g1@contoso.com"), "AD scim");
    await client.patch(204, path, {
      op: "replace",
      value: { ...body, members: undefined },
    });
    assert.equal((await world.membersOf(body.id)).length, 2);
    await client.patch(204, path, ...each("remove"));
    assert.deepEqual(await world.membersOf(body.id), []);
  });

  test("discovery pages with startIndex alone", async () => {
    const { body } = await client.expect(200, "GET", "/Users?startIndex=2");
    assert.equal(body.startIndex, 2);
    assert.equal(body.itemsPerPage, body.totalResults - 1);
  });

  test("a 404 makes it create the person anew", async () => {
    const { body } = await client.expect(201, "POST", "/Users", user("carl"));
    await client.expect(204, "DELETE", `/Users/${body.id}`);
    await client.expect(404, "PUT", `/Users/${body.id}`, user("carl"));
    await client.expect(201, "POST", "/Users", user("carl"));
    assert.equal(await world.roleOf("carl@contoso.com"), "AN scim");
  });
});
