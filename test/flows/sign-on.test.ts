/** Sign-in by SAML through the application: PRODUCT 2 and 4, as a browser and an attacker see it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { prepareNextKey } from "../../src/sso/keys.ts";
import { onEveryEngine } from "../engines.ts";
import { Browser, newSigner, SsoWorld } from "./sso-world.ts";

const roles = [
  { role: "AD" as const, group: "LS-Admins" },
  { role: "AN" as const, group: "LS-Annotators" },
];
const workspaces = [{ workspace: "Engineering", group: "LS-Engineering" }];

const isDenied = (response: { statusCode: number; headers: Record<string, unknown> }): boolean =>
  response.statusCode === 303 && /\/denied\?ref=/.test(String(response.headers["location"]));

onEveryEngine("sign-on", (engine) => {
  let world: SsoWorld;
  let browser: Browser;
  before(async () => {
    world = await SsoWorld.open(engine, { roles, workspaces });
  });
  beforeEach(() => {
    browser = world.browser();
  });
  after(() => world.close());

  test("the login address sends the browser to the identity provider with an AuthnRequest", async () => {
    const response = await browser.get(world.path("login"));
    assert.equal(response.statusCode, 302);
    const location = new URL(String(response.headers["location"]));
    assert.equal(location.origin + location.pathname, "https://idp.example/sso");
    assert.ok(location.searchParams.get("SAMLRequest"));
  });

  test("a first sign-on creates the account with what its groups grant, and says why", async () => {
    const response = await world.signOn(
      browser,
      { email: "Bob@Contoso.com", groups: ["LS-Annotators", "LS-Engineering"] },
      "/projects/7?tab=1",
    );
    assert.equal(response.statusCode, 303);
    assert.equal(response.headers["location"], "/projects/7?tab=1");
    assert.deepEqual(await world.roleOf("bob@contoso.com"), { role: "AN", source: "saml" });
    assert.deepEqual(await world.workspacesOf("bob@contoso.com"), ["Engineering"]);
    const attempt = await world.lastAttempt();
    assert.equal(attempt.outcome, "admitted");
    assert.match(attempt.reasons, /LS-Engineering/);
    const home = await browser.get("/");
    assert.equal(home.statusCode, 200);
    assert.match(home.body, /Engineering/);
    assert.match(home.body, /LS-Annotators/);
  });

  test("attribute names that nobody chose are detected, and the log says from where (PRODUCT 3.2)", async () => {
    const attributeNames = {
      email: "urn:oid:0.9.2342.19200300.100.1.3",
      firstName: "urn:oid:2.5.4.42",
      lastName: "urn:oid:2.5.4.4",
      groups: "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
    };
    const says = { email: "dee@contoso.com", groups: ["LS-Admins"], attributeNames };
    assert.equal((await world.signOn(browser, says)).headers["location"], "/");
    assert.deepEqual(await world.roleOf("dee@contoso.com"), { role: "AD", source: "saml" });
    assert.match(
      (await world.lastAttempt()).reasons,
      /e-mail was read from \\"urn:oid:0\.9[^"]*\\", which was detected/,
    );
    const attributes = [
      { name: attributeNames.email, values: ["dee@contoso.com"] },
      { name: "mail", values: ["root@contoso.com"] },
    ];
    assert.ok(isDenied(await world.signOn(world.browser(), { ...says, attributes })));
    assert.equal(await world.lastCode(), "saml_email_ambiguous");
  });

  test("the next sign-on follows a change of groups", async () => {
    await world.signOn(browser, { email: "carol@contoso.com", groups: ["LS-Annotators"] });
    await world.signOn(browser, { email: "carol@contoso.com", groups: ["LS-Admins"] });
    assert.deepEqual(await world.roleOf("carol@contoso.com"), { role: "AD", source: "saml" });
  });

  test("a response is accepted once, whoever posts it again", async () => {
    const inResponseTo = await world.begin(browser);
    const SAMLResponse = world.respond({ inResponseTo });
    const first = await browser.post(world.path("acs"), { SAMLResponse });
    assert.equal(first.headers["location"], "/");
    const other = world.browser();
    await world.begin(other);
    assert.ok(isDenied(await other.post(world.path("acs"), { SAMLResponse })));
    assert.equal(await world.lastCode(), "saml_replayed");
  });

  test("of twenty posts of one response at once exactly one signs on", async () => {
    const inResponseTo = await world.begin(browser);
    const SAMLResponse = world.respond({ inResponseTo });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => browser.post(world.path("acs"), { SAMLResponse })),
    );
    const locations = answers.map((answer) => String(answer.headers["location"]));
    assert.equal(locations.filter((location) => location === "/").length, 1);
  });

  test("InResponseTo that this server never sent is refused", async () => {
    await world.begin(browser);
    const SAMLResponse = world.respond({ inResponseTo: "_never-sent" });
    assert.ok(isDenied(await browser.post(world.path("acs"), { SAMLResponse })));
    assert.equal(await world.lastCode(), "saml_request_unknown");
  });

  test("a request that another browser began is refused and stays open for its own", async () => {
    const inResponseTo = await world.begin(browser);
    const victim = world.browser();
    await world.begin(victim);
    const SAMLResponse = world.respond({ inResponseTo });
    assert.ok(isDenied(await victim.post(world.path("acs"), { SAMLResponse })));
    assert.equal(await world.lastCode(), "saml_request_other_browser");
    const own = await browser.post(world.path("acs"), { SAMLResponse });
    assert.equal(own.headers["location"], "/");
  });

  test("a browser that kept its cookie back is asked to post again, and refused without it", async () => {
    const inResponseTo = await world.begin(browser);
    const SAMLResponse = world.respond({ inResponseTo });
    const bare = world.browser();
    const asked = await bare.post(world.path("acs"), { SAMLResponse });
    assert.equal(asked.statusCode, 200);
    assert.match(asked.body, /name="second_post"/);
    assert.ok(isDenied(await bare.post(world.path("acs"), { SAMLResponse, second_post: "1" })));
    assert.equal(await world.lastCode(), "saml_request_other_browser");
    const again = await browser.post(world.path("acs"), { SAMLResponse, second_post: "1" });
    assert.equal(again.headers["location"], "/");
  });

  test("a forged response is never shown back to the browser", async () => {
    const SAMLResponse = world.respond({ inResponseTo: "_x", sign: "none" });
    const answer = await world.browser().post(world.path("acs"), { SAMLResponse });
    assert.ok(isDenied(answer));
  });

  test("two tabs of one browser can sign on at once", async () => {
    const first = await world.begin(browser);
    world.test.clock.advance(1);
    const second = await world.begin(browser);
    assert.notEqual(first, second);
    for (const inResponseTo of [first, second]) {
      const SAMLResponse = world.respond({ inResponseTo });
      const answer = await browser.post(world.path("acs"), { SAMLResponse });
      assert.equal(answer.headers["location"], "/");
    }
  });

  test("a request older than 15 minutes is refused", async () => {
    const inResponseTo = await world.begin(browser);
    world.test.clock.advance(15 * 60_000);
    const SAMLResponse = world.respond({ inResponseTo });
    assert.ok(isDenied(await browser.post(world.path("acs"), { SAMLResponse })));
    assert.equal(await world.lastCode(), "saml_request_expired");
  });

  test("IdP-initiated sign-on is refused by default", async () => {
    const SAMLResponse = world.respond({ inResponseTo: null });
    assert.ok(isDenied(await browser.post(world.path("acs"), { SAMLResponse })));
    assert.equal(await world.lastCode(), "saml_unsolicited");
  });

  test("next leads only to a path of this site, and refuses no sign-in (PRODUCT 2.1)", async () => {
    for (const next of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "/%2f%2fevil",
    ]) {
      const done = await world.signOn(browser, { email: "dora@contoso.com" }, next);
      assert.equal(done.headers["location"], "/", next);
      assert.match((await world.lastAttempt()).reasons, /no path of this site/);
    }
  });

  test("a field or parameter sent twice is refused", async () => {
    const twice = await world.test.app.inject({
      method: "POST",
      url: world.path("acs"),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: "SAMLResponse=a&SAMLResponse=b",
    });
    assert.equal(twice.statusCode, 400);
    const next = await browser.get(`${world.path("login")}?next=/a&next=/b`);
    assert.equal(next.statusCode, 400);
  });

  test("an e-mail outside the organization's domains is refused and leaves only its log row", async () => {
    const before = await peopleRows(world);
    assert.ok(isDenied(await world.signOn(browser, { email: "eve@elsewhere.example" })));
    assert.equal(await world.lastCode(), "sign_in_domain_not_allowed");
    assert.match((await world.lastAttempt()).reasons, /elsewhere\.example/);
    assert.deepEqual(await peopleRows(world), before);
  });

  test("a session ends when the identity provider says so", async () => {
    const sessionNotOnOrAfterMs = world.test.clock.now() + 3_600_000;
    await world.signOn(browser, { sessionNotOnOrAfterMs });
    assert.equal((await browser.get("/")).statusCode, 200);
    world.test.clock.advance(3_600_000);
    const later = await browser.get("/");
    assert.match(String(later.headers["location"]), /^\/user\/login/);
  });

  test("a new sign-on replaces the browser's session", async () => {
    await world.signOn(browser);
    const old = new Browser(world.test.app);
    for (const [name, value] of browser.cookies) old.cookies.set(name, value);
    await world.signOn(browser);
    assert.equal((await browser.get("/")).statusCode, 200);
    assert.equal((await old.get("/")).statusCode, 303);
  });

  test("logging out ends the local session", async () => {
    await world.signOn(browser);
    const copy = new Browser(world.test.app);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    const out = await browser.get(world.path("logout"));
    assert.equal(out.statusCode, 302);
    assert.equal((await copy.get("/")).statusCode, 303);
  });

  test("a foreign link to the logout address asks, and ends nothing before the answer", async () => {
    await world.signOn(browser);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const follow = async (headers: Readonly<Record<string, string>>) =>
      await world.test.app.inject({
        method: "GET",
        url: world.path("logout"),
        headers: { cookie, ...headers },
      });
    for (const foreign of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site", referer: world.test.deps.config.baseUrl },
      { referer: "https://elsewhere.example/page" },
      { referer: `${world.test.deps.config.baseUrl}.evil.example/` },
      { referer: "nonsense" },
    ]) {
      const asked = await follow(foreign);
      assert.equal(asked.statusCode, 200, JSON.stringify(foreign));
      assert.match(asked.body, /Sign out\?.*alice@contoso\.com/s);
      assert.equal(asked.cookies.length, 0);
      assert.equal((await browser.get("/")).statusCode, 200);
    }
    const asked = await follow({ "sec-fetch-site": "cross-site" });
    const out = await browser.submit(asked);
    assert.equal(out.statusCode, 303);
    assert.equal(String(out.headers.location), "/user/login?signed_out=1");
    assert.equal((await browser.get("/")).statusCode, 303);
    assert.equal(
      (await follow({ "sec-fetch-site": "cross-site" })).statusCode,
      302,
      "nobody is in",
    );
  });

  test("the logout address works at once from this site, and where the address was typed", async () => {
    const { baseUrl } = world.test.deps.config;
    for (const own of [
      { "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
      { referer: `${baseUrl}/user/account` },
    ]) {
      const person = world.browser();
      await world.signOn(person);
      const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const url = world.path("logout");
      const out = await world.test.app.inject({ method: "GET", url, headers: { cookie, ...own } });
      assert.equal(out.statusCode, 302, JSON.stringify(own));
      assert.equal((await person.get("/")).statusCode, 303);
    }
  });

  test("the ACS takes forms alone: whatever another body says is not read", async () => {
    const inResponseTo = await world.begin(browser);
    const good = world.respond({ inResponseTo });
    const url = world.path("acs");
    const boundary = "----x";
    const bodies = {
      "application/json": `{"SAMLResponse":"x","SAMLResponse":${JSON.stringify(good)}}`,
      "application/json; charset=utf-8": JSON.stringify({ SAMLResponse: good }),
      [`multipart/form-data; boundary=${boundary}`]: `--${boundary}\r\nContent-Disposition: form-data; name="SAMLResponse"\r\n\r\n${good}\r\n--${boundary}--\r\n`,
      "text/plain": `SAMLResponse=${good}`,
      "application/x-www-form-urlencoded-not": `SAMLResponse=${encodeURIComponent(good)}`,
      "application/xml": Buffer.from(good, "base64").toString(),
    };
    for (const [type, payload] of Object.entries(bodies)) {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { "content-type": type, cookie };
      const refused = await world.test.app.inject({ method: "POST", url, headers, payload });
      assert.equal(refused.statusCode, 415, type);
      assert.match(refused.body, /application\/x-www-form-urlencoded/);
    }
    const headers = {
      "content-type": "Application/X-WWW-Form-Urlencoded ;charset=UTF-8",
      cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    };
    const payload = new URLSearchParams({ SAMLResponse: good }).toString();
    const taken = await world.test.app.inject({ method: "POST", url, headers, payload });
    assert.equal(taken.statusCode, 303);
    assert.equal(await world.lastCode(), null);
  });

  test("an unknown token is not found, whatever is posted to it", async () => {
    for (const name of ["login", "logout", "metadata"]) {
      const response = await browser.get(`/saml/unknown/${name}`);
      assert.equal(response.statusCode, 404, name);
    }
    const posted = await browser.post("/saml/unknown/acs", { SAMLResponse: "x" });
    assert.equal(posted.statusCode, 404);
  });

  test("SP metadata names the ACS URL as entityID and carries the active and the next certificate", async () => {
    const one = await browser.get(world.path("metadata"));
    assert.equal(one.statusCode, 200);
    assert.match(String(one.headers["content-type"]), /samlmetadata\+xml/);
    assert.ok(one.body.includes(`entityID="${world.urls.acs}"`));
    await prepareNextKey(world.test.deps, world.record);
    const two = await browser.get(world.path("metadata"));
    const certificates = new Set(
      [...two.body.matchAll(/X509Certificate>([^<]+)</g)].map(([, text]) => text),
    );
    assert.equal(certificates.size, 2);
  });

  test("the denied page tells a stranger nothing but the reference", async () => {
    const denied = await world.signOn(browser, { audience: "https://elsewhere.example" });
    const page = await browser.get(String(denied.headers["location"]));
    assert.equal(page.statusCode, 403);
    assert.doesNotMatch(page.body, /audience|elsewhere|saml_/i);
    assert.equal(await world.lastCode(), "saml_audience_mismatch");
    const attempt = await world.lastAttempt();
    assert.match(attempt.evidence, /elsewhere\.example/);
  });
});

/** Everything that a sign-in could change, for comparing before and after. */
async function peopleRows(world: SsoWorld): Promise<unknown> {
  const { db } = world.test.store;
  const tables = [
    "users",
    "memberships",
    "workspace_members",
    "project_members",
    "sessions",
    "replay_ids",
    "audit_log",
  ] as const;
  return await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
}

