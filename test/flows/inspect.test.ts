/** Inspecting a pasted response (PRODUCT 8.3): the sign-in's own judgement, and nothing happens. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { responseChecks } from "../../src/saml/checks.ts";
import { costOf } from "../cost.ts";
import { onEveryEngine } from "../engines.ts";
import { newSigner, SsoWorld } from "./sso-world.ts";
import { Askers, census, resultOf } from "./trial-world.ts";

const path = "/api/saml/inspect";
const roles = [{ role: "MA" as const, group: "LS-Managers" }];
const workspaces = [{ workspace: "Radiology", group: "LS-Radiology" }];

onEveryEngine("inspecting a response", (engine) => {
  let world: SsoWorld;
  let askers: Askers;
  before(async () => {
    world = await SsoWorld.open(engine, { roles, workspaces });
    askers = new Askers(world);
    await askers.open();
  });
  after(() => world.close());

  const inspect = async (says: Parameters<SsoWorld["respond"]>[0], more: object = {}) => {
    const saml_response = world.respond({ inResponseTo: "_somebodys", ...says });
    const { status, body } = await askers.post(path, { saml_response, ...more });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  test("a good response is told with its checks, attributes, rules and what it would change", async () => {
    const story = await inspect({
      email: "Ada@contoso.com",
      groups: ["LS-Managers", "LS-Radiology"],
    });
    assert.equal(story.outcome, "admitted");
    assert.deepEqual([story.code, story.hint, story.detail], [null, null, null]);
    assert.equal(story.role, "Manager");
    assert.deepEqual(story.identity, {
      email: "ada@contoso.com",
      first_name: "Alice",
      last_name: "Abel",
      groups: ["LS-Managers", "LS-Radiology"],
      groups_state: "present",
    });
    assert.deepEqual(
      story.attributes.map((one: { name: string; mapped_to: string }) => [one.name, one.mapped_to]),
      [
        ["Email", "email"],
        ["FirstName", "first_name"],
        ["LastName", "last_name"],
        ["Groups", "groups"],
      ],
    );
    assert.deepEqual(story.attributes[0].values, ["Ada@contoso.com"]);
    const kinds = story.changes.map(({ kind }: { kind: string }) => kind);
    assert.ok(kinds.includes("user_created") && kinds.includes("workspace_created"), String(kinds));
    assert.ok(story.reasons.some(({ group }: { group?: string }) => group === "LS-Radiology"));
    assert.equal(story.form, "base64");
    assert.equal(story.issue_instant, new Date(world.test.clock.now()).toISOString());
    assert.deepEqual(
      story.checks.map(({ id }: { id: string }) => id),
      responseChecks.map(({ id }) => id),
    );
    for (const { id, result } of story.checks) {
      const skipped = ["response_signed", "decryption", "request", "replay"].includes(id);
      assert.equal(result, skipped ? "not_applicable" : "passed", id);
    }
  });

  test("nothing is written, and the response is as good as before", async () => {
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const before = await census(world);
    const SAMLResponse = world.respond({ inResponseTo, email: "bob@contoso.com" });
    const { body } = await askers.post(path, { saml_response: SAMLResponse });
    assert.equal(body.outcome, "admitted");
    assert.deepEqual(await census(world), before);
    const answer = await browser.post(world.path("acs"), { SAMLResponse });
    assert.equal(answer.headers["location"], "/", "it was not used up");
  });

  test("every form that people copy is understood", async () => {
    const base64 = world.respond({ inResponseTo: "_x" });
    const xml = Buffer.from(base64, "base64").toString();
    const forms = {
      base64,
      deflated: deflateRawSync(xml).toString("base64"),
      url_encoded: `RelayState=x&SAMLResponse=${encodeURIComponent(base64)}`,
      xml,
    };
    for (const [form, saml_response] of Object.entries(forms)) {
      const { body } = await askers.post(path, { saml_response });
      assert.deepEqual([body.form, body.outcome], [form, "admitted"]);
    }
  });

  test("a refusal names the check that failed, with what was expected and found", async () => {
    const story = await inspect({ audience: "https://elsewhere.example" });
    assert.deepEqual([story.outcome, story.code], ["refused", "saml_audience_mismatch"]);
    assert.match(story.hint, /entityID/);
    assert.equal(story.evidence.expected, world.urls.acs);
    assert.deepEqual(story.evidence.found, ["https://elsewhere.example"]);
    assert.equal(resultOf(story, "signature"), "passed");
    assert.equal(resultOf(story, "audience"), "failed");
    assert.equal(resultOf(story, "identity"), "not_reached");
    assert.deepEqual([story.role, story.identity, story.changes], [null, null, []]);
  });

  test("a wrong attribute name is told with the attributes there are and the one that was meant", async () => {
    const attributeNames = { email: "mail", firstName: "F", lastName: "L", groups: "groups" };
    const story = await inspect({ attributeNames }, { patch: { idp_provider: "custom" } });
    assert.equal(story.code, "saml_email_missing");
    assert.equal(resultOf(story, "identity"), "failed");
    assert.ok(story.attributes.some(({ name }: { name: string }) => name === "mail"));
    const meant = story.hints.map(({ target }: { target: string }) => target);
    assert.deepEqual(meant, ["mapping_email", "mapping_groups"]);
  });

  test("unsaved settings judge in place of the saved ones, which stay", async () => {
    const before = await census(world);
    const attributeNames = { email: "mail", firstName: "F", lastName: "L", groups: "groups" };
    const patch = {
      mapping_email: "mail",
      mapping_groups: "groups",
      roles_groups: [["Reviewer", "LS-Reviewers"]],
    };
    const story = await inspect({ attributeNames, groups: ["LS-Reviewers"] }, { patch });
    assert.deepEqual([story.outcome, story.role], ["admitted", "Reviewer"]);
    assert.deepEqual(await census(world), before);
  });

  test("metadata that is not saved vouches for nobody: the story is all that comes of it", async () => {
    const mallory = newSigner("https://mallory.example/metadata", { fresh: true });
    const before = await census(world);
    const saml_response = world.respond(
      { email: "owner@contoso.com", inResponseTo: "_x" },
      mallory,
    );
    const patch = { metadata_xml: mallory.metadataXml() };
    const tried = await askers.post(path, { saml_response, patch });
    assert.equal(tried.body.outcome, "admitted");
    const saved = await askers.post(path, { saml_response });
    assert.equal(saved.body.code, "saml_issuer_mismatch");
    assert.deepEqual(await census(world), before);
  });

  test("an old response is judged as of its own time where that is asked for", async () => {
    const saml_response = world.respond({ inResponseTo: "_x" });
    world.test.clock.advance(30 * 24 * 3_600_000);
    const old = await askers.post(path, { saml_response });
    assert.equal(old.body.code, "saml_expired");
    assert.equal(resultOf(old.body, "validity"), "failed");
    const then = await askers.post(path, { saml_response, ignore_time: true });
    assert.equal(then.body.outcome, "admitted");
  });

  test("a form is understood like JSON, so that a file can be sent as it is", async () => {
    const form = { saml_response: world.respond({ inResponseTo: "_x" }), ignore_time: "1" };
    const { body } = await askers.postForm(path, form);
    assert.equal(body.outcome, "admitted");
  });

  test("a response that no key of the metadata signed tells no attribute", async () => {
    const mallory = newSigner(world.signer.entityId, { fresh: true });
    const saml_response = world.respond({ inResponseTo: "_x" }, mallory);
    const { body } = await askers.post(path, { saml_response });
    assert.equal(body.code, "saml_signature_invalid");
    assert.deepEqual([body.attributes, body.identity], [[], null]);
  });

  test("whoever the groups deactivate is told so", async () => {
    const patch = { manual_role_management: false };
    const story = await inspect({ email: "eve@contoso.com", groups: ["Other"] }, { patch });
    assert.deepEqual([story.outcome, story.code, story.role], ["deactivated", null, "Deactivated"]);
    assert.equal(resultOf(story, "access"), "failed");
  });

  test("whoever may not sign in is told with the rule", async () => {
    const story = await inspect({ email: "eve@elsewhere.example" });
    assert.deepEqual([story.outcome, story.code], ["refused", "sign_in_domain_not_allowed"]);
    assert.equal(resultOf(story, "access"), "failed");
    assert.ok(story.reasons.length > 0);
  });

  test("what cannot be read at all is a story too", async () => {
    const deep = Buffer.from("<a>".repeat(5000)).toString("base64");
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, "<a/>")).toString("base64");
    const codes = {
      "no such thing": "saml_bad_encoding",
      [deep]: "saml_xml_limit",
      [bomb]: "saml_too_large",
    };
    for (const [saml_response, code] of Object.entries(codes)) {
      const cost = await costOf(async () => {
        const { status, body } = await askers.post(path, { saml_response });
        assert.deepEqual([status, body.code], [200, code]);
      });
      assert.ok(cost < 300, `${code} costs ${cost}`);
    }
  });

  test("a body past the limit is refused before it is read", async () => {
    const { status } = await askers.post(path, { saml_response: "A".repeat(2_000_000) });
    assert.equal(status, 413);
  });

  test("a request without a response, and a patch that could not be saved, are refused by field", async () => {
    const fieldsOf = async (body: unknown) => {
      const { status, body: answer } = await askers.post(path, body);
      assert.equal(status, 400, JSON.stringify(answer));
      return Object.keys(answer.validation_errors);
    };
    assert.deepEqual(await fieldsOf({}), ["saml_response"]);
    assert.deepEqual(await fieldsOf({ saml_response: "  " }), ["saml_response"]);
    assert.deepEqual(await fieldsOf({ saml_response: ["PHg+"] }), ["saml_response"]);
    assert.deepEqual(await fieldsOf([]), ["non_field_errors", "saml_response"]);
    const patch = { roles_groups: [["Owner", "g"]], metadata_xml: "<x/>", mapping: "x" };
    const fields = await fieldsOf({ saml_response: "PHg+", ignore_time: "yes", patch });
    assert.deepEqual(
      new Set(fields),
      new Set(["ignore_time", "roles_groups", "mapping", "metadata_xml"]),
    );
    assert.deepEqual(await fieldsOf({ saml_response: "PHg+", patch: "x" }), ["non_field_errors"]);
  });

  test("a metadata URL in a patch is fetched by the rules of saving", async () => {
    for (const metadata_url of [
      "http://169.254.169.254/latest/meta-data",
      "http://metadata.google.internal/",
      "file:///etc/passwd",
      "http://user:secret@idp.example/",
    ]) {
      const { status, body } = await askers.post(path, {
        saml_response: "PHg+",
        patch: { metadata_url },
      });
      assert.equal(status, 400, metadata_url);
      assert.ok(body.validation_errors.metadata_url, metadata_url);
    }
  });

  test("Managers and those below may not, nor may strangers", async () => {
    const saml_response = world.respond({ inResponseTo: "_x" });
    for (const asker of ["MA", "RE", "AN"] as const) {
      assert.equal((await askers.post(path, { saml_response }, asker)).status, 403, asker);
    }
    assert.equal((await askers.post(path, { saml_response }, null)).status, 401);
    assert.equal((await askers.post(path, { saml_response }, "AD")).status, 200);
  });

  test("another organization's administrator reads the response by his own settings only", async () => {
    const fabrikam = await world.neighbour("Fabrikam", {
      domain: "fabrikam.com",
      domains: ["fabrikam.com"],
    });
    const others = new Askers(fabrikam);
    await others.open();
    const saml_response = world.respond({ inResponseTo: "_x", email: "secret@contoso.com" });
    const { body } = await others.post(path, { saml_response });
    assert.equal(body.code, "saml_issuer_mismatch");
    assert.equal(JSON.stringify(body).includes("secret@contoso.com"), false);
  });

  test("what a stranger is called in another organization is not told to whoever makes up a name for them", async () => {
    const { store } = world.test;
    const tailspin = await world.neighbour("Tailspin", {
      domain: "tailspin.com",
      domains: ["tailspin.com"],
    });
    const says = { email: "vic@tailspin.com", firstName: "Victoria", lastName: "Undisclosed" };
    await tailspin.signOn(tailspin.browser(), says);
    await tailspin.saveSettings({ domain: "", domains: [] });
    const patch = { domain: "contoso.com, tailspin.com" };
    const story = await inspect({ ...says, firstName: "Made", lastName: "Up" }, { patch });
    assert.equal(story.outcome, "admitted");
    assert.ok(story.changes.some(({ kind }: { kind: string }) => kind === "user_renamed"));
    assert.doesNotMatch(JSON.stringify(story), /Victoria|Undisclosed/);
    const { first_name } = await store.db
      .selectFrom("users")
      .where("email", "=", says.email)
      .select("first_name")
      .executeTakeFirstOrThrow();
    assert.equal(first_name, "Victoria");
  });

  test("neither the log nor the activity log holds a value of the response", async () => {
    const value = "Xylophone-7731";
    await inspect({ groups: [value], firstName: value });
    const rows = await world.test.store.db.selectFrom("activity_log").selectAll().execute();
    assert.ok(rows.some(({ url }) => url === path));
    assert.equal(JSON.stringify(rows).includes(value), false);
    assert.equal(world.test.log().includes(value), false);
  });
});
