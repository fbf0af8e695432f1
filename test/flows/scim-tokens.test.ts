/** Who may call SCIM: tokens, the Owner's personal token, and nobody else (PRODUCT 7.2); the request log. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeAccessToken } from "../../src/people/api-tokens.ts";
import { deleteExpired } from "../../src/store/cleanup.ts";
import { onEveryEngine } from "../engines.ts";
import { ScimClient, ScimWorld } from "./scim-world.ts";

const dayMs = 24 * 3_600_000;
const errorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";

onEveryEngine("SCIM credentials", (engine) => {
  let world: ScimWorld;
  before(async () => {
    world = await ScimWorld.open(engine);
  });
  after(() => world.close());
  const make = async (name: string, more: object = {}) =>
    await world.api("POST", "/api/scim/tokens", { name, ...more });
  const statusWith = async (token: string) =>
    (await new ScimClient(world.test, token).send("GET", "/Users?count=0")).status;

  test("a token is shown once, works at once, and is kept as a hash", async () => {
    const made = await make("Entra ID", { expires_in_days: 30 });
    assert.match(made.token, /^lgscim_[\w-]{43}$/);
    assert.equal(await statusWith(made.token), 200);
    const listed = await world.api("GET", "/api/scim/tokens");
    assert.equal(JSON.stringify(listed).includes(made.token), false);
    const [entra] = listed;
    assert.equal(entra.name, "Entra ID");
    assert.equal(entra.prefix, made.token.slice(0, 12));
    assert.ok(entra.last_used_at);
    const rows = await world.test.store.db.selectFrom("scim_tokens").selectAll().execute();
    assert.equal(JSON.stringify(rows).includes(made.token), false);
    await world.api("DELETE", `/api/scim/tokens/${made.id}`);
    assert.equal(await statusWith(made.token), 401);
  });

  test("two live at once for rotation, a third has to wait; one that ended makes room", async () => {
    const second = await make("New one", { expires_in_days: 1 });
    const owner = await world.ownerToken();
    const third = await world.test.app.inject({
      method: "POST",
      url: "/api/scim/tokens",
      headers: { authorization: `Token ${owner}` },
      payload: { name: "Third" },
    });
    assert.equal(third.statusCode, 409);
    assert.deepEqual(
      [await statusWith(second.token), await statusWith(world.client.token)],
      [200, 200],
    );
    world.test.clock.advance(dayMs + 1);
    assert.equal(await statusWith(second.token), 401);
    const next = await make("After expiry");
    await world.api("DELETE", `/api/scim/tokens/${next.id}`);
  });

  test("of several made at once, no more than may live at once are made", async () => {
    const headers = { authorization: `Token ${await world.ownerToken()}` };
    const request = { method: "POST", url: "/api/scim/tokens", headers } as const;
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        world.test.app.inject({ ...request, payload: { name: `At once ${name}` } }),
      ),
    );
    const made = answers.filter(({ statusCode }) => statusCode === 201);
    assert.equal(made.length, 1, "the client's own token is the other one");
    for (const { id } of made.map((answer) => answer.json())) {
      await world.api("DELETE", `/api/scim/tokens/${id}`);
    }
  });

  test("the Owner's personal tokens of both kinds work, as a Bearer", async () => {
    assert.equal(await statusWith(await world.ownerToken()), 200);
    const { userId } = await world.owner();
    const holder = { userId, organizationId: world.organizationId };
    const { token } = await makeAccessToken(world.test.deps, holder, { replaces: true });
    assert.equal(await statusWith(token), 200);
  });

  test("nobody but the Owner: an Administrator's token is 403, anything else 401 with a challenge", async () => {
    const { test: t, organizationId } = world;
    const email = "admin@contoso.com";
    await t.addMember({ organizationId, email, role: "AD" });
    assert.equal(await statusWith(await t.apiToken(email, organizationId)), 403);
    for (const authorization of ["", "non-token", "Bearer", "Bearer x", "Basic eDp5", "Token x"]) {
      const client = world.client.as({ headers: { authorization } });
      const { headers, body } = await client.expect(401, "GET", "/Users");
      assert.match(String(headers["www-authenticate"]), /^Bearer/);
      assert.deepEqual([body.status, typeof body.detail], ["401", "string"]);
    }
    const cookie = await t.signedInCookie((await world.owner()).email, organizationId);
    const browser = world.client.as({ headers: { authorization: "", cookie } });
    await browser.expect(401, "GET", "/Users");
  });

  test("tokens are for Owner and Administrators to make, and of their organization alone", async () => {
    const { test: t, organizationId } = world;
    await t.addMember({ organizationId, email: "manager@contoso.com", role: "MA" });
    const token = await t.apiToken("manager@contoso.com", organizationId);
    const headers = { authorization: `Token ${token}` };
    for (const [method, url] of [
      ["GET", "/api/scim/tokens"],
      ["POST", "/api/scim/tokens"],
      ["GET", "/api/scim/requests"],
    ] as const) {
      assert.equal(
        (await t.app.inject({ method, url, headers, payload: {} })).statusCode,
        403,
        url,
      );
    }
    const other = await world.neighbour("Tokens");
    const [foreign] = await other.api("GET", "/api/scim/tokens");
    const gone = await t.app.inject({
      method: "DELETE",
      url: `/api/scim/tokens/${foreign.id}`,
      headers: { authorization: `Token ${await world.ownerToken()}` },
    });
    assert.equal(gone.statusCode, 404);
    const bad = await t.app.inject({
      method: "POST",
      url: "/api/scim/tokens",
      headers: { authorization: `Token ${await world.ownerToken()}` },
      payload: { name: " ", expires_in_days: 0.5 },
    });
    assert.equal(bad.statusCode, 400);
    assert.deepEqual(Object.keys(bad.json().validation_errors), ["name", "expires_in_days"]);
  });

  test("a token whose maker may make none any more is listed for review, and goes on working", async () => {
    const reviewed = await ScimWorld.open(engine);
    const { test: t, organizationId } = reviewed;
    const { userId, email } = await t.addMember({
      ...{ organizationId, email: "eve@contoso.com", role: "AD" },
    });
    const made = (
      await t.app.inject({
        ...{ method: "POST", url: "/api/scim/tokens", payload: { name: "Eve's" } },
        headers: { authorization: `Token ${await t.apiToken(email, organizationId)}` },
      })
    ).json();
    const headers = { authorization: `Token ${await reviewed.ownerToken()}` };
    const list = async () => {
      const tokens = await reviewed.api("GET", "/api/scim/tokens");
      return tokens.find(({ id }: { id: number }) => id === made.id);
    };
    const change = async (role: string) =>
      await t.app.inject({
        ...{ method: "PATCH", url: `/api/organizations/${organizationId}/memberships`, headers },
        payload: { user_id: userId, role },
      });
    assert.deepEqual([(await list()).made_by, (await list()).review], [email, null]);
    for (const [role, word] of [
      ["MA", /eve@contoso\.com, who made it, is Manager now/],
      ["DI", /is Deactivated now/],
    ] as const) {
      assert.equal((await change(role)).statusCode, 200);
      assert.match((await list()).review, word);
    }
    assert.equal((await new ScimClient(t, made.token).send("GET", "/Users?count=0")).status, 200);
    const url = `/api/organizations/${organizationId}/memberships/${userId}/`;
    assert.equal((await t.app.inject({ method: "DELETE", url, headers })).statusCode, 204);
    assert.match((await list()).review, /is no member any more/);
    await reviewed.api("DELETE", `/api/scim/tokens/${made.id}`);
    assert.equal((await list()).review, null, "nobody need look at a token that ended");
    await reviewed.close();
  });

  test("a client that runs wild is asked to wait, with whole seconds, and everybody else goes on", async () => {
    const limited = await ScimWorld.open(engine, { env: { SCIM_REQUESTS_PER_SECOND: "1" } });
    const { client } = limited;
    for (let sent = 0; sent < 10; sent += 1) await client.expect(200, "GET", "/Users?count=0");
    const { headers, body } = await client.expect(429, "POST", "/Users", {
      userName: "late@contoso.com",
    });
    assert.equal(headers["retry-after"], "1");
    assert.deepEqual([body.status, body.schemas], ["429", [errorUrn]]);
    assert.match(body.detail, /1 requests a second \(SCIM_REQUESTS_PER_SECOND\)/);
    await client.expect(429, "GET", "/Users?count=0");
    const { results } = await limited.api("GET", "/api/scim/requests");
    const refused = results.filter(({ status }: { status: number }) => status === 429);
    assert.equal(refused.length, 1);
    const other = await limited.neighbour("Calm");
    await other.client.expect(200, "GET", "/Users?count=0");
    limited.test.clock.advance(1000);
    await client.expect(201, "POST", "/Users", { userName: "late@contoso.com" });
    await limited.close();
  });

  test("the log tells administrators what was asked, done and tolerated, without secrets, for 30 days", async () => {
    const { client } = world;
    const id = await client.addUser("logged@contoso.com", { password: "hunter2" });
    await client.expect(200, "PATCH", `/Users/${id}`, {
      Operations: [{ op: "Replace", path: "active", value: "False" }],
    });
    await client.expect(404, "GET", "/Users/nobody@contoso.com?filter=secret");
    const { results } = await world.api("GET", "/api/scim/requests?limit=3");
    assert.deepEqual(
      results.map(({ method, status }: { method: string; status: number }) => [method, status]),
      [
        ["GET", 404],
        ["PATCH", 200],
        ["POST", 201],
      ],
    );
    const [missing, patch] = results;
    assert.equal(missing.summary, "There is no such user.");
    assert.match(patch.summary, /deactivated/);
    assert.match(patch.quirks.join(), /boolean is sent as text/);
    const whole = JSON.stringify(results);
    for (const secret of ["hunter2", "secret", client.token]) assert.ok(!whole.includes(secret));
    await deleteExpired(world.test.store.db, world.test.clock.now() + 31 * dayMs);
    const later = await world.api("GET", "/api/scim/requests");
    assert.deepEqual(later.results, []);
  });

  test("the log is read by method and by result, page by page until there is no more", async () => {
    const { client } = world;
    await client.addUser("first@contoso.com");
    await client.addUser("second@contoso.com");
    await client.expect(404, "GET", "/Users/nobody@contoso.com");
    await client.expect(200, "GET", "/Users/first@contoso.com");
    const read = async (query: string) => await world.api("GET", `/api/scim/requests?${query}`);
    const refused = await read("result=refused&method=GET");
    assert.deepEqual(
      refused.results.map(({ status }: { status: number }) => status),
      [404],
    );
    assert.equal(refused.next_before, null);
    const newest = await read("result=accepted&method=POST&limit=1");
    assert.equal(newest.next_before, newest.results[0].id);
    const older = await read(`result=accepted&method=POST&limit=1&before=${newest.next_before}`);
    assert.ok(older.results[0].id < newest.results[0].id);
    assert.equal(older.next_before, null);
    const bad = await world.test.app.inject({
      url: "/api/scim/requests?result=maybe&method=HEAD",
      headers: { authorization: `Token ${await world.ownerToken()}` },
    });
    assert.deepEqual(Object.keys(bad.json().validation_errors), ["method", "result"]);
  });
});