onEveryEngine("sign-on that starts at the identity provider", (engine) => {
  let world: SsoWorld;
  before(async () => {
    world = await SsoWorld.open(engine, { roles, allowUnsolicited: true });
  });
  after(() => world.close());

  const arrive = (relayState?: string, SAMLResponse = world.respond({ inResponseTo: null })) =>
    world.browser().post(world.path("acs"), {
      SAMLResponse,
      ...(relayState === undefined ? {} : { RelayState: relayState }),
    });

  test("is accepted where the organization allows it", async () => {
    assert.equal((await arrive()).headers["location"], "/");
  });

  test("is accepted once", async () => {
    const SAMLResponse = world.respond({ inResponseTo: null });
    assert.equal((await arrive(undefined, SAMLResponse)).headers["location"], "/");
    assert.ok(isDenied(await arrive(undefined, SAMLResponse)));
    assert.equal(await world.lastCode(), "saml_replayed");
  });

  test("follows a RelayState that is a path of this site, and goes home for an opaque one", async () => {
    assert.equal((await arrive("/projects/3")).headers["location"], "/projects/3");
    assert.equal((await arrive("a1b2c3")).headers["location"], "/");
  });

  test("takes an absolute address of this site as its path", async () => {
    const { baseUrl } = world.test.deps.config;
    assert.equal(
      (await arrive(`${baseUrl}/organization?a=1`)).headers["location"],
      "/organization?a=1",
    );
    assert.equal((await arrive(baseUrl)).headers["location"], "/");
  });

  test("is never refused for its RelayState, never leaves this site, and the log says so", async () => {
    for (const relayState of [
      ...["https://evil.example", "//evil.example", "/\\evil", "%2f%2fevil", "javascript:alert(1)"],
      ...['{"a":1}', "aHR0cHM6Ly9ldmls", `/${"a".repeat(5000)}`],
    ]) {
      assert.equal((await arrive(relayState)).headers["location"], "/", relayState);
      const { reasons, outcome } = await world.lastAttempt();
      assert.equal(outcome, "admitted");
      assert.match(reasons, /no path of this site/);
      assert.ok(reasons.length < 3000);
    }
  });
});

