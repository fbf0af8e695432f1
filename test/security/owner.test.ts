/**
 * What an Administrator tries against the Owner: to throw them out, and to keep them out (ARCHITECTURE,
 * invariant 2; PRODUCT 4.2, 7.6, 9.6).
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { hashPassword } from "../../src/people/password.ts";
import { beginRecovery } from "../../src/people/recover.ts";
import { makeScimToken } from "../../src/provisioning/tokens.ts";
import { onEveryEngine } from "../engines.ts";
import { callWith } from "../flows/organization-world.ts";
import { newSigner, SsoWorld } from "../flows/sso-world.ts";
import { textOf, Visitor } from "../visit.ts";

const settings = "/api/saml/settings";
const email = "owner@contoso.com";
const password = "the Owner's long password";

onEveryEngine("an Administrator against the Owner", (engine) => {
  const opened: SsoWorld[] = [];
  after(async () => {
    for (const world of opened) await world.close();
  });

  /** An Owner with nothing but a password, an Administrator, and SSO that the Owner set up. */
  const open = async (env: Record<string, string> = {}) => {
    const world = await SsoWorld.open(engine, {}, env);
    opened.push(world);
    const { organizationId, test: t } = world;
    const ownerId = (
      await t.store.db
        .updateTable("users")
        .set({ password_hash: await hashPassword(password) })
        .where("email", "=", email)
        .returning("id")
        .executeTakeFirstOrThrow()
    ).id;
    await t.store.db
      .updateTable("memberships")
      .set({ opens_by_password: 1 })
      .where("user_id", "=", ownerId)
      .execute();
    const owner = callWith(t, await t.apiToken(email, organizationId));
    const metadata_xml = world.signer.metadataXml();
    const saved = await owner("POST", settings, { domain: "contoso.com", metadata_xml });
    assert.equal(saved.status, 200, saved.text);
    await world.reload();
    await t.addMember({ organizationId, email: "adam@contoso.com", role: "AD" });
    const admin = callWith(t, await t.apiToken("adam@contoso.com", organizationId));
    return { world, t, organizationId, ownerId, owner, admin };
  };
  const signOn = async (world: SsoWorld, as: string) => {
    const answer = await world.signOn(world.browser(), { email: as });
    assert.equal(answer.headers.location, "/", answer.body);
    await world.reload();
  };
  /** How the sign-in form answers the Owner's password: 303 lets in. */
  const byPassword = async (world: SsoWorld) =>
    (await world.browser().post("/user/login", { email, password })).statusCode;

  test("ends none of the Owner's sessions, one by one or all at once, and everybody else's", async () => {
    const { t, organizationId, ownerId, owner, admin } = await open();
    await t.signedInCookie(email, organizationId);
    await t.addMember({ organizationId, email: "anna@contoso.com", role: "AN" });
    await t.signedInCookie("anna@contoso.com", organizationId);
    const sessionsOf = async (who: number) =>
      (await admin("GET", `/api/users/${who}/sessions`)).body;
    const [session] = await sessionsOf(ownerId);
    for (const path of [`/api/sessions/${session.id}`, `/api/users/${ownerId}/sessions`]) {
      const refused = await admin("DELETE", path);
      assert.equal(refused.status, 403, path);
      assert.match(refused.text, /ended by the Owner alone/);
    }
    assert.equal((await sessionsOf(ownerId)).length, 1);
    const anna = await t.store.db
      .selectFrom("users")
      .where("email", "=", "anna@contoso.com")
      .select("id")
      .executeTakeFirstOrThrow();
    assert.deepEqual((await admin("DELETE", `/api/users/${anna.id}/sessions`)).body, { ended: 1 });
    assert.deepEqual((await owner("DELETE", `/api/users/${ownerId}/sessions`)).body, { ended: 1 });
  });

  test("turns password sign-in off, and an Owner who has nothing else still comes in", async () => {
    const { world, admin } = await open();
    await signOn(world, "adam@contoso.com");
    const off = await admin("POST", settings, { disable_password_login: true });
    assert.equal(off.status, 200, off.text);
    assert.equal(await byPassword(world), 303);
    // Once they have come in by SAML there is another door, and the switch holds for them too.
    await signOn(world, email);
    assert.equal(await byPassword(world), 403);
    // An identity provider of the Administrator's own shuts that one, and opens theirs again.
    const other = newSigner("https://idp.evil.example/id", { fresh: true });
    const changed = await admin("POST", settings, { metadata_xml: other.metadataXml() });
    assert.equal(changed.status, 200, changed.text);
    assert.equal(await byPassword(world), 303);
  });

  test("the switch closes the door of every other password, and the server's own closes all", async () => {
    const { world, t, organizationId, admin } = await open();
    await signOn(world, "adam@contoso.com");
    await t.addMember({ organizationId, email: "mary@contoso.com", role: "MA", password });
    assert.equal((await admin("POST", settings, { disable_password_login: true })).status, 200);
    const mary = await world.browser().post("/user/login", { email: "mary@contoso.com", password });
    assert.equal(mary.statusCode, 403);
    const shut = await open({ DISABLE_PASSWORD_LOGIN: "1" });
    assert.equal(await byPassword(shut.world), 403, "the operator has the recovery command");
  });

  test("turns it off, and the recovery command still sets the password that lets the Owner in", async () => {
    const recover = async ({ world, t, organizationId }: Awaited<ReturnType<typeof open>>) => {
      const asked = { email, makesOwner: false, organizationId };
      const made = await beginRecovery(t.deps, asked);
      assert.equal(made.outcome, "link");
      const { pathname, search } = new URL(made.url);
      const browser = new Visitor(t.app);
      const page = await browser.get(`${pathname}${search}`);
      const asksPassword = page.body.includes('name="password"');
      const fields = asksPassword ? { password: "a recovered password" } : {};
      const done = await browser.submit(`${pathname}${search}`, "/recover", fields);
      assert.equal(done.status, 303, textOf(done.body));
      const form = { email, password: "a recovered password", owner: "1" };
      const signedIn = await world.browser("203.0.113.7").post("/user/login", form);
      return { asksPassword, isIn: signedIn.statusCode === 303 };
    };
    // Nothing but a password: no Administrator shuts that door, so that the link must open it.
    const only = await open();
    await signOn(only.world, "adam@contoso.com");
    assert.equal(
      (await only.admin("POST", settings, { disable_password_login: true })).status,
      200,
    );
    assert.deepEqual(await recover(only), { asksPassword: true, isIn: true });
    // Somebody who comes in by SAML needs none, until an Administrator changes who vouches.
    await signOn(only.world, email);
    assert.deepEqual(await recover(only), { asksPassword: false, isIn: false });
    assert.equal((await only.admin("POST", settings, { mapping_email: "title" })).status, 200);
    assert.deepEqual(await recover(only), { asksPassword: true, isIn: true });
    // The server's own switch holds for an Owner whom SAML lets in, and gives way as well.
    const shut = await open({ DISABLE_PASSWORD_LOGIN: "1" });
    assert.deepEqual(await recover(shut), { asksPassword: false, isIn: false });
    assert.equal((await shut.admin("POST", settings, { mapping_email: "title" })).status, 200);
    assert.deepEqual(await recover(shut), { asksPassword: true, isIn: true });
  });

  test("neither deactivates, demotes, removes, renames the address of, nor sets a password for the Owner", async () => {
    const { world, t, organizationId, ownerId, admin } = await open();
    const at = `/api/organizations/${organizationId}/memberships`;
    const tries = [
      ["PATCH", at, { user_id: ownerId, role: "DI" }],
      ["PATCH", at, { user_id: ownerId, role: "AD" }],
      ["POST", `${at}/${ownerId}/deactivate`, undefined],
      ["DELETE", `${at}/${ownerId}`, undefined],
      ["DELETE", `/api/users/${ownerId}`, undefined],
      ["PATCH", `/api/users/${ownerId}`, { email: "evil@contoso.com" }],
      ["PATCH", `/api/users/${ownerId}`, { password: "a password of Adam's" }],
      ["POST", "/api/users", { email, password: "a password of Adam's" }],
    ] as const;
    for (const [method, url, body] of tries) {
      const { status, text } = await admin(method, url, body);
      assert.ok([400, 403, 409].includes(status), `${method} ${url}: ${status} ${text}`);
    }
    const holder = { organizationId, actor: { kind: "system" } } as const;
    const { token } = await makeScimToken(t.deps, holder, { name: "Adam's", days: null });
    const scim = async (method: "POST" | "PATCH" | "PUT" | "DELETE", body?: object) =>
      await t.app.inject({
        method,
        url: method === "POST" ? "/scim/v2/Users" : `/scim/v2/Users/${email}`,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
        ...(body && { payload: JSON.stringify(body) }),
      });
    const patch = (path: string, value: unknown) => ({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path, value }],
    });
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const pushed = await scim("POST", { schemas, userName: email });
    assert.equal(pushed.statusCode, 201, pushed.body);
    for (const answer of [
      await scim("PATCH", patch("active", false)),
      await scim("PATCH", patch("userName", "evil@contoso.com")),
      await scim("PUT", { schemas, userName: email, active: false }),
      await scim("PUT", { schemas, userName: "evil@contoso.com" }),
      await scim("DELETE"),
    ]) {
      assert.equal(answer.statusCode, 403, answer.body);
    }
    assert.equal(await byPassword(world), 303);
  });
});
