/**
 * Okta's provisioning as it sends it (scim-clients 1.2), and Okta's own two test files, run as their
 * runner at Runscope would: 52 assertions of the protocol, and a person's way from joining to leaving.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "../flows/scim-world.ts";
import { type OktaRequest, runOktaFile } from "./okta-file.ts";
import { OktaTenant } from "./okta-tenant.ts";

onEveryEngine("Okta", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "RE", group: "LS-Reviewers" }] },
    });
    client = world.client.as({ type: "application/scim+json; charset=utf-8" });
  });
  after(() => world.close());
  const ask = async ({ method, url, headers, body }: OktaRequest) => {
    const answer = await world.test.app.inject({
      method: method as "GET" | "POST",
      url: `/scim/v2${encodeURI(url)}`,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: answer.statusCode, body: answer.body === "" ? null : answer.json() };
  };
  const profile = (userName: string, more: object = {}) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName,
    name: { givenName: "Okta", familyName: "User" },
    emails: [{ primary: true, value: userName, type: "work" }],
    displayName: "Okta User",
    locale: "en-US",
    externalId: "00ujl29u0le5T6Aj10h7",
    groups: [],
    password: "1mz050nq",
    active: true,
    ...more,
  });

  test("Okta's SPEC test file passes, 52 of 52", async () => {
    await client.expect(201, "POST", "/Users", profile("somebody@contoso.com"));
    const given = {
      SCIMBaseURL: "",
      auth: `Bearer ${client.token}`,
      InvalidUserEmail: "abcdefgh@atko.com",
      UserIdThatDoesNotExist: "010101001010101011001010101011",
      randomEmail: "runscope300@atko.com",
      randomUsername: "Runscope300Abc@atko.com",
      randomUsernameCaps: "RUNSCOPE300ABC@ATKO.COM",
      randomGivenName: "Runscope300",
      randomFamilyName: "Otter",
    };
    assert.equal(await runOktaFile("Okta-SCIM-20-SPEC-Test.json", given, ask), 52);
  });

  test("Okta's CRUD test file passes: each event in Okta arrives as its app sends it", async () => {
    const tenant = new OktaTenant(client);
    const email = "crud@contoso.com";
    const given = {
      oktaOrgUrl: "okta:",
      oktaAppId: "0oa1",
      oktaToken: "00token",
      SCIMUrl: "",
      SCIMAuth: `Bearer ${client.token}`,
      okta_user_email: email,
      okta_user_firstname: "Runscope400",
      okta_user_firstname_update: "Runscope500",
      okta_user_lastname: "Otter",
      okta_user_title: "Engineer",
      okta_user_primaryphone: "123-444-5555",
    };
    const roles: (string | null)[] = [];
    const passed = await runOktaFile("Okta-SCIM-20-CRUD-Test.json", given, async (request) => {
      if (request.url.startsWith("okta:")) return await tenant.answer(request);
      roles.push(await world.roleOf(email));
      return await ask(request);
    });
    assert.equal(passed, 21);
    assert.deepEqual(roles, ["AN scim", "AN scim", "DI scim", "AN scim", "DI scim"]);
    assert.equal(await world.namesOf(email), "Runscope500 Otter");
  });

  test("before it creates, Okta looks the person up; the 201 has a body", async () => {
    const email = "lookup@contoso.com";
    const found = await client.find("Users", `userName eq "${email}"`, "&startIndex=1&count=100");
    assert.deepEqual(found, []);
    const { body } = await client.expect(201, "POST", "/Users", profile(email));
    assert.equal(body.userName, email);
    assert.equal(await world.roleOf(email), "AN scim");
    await client.expect(409, "POST", "/Users", profile(email));
  });

  test("a PUT of the whole body, with id, groups and meta, updates and deactivates", async () => {
    const email = "whole@contoso.com";
    const { body } = await client.expect(201, "POST", "/Users", profile(email));
    const path = `/Users/${body.id}`;
    const whole = { ...(await client.expect(200, "GET", path)).body, groups: [] };
    const name = { givenName: "New", familyName: "Name" };
    await client.expect(200, "PUT", path, { ...whole, name });
    assert.equal(await world.namesOf(email), "New Name");
    await client.expect(200, "PUT", path, { ...whole, name, active: false });
    assert.equal(await world.roleOf(email), "DI scim");
    await client.expect(200, "PUT", path, { ...whole, name, active: true });
    assert.equal(await world.roleOf(email), "AN scim");
  });

  test("an OIN app deactivates by a path-less PATCH", async () => {
    const email = "oin@contoso.com";
    const { body } = await client.expect(201, "POST", "/Users", profile(email));
    await client.patch(200, `/Users/${body.id}`, { op: "replace", value: { active: false } });
    assert.equal(await world.roleOf(email), "DI scim");
  });

  test("group push: create, rename with the id inside, mixed members, Push now, unlink", async () => {
    const id = await client.addUser("push1@contoso.com");
    const other = await client.addUser("push2@contoso.com");
    const group = (
      await client.expect(201, "POST", "/Groups", {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        displayName: "LS-Reviewers",
        members: [],
      })
    ).body.id;
    const path = `/Groups/${group}`;
    const add = (value: string) => ({
      op: "add",
      path: "members",
      value: [{ value, display: "x@contoso.com" }],
    });
    const rename = { op: "replace", value: { id: group, displayName: "LS-Reviewers" } };
    await client.patch(204, path, rename, add(id));
    assert.equal(await world.roleOf("push1@contoso.com"), "RE scim");
    await client.patch(204, path, rename);
    assert.deepEqual(await world.membersOf(group), [id]);
    const remove = { op: "remove", path: `members[value eq "${id}"]` };
    await client.patch(204, path, remove, add(other));
    assert.deepEqual(await world.membersOf(group), [other]);
    const value = [{ value: id }, { value: other }];
    await client.patch(204, path, { op: "replace", path: "members", value });
    assert.equal((await world.membersOf(group)).length, 2);
    const put = { displayName: "LS-Reviewers", members: [{ value: other }] };
    await client.expect(200, "PUT", path, { id: group, ...put });
    assert.deepEqual(await world.membersOf(group), [other]);
    assert.equal(await world.roleOf("push2@contoso.com"), "RE scim");
    await client.expect(204, "DELETE", path);
    assert.deepEqual(await world.assignmentsOf("push2@contoso.com"), []);
  });

  test("an import pages through everybody once, in a stable order, with numbers", async () => {
    for (let at = 0; at < 5; at += 1) await client.addUser(`import${at}@contoso.com`);
    const ids: string[] = [];
    for (let startIndex = 1; ; startIndex += 2) {
      const { body } = await client.expect(200, "GET", `/Users?startIndex=${startIndex}&count=2`);
      ids.push(...body.Resources.map(({ id }: { id: string }) => id));
      assert.equal(typeof body.totalResults, "number");
      assert.equal(body.startIndex, startIndex);
      if (body.Resources.length < 2) break;
    }
    const { body } = await client.expect(200, "GET", "/Users?count=0");
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, body.totalResults);
  });
});
