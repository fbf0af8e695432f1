/**
 * Whoever the seat limit kept Not Activated gets their role at the first sign-in after a seat is free
 * (PRODUCT 1.7), by whichever door, and one seat goes to one person.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { signInByPassword } from "../../src/people/sign-in.ts";
import { onEveryEngine } from "../engines.ts";
import { ScimWorld } from "./scim-world.ts";
import { SsoWorld } from "./sso-world.ts";

const password = "a seat for a password";

onEveryEngine("seats", (engine) => {
  let world: SsoWorld;
  before(async () => {
    world = await SsoWorld.open(engine);
  });
  after(() => world.close());
  // The Owner has the only seat.
  beforeEach(() => limitSeats(1));

  const limitSeats = async (limit: number | null, { test: app, organizationId } = world) => {
    await app.store.db
      .updateTable("organizations")
      .set({ seat_limit: limit })
      .where("id", "=", organizationId)
      .execute();
  };
  /** One more than are taken by now. */
  const freeOne = async () => {
    const { seats_used: used } = await world.test.store.db
      .selectFrom("organizations")
      .select("seats_used")
      .where("id", "=", world.organizationId)
      .executeTakeFirstOrThrow();
    await limitSeats(used + 1);
  };
  const signOn = async (email: string, groups: readonly string[] = []) => {
    await world.signOn(world.browser(), { email, groups: [...groups] });
    return await world.roleOf(email);
  };
  const enter = async (email: string) => {
    const visitor = {
      ...{ ip: "192.0.2.17", userAgent: "seats", requestId: "seats" },
      previousSessionHash: null,
    };
    await signInByPassword(world.test.deps, { email, password, keep: false, visitor });
    return await world.roleOf(email);
  };
  const invited = async (email: string, role: "MA" | "RE") => {
    const { organizationId } = world;
    return await world.test.addMember({ organizationId, email, role, password });
  };

  test("the default role comes at the first sign-on with a free seat, not before, and its reason is kept", async () => {
    const email = "default@contoso.com";
    assert.deepEqual(await signOn(email), { role: "NO", source: "saml" });
    assert.deepEqual(await signOn(email), { role: "NO", source: "saml" });
    await freeOne();
    assert.deepEqual(await signOn(email), { role: "AN", source: "saml" });
    const { outcome, reasons } = await world.lastAttempt();
    assert.equal(outcome, "admitted");
    assert.match(String(JSON.stringify(reasons)), /because all seats were taken/);
    await limitSeats(1);
    assert.deepEqual(await signOn(email), { role: "AN", source: "saml" }, "who is in stays in");
  });

  test("Not Activated by decision stays so, however many seats are free", async () => {
    const email = "decided@contoso.com";
    assert.equal((await signOn(email))?.role, "NO");
    const { test: app, organizationId } = world;
    const { email: owner } = await app.store.db
      .selectFrom("users")
      .innerJoin("memberships", "memberships.user_id", "users.id")
      .where("memberships.role", "=", "OW")
      .select("users.email")
      .executeTakeFirstOrThrow();
    const { id } = await app.store.db
      .selectFrom("users")
      .where("email", "=", email)
      .select("id")
      .executeTakeFirstOrThrow();
    const token = await app.apiToken(owner, organizationId);
    const answer = await app.app.inject({
      method: "PATCH",
      url: `/api/organizations/${organizationId}/memberships`,
      headers: { authorization: `Token ${token}` },
      payload: { user_id: id, role: "NO" },
    });
    assert.equal(answer.statusCode, 200, answer.body);
    await freeOne();
    assert.deepEqual(await signOn(email), { role: "NO", source: "api" });
  });

  test("a password gives the role of the invite that was taken while all seats were", async () => {
    const email = "invited@contoso.com";
    await invited(email, "RE");
    assert.deepEqual(await enter(email), { role: "NO", source: "manual" });
    assert.equal((await world.lastAttempt()).outcome, "not_activated");
    await freeOne();
    assert.deepEqual(await enter(email), { role: "RE", source: "manual" });
    const { outcome, changes } = await world.lastAttempt();
    assert.equal(outcome, "admitted");
    assert.match(String(JSON.stringify(changes)), /role_changed/);
  });

  test("single sign-on gives it too", async () => {
    const email = "both@contoso.com";
    await invited(email, "MA");
    await freeOne();
    assert.equal((await signOn(email))?.role, "MA");
  });

  test("of people who wait for one seat, each at another door, one gets it", async () => {
    const bySaml = ["ann@contoso.com", "ben@contoso.com", "cy@contoso.com"];
    const byPassword = ["dee@contoso.com", "eve@contoso.com"];
    for (const email of bySaml) assert.equal((await signOn(email))?.role, "NO");
    for (const email of byPassword) await invited(email, "RE");
    await freeOne();
    await Promise.all([...bySaml.map((email) => signOn(email)), ...byPassword.map(enter)]);
    const all = await Promise.all([...bySaml, ...byPassword].map((email) => world.roleOf(email)));
    assert.equal(all.filter((one) => one?.role !== "NO").length, 1, JSON.stringify(all));
    const { seats_used: used, seat_limit: limit } = await world.test.store.db
      .selectFrom("organizations")
      .select(["seats_used", "seat_limit"])
      .where("id", "=", world.organizationId)
      .executeTakeFirstOrThrow();
    assert.equal(used, limit);
  });
});

onEveryEngine("seats of pushed people", (engine) => {
  test("their groups' role, else the default role, comes with the first sign-on", async () => {
    const world = await ScimWorld.open(engine);
    const setLimit = async (limit: number | null) =>
      await world.test.store.db
        .updateTable("organizations")
        .set({ seat_limit: limit })
        .where("id", "=", world.organizationId)
        .execute();
    await world.map({ roles: [{ role: "MA", group: "Managers" }] });
    await setLimit(1);
    await world.client.addUser("plain@contoso.com");
    await world.client.addGroup("Managers", await world.client.addUser("boss@contoso.com"));
    assert.equal(await world.roleOf("boss@contoso.com"), "NO scim");
    await setLimit(null);
    await world.signOn("plain@contoso.com", []);
    await world.signOn("boss@contoso.com", []);
    assert.equal(await world.roleOf("plain@contoso.com"), "AN saml");
    assert.equal(await world.roleOf("boss@contoso.com"), "MA saml");
    await world.close();
  });
});
