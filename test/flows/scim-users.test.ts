/** People by SCIM, as the directory sees them: PRODUCT 7.3, 7.4, 7.6, 7.8. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
const errorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";

onEveryEngine("people by SCIM", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  before(async () => {
    world = await ScimWorld.open(engine, {
      mappings: { roles: [{ role: "MA", group: "LS-Managers" }] },
    });
    ({ client } = world);
  });
  after(() => world.close());

  test("a new person gets an account, names and the default role, and the answer says where", async () => {
    const { body, headers } = await client.expect(201, "POST", "/Users", {
      schemas: [userUrn],
      userName: "Alice@Contoso.com",
      name: { givenName: "Alice", familyName: "Abel" },
      externalId: "00u1",
      title: "Nurse",
      password: "never kept",
      "urn:example:custom": { desk: 7 },
    });
    assert.match(body.id, /^[0-9a-f-]{36}$/);
    assert.equal(headers["content-type"], "application/scim+json");
    assert.equal(headers["location"], `http://localhost:8080/scim/v2/Users/${body.id}`);
    assert.equal(headers["etag"], body.meta.version);
    assert.deepEqual(
      [body.userName, body.active, body.title, body.externalId, body["urn:example:custom"]],
      ["Alice@Contoso.com", true, "Nurse", "00u1", { desk: 7 }],
    );
    assert.equal(body.password, undefined);
    assert.equal(await world.roleOf("alice@contoso.com"), "AN scim");
    assert.equal(await world.namesOf("alice@contoso.com"), "Alice Abel");
    const stored = await world.test.store.db.selectFrom("scim_users").selectAll().execute();
    assert.doesNotMatch(JSON.stringify(stored), /never kept/);
  });

  test("a second POST of a userName, in any case, is 409 uniqueness", async () => {
    await client.addUser("twice@contoso.com");
    const { body } = await client.expect(409, "POST", "/Users", { userName: "TWICE@contoso.com" });
    assert.deepEqual(body.schemas, [errorUrn]);
    assert.deepEqual([body.status, body.scimType], ["409", "uniqueness"]);
  });

  test("a person is read by id and, as the original's clients do, by e-mail", async () => {
    const id = await client.addUser("read@contoso.com");
    for (const key of [id, "read@contoso.com", "READ%40contoso.com"]) {
      const { body } = await client.expect(200, "GET", `/Users/${key}`);
      assert.equal(body.id, id);
    }
    await client.expect(404, "GET", "/Users/00919288221112222");
  });

  test("active false is Deactivated with source scim, active true brings the person back", async () => {
    const id = await client.addUser("off@contoso.com");
    const off = await client.patch(200, `/Users/${id}`, {
      op: "replace",
      value: { active: false },
    });
    assert.equal(off.body.active, false);
    assert.equal(await world.roleOf("off@contoso.com"), "DI scim");
    await client.patch(200, `/Users/${id}`, { op: "Replace", path: "active", value: "True" });
    assert.equal(await world.roleOf("off@contoso.com"), "AN scim");
  });

  test("active true gives the role of the groups before the default one", async () => {
    const id = await client.addUser("boss@contoso.com");
    await client.addGroup("LS-Managers", id);
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: false });
    assert.equal(await world.roleOf("boss@contoso.com"), "DI scim");
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: true });
    assert.equal(await world.roleOf("boss@contoso.com"), "MA scim");
  });

  test("a PUT that says nothing of active leaves it, and takes away what it does not say", async () => {
    const id = await client.addUser("put@contoso.com", { title: "Nurse", nickName: "P" });
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: false });
    const { body } = await client.expect(200, "PUT", `/Users/${id}`, {
      userName: "put@contoso.com",
      nickName: "Q",
    });
    assert.deepEqual([body.active, body.title, body.nickName], [false, undefined, "Q"]);
    assert.equal(await world.roleOf("put@contoso.com"), "DI scim");
  });

  test("a PUT without an existing person makes none", async () => {
    await client.expect(404, "PUT", "/Users/nobody@contoso.com", {
      userName: "nobody@contoso.com",
    });
    assert.equal(await world.roleOf("nobody@contoso.com"), null);
  });

  test("what changes nothing raises no version, and what does raises it by one", async () => {
    const id = await client.addUser("same@contoso.com", { title: "Nurse" });
    const path = `/Users/${id}`;
    const same = await client.patch(200, path, { op: "replace", path: "title", value: "Nurse" });
    assert.equal(same.body.meta.version, 'W/"1"');
    const next = await client.patch(200, path, { op: "replace", path: "title", value: "Doctor" });
    assert.equal(next.body.meta.version, 'W/"2"');
    const none = await client.patch(200, path);
    assert.equal(none.body.meta.version, 'W/"2"');
  });

  test("If-Match of another version is 412, If-None-Match of this one is 304", async () => {
    const id = await client.addUser("etag@contoso.com");
    const path = `/Users/${id}`;
    const stale = client.as({ headers: { "if-match": 'W/"7"' } });
    for (const method of ["PUT", "PATCH", "DELETE"] as const) {
      const { body } = await stale.expect(
        412,
        method,
        path,
        method === "DELETE" ? undefined : { userName: "etag@contoso.com", Operations: [] },
      );
      assert.equal(body.status, "412");
    }
    const fresh = client.as({ headers: { "if-none-match": 'W/"1"' } });
    assert.equal((await fresh.expect(304, "GET", path)).text, "");
    await client.as({ headers: { "if-match": 'W/"1"' } }).expect(204, "DELETE", path);
  });

  test("DELETE ends the resource; the person stays Deactivated, and a new POST links them again", async () => {
    const id = await client.addUser("back@contoso.com");
    const group = await client.addGroup("Some", id);
    await client.expect(204, "DELETE", `/Users/${id}`);
    await client.expect(404, "GET", `/Users/${id}`);
    await client.expect(404, "DELETE", `/Users/${id}`);
    assert.deepEqual(await client.find("Users", 'userName eq "back@contoso.com"'), []);
    assert.deepEqual(await world.membersOf(group), []);
    assert.equal(await world.roleOf("back@contoso.com"), "DI scim");
    const again = await client.addUser("back@contoso.com");
    assert.notEqual(again, id);
    assert.equal(await world.roleOf("back@contoso.com"), "AN scim");
  });

  test("somebody who signed on before is linked, and keeps the role", async () => {
    await world.test.addMember({
      organizationId: world.organizationId,
      email: "here@contoso.com",
      role: "RE",
    });
    await client.addUser("here@contoso.com", { name: { givenName: "He", familyName: "Re" } });
    assert.equal(await world.roleOf("here@contoso.com"), "RE manual");
    assert.equal(await world.namesOf("here@contoso.com"), "He Re");
  });

  test("who was deactivated by hand stays so when a client meets them anew", async () => {
    const { organizationId } = world;
    const email = "fired@contoso.com";
    await world.test.addMember({ organizationId, email, role: "DI" });
    await client.addUser(email);
    assert.equal(await world.roleOf(email), "DI manual");
  });

  test("a person may be provisioned disabled", async () => {
    const { body } = await client.expect(201, "POST", "/Users", {
      userName: "disabled@contoso.com",
      active: false,
    });
    assert.equal(body.active, false);
    assert.equal(await world.roleOf("disabled@contoso.com"), "DI scim");
  });

  test("a userName that is no address takes the one among the e-mails", async () => {
    await client.addUser("alan", {
      emails: [
        { value: "other@contoso.com", type: "home" },
        { value: "Alan@contoso.com", type: "work", primary: true },
      ],
    });
    assert.equal(await world.roleOf("alan@contoso.com"), "AN scim");
    const [found] = await client.find("Users", "userName eq alan");
    assert.equal(found.userName, "alan");
    const { body } = await client.expect(400, "POST", "/Users", { userName: "a..b@-contoso" });
    assert.equal(body.scimType, "invalidValue");
  });

  test("somebody without any address is kept, and signs in once they have one", async () => {
    const id = await client.addUser("badge-4711");
    assert.equal(await world.roleOf(`${id}@no-address.invalid`), "AN scim");
    const value = "badge@contoso.com";
    await client.patch(200, `/Users/${id}`, { op: "add", path: "emails", value: [{ value }] });
    assert.equal(await world.roleOf("badge@contoso.com"), "AN scim");
    assert.equal(await world.signOn("badge@contoso.com"), "/");
  });

  test("e-mails beside a userName that is none are profile: no domain, no other's address is taken over", async () => {
    const id = await client.addUser("sam", { emails: [{ value: "sam@contoso.com" }] });
    await client.addUser("other@contoso.com");
    for (const value of ["sam@elsewhere.com", "other@contoso.com"]) {
      const operation = { op: "replace", path: "emails", value: [{ value }] };
      const { body } = await client.patch(200, `/Users/${id}`, operation);
      assert.equal(body.emails[0].value, value);
      assert.equal(await world.roleOf("sam@contoso.com"), "AN scim");
    }
  });

  test("an address changes only to a domain of the organization, and the old one's sessions end", async () => {
    const id = await client.addUser("old@contoso.com");
    const cookie = await world.test.signedInCookie("old@contoso.com", world.organizationId);
    const path = `/Users/${id}`;
    const refused = await client.patch(403, path, {
      op: "replace",
      path: "userName",
      value: "old@elsewhere.com",
    });
    assert.match(refused.body.detail, /domain/);
    assert.equal(await world.roleOf("old@contoso.com"), "AN scim");
    await client.patch(200, path, { op: "replace", path: "userName", value: "New@contoso.com" });
    assert.equal(await world.roleOf("old@contoso.com"), null);
    assert.equal(await world.roleOf("new@contoso.com"), "AN scim");
    const home = await world.test.app.inject({ url: "/", headers: { cookie } });
    assert.match(String(home.headers["location"]), /^\/user\/login/);
  });

  test("an address that somebody else has is 409 uniqueness, and nothing is changed", async () => {
    const id = await client.addUser("one@contoso.com");
    await client.addUser("two@contoso.com");
    await world.test.addMember({
      organizationId: world.organizationId,
      email: "three@contoso.com",
      role: "AN",
    });
    for (const value of ["two@contoso.com", "three@contoso.com"]) {
      const operation = { op: "replace", path: "userName", value };
      const { body } = await client.patch(409, `/Users/${id}`, operation);
      assert.equal(body.scimType, "uniqueness");
    }
    assert.equal(await world.roleOf("one@contoso.com"), "AN scim");
  });

  test("the Owner is never changed, deactivated or removed: 403", async () => {
    const { email } = await world.owner();
    const id = await client.addUser(email);
    const path = `/Users/${id}`;
    assert.equal(await world.roleOf(email), "OW manual");
    await client.patch(403, path, { op: "replace", path: "active", value: false });
    await client.patch(403, path, { op: "replace", path: "name.givenName", value: "Eve" });
    await client.patch(403, path, { op: "replace", path: "userName", value: "x@contoso.com" });
    await client.expect(403, "DELETE", path);
    await client.patch(200, path, { op: "replace", path: "title", value: "Chief" });
    assert.equal(await world.roleOf(email), "OW manual");
    const { body } = await client.expect(200, "GET", path);
    assert.deepEqual([body.active, body.title], [true, "Chief"]);
  });

  test("a full organization takes people as Not Activated", async () => {
    const full = await ScimWorld.open(engine);
    await full.test.store.db
      .updateTable("organizations")
      .where("id", "=", full.organizationId)
      .set({ seat_limit: 1 })
      .execute();
    await full.client.addUser("late@contoso.com");
    assert.equal(await full.roleOf("late@contoso.com"), "NO scim");
    await full.close();
  });

  test("bad bodies are SCIM errors with a sentence, and leave nothing", async () => {
    const cases: readonly (readonly [body: unknown, scimType: string])[] = [
      ["{ no json", "invalidSyntax"],
      ["[]", "invalidSyntax"],
      [{}, "invalidValue"],
      [{ userName: "" }, "invalidValue"],
      [{ userName: "bad@contoso.com", active: "perhaps" }, "invalidValue"],
      ['{"userName":"bad@contoso.com","__proto__":{"x":1}}', "invalidSyntax"],
    ];
    for (const [body, scimType] of cases) {
      const answer = await client.expect(400, "POST", "/Users", body);
      assert.equal(answer.body.scimType, scimType, JSON.stringify(body));
      assert.equal(answer.headers["content-type"], "application/scim+json");
      assert.ok(answer.body.detail.length > 10);
    }
    assert.equal(await world.roleOf("bad@contoso.com"), null);
  });

  test("unknown operations and paths are refused, and none of the request is done", async () => {
    const id = await client.addUser("atomic@contoso.com", { title: "Nurse" });
    const change = { op: "replace", path: "title", value: "Doctor" };
    const bad: readonly (readonly [operation: object, scimType: string])[] = [
      [{ op: "merge", path: "title", value: "x" }, "invalidSyntax"],
      [{ op: "replace", path: "emails[type eq", value: "x" }, "invalidFilter"],
      [{ op: "replace", path: "name.nonsense", value: "x" }, "invalidPath"],
      [{ op: "remove" }, "noTarget"],
      [{ op: "remove", path: "userName" }, "mutability"],
      [{ op: "replace", path: "id", value: "x" }, "mutability"],
      [{ op: "replace", path: 'emails[type eq "nonexistent"].value', value: "x" }, "noTarget"],
    ];
    for (const [operation, scimType] of bad) {
      const { body } = await client.patch(400, `/Users/${id}`, change, operation);
      assert.equal(body.scimType, scimType, JSON.stringify(operation));
    }
    const { body } = await client.expect(200, "GET", `/Users/${id}`);
    assert.deepEqual([body.title, body.meta.version], ["Nurse", 'W/"1"']);
  });
});
