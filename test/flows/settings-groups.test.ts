/** Groups to choose from where one is mapped: those of sign-ins and those that were pushed (PRODUCT 8). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type Call, callWith } from "./organization-world.ts";
import { ScimWorld } from "./scim-world.ts";
import { sorted } from "./settings-world.ts";

const path = "/api/saml/groups";

onEveryEngine("groups to choose from", (engine) => {
  let world: ScimWorld;
  let owner: Call;
  before(async () => {
    world = await ScimWorld.open(engine);
    owner = callWith(world.test, await world.ownerToken());
  });
  after(() => world.test.close());

  test("a group is known from the first sign-on that told of it, and from its being pushed", async () => {
    assert.deepEqual((await owner("GET", path)).body, { results: [] });
    const at = new Date(world.test.clock.nowMs).toISOString();
    await world.sso.signOn(world.sso.browser(), { email: "anna@contoso.com", groups: ["staff"] });
    await world.sso.signOn(world.sso.browser(), {
      email: "bert@contoso.com",
      groups: ["staff", "Ärzte"],
    });
    await world.client.addGroup("staff pushed", await world.client.addUser("cleo@contoso.com"));
    const { body } = await owner("GET", `${path}?search=STAFF`);
    assert.deepEqual(body.results, [
      { group: "staff", members: 2, last_seen: at, source: "saml" },
      { group: "staff pushed", members: 1, last_seen: at, source: "scim" },
    ]);
    const all = await owner("GET", `${path}?limit=1`);
    assert.equal(all.body.results.length, 1);
  });

  test("a refused sign-on leaves no group behind", async () => {
    const refused = await world.sso.signOn(world.sso.browser(), {
      email: "eve@elsewhere.example",
      groups: ["evil"],
    });
    assert.match(String(refused.headers["location"]), /denied/);
    assert.deepEqual((await owner("GET", `${path}?search=evil`)).body.results, []);
  });

  test("a wrong parameter is refused by its name", async () => {
    const { status, body } = await owner("GET", `${path}?limit=101&search=a&search=b&__proto__=1`);
    assert.equal(status, 400);
    assert.deepEqual(sorted(Object.keys(body.validation_errors)), [
      "limit",
      "non_field_errors",
      "search",
    ]);
    const long = await owner("GET", `${path}?search=${"x".repeat(321)}`);
    assert.equal(long.status, 400);
  });

  test("only the organization's administrators see its groups", async () => {
    const { organizationId, test: t } = world;
    for (const role of ["MA", "RE", "AN"] as const) {
      const email = `${role.toLowerCase()}@contoso.com`;
      await t.addMember({ organizationId, email, role });
      const call = callWith(t, await t.apiToken(email, organizationId));
      assert.equal((await call("GET", path)).status, 403, role);
    }
    assert.equal((await t.app.inject({ url: path })).statusCode, 401);
    const other = await world.neighbour("Fabrikam");
    const call = callWith(t, await other.ownerToken());
    assert.deepEqual((await call("GET", path)).body, { results: [] });
  });
});
