/**
 * Sign-in through a real SimpleSAMLphp in a real browser: an identity provider whose attribute names
 * are its own, which signs and encrypts by another XML library than Keycloak, and which can offer the
 * POST binding alone.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, type TestContext, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../browser/browser.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";
import { type IdpOptions, type SimpleSamlPhp, startSimpleSamlPhp } from "./simplesamlphp.ts";
import {
  arriveAt,
  homePage,
  lastSignIn,
  newVisitor,
  refusalCode,
  roleOf,
  whoami,
} from "./visitor.ts";

const bo = { username: "bo", password: "bo's password" } as const;

let idp: SimpleSamlPhp;
let browser: Browser;

before(async () => {
  [idp, browser] = await Promise.all([startSimpleSamlPhp(), launchBrowser()]);
});

after(async () => {
  await Promise.all([idp.stop(), browser.close()]);
});

beforeEach(() => setGroups(["LS-Reviewers"]));

/** Makes `groups` the groups of the one person whom this identity provider knows. */
function setGroups(groups: readonly string[]): void {
  const attributes = { mail: ["Bo@Contoso.com"], givenName: ["Bo"], sn: ["Ek"], memberOf: groups };
  idp.setPeople([{ ...bo, attributes }]);
}

interface Setup {
  readonly labelgate: Labelgate;
  readonly acsUrl: string;
  readonly loginUrl: string;
}

/** A Labelgate that knows this identity provider as `options` make it, and is known to it. */
async function connect(
  t: TestContext,
  options: IdpOptions = {},
  settings: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Setup> {
  idp.setOptions(options);
  const labelgate = await startLabelgate(browser, env);
  t.after(() => labelgate.stop());
  const { acs_url: acsUrl, login_url: loginUrl } = await labelgate.saveSettings({
    domain: "contoso.com",
    metadata_url: idp.metadataUrl,
    idp_provider: "custom",
    mapping_email: "mail",
    mapping_first_name: "givenName",
    mapping_last_name: "sn",
    mapping_groups: "memberOf",
    roles_groups: [
      ["Manager", "LS-Managers"],
      ["Reviewer", "LS-Reviewers"],
    ],
    workspaces_groups: [["Radiology", "LS-Radiology"]],
    ...settings,
  });
  idp.setServiceProvider(await labelgate.spMetadata());
  return { labelgate, acsUrl, loginUrl };
}

async function signInAtIdp(page: Page, labelgate: Labelgate): Promise<void> {
  await page.fill("#username", bo.username);
  await page.fill("#password", bo.password);
  await page.click("#submit_button");
  await arriveAt(page, labelgate);
}

async function signOn(t: TestContext, { labelgate, loginUrl }: Setup): Promise<Page> {
  const page = await newVisitor(t, browser);
  await page.goto(loginUrl);
  await signInAtIdp(page, labelgate);
  return page;
}

test("a first sign-on creates the account, with the names of hand-made attributes", async (t) => {
  setGroups(["LS-Reviewers", "LS-Radiology"]);
  const setup = await connect(t);
  const page = await signOn(t, setup);
  const me = await whoami(page, setup.labelgate);
  assert.equal(me?.email, "bo@contoso.com");
  assert.equal(me.first_name, "Bo");
  assert.equal(me.last_name, "Ek");
  assert.equal(me.organization_membership.role, "RE");
  assert.match(await homePage(page, setup.labelgate), /Radiology/);
});

test("a group change at SimpleSAMLphp is followed at the next sign-on", async (t) => {
  const setup = await connect(t);
  assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "RE");
  setGroups(["LS-Managers", "LS-Radiology"]);
  const page = await signOn(t, setup);
  assert.equal(await roleOf(page, setup.labelgate), "MA");
  assert.match(await homePage(page, setup.labelgate), /Radiology/);
});

test("a group whose name differs by case grants nothing", async (t) => {
  setGroups(["ls-managers"]);
  const setup = await connect(t);
  // The default role for a new member, since no role mapping matched (PRODUCT 4.6).
  assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "AN");
});

// SimpleSAMLphp signs the assertion where the service provider's metadata wants it signed.
const wantsSigned = { want_assertions_signed: true };
const accepted: readonly (readonly [string, IdpOptions, object])[] = [
  ["a signed response", {}, {}],
  ["a signed assertion", { "saml20.sign.response": false }, wantsSigned],
  ["a signed response with a signed assertion", {}, wantsSigned],
  ["an encrypted assertion in a signed response", { "assertion.encryption": true }, {}],
  ["an encrypted NameID", { "nameid.encryption": true }, {}],
];
for (const [title, options, settings] of accepted) {
  test(`${title} signs the person in`, async (t) => {
    const setup = await connect(t, options, settings);
    assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "RE");
    const { evidence } = await lastSignIn(setup.labelgate);
    assert.equal(evidence["isResponseSigned"], options["saml20.sign.response"] ?? true);
    assert.equal(evidence["isAssertionSigned"], settings === wantsSigned);
    assert.equal(evidence["wasEncrypted"], options["assertion.encryption"] ?? false);
  });
}

test("an assertion encrypted with AES-CBC in an unsigned response is refused unless allow_cbc is on", async (t) => {
  const options = { "assertion.encryption": true, "saml20.sign.response": false };
  const setup = await connect(t, options, wantsSigned);
  const refused = await signOn(t, setup);
  assert.equal(await refusalCode(refused, setup.labelgate), "saml_encryption_algorithm");
  await setup.labelgate.saveSettings({ allow_cbc: true });
  assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "RE");
});

test("IdP-initiated sign-on is refused by default and accepted where it is allowed", async (t) => {
  const { labelgate, acsUrl } = await connect(t);
  const refused = await newVisitor(t, browser);
  await refused.goto(idp.idpInitiatedUrl(acsUrl));
  await signInAtIdp(refused, labelgate);
  assert.equal(await refusalCode(refused, labelgate), "saml_unsolicited");

  await labelgate.saveSettings({ allow_unsolicited: true });
  const allowed = await newVisitor(t, browser);
  await allowed.goto(idp.idpInitiatedUrl(acsUrl));
  await signInAtIdp(allowed, labelgate);
  assert.equal(await roleOf(allowed, labelgate), "RE");
});

const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

for (const [name, binding] of [
  ["Redirect", redirect],
  ["POST", post],
] as const) {
  test(`a signed AuthnRequest by ${name} satisfies an identity provider that demands one`, async (t) => {
    const setup = await connect(t, {
      SingleSignOnServiceBinding: [binding],
      "validate.authnrequest": true,
    });
    assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "RE");
  });
}

test("an unsigned AuthnRequest goes by POST where the identity provider offers only that", async (t) => {
  const setup = await connect(t, { SingleSignOnServiceBinding: [post] });
  assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "RE");
});

test("SAML_AUTHN_REQUESTS_SIGNED signs where the metadata does not ask for it", async (t) => {
  const setup = await connect(t, {}, {}, { SAML_AUTHN_REQUESTS_SIGNED: "1" });
  // Only now does the identity provider demand what its metadata, read before, did not announce.
  idp.setOptions({ "validate.authnrequest": true });
  assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "RE");
});
