/**
 * One person, one address (PRODUCT 1.2): both spellings of an internationalized domain, and any case, are
 * the same account, whichever way they come.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { beginRecovery } from "../../src/people/recover.ts";
import { signInByPassword } from "../../src/people/sign-in.ts";
import { onEveryEngine } from "../engines.ts";
import { ScimWorld } from "./scim-world.ts";

const password = "one person, one address";
const ascii = "ada@xn--bcher-kva.example";
const spellings = [
  "Ada@Bücher.example",
  " ADA@BÜCHER.EXAMPLE\t",
  "ada@XN--BCHER-KVA.example",
  ascii,
];

onEveryEngine("an internationalized address", (engine) => {
  let world: ScimWorld;
  before(async () => {
    world = await ScimWorld.open(engine, { saml: { domain: "", domains: [] } });
    const { test: app, organizationId } = world;
    await app.addMember({ organizationId, email: ascii, role: "RE", password });
  });
  after(() => world.close());

  const accounts = async () =>
    await world.test.store.db
      .selectFrom("users")
      .where("email", "like", "ada@%")
      .select("email")
      .execute();

  for (const email of spellings) {
    test(`${JSON.stringify(email)} signs in by password`, async () => {
      const visitor = {
        ...{ ip: "192.0.2.18", userAgent: "addresses", requestId: "addresses" },
        previousSessionHash: null,
      };
      const form = { email, password, keep: false, visitor };
      assert.ok((await signInByPassword(world.test.deps, form)).token);
    });

    test(`${JSON.stringify(email)} signs on by SAML, and is found in the log`, async () => {
      const { sso } = world;
      await sso.signOn(sso.browser(), { email });
      assert.equal((await sso.lastAttempt()).email, ascii);
      const token = await world.test.apiToken(ascii, world.organizationId);
      await world.test.store.db
        .updateTable("memberships")
        .set({ role: "AD" })
        .where("role", "=", "RE")
        .execute();
      for (const url of ["/api/saml/sign-ins", "/api/activity-logs"]) {
        const found = await world.test.app.inject({
          method: "GET",
          url: `${url}?email=${encodeURIComponent(email)}`,
          headers: { authorization: `Token ${token}` },
        });
        assert.equal(found.statusCode, 200, found.body);
        if (url.includes("sign-ins")) assert.match(found.body, /xn--bcher-kva/);
      }
      assert.deepEqual(await accounts(), [{ email: ascii }]);
    });

    test(`${JSON.stringify(email)} is found by the recovery command`, async () => {
      const asked = { email, makesOwner: true, organizationId: world.organizationId };
      const { outcome } = await beginRecovery(world.test.deps, asked);
      assert.equal(outcome, "link");
    });
  }

  test("pushed by SCIM in one spelling, it is taken in the other, and nobody is made twice", async () => {
    const { client } = world;
    await client.addUser("ada@bücher.example");
    const body = { userName: ascii };
    await client.expect(409, "POST", "/Users", body);
    await client.expect(409, "POST", "/Users", { userName: "ADA@Bücher.example" });
    assert.deepEqual(await accounts(), [{ email: ascii }]);
  });

  test("an address that only looks alike is somebody else, or nobody", async () => {
    for (const email of [
      "ada@xn--bcher-kvb.example",
      "ada@bucher.example",
      "ada@Bücher.example.",
    ]) {
      const visitor = {
        ...{ ip: "192.0.2.19", userAgent: "addresses", requestId: "addresses" },
        previousSessionHash: null,
      };
      const form = { email, password, keep: false, visitor };
      await assert.rejects(signInByPassword(world.test.deps, form), {
        code: "password_sign_in_failed",
      });
    }
  });
});
