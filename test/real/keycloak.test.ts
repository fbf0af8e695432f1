/**
 * Sign-in through a real Keycloak in a real browser, as PRODUCT 2 to 4 promise it.
 * Each test has a Labelgate, a realm and a browser profile of its own; the Keycloak process is shared.
 */
import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../browser/browser.ts";
import { everyonesPassword, Realm, type SamlClient, type SamlOptions } from "./keycloak.ts";
import { type KeycloakServer, startKeycloak } from "./keycloak-server.ts";
import { type Labelgate, startLabelgate } from "./labelgate.ts";
import {
  arriveAt,
  homePage,
  lastSignIn,
  newVisitor,
  readPage,
  refusalCode,
  refusalOf,
  roleOf,
  whoami,
} from "./visitor.ts";

const ana = { email: "ana@contoso.com", firstName: "Ana", lastName: "Núñez" } as const;
const groups = ["LS-Admins", "LS-Managers", "LS-Annotators", "LS-Engineering", "LS-Reviewers-Cars"];
/** What every case differs from: Keycloak's own defaults, but nothing encrypted. */
const bothSigned: SamlOptions = {
  signResponse: true,
  signAssertion: true,
  encrypt: false,
  requireSignedRequests: false,
  signatureAlgorithm: "RSA_SHA256",
  canonicalization: "http://www.w3.org/2001/10/xml-exc-c14n#",
  encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  keyTransportAlgorithm: "http://www.w3.org/2009/xmlenc11#rsa-oaep",
};

let keycloak: KeycloakServer;
let browser: Browser;

before(async () => {
  [keycloak, browser] = await Promise.all([startKeycloak(), launchBrowser()]);
});

after(async () => {
  await Promise.all([keycloak.stop(), browser.close()]);
});

interface Setup {
  readonly labelgate: Labelgate;
  readonly realm: Realm;
  readonly client: SamlClient;
  readonly acsUrl: string;
  readonly loginUrl: string;
  readonly logoutUrl: string;
}

let realmCount = 0;

interface Wishes {
  readonly saml?: SamlOptions;
  readonly settings?: object;
  readonly groups?: readonly string[];
}

/** A Labelgate and a realm that know each other, until the test ends. */
async function connect(t: TestContext, wishes: Wishes = {}): Promise<Setup> {
  const labelgate = await startLabelgate(browser);
  t.after(() => labelgate.stop());
  return await introduce(labelgate, wishes);
}

/** A new realm for a running Labelgate. */
async function introduce(labelgate: Labelgate, options: Wishes = {}): Promise<Setup> {
  const realm = await newRealm(options.groups ?? ["LS-Annotators"]);
  const {
    acs_url: acsUrl,
    login_url: loginUrl,
    logout_url: logoutUrl,
  } = await labelgate.saveSettings({
    domain: "contoso.com",
    metadata_url: realm.metadataUrl,
    idp_provider: "default",
    roles_groups: [
      ["Administrator", "LS-Admins"],
      ["Manager", "LS-Managers"],
      ["Annotator", "LS-Annotators"],
    ],
    ...options.settings,
  });
  const client = await realm.importClient(await labelgate.spMetadata(), acsUrl, {
    ...bothSigned,
    ...options.saml,
  });
  return { labelgate, realm, client, acsUrl, loginUrl, logoutUrl };
}

async function newRealm(anasGroups: readonly string[]): Promise<Realm> {
  realmCount += 1;
  const realm = await Realm.create(keycloak.baseUrl, `realm-${realmCount}`);
  await realm.addGroups(groups);
  await realm.addPerson({ ...ana, groups: anasGroups });
  return realm;
}

/** Answers Keycloak's own sign-in page and resolves once the browser is back at Labelgate. */
async function signInAtKeycloak(page: Page, labelgate: Labelgate): Promise<void> {
  await page.fill("#username", ana.email);
  await page.fill("#password", everyonesPassword);
  await page.click("#kc-login");
  await arriveAt(page, labelgate);
}

