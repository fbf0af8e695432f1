/** Microsoft Entra ID's provisioning, request by request as it sends them (scim-clients 1.1). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const adGroup = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

onEveryEngine("Entra ID", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "MA", group: "LS-Managers" }] },
    });
    ({ client } = world);
  });
  after(() => world.close());
  const create = async (userName: string, more: object = {}) =>
    await client.addUser(userName, {
      schemas: [core, enterprise],
      externalId: `${userName}-object-id`,
      active: true,
      emails: [{ primary: true, type: "work", value: userName }],
      meta: { resourceType: "User" },
      name: { formatted: "Ada King", familyName: "King", givenName: "Ada" },
      roles: [],
      addresses: null,
      phoneNumbers: null,
      ...more,
    });
  const one = async (id: string) => (await client.expect(200, "GET", `/Users/${id}`)).body;

  test("Test Connection asks for a random user and wants 200 with an empty list", async () => {
    const filter = encodeURIComponent('userName eq "7f0b6a4e-0000-4000-8000-2c963f66afa6"');
    const { body } = await client.expect(200, "GET", `/Users?filter=${filter}`);
    assert.deepEqual([body.totalResults, body.Resources], [0, []]);
  });

  test("the flag of the tenant URL is part of every address, and ignored", async () => {
    const filter = encodeURIComponent('userName eq "nobody@contoso.com"');
    await client.expect(200, "GET", `/Users?aadOptscim062020&filter=${filter}`);
  });

  test("a person is made with explicit nulls, and matched by userName, externalId and work e-mail", async () => {
    const id = await create("Match@contoso.com");
    for (const filter of [
      'userName eq "match@CONTOSO.com"',
      'externalId eq "Match@contoso.com-object-id"',
      'emails[type eq "work"].value eq "match@contoso.com"',
    ]) {
      const found = await client.find("Users", filter);
      assert.deepEqual(
        found.map((user: { id: string }) => user.id),
        [id],
        filter,
      );
    }
    assert.equal(await world.roleOf("match@contoso.com"), "AN scim");
    assert.equal(await world.namesOf("match@contoso.com"), "Ada King");
  });

  test("capitalised operations with booleans as text deactivate and bring back", async () => {
    const id = await create("soft@contoso.com");
    const path = `/Users/${id}`;
    await client.patch(200, path, { op: "Replace", path: "active", value: "False" });
    assert.equal(await world.roleOf("soft@contoso.com"), "DI scim");
    assert.equal((await one(id)).active, false, "readable while inactive");
    await client.patch(200, path, { op: "Add", path: "active", value: "True" });
    assert.equal(await world.roleOf("soft@contoso.com"), "AN scim");
  });

  test("filtered paths make what they do not find; quoted booleans select", async () => {
    const id = await create("paths@contoso.com", { roles: [{ value: "old", primary: true }] });
    await client.patch(
      200,
      `/Users/${id}`,
      { op: "Replace", path: 'emails[type eq "work"].value', value: "p@contoso.com" },
      { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555" },
      { op: "Add", path: 'addresses[type eq "work"].country', value: "SE" },
      { op: "Replace", path: 'roles[primary eq "True"].value', value: "new" },
    );
    const user = await one(id);
    assert.equal(user.emails[0].value, "p@contoso.com");
    assert.deepEqual(user.phoneNumbers, [{ type: "mobile", value: "+1 555" }]);
    assert.deepEqual(user.addresses, [{ type: "work", country: "SE" }]);
    assert.equal(user.roles[0].value, "new");
  });

  test("path-less replace with dotted and URN keys", async () => {
    const id = await create("dotted@contoso.com");
    await client.patch(200, `/Users/${id}`, {
      op: "replace",
      value: { "name.givenName": "Dot", [`${enterprise}:employeeNumber`]: "42" },
    });
    const user = await one(id);
    assert.equal(user.name.givenName, "Dot");
    assert.equal(user[enterprise].employeeNumber, "42");
    assert.ok(user.schemas.includes(enterprise));
    assert.equal(await world.namesOf("dotted@contoso.com"), "Dot King");
  });

  test("a manager is a plain id, a list of one object, or empty text to take it away", async () => {
    const id = await create("managed@contoso.com");
    const path = `/Users/${id}`;
    const manager = `${enterprise}:manager`;
    await client.patch(200, path, { op: "Add", path: manager, value: "m-1" });
    assert.equal((await one(id))[enterprise].manager.value, "m-1");
    const value = [{ $ref: "../Users/m-2", value: "m-2" }];
    await client.patch(200, path, { op: "Replace", path: "manager", value });
    assert.equal((await one(id))[enterprise].manager.value, "m-2");
    await client.patch(200, path, { op: "Replace", path: manager, value: "" });
    assert.equal((await one(id))[enterprise]?.manager, undefined);
  });

  test("app roles come as JSON inside a text, and raise nobody", async () => {
    const id = await create("approle@contoso.com");
    const value = JSON.stringify({ id: "1", value: "Administrator", displayName: "Administrator" });
    await client.patch(200, `/Users/${id}`, { op: "Add", path: "roles", value });
    assert.equal((await one(id)).roles[0].value, "Administrator");
    assert.equal(await world.roleOf("approle@contoso.com"), "AN scim");
  });

  test("the validator's PATCH without operations changes nothing", async () => {
    const id = await create("noop@contoso.com");
    const { body } = await client.patch(200, `/Users/${id}`);
    assert.equal(body.meta.version, 'W/"1"');
  });

  test("an unknown operation is 400 and never a silent 200", async () => {
    const id = await create("silent@contoso.com");
    await client.patch(400, `/Users/${id}`, { op: "Deprovision", path: "active", value: "False" });
    assert.equal(await world.roleOf("silent@contoso.com"), "AN scim");
  });

  test("a group is made without members, matched without reading them, and filled by PATCH", async () => {
    const { body } = await client.expect(201, "POST", "/Groups", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group", adGroup],
      externalId: "8aa1a0c0",
      displayName: "LS-Managers",
      meta: { resourceType: "Group" },
      members: [],
    });
    const id = await create("member@contoso.com");
    const add = { op: "Add", path: "members", value: [{ $ref: null, value: id }] };
    await client.patch(204, `/Groups/${body.id}`, add);
    assert.equal(await world.roleOf("member@contoso.com"), "MA scim");
    const [found] = await client.find(
      "Groups",
      'displayName eq "LS-Managers"',
      "&excludedAttributes=members",
    );
    assert.deepEqual([found.id, found.members], [body.id, undefined]);
    const query = "?excludedAttributes=members";
    const bare = await client.expect(200, "GET", `/Groups/${body.id}${query}`);
    assert.equal(bare.body.members, undefined);
    const probe = `id eq "${body.id}" and members eq "${id}"`;
    assert.equal((await client.find("Groups", probe)).length, 1);
  });

  test("Remove with a list beside the path takes those away and nobody else", async () => {
    const [a, b] = [await create("r1@contoso.com"), await create("r2@contoso.com")];
    const group = await client.addGroup("Removals", a, b);
    const value = [{ $ref: null, value: a }];
    await client.patch(204, `/Groups/${group}`, { op: "Remove", path: "members", value });
    assert.deepEqual(await world.membersOf(group), [b]);
    await client.patch(204, `/Groups/${group}`, { op: "Remove", path: `members[value eq "${b}"]` });
    assert.deepEqual(await world.membersOf(group), []);
  });

  test("the hard delete thirty days later ends the resource", async () => {
    const id = await create("hard@contoso.com");
    await client.patch(200, `/Users/${id}`, { op: "Replace", path: "active", value: "False" });
    await client.expect(204, "DELETE", `/Users/${id}`);
    await client.expect(404, "GET", `/Users/${id}`);
    assert.equal(await world.roleOf("hard@contoso.com"), "DI scim");
  });
});