onEveryEngine("two organizations", (engine) => {
  let world: SsoWorld;
  let other: { token: string; organizationId: number };
  before(async () => {
    world = await SsoWorld.open(engine, { roles });
    const made = await world.test.createOrganizationWithOwner({
      title: "Fabrikam",
      email: "owner@fabrikam.example",
    });
    const token = await world.test.store.db
      .selectFrom("saml_settings")
      .select("token")
      .where("organization_id", "=", made.organizationId)
      .executeTakeFirstOrThrow();
    other = { token: token.token, organizationId: made.organizationId };
  });
  after(() => world.close());

  test("a response of one organization's identity provider opens nothing in another", async () => {
    const browser = world.browser();
    const inResponseTo = await world.begin(browser);
    const acs = `${world.test.deps.config.baseUrl}/saml/${other.token}/acs`;
    const SAMLResponse = world.respond({ inResponseTo, acsUrl: acs, audience: acs });
    const answer = await browser.post(`/saml/${other.token}/acs`, { SAMLResponse });
    assert.ok(isDenied(answer));
    const attempt = await world.lastAttempt();
    assert.equal(attempt.organization_id, other.organizationId);
    assert.equal(attempt.code, "saml_not_configured");
  });

  test("a sign-on cannot begin before the metadata is read", async () => {
    const response = await world.browser().get(`/saml/${other.token}/login`);
    assert.equal(response.statusCode, 503);
  });

  test("a person of another organization needs the domain list to be let in", async () => {
    await world.saveSettings({ domain: "", domains: [] });
    assert.ok(isDenied(await world.signOn(world.browser(), { email: "owner@fabrikam.example" })));
    assert.equal(await world.lastCode(), "sign_in_other_organization");
    await world.saveSettings({ domain: "fabrikam.example", domains: ["fabrikam.example"] });
    const browser = world.browser();
    const answer = await world.signOn(browser, { email: "owner@fabrikam.example" });
    assert.equal(answer.headers["location"], "/");
    assert.deepEqual(await world.roleOf("owner@fabrikam.example"), { role: "AN", source: "saml" });
  });

  test("the metadata on record is shown to the organization's own administrators only", async () => {
    const stranger = await world.test.signedInCookie(
      "owner@fabrikam.example",
      other.organizationId,
    );
    const owner = await world.test.signedInCookie("owner@contoso.com", world.organizationId);
    const read = (cookie: string) =>
      world.test.app.inject({ method: "GET", url: world.path("xml"), headers: { cookie } });
    assert.equal((await read(stranger)).statusCode, 404);
    const own = await read(owner);
    assert.equal(own.statusCode, 200);
    assert.match(own.body, /EntityDescriptor/);
    const nobody = await world.test.app.inject({ method: "GET", url: world.path("xml") });
    assert.match(String(nobody.headers["location"]), /^\/user\/login/);
  });
});

describe("fixtures", () => {
  test("signers with fresh keys differ", () => {
    const fresh = newSigner("https://idp.example", { fresh: true });
    assert.notEqual(fresh.certificatePem, newSigner("https://idp.example").certificatePem);
  });
});
