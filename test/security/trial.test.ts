/**
 * Attacks on the test sign-in and the inspection: none may open a session, write, vouch for anybody
 * by settings that nobody saved, or show one person's attributes to another organization.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Signer } from "../../demo/signer.ts";
import { costOf } from "../cost.ts";
import { onEveryEngine } from "../engines.ts";
import { type Browser, newSigner, SsoWorld } from "../flows/sso-world.ts";
import {
  Askers,
  beginTestSignIn,
  census,
  signedInBrowser,
  storyPage,
  testPath,
  testSignInOf,
  visit,
} from "../flows/trial-world.ts";

const owner = "owner@contoso.com";

onEveryEngine("attacks on the test sign-on", (engine) => {
  let world: SsoWorld;
  let askers: Askers;
  let browser: Browser;
  let mallory: Signer;
  before(async () => {
    world = await SsoWorld.open(engine, { roles: [{ role: "AD", group: "LS-Admins" }] });
    askers = new Askers(world);
    await askers.open();
    mallory = newSigner(world.signer.entityId, { fresh: true });
  });
  beforeEach(async () => {
    browser = await signedInBrowser(world, owner);
  });
  after(() => world.close());

  const post = async (SAMLResponse: string, from = browser, more: object = {}) =>
    await from.post(world.path("acs"), { SAMLResponse, ...more });
  const assertDenied = (response: Awaited<ReturnType<typeof post>>) => {
    assert.equal(response.statusCode, 303);
    assert.match(String(response.headers["location"]), /\/denied\?ref=/);
    assert.equal(response.headers["set-cookie"], undefined);
  };
  const malicious = () => ({ metadata_xml: mallory.metadataXml(), allow_unsolicited: true });
  /** All but the log of refused sign-ins, which a refusal adds to. */
  const access = async (): Promise<Readonly<Record<string, string>>> => ({
    ...(await census(world)),
    sign_in_log: "",
  });

  test("a trial's response opens no session, neither before its story is told nor after", async () => {
    const fresh = world.browser();
    fresh.cookies.set(
      ...((await signedInBrowser(world, owner)).cookies.entries().next().value ?? ["", ""]),
    );
    const { id, inResponseTo } = await beginTestSignIn(askers, fresh);
    const SAMLResponse = world.respond({ inResponseTo, email: "eve@contoso.com" });
    const before = await census(world);
    for (const _ of [1, 2, 3]) {
      const response = await post(SAMLResponse, fresh);
      assert.equal(response.headers["location"], storyPage(id));
      assert.equal(response.headers["set-cookie"], undefined);
    }
    assert.deepEqual(await census(world), before);
    await world.test.store.db.deleteFrom("saml_trials").where("id", "=", id).execute();
    assertDenied(await post(SAMLResponse, fresh));
    assert.equal(await world.lastCode(), "saml_request_unknown");
    assert.equal(await world.roleOf("eve@contoso.com"), null);
  });

  test("metadata under trial vouches for nobody: not for a pending login, not unsolicited", async () => {
    const testSignIn = await beginTestSignIn(askers, browser, malicious());
    const before = await access();
    const pending = await world.begin(browser);
    const forged = { email: owner, groups: ["LS-Admins"] };
    assertDenied(await post(world.respond({ inResponseTo: pending, ...forged }, mallory)));
    assert.equal(await world.lastCode(), "saml_signature_invalid");
    assertDenied(await post(world.respond({ inResponseTo: null, ...forged }, mallory)));
    const other = await beginTestSignIn(askers, browser);
    await post(world.respond({ inResponseTo: other.inResponseTo, ...forged }, mallory));
    assert.equal((await testSignInOf(askers, other.id)).story.code, "saml_signature_invalid");
    await post(world.respond({ inResponseTo: testSignIn.inResponseTo, ...forged }, mallory));
    assert.equal((await testSignInOf(askers, testSignIn.id)).story.outcome, "admitted");
    const { pending_logins: _left, ...left } = await access();
    const { pending_logins: _had, ...had } = before;
    assert.deepEqual(left, had);
  });

  test("a pending login's response is not turned into a trial by what is written around it", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const pending = await world.begin(browser);
    const says = { inResponseTo: pending, sign: "assertion" as const, email: "kim@contoso.com" };
    const turned = world.respond({ ...says, responseInResponseTo: inResponseTo });
    const told = await post(turned);
    assert.equal(told.headers["location"], storyPage(id));
    const { story } = await testSignInOf(askers, id);
    assert.deepEqual([story.outcome, story.code], ["refused", "saml_request_unknown"]);
    assert.equal(await world.roleOf("kim@contoso.com"), null);
    const own = await post(world.respond(says));
    assert.equal(own.statusCode, 409, "the pending login was left alone");
    assert.match(own.body, /continue as kim@contoso\.com/);
  });

  test("a trial's response is not turned into a sign-on by what is written around it", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const pending = await world.begin(browser);
    const before = await access();
    const says = { inResponseTo, sign: "assertion" as const, email: "lee@contoso.com" };
    for (const responseInResponseTo of [pending, "_x"]) {
      assertDenied(await post(world.respond({ ...says, responseInResponseTo })));
      assert.equal(await world.lastCode(), "saml_request_unknown");
    }
    assert.deepEqual(await access(), before);
    assert.equal((await testSignInOf(askers, id)).state, "waiting");
  });

  test("another browser cannot answer a trial, which goes on waiting for its own", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const other = await signedInBrowser(world, askers.emailOf("AD"));
    await world.begin(other);
    const SAMLResponse = world.respond({ inResponseTo });
    assertDenied(await post(SAMLResponse, other));
    assertDenied(await post(SAMLResponse, world.browser(), { second_post: "1" }));
    assert.equal((await testSignInOf(askers, id)).state, "waiting");
    assert.equal((await post(SAMLResponse)).headers["location"], storyPage(id));
    assert.equal((await testSignInOf(askers, id)).story.outcome, "admitted");
  });

  test("of many answers at once one is told, and no later one replaces it", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const emails = Array.from({ length: 10 }, (_, at) => `person${at}@contoso.com`);
    await Promise.all(emails.map((email) => post(world.respond({ inResponseTo, email }))));
    const { story } = await testSignInOf(askers, id);
    assert.ok(emails.includes(story.identity.email));
    await post(world.respond({ inResponseTo, email: "late@contoso.com" }));
    assert.deepEqual((await testSignInOf(askers, id)).story, story);
  });

  test("another organization neither begins, nor answers, nor reads a trial", async () => {
    const fabrikam = await world.neighbour("Fabrikam");
    const others = new Askers(fabrikam);
    await others.open();
    const { id, url, inResponseTo } = await beginTestSignIn(askers, browser);
    const spy = await signedInBrowser(fabrikam, "owner@fabrikam.com");
    assert.equal((await spy.get(url)).statusCode, 404);
    const moved = url.replace(world.record.token, fabrikam.record.token);
    assert.equal((await spy.get(moved)).statusCode, 404);
    assert.equal((await browser.get(moved)).statusCode, 404);
    assert.equal((await others.get(`${testPath}/${id}`)).status, 404);
    // The same browser, at the other organization's address: it is judged as a sign-in there.
    const foreign = fabrikam.respond({ inResponseTo });
    assertDenied(await browser.post(fabrikam.path("acs"), { SAMLResponse: foreign }));
    assert.equal((await testSignInOf(askers, id)).state, "waiting");
    await post(world.respond({ inResponseTo }));
    assert.equal((await others.get(`${testPath}/${id}`)).status, 404);
  });

  test("who did not ask for a trial does not begin it; other administrators may read it", async () => {
    const { body } = await askers.post(testPath, {});
    const colleague = await signedInBrowser(world, askers.emailOf("AD"));
    assert.equal((await colleague.get(body.url)).statusCode, 404);
    const { inResponseTo } = await visit(browser, body.url);
    await post(world.respond({ inResponseTo }));
    const { status, body: read } = await askers.get(`${testPath}/${body.id}`, "AD");
    assert.deepEqual([status, read.state], [200, "done"]);
  });

  test("Managers and those below prepare, begin and read none", async () => {
    const { body } = await askers.post(testPath, {});
    for (const asker of ["MA", "RE", "AN"] as const) {
      assert.equal((await askers.post(testPath, {}, asker)).status, 403, asker);
      assert.equal((await askers.get(`${testPath}/${body.id}`, asker)).status, 403, asker);
      const theirs = await signedInBrowser(world, askers.emailOf(asker));
      assert.equal((await theirs.get(body.url)).statusCode, 403, asker);
    }
    assert.equal((await askers.post(testPath, {}, null)).status, 401);
    assert.equal((await askers.get(`${testPath}/${body.id}`, null)).status, 401);
    const stranger = await world.browser().get(body.url);
    assert.match(String(stranger.headers["location"]), /^\/user\/login\?next=/);
  });

  test("unsaved metadata is fetched from no address that saving would not fetch from", async () => {
    for (const metadata_url of [
      "http://169.254.169.254/latest/meta-data",
      "http://[fe80::1]/metadata",
      "http://metadata.google.internal/",
      "file:///etc/passwd",
      "gopher://127.0.0.1/",
      "http://user:secret@idp.example/",
    ]) {
      const { status, body } = await askers.post(testPath, { metadata_url });
      assert.equal(status, 400, metadata_url);
      assert.deepEqual(Object.keys(body.validation_errors), ["metadata_url"], metadata_url);
    }
  });

  test("nothing is fetched for a request that is refused anyway", async () => {
    let fetches = 0;
    const counting = await SsoWorld.open(
      engine,
      {},
      {},
      {
        fetchMetadata: async () => {
          fetches += 1;
          return "";
        },
      },
    );
    try {
      const asking = new Askers(counting);
      await asking.open();
      const patch = { metadata_url: "https://idp.example/metadata", roles_groups: "x" };
      assert.equal((await asking.post(testPath, patch)).status, 400);
      assert.equal((await asking.post(testPath, patch, "AN")).status, 403);
      assert.equal(fetches, 0);
    } finally {
      await counting.close();
    }
  });

  test("what cannot be read at all lands on the denied page", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const broken = Buffer.from(`<samlp:Response InResponseTo="${inResponseTo}"`).toString("base64");
    for (const SAMLResponse of ["!", broken]) assertDenied(await post(SAMLResponse));
    assert.equal((await testSignInOf(askers, id)).state, "waiting");
  });

  test("a trial's name in a hostile message costs no second parse", async () => {
    const name = `trial-${"A".repeat(27)}`;
    const xml = `<r>${`<a b="${name}"/>`.repeat(4000)}</r>`;
    const SAMLResponse = Buffer.from(xml).toString("base64");
    const cost = await costOf(async () => assertDenied(await post(SAMLResponse)));
    assert.ok(cost < 150, `it costs ${cost}`);
  });
});
