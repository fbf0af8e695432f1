/**
 * Turning password sign-in off (PRODUCT 5, 9.8): only for somebody who has come in by SAML with the
 * very configuration that stands from then on.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { resetApiToken } from "../../src/people/api-tokens.ts";
import { hashPassword } from "../../src/people/password.ts";
import { recordSignIn } from "../../src/store/sign-in-log.ts";
import { onEveryEngine } from "../engines.ts";
import { type Call, callWith } from "./organization-world.ts";
import { newSigner, SsoWorld } from "./sso-world.ts";

const path = "/api/saml/settings";
const off = { disable_password_login: true };

onEveryEngine("turning password sign-in off", (engine) => {
  const opened: SsoWorld[] = [];
  after(async () => {
    for (const world of opened) await world.close();
  });
  const open = async () => {
    const world = await SsoWorld.open(engine);
    opened.push(world);
    const { organizationId, test: t } = world;
    const owner = callWith(t, await t.apiToken("owner@contoso.com", organizationId));
    const metadata_xml = world.signer.metadataXml();
    const saved = await owner("POST", path, { domain: "contoso.com", metadata_xml });
    assert.equal(saved.status, 200, saved.text);
    await world.reload();
    return { world, owner };
  };
  const signOn = async (world: SsoWorld, email = "owner@contoso.com") => {
    const answer = await world.signOn(world.browser(), { email });
    assert.equal(answer.headers["location"], "/", answer.body);
    await world.reload();
  };
  const mayNot = async (call: Call, why: RegExp, patch: object = off) => {
    const { status, body, text } = await call("POST", path, patch);
    assert.equal(status, 400, text);
    assert.match(body.validation_errors.disable_password_login[0], why);
    const looked = await call("POST", `${path}/preview`, patch);
    assert.deepEqual(looked.body.validation_errors, body.validation_errors);
    assert.equal((await call("GET", path)).body.disable_password_login, false);
  };
  const verdict = async (call: Call) => (await call("GET", path)).body.password_login;

  test("is refused before the caller signed on by SAML, and done after", async () => {
    const { world, owner } = await open();
    assert.equal((await verdict(owner)).may_disable, false);
    await mayNot(owner, /You have not signed on by single sign-on yet/);
    await signOn(world);
    const { may_disable, reason } = await verdict(owner);
    assert.equal(may_disable, true);
    assert.match(reason, /signed on with the present configuration at 2026-01-05T/);
    assert.equal((await owner("POST", path, off)).status, 200);
    // What is off already is no change, whoever saves it and whatever else changes.
    const more = { ...off, mapping_email: "mail" };
    assert.equal((await owner("POST", path, more)).status, 200);
  });

  test("somebody else's sign-on, and a sign-in by password, prove nothing", async () => {
    const { world, owner } = await open();
    const { organizationId, test: t } = world;
    const ada = await t.addMember({ organizationId, email: "ada@contoso.com", role: "AD" });
    await signOn(world, "ada@contoso.com");
    await mayNot(owner, /not signed on by single sign-on yet/);
    const admin = callWith(t, await resetApiToken(t.deps, ada));
    assert.equal((await verdict(admin)).may_disable, true);
    const owners = await t.store.db
      .selectFrom("users")
      .where("email", "=", "owner@contoso.com")
      .select("id")
      .executeTakeFirstOrThrow();
    await recordSignIn(t.store.db, {
      reference: "PASSWORD01",
      organizationId,
      at: t.clock.now(),
      outcome: "admitted",
      code: null,
      signed: null,
      email: "owner@contoso.com",
      userId: owners.id,
      requestId: null,
      ip: null,
      userAgent: null,
      evidence: { method: "password" },
      attributeNames: [],
      identity: null,
      changes: [],
      reasons: [],
    });
    await mayNot(owner, /not signed on by single sign-on yet/);
  });

  test("any change that a sign-on depends on asks for another sign-on, in the same request too", async () => {
    const { world, owner } = await open();
    await signOn(world);
    const changes = [
      { metadata_xml: newSigner("https://other.example/id", { fresh: true }).metadataXml() },
      { mapping_email: "mail" },
      { mapping_groups: "memberOf" },
      { domain: "other.example" },
      { want_response_signed: true },
      { allow_sha1: true },
      { roles_groups: [["Manager", "m"]] },
      { manual_role_management: false },
      { idp_provider: "okta" },
    ];
    for (const change of changes) {
      await mayNot(owner, /not the one that you last signed on with/, { ...change, ...off });
    }
    await mayNot(owner, /not configured yet/, { metadata_xml: "", ...off });
    assert.equal((await owner("POST", path, { mapping_email: "mail" })).status, 200);
    await mayNot(owner, /not the one/);
    assert.equal((await owner("POST", path, { mapping_email: null, ...off })).status, 200);
  });

  test("what a sign-on does not depend on asks for nothing", async () => {
    const { world, owner } = await open();
    await signOn(world);
    const change = { workspaces_groups: [["Cats", "cats"]], ...off };
    assert.equal((await owner("POST", path, change)).status, 200);
  });

  test("a revision that had it off is restored by the same rule", async () => {
    const { world, owner } = await open();
    await signOn(world);
    assert.equal((await owner("POST", path, off)).status, 200);
    const reset = await owner("DELETE", path);
    assert.equal(reset.status, 204);
    const { results } = (await owner("GET", `${path}/revisions?kind=saml`)).body;
    const restore = async (id: number, query = "") =>
      await owner("POST", `${path}/revisions/${id}/restore${query}`);
    // Reset and restored, the configuration is the one that was signed in with.
    assert.equal((await restore(results[0].id, "?state=before")).status, 200);
    assert.equal((await verdict(owner)).may_disable, true);
    await owner("POST", path, { disable_password_login: false, mapping_email: "mail" });
    const log = world.test.store.db.updateTable("sign_in_log").set({ evidence: "{}" });
    await log.execute();
    const refused = await restore(results[0].id, "?state=before");
    assert.equal(refused.status, 400, refused.text);
    assert.ok(refused.body.validation_errors.disable_password_login);
  });

  test("tells how many people a password still lets in, and the version", async () => {
    const { world, owner } = await open();
    const { organizationId, test: t } = world;
    const { body } = await owner("GET", path);
    assert.equal(body.password_login.used_by, 0);
    const password = "a long enough password";
    await t.addMember({ organizationId, email: "paul@contoso.com", role: "AN", password });
    await t.addMember({ organizationId, email: "dina@contoso.com", role: "DI", password });
    const other = await t.createOrganizationWithOwner({ title: "Fabrikam", password });
    assert.equal((await verdict(owner)).used_by, 1);
    assert.notEqual(other.organizationId, organizationId);
    const saved = await owner("POST", path, { mapping_email: "mail" });
    assert.equal(saved.body.version, body.version + 1);
    const hash = await hashPassword(password);
    assert.equal(saved.text.includes(hash.slice(0, 20)), false);
  });
});