/** One whole sign-in, begun at Labelgate, by somebody whose browser is new. */
async function signOn(t: TestContext, { labelgate, loginUrl }: Setup): Promise<Page> {
  const page = await newVisitor(t, browser);
  await page.goto(loginUrl);
  await signInAtKeycloak(page, labelgate);
  return page;
}

describe("people and access", () => {
  test("a first sign-on creates the account with the role, workspaces and projects of its groups", async (t) => {
    const setup = await connect(t, {
      groups: ["LS-Annotators", "LS-Engineering", "LS-Reviewers-Cars"],
    });
    const { labelgate } = setup;
    const cars = labelgate.addProject("Cars");
    const boats = labelgate.addProject("Boats");
    await labelgate.saveSettings({
      workspaces_groups: [
        ["Engineering", "LS-Engineering"],
        ["Radiology", "LS-Radiology"],
      ],
      projects_groups: [
        { project_id: cars, group: "LS-Reviewers-Cars", role: "Reviewer" },
        { project_id: boats, group: "LS-Boats", role: "Annotator" },
      ],
    });

    const page = await newVisitor(t, browser);
    await page.goto(`${labelgate.baseUrl}/saml/sso-domain`);
    await page.fill("input[name=email]", ana.email);
    await page.press("input[name=email]", "Enter");
    await signInAtKeycloak(page, labelgate);

    const me = await whoami(page, labelgate);
    assert.equal(me?.email, ana.email);
    assert.equal(me.first_name, ana.firstName);
    assert.equal(me.last_name, ana.lastName);
    assert.deepEqual(me.organization_membership.role, "AN");
    const home = await homePage(page, labelgate);
    assert.match(home, /Annotator/);
    assert.match(home, /Engineering/);
    assert.match(home, /Cars[\s\S]*Reviewer/);
    assert.doesNotMatch(home, /Radiology|Boats/);
  });

  test("a group change at Keycloak is followed at the next sign-on", async (t) => {
    const setup = await connect(t, {
      groups: ["LS-Managers", "LS-Annotators"],
      settings: { workspaces_groups: [["Engineering", "LS-Engineering"]] },
    });
    const { labelgate, realm } = setup;
    const first = await signOn(t, setup);
    assert.equal(await roleOf(first, labelgate), "MA");
    assert.doesNotMatch(await homePage(first, labelgate), /Engineering/);

    await realm.changeGroups(ana.email, ["LS-Annotators", "LS-Engineering"]);
    const second = await signOn(t, setup);
    assert.equal(await roleOf(second, labelgate), "AN");
    assert.match(await homePage(second, labelgate), /Engineering/);
  });

  test("a person whom no role group names is deactivated where roles follow the groups alone", async (t) => {
    const setup = await connect(t, {
      groups: ["LS-Engineering"],
      settings: { manual_role_management: false },
    });
    const page = await signOn(t, setup);
    assert.equal((await refusalOf(page, setup.labelgate)).outcome, "deactivated");
    await setup.realm.changeGroups(ana.email, ["LS-Annotators"]);
    assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "AN");
  });

  test("sign-on ends on the page that was asked for", async (t) => {
    const { labelgate, loginUrl } = await connect(t);
    const page = await newVisitor(t, browser);
    await page.goto(`${loginUrl}?next=${encodeURIComponent("/user/account?tab=tokens")}`);
    await signInAtKeycloak(page, labelgate);
    assert.equal(page.url(), `${labelgate.baseUrl}/user/account?tab=tokens`);
  });

  test("signing out ends the session here and says that Keycloak's goes on", async (t) => {
    const setup = await connect(t);
    const page = await signOn(t, setup);
    await page.goto(setup.logoutUrl);
    assert.equal(await whoami(page, setup.labelgate), null);
    assert.match(await readPage(page, "main"), /identity provider/i);
  });
});

