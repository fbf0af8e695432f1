/** The test sign-in (PRODUCT 8.2): a real round trip that leaves nothing but its story. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { statusCodes } from "../../demo/render-response.ts";
import { operations } from "../../src/http/openapi/document.ts";
import { deleteExpired } from "../../src/store/cleanup.ts";
import { onEveryEngine } from "../engines.ts";
import { type Browser, newSigner, SsoWorld } from "./sso-world.ts";
import {
  Askers,
  beginTestSignIn,
  census,
  resultOf,
  signedInBrowser,
  storyPage,
  testPath,
  testSignInOf,
  visit,
} from "./trial-world.ts";

const roles = [{ role: "MA" as const, group: "LS-Managers" }];
const owner = "owner@contoso.com";
const minuteMs = 60_000;

onEveryEngine("the test sign-on", (engine) => {
  let world: SsoWorld;
  let askers: Askers;
  let browser: Browser;
  before(async () => {
    world = await SsoWorld.open(engine, { roles });
    askers = new Askers(world);
    await askers.open();
  });
  beforeEach(async () => {
    browser = await signedInBrowser(world, owner);
  });
  after(() => world.close());

  const post = async (SAMLResponse: string, more: object = {}, from = browser) =>
    await from.post(world.path("acs"), { SAMLResponse, ...more });

  test("a round trip with the saved settings ends on its story and writes nothing else", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    assert.equal((await testSignInOf(askers, id)).state, "waiting");
    const before = await census(world);
    const says = { email: "ada@contoso.com", groups: ["LS-Managers"] };
    const response = await post(world.respond({ inResponseTo, ...says }));
    assert.equal(response.statusCode, 303);
    assert.equal(response.headers["location"], storyPage(id));
    assert.equal(response.headers["set-cookie"], undefined, "no session, and no end of one");
    assert.deepEqual(await census(world), before);
    const testSignIn = await testSignInOf(askers, id);
    assert.deepEqual([testSignIn.state, testSignIn.configuration], ["done", "saved"]);
    const { story } = testSignIn;
    assert.deepEqual([story.outcome, story.role, story.code], ["admitted", "Manager", null]);
    assert.equal(resultOf(story, "request"), "passed");
    assert.equal(resultOf(story, "replay"), "not_applicable");
    assert.equal(story.identity.email, "ada@contoso.com");
    assert.ok(story.changes.some(({ kind }: { kind: string }) => kind === "user_created"));
  });

  test("the administrator's own session goes on", async () => {
    const { inResponseTo } = await beginTestSignIn(askers, browser);
    await post(world.respond({ inResponseTo, email: "somebody@contoso.com" }));
    const home = await browser.get("/user/account");
    assert.equal(home.statusCode, 200);
    assert.match(home.body, /owner@contoso\.com/);
  });

  test("the answers are those of the API's document", async () => {
    const shape = (method: string, path: string) =>
      operations.find((one) => one.method === method && one.path === path)?.answer ?? assert.fail();
    const prepared = (await askers.post(testPath, {})).body;
    assert.deepEqual(shape("post", testPath).safeParse(prepared).error, undefined);
    const read = shape("get", `${testPath}/{id}`);
    assert.equal(read.safeParse(await testSignInOf(askers, prepared.id)).error, undefined);
    const { inResponseTo } = await visit(browser, prepared.url);
    await post(world.respond({ inResponseTo, audience: "https://elsewhere.example" }));
    assert.equal(read.safeParse(await testSignInOf(askers, prepared.id)).error, undefined);
  });

  test("unsaved settings lead to their identity provider and judge its answer, and stay unsaved", async () => {
    const fabrikam = newSigner("https://idp.fabrikam.example", { fresh: true });
    const redirectUrl = "https://idp.fabrikam.example/sso";
    const patch = {
      metadata_xml: fabrikam.metadataXml({ redirectUrl }),
      mapping_email: "mail",
      roles_groups: [["Reviewer", "LS-Reviewers"]],
    };
    const before = await census(world);
    const { id, location, inResponseTo } = await beginTestSignIn(askers, browser, patch);
    assert.equal(location.origin + location.pathname, redirectUrl);
    const attributeNames = { email: "mail", firstName: "F", lastName: "L", groups: "Groups" };
    const says = { inResponseTo, attributeNames, groups: ["LS-Reviewers"] };
    const response = await post(world.respond(says, fabrikam));
    assert.equal(response.headers["location"], storyPage(id));
    const { configuration, story } = await testSignInOf(askers, id);
    assert.deepEqual(
      [configuration, story.outcome, story.role],
      ["unsaved", "admitted", "Reviewer"],
    );
    assert.deepEqual(await census(world), before);
  });

  test("a refusal ends on its story too, with the check that failed, and not in the sign-in log", async () => {
    const before = await census(world);
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const response = await post(
      world.respond({ inResponseTo, recipient: "https://old.example/acs" }),
    );
    assert.equal(response.headers["location"], storyPage(id));
    const { story } = await testSignInOf(askers, id);
    assert.deepEqual([story.outcome, story.code], ["refused", "saml_recipient_mismatch"]);
    assert.equal(resultOf(story, "recipient"), "failed");
    assert.equal(story.evidence.found, "https://old.example/acs");
    assert.deepEqual(await census(world), before);
  });

  test("what the identity provider itself refuses is told with its words", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const status = { code: statusCodes.responder, message: "User is not assigned" };
    await post(world.respond({ inResponseTo, status }));
    const { story } = await testSignInOf(askers, id);
    assert.equal(story.code, "saml_status_not_success");
    assert.equal(story.evidence.message, "User is not assigned");
  });

  test("a signature by an unknown key is told, with the keys that are known", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const other = newSigner(world.signer.entityId, { fresh: true });
    await post(world.respond({ inResponseTo }, other));
    const { story } = await testSignInOf(askers, id);
    assert.equal(story.code, "saml_signature_invalid");
    assert.deepEqual([story.attributes, story.identity], [[], null]);
  });

  test("of two visits of the address the later counts", async () => {
    const { id, url, inResponseTo } = await beginTestSignIn(askers, browser);
    const again = await visit(browser, url);
    assert.notEqual(again.inResponseTo, inResponseTo);
    const late = await post(world.respond({ inResponseTo }));
    assert.match(String(late.headers["location"]), /\/denied\?ref=/);
    await post(world.respond({ inResponseTo: again.inResponseTo }));
    assert.equal((await testSignInOf(askers, id)).story.outcome, "admitted");
  });

  test("an identity provider that takes POST only gets a form", async () => {
    const postUrl = "https://idp.example/post";
    const metadata_xml = world.signer.metadataXml({ redirectUrl: null, postUrl });
    const { body } = await askers.post(testPath, { metadata_xml });
    const page = await browser.get(body.url);
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /action="https:\/\/idp\.example\/post"/);
    assert.match(page.body, /name="SAMLRequest"/);
  });

  test("a browser that kept its cookie back is asked to post again", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const SAMLResponse = world.respond({ inResponseTo });
    const asked = await post(SAMLResponse, {}, world.browser());
    assert.equal(asked.statusCode, 200);
    assert.match(asked.body, /name="second_post"/);
    const again = await post(SAMLResponse, { second_post: "1" });
    assert.equal(again.headers["location"], storyPage(id));
    assert.equal((await testSignInOf(askers, id)).story.outcome, "admitted");
  });

  test("once answered, the address leads to the story", async () => {
    const { id, url, inResponseTo } = await beginTestSignIn(askers, browser);
    await post(world.respond({ inResponseTo }));
    const again = await browser.get(url);
    assert.deepEqual([again.statusCode, again.headers["location"]], [303, storyPage(id)]);
  });

  test("it must be begun, and answered, within fifteen minutes each", async () => {
    // Of test sign-ins of one moment, whichever may go where a person has more than ten.
    world.test.clock.advance(1000);
    const unbegun = (await askers.post(testPath, {})).body;
    const begun = await beginTestSignIn(askers, browser);
    world.test.clock.advance(15 * minuteMs);
    assert.equal((await browser.get(unbegun.url)).headers["location"], storyPage(unbegun.id));
    const response = await post(world.respond({ inResponseTo: begun.inResponseTo }));
    assert.equal(response.headers["location"], storyPage(begun.id));
    for (const { id } of [unbegun, begun]) {
      const { state, story } = await testSignInOf(askers, id);
      assert.deepEqual([state, story], ["expired", null]);
    }
  });

  test("its story can be read for an hour, and is gone from the database after it", async () => {
    const { id, inResponseTo } = await beginTestSignIn(askers, browser, {
      mapping_first_name: "First",
    });
    await post(world.respond({ inResponseTo, email: "vera.vanishing@contoso.com" }));
    world.test.clock.advance(59 * minuteMs);
    assert.equal((await testSignInOf(askers, id)).state, "done");
    world.test.clock.advance(minuteMs);
    const { state, story } = await testSignInOf(askers, id);
    assert.deepEqual([state, story], ["expired", null]);
    await deleteExpired(world.test.store.db, world.test.clock.now() + 2 * minuteMs);
    assert.equal((await askers.get(`${testPath}/${id}`)).status, 404);
    const left = await world.test.store.db.selectFrom("saml_trials").selectAll().execute();
    assert.doesNotMatch(JSON.stringify(left), /vera\.vanishing/);
  });

  test("neither the log nor the activity log holds a value of the answer", async () => {
    const { inResponseTo } = await beginTestSignIn(askers, browser);
    const value = "Quetzalcoatl-4411";
    await post(world.respond({ inResponseTo, firstName: value, groups: [value] }));
    const rows = await world.test.store.db.selectFrom("activity_log").selectAll().execute();
    assert.equal(JSON.stringify(rows).includes(value), false);
    assert.equal(world.test.log().includes(value), false);
    assert.match(world.test.log(), /test sign-on answered/);
  });

  test("an administrator who tries and tries leaves ten at most", async () => {
    for (let made = 0; made < 12; made += 1) {
      world.test.clock.advance(1000);
      assert.equal((await askers.post(testPath, {}, "AD")).status, 200);
    }
    const last = await askers.post(testPath, {}, "AD");
    assert.equal((await askers.get(`${testPath}/${last.body.id}`)).status, 200);
    const { count } = await world.test.store.db
      .selectFrom("saml_trials")
      .innerJoin("users", "users.id", "saml_trials.user_id")
      .where("users.email", "=", askers.emailOf("AD"))
      .select((eb) => eb.fn.countAll().as("count"))
      .executeTakeFirstOrThrow();
    assert.equal(Number(count), 10);
  });

  test("settings that could not be saved are refused by field", async () => {
    const refused = async (patch: object) => {
      const { status, body } = await askers.post(testPath, patch);
      assert.equal(status, 400, JSON.stringify(body));
      return body.validation_errors;
    };
    const both = await refused({ roles_groups: [["Owner", "g"]], metadata_xml: "<x/>" });
    assert.deepEqual(new Set(Object.keys(both)), new Set(["roles_groups", "metadata_xml"]));
    const none = await refused({ metadata_xml: null });
    assert.match(none.metadata_xml[0], /metadata first/);
    const refusal = await refused({ metadata_url: "http://127.0.0.1:9/metadata" });
    assert.equal(refusal.metadata_url.length, 1);
  });

  test("a sign-on whose words look like a trial's is a sign-on", async () => {
    const newcomer = world.browser();
    const groups = ["trial-run", '"trial-AAAAAAAAAAAAAAAAAAAAAAAAAAA"'];
    const response = await world.signOn(newcomer, { email: "tom@contoso.com", groups });
    assert.equal(response.headers["location"], "/");
    assert.deepEqual(await world.roleOf("tom@contoso.com"), { role: "AN", source: "saml" });
  });
});

onEveryEngine("the test sign-on and metadata by URL", (engine) => {
  const metadataUrl = "https://idp.example/metadata";
  let document = "";
  let world: SsoWorld;
  let askers: Askers;
  before(async () => {
    const fetchMetadata = async () => document;
    world = await SsoWorld.open(engine, { metadataUrl }, {}, { fetchMetadata });
    askers = new Askers(world);
    await askers.open();
    document = world.signer.metadataXml();
    await world.trust(document);
  });
  after(() => world.close());

  test("a new key that the URL lists by now is told as such, and the record stays", async () => {
    const next = newSigner(world.signer.entityId, { fresh: true });
    const browser = await signedInBrowser(world, owner);
    const { id, inResponseTo } = await beginTestSignIn(askers, browser);
    const before = await census(world);
    document = next.metadataXml();
    const SAMLResponse = world.respond({ inResponseTo }, next);
    await browser.post(world.path("acs"), { SAMLResponse });
    const { story } = await testSignInOf(askers, id);
    assert.equal(story.outcome, "admitted");
    assert.ok(story.hints.some(({ target }: { target: string }) => target === "metadata_url"));
    assert.deepEqual(await census(world), before);
  });
});