describe("what Keycloak signs and encrypts", () => {
  let setup: Setup;
  before(async () => {
    setup = await introduce(await startLabelgate(browser));
  });
  after(() => setup.labelgate.stop());

  const responseOnly = { signResponse: true, signAssertion: false };
  const assertionOnly = { signResponse: false, signAssertion: true };
  const cbc = {
    encrypt: true,
    encryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    keyTransportAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
  };
  const inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
  const accepted: readonly (readonly [string, SamlOptions])[] = [
    ["a signed response", responseOnly],
    ["a signed assertion", assertionOnly],
    ["a signed response with a signed assertion", {}],
    ["an encrypted assertion in a signed response", { ...responseOnly, encrypt: true }],
    ["an encrypted, signed assertion in an unsigned one", { ...assertionOnly, encrypt: true }],
    ["an encrypted, signed assertion in a signed response", { encrypt: true }],
    ["an assertion under AES-CBC in a signed response", { ...responseOnly, ...cbc }],
    ["an RSA-SHA512 signature", { signatureAlgorithm: "RSA_SHA512" }],
    ["an RSA-PSS signature", { signatureAlgorithm: "RSA_SHA256_MGF1" }],
    // Of the response: Keycloak signs an assertion before it is put into the response, so that its
    // inclusive canonical form there is another one, which xmlsec1 refuses as well.
    ["inclusive canonicalization", { ...responseOnly, canonicalization: inclusive }],
  ];
  for (const [title, options] of accepted) {
    test(`${title} signs the person in`, async (t) => {
      const saml = { ...bothSigned, ...options };
      await setup.client.configure(saml);
      assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "AN");
      const { evidence } = await lastSignIn(setup.labelgate);
      assert.equal(evidence["isResponseSigned"], saml.signResponse);
      assert.equal(evidence["isAssertionSigned"], saml.signAssertion);
      assert.equal(evidence["wasEncrypted"], saml.encrypt);
    });
  }

  const unsigned = { signResponse: false, signAssertion: false };
  const refused: readonly (readonly [string, SamlOptions, string])[] = [
    ["a response without any signature", unsigned, "saml_signature_missing"],
    ["an encrypted one without any", { ...unsigned, encrypt: true }, "saml_signature_missing"],
    [
      "AES-CBC without a signed response",
      { ...assertionOnly, ...cbc },
      "saml_encryption_algorithm",
    ],
  ];
  for (const [title, options, code] of refused) {
    test(`${title} is refused`, async (t) => {
      await setup.client.configure({ ...bothSigned, ...options });
      assert.equal(await refusalCode(await signOn(t, setup), setup.labelgate), code);
    });
  }

  test("SHA-1 is refused unless allow_sha1 is on", async (t) => {
    const { labelgate, client } = setup;
    await client.configure({ ...bothSigned, signatureAlgorithm: "RSA_SHA1" });
    assert.equal(await refusalCode(await signOn(t, setup), labelgate), "saml_sha1_refused");
    await labelgate.saveSettings({ allow_sha1: true });
    assert.equal(await roleOf(await signOn(t, setup), labelgate), "AN");
    await labelgate.saveSettings({ allow_sha1: null });
  });

  test("a signed response alone is refused where the assertion itself must be signed", async (t) => {
    const { labelgate, client } = setup;
    await client.configure({ ...bothSigned, ...responseOnly });
    await labelgate.saveSettings({ want_assertions_signed: true });
    const code = await refusalCode(await signOn(t, setup), labelgate);
    assert.equal(code, "saml_assertion_signature_required");
    await labelgate.saveSettings({ want_assertions_signed: null });
  });
});

describe("keys", () => {
  test("a key rotation at Keycloak is no outage", async (t) => {
    const setup = await connect(t);
    const { labelgate, realm } = setup;
    const keyOfSignOn = async (): Promise<unknown> => {
      const page = await signOn(t, setup);
      assert.equal(await roleOf(page, labelgate), "AN");
      return (await lastSignIn(labelgate)).evidence["keyFingerprint"];
    };
    const former = await keyOfSignOn();

    await realm.rotateSigningKey();
    const next = await keyOfSignOn();
    assert.notEqual(next, former);

    await realm.removePassiveKeys();
    assert.equal(await keyOfSignOn(), next);
  });

  test("AuthnRequests are signed for a Keycloak that demands it", async (t) => {
    const setup = await connect(t, { saml: { requireSignedRequests: true } });
    assert.equal(await roleOf(await signOn(t, setup), setup.labelgate), "AN");
  });

  test("Keycloak does check that signature: another certificate on record refuses the request", async (t) => {
    const setup = await connect(t, { saml: { requireSignedRequests: true } });
    await setup.client.configure({ requestCertificate: await setup.realm.signingCertificate() });
    const page = await newVisitor(t, browser);
    await page.goto(setup.loginUrl);
    assert.match(await readPage(page), /invalid requester/i);
  });
});

describe("responses that answer no request of ours", () => {
  test("IdP-initiated sign-on is refused by default and accepted where it is allowed", async (t) => {
    const { labelgate, realm } = await connect(t);
    const refused = await newVisitor(t, browser);
    await refused.goto(realm.idpInitiatedUrl);
    await signInAtKeycloak(refused, labelgate);
    assert.equal(await refusalCode(refused, labelgate), "saml_unsolicited");

    await labelgate.saveSettings({ allow_unsolicited: true });
    const accepted = await newVisitor(t, browser);
    await accepted.goto(realm.idpInitiatedUrl);
    await signInAtKeycloak(accepted, labelgate);
    assert.equal(await roleOf(accepted, labelgate), "AN");
    assert.equal((await lastSignIn(labelgate)).evidence["isSolicited"], false);
  });

  test("an assertion of another realm is refused, though it answers our request", async (t) => {
    const setup = await connect(t, { groups: [] });
    const { labelgate, acsUrl } = setup;
    const foreign = await newRealm(["LS-Admins"]);
    await foreign.importClient(await labelgate.spMetadata(), acsUrl, bothSigned);

    const page = await newVisitor(t, browser);
    await page.goto(await requestFor(foreign, page, setup));
    await signInAtKeycloak(page, labelgate);
    assert.equal(await refusalCode(page, labelgate), "saml_issuer_mismatch");
  });

  test("an unsolicited assertion of another realm is refused, though unsolicited ones are allowed", async (t) => {
    const { labelgate, acsUrl } = await connect(t, { settings: { allow_unsolicited: true } });
    const foreign = await newRealm(["LS-Admins"]);
    await foreign.importClient(await labelgate.spMetadata(), acsUrl, bothSigned);
    const page = await newVisitor(t, browser);
    await page.goto(foreign.idpInitiatedUrl);
    await signInAtKeycloak(page, labelgate);
    assert.equal(await refusalCode(page, labelgate), "saml_issuer_mismatch");
  });

  test("a response that was accepted once is refused from any browser after that", async (t) => {
    const setup = await connect(t);
    const { labelgate, acsUrl } = setup;
    const page = await newVisitor(t, browser);
    const posted = page.waitForRequest((request) => request.url() === acsUrl);
    await page.goto(setup.loginUrl);
    await signInAtKeycloak(page, labelgate);
    assert.equal(await roleOf(page, labelgate), "AN");
    const form = (await posted).postData() ?? "";

    const again = await fetch(acsUrl, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `${form}&second_post=1`,
    });
    assert.match(again.headers.get("location") ?? "", /\/denied\?ref=/);
    assert.equal((await lastSignIn(labelgate)).outcome, "refused");
  });
});

/**
 * The address that takes this browser's AuthnRequest to the realm `other` instead, as whoever
 * controls that realm might. Labelgate's cookie is in the browser afterwards, as in any sign-in.
 */
async function requestFor(other: Realm, page: Page, { realm, loginUrl }: Setup): Promise<string> {
  const answer = await page.request.get(loginUrl, { maxRedirects: 0 });
  const url = new URL(answer.headers()["location"] ?? "");
  const deflated = Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64");
  const request = inflateRawSync(deflated).toString("utf8");
  assert.ok(request.includes(realm.issuer));
  // The signature is of no use any more; Keycloak ignores it where it demands none.
  const changed = deflateRawSync(request.replaceAll(realm.issuer, other.issuer));
  const target = new URL(`${other.issuer}/protocol/saml`);
  target.searchParams.set("SAMLRequest", changed.toString("base64"));
  target.searchParams.set("RelayState", url.searchParams.get("RelayState") ?? "");
  return target.href;
}
