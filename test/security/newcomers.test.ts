/**
 * A stranger founds an organization on an open server and reaches for people who are not his: shuts them
 * out elsewhere, reads their names, takes their addresses, makes accounts without end (PRODUCT 4.9, 4.9a,
 * 5, 9.6a). Each attack has its twin: what the person themselves may still do.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadSnapshot } from "../../src/store/people.ts";
import { onEveryEngine } from "../engines.ts";
import { mailServer } from "../flows/mail-server.ts";
import { callWith } from "../flows/organization-world.ts";
import { ScimWorld } from "../flows/scim-world.ts";
import { textOf, Visitor } from "../visit.ts";

const noDomains = { domain: "", domains: [] };
const password = "the stranger's own password";
const ownPassword = "a password of one's own";

/** Contoso is number 1 and has no domain list, Mallory's is 2, Fabrikam is 3 and proved its domain. */
const open = { DISABLE_SIGNUP_WITHOUT_LINK: "0", TRUSTED_DOMAINS: "fabrikam.com=3" };

onEveryEngine("a stranger's organization on an open server", (engine) => {
  let contoso: ScimWorld;
  let mallory: ScimWorld;
  let fabrikam: ScimWorld;
  before(async () => {
    contoso = await ScimWorld.open(engine, { saml: noDomains, env: open });
    mallory = await contoso.neighbour("Mallory");
    fabrikam = await contoso.neighbour("Fabrikam");
    await fabrikam.sso.saveSettings({ domain: "fabrikam.com", domains: ["fabrikam.com"] });
  });
  after(() => contoso.close());

  const callOf = async ({ test: t, organizationId }: ScimWorld, owner: string) =>
    callWith(t, await t.apiToken(owner, organizationId));
  const asMallory = async () => await callOf(mallory, "owner@mallory.com");
  const signUp = async (
    email: string,
    more: Record<string, string> = {},
    page = "/user/signup",
  ) => {
    const browser = new Visitor(contoso.test.app, { ip: "203.0.113.66" });
    const form = { organizationTitle: "Nobody's", email, password, ...more };
    return { browser, answer: await browser.submit(page, "/user/signup", form) };
  };
  const signOn = async ({ sso }: ScimWorld, email: string, says: Record<string, string> = {}) =>
    (await sso.signOn(sso.browser(), { email, ...says })).headers["location"];
  const isIn = (location: unknown) => location === "/";

  const waysToMakeMembers: Readonly<Record<string, (email: string) => Promise<unknown>>> = {
    "the API": async (email) => {
      const made = await (await asMallory())("POST", "/api/users/", { email });
      assert.equal(made.status, 201, made.text);
    },
    "its SCIM client": async (email) => await mallory.client.addUser(email),
    "an identity provider of his own": async (email) =>
      assert.ok(isIn(await signOn(mallory, email))),
    "signing up with the address": async (email) =>
      assert.equal((await signUp(email)).answer.status, 303),
  };
  for (const [way, make] of Object.entries(waysToMakeMembers)) {
    test(`a membership made by ${way} shuts nobody out of their own organization`, async () => {
      const email = `new-${way.length}@contoso.com`;
      await make(email);
      assert.ok(isIn(await signOn(contoso, email)), String(await contoso.sso.lastCode()));
    });

    test(`nor does ${way} keep a proven domain from naming its people and moving their address`, async () => {
      const email = `mine-${way.length}@fabrikam.com`;
      await make(email);
      const id = await fabrikam.client.addUser(email, {
        name: { givenName: "Fay", familyName: "Brik" },
      });
      const moved = `moved-${way.length}@fabrikam.com`;
      await fabrikam.client.patch(200, `/Users/${id}`, {
        op: "replace",
        path: "userName",
        value: moved,
      });
      const { user } = await loadSnapshot(contoso.test.store.db, {
        organizationId: fabrikam.organizationId,
        email: moved,
        workspaceTitles: [],
        projectIds: [],
        lock: false,
      });
      assert.deepEqual([user?.firstName, user?.lastName], ["Fay", "Brik"]);
    });
  }

  test("who accepted an organization is let into no other that proved no domain, listed or not", async () => {
    const email = "greta@fabrikam.com";
    assert.ok(isIn(await signOn(fabrikam, email)));
    assert.ok(!isIn(await signOn(contoso, email)));
    assert.equal(await contoso.sso.lastCode(), "sign_in_other_organization");
    await fabrikam.sso.saveSettings(noDomains);
    await mallory.sso.saveSettings({ domain: "fabrikam.com", domains: ["fabrikam.com"] });
    assert.ok(!isIn(await signOn(mallory, email)));
    assert.equal(await mallory.sso.lastCode(), "sign_in_other_organization");
    await mallory.sso.saveSettings(noDomains);
    await fabrikam.sso.saveSettings({ domain: "fabrikam.com", domains: ["fabrikam.com"] });
  });

  test("a domain that is not proven leads nobody to its organization, and the settings say so", async () => {
    const call = await asMallory();
    const taken = await call("POST", "/api/saml/settings", { domain: "fabrikam.com" });
    assert.match(taken.body.validation_errors.domain[0], /already claimed/);
    const saved = await call("POST", "/api/saml/settings", { domain: "tailspin.example" });
    const warning = saved.body.warnings.find(
      ({ code }: { code: string }) => code === "domain_unproven",
    );
    assert.match(warning.message, /TRUSTED_DOMAINS=tailspin\.example=2/);
    const ask = async (email: string) => {
      const browser = new Visitor(contoso.test.app, { ip: "203.0.113.67" });
      return await browser.submit("/saml/sso-domain", "/saml/sso-domain", { email });
    };
    assert.equal((await ask("a@tailspin.example")).status, 404);
    assert.equal((await ask("a@fabrikam.com")).status, 303);
    await mallory.sso.saveSettings(noDomains);
    await mallory.sso.trust(mallory.sso.signer.metadataXml());
  });

  test("names of people elsewhere are nowhere to be read before they accept", async () => {
    const call = await asMallory();
    const named = { firstName: "Gerda", lastName: "Goldmund" };
    const accepted = "gerda@fabrikam.com";
    const pushed = "gerdi@fabrikam.com";
    assert.ok(isIn(await signOn(fabrikam, accepted, named)));
    await fabrikam.client.addUser(pushed, { name: { givenName: "Gerda", familyName: "Goldmund" } });
    const added = await call("POST", "/api/users/", { email: accepted });
    const scimId = await mallory.client.addUser(pushed);
    const browser = mallory.sso.browser();
    await mallory.sso.signOn(browser, { email: pushed });
    const at = `/api/organizations/${mallory.organizationId}`;
    await call("POST", "/api/workspaces/", { title: "Traps" });
    const [{ id: workspace }] = (await call("GET", "/api/workspaces/")).body;
    await call("POST", `/api/workspaces/${workspace}/memberships/`, { user: added.body.id });
    const seen = [
      added.text,
      (await call("GET", "/api/users/")).text,
      (await call("GET", `/api/users/${added.body.id}/`)).text,
      (await call("GET", `${at}/memberships?page_size=100`)).text,
      (await call("GET", `${at}/memberships/${added.body.id}/why/`)).text,
      (await call("GET", `/api/workspaces/${workspace}/memberships/`)).text,
      (await call("GET", "/api/saml/sign-ins")).text,
      (await call("POST", "/api/saml/settings/preview", { roles_groups: [["Reviewer", "r"]] }))
        .text,
      (await mallory.client.send("GET", `/Users/${scimId}`)).text,
      (await browser.get("/user/account")).body,
      (await browser.get("/")).body,
    ];
    for (const text of seen) assert.doesNotMatch(text, /Gerd[ai] |Gerda"|Goldmund/);
    const renamed = await call("PATCH", `/api/users/${added.body.id}/`, { first_name: "Eve" });
    assert.equal(renamed.status, 403, renamed.text);
    const found = await call("GET", `${at}/memberships?search=goldmund`);
    assert.doesNotMatch(found.text, /fabrikam/);
    const theirs = await callOf(fabrikam, "owner@fabrikam.com");
    assert.match((await theirs("GET", "/api/users/")).text, /Goldmund/);
  });

  test("once the person accepts, the organization sees the account's names", async () => {
    const call = await asMallory();
    const { organizationId } = fabrikam;
    const email = "paula@fabrikam.com";
    await contoso.test.addMember({ organizationId, email, role: "AN", password: ownPassword });
    const theirs = await callOf(fabrikam, email);
    await theirs("PATCH", "/api/current-user", { first_name: "Paula", last_name: "Proud" });
    const invite = await call("POST", "/api/invite/send-email", { emails: [email], role: "AN" });
    assert.doesNotMatch((await call("GET", "/api/users/")).text, /Proud/);
    const page = new URL(invite.body.invites[0].invite_url).pathname;
    const { search } = new URL(invite.body.invites[0].invite_url);
    const joined = await signUp(email, { password: ownPassword }, `${page}${search}`);
    assert.equal(joined.answer.status, 303, textOf(joined.answer.body));
    assert.match((await call("GET", "/api/users/")).text, /Proud/);
  });

  test("nobody chooses a password for an address that their organization does not speak for", async () => {
    const email = "wanted@contoso.com";
    const made = await (await asMallory())("POST", "/api/users/", { email, password });
    assert.equal(made.status, 400);
    assert.match(made.body.validation_errors.password[0], /only its person chooses a password/);
    const rows = contoso.test.store.db.selectFrom("users").where("email", "=", email);
    assert.deepEqual(await rows.select("id").execute(), []);
    const own = await (await callOf(fabrikam, "owner@fabrikam.com"))("POST", "/api/users/", {
      email: "own@fabrikam.com",
      password: ownPassword,
    });
    assert.equal(own.status, 201, own.text);
  });

  test("an invite that only its maker has replaces no password of somebody who belongs elsewhere", async () => {
    const email = "ruth@contoso.com";
    assert.equal((await signUp(email, { password: ownPassword })).answer.status, 303);
    const call = await asMallory();
    const invite = await call("POST", "/api/invite/send-email", { emails: [email], role: "AN" });
    const { pathname, search } = new URL(invite.body.invites[0].invite_url);
    const { answer } = await signUp(email, {}, `${pathname}${search}`);
    assert.equal(answer.status, 400);
    assert.match(textOf(answer.body), /account with this address already/);
  });
});

onEveryEngine("an address that a stranger took", (engine) => {
  test("is its person's again by an invitation to the mailbox, once", async () => {
    const mail = await mailServer();
    const env = { ...open, SMTP_URL: mail.url, MAIL_FROM: "Labelgate <no-reply@contoso.com>" };
    const contoso = await ScimWorld.open(engine, { saml: noDomains, env });
    try {
      const { test: t, organizationId } = contoso;
      const email = "ada@contoso.com";
      const stranger = new Visitor(t.app, { ip: "203.0.113.66" });
      const taken = { organizationTitle: "Nobody's", email, password };
      assert.equal((await stranger.submit("/user/signup", "/user/signup", taken)).status, 303);
      const call = callWith(t, await t.apiToken("owner@contoso.com", organizationId));
      const inviteByMail = async () => {
        await call("POST", "/api/invite/send-email", { emails: [email], role: "NO" });
        const text = (mail.mails.at(-1) ?? "").replaceAll("=\r\n", "").replaceAll("=3D", "=");
        return /\/user\/signup\/\?token=[\w-]+/.exec(text)?.[0] ?? "";
      };
      const join = async (page: string, chosen: string) =>
        await new Visitor(t.app).submit(page, "/user/signup", { email, password: chosen });
      const page = await inviteByMail();
      const joined = await join(page, ownPassword);
      assert.equal(joined.status, 303, textOf(joined.body));
      assert.equal((await stranger.get("/")).location, "/user/login");
      const signIn = async (tried: string, ip: string) =>
        (
          await new Visitor(t.app, { ip }).submit("/user/login", "/user/login", {
            email,
            password: tried,
          })
        ).status;
      assert.equal(await signIn(password, "203.0.113.66"), 401);
      assert.equal(await signIn(ownPassword, "192.0.2.1"), 303);
      // A password that was proved is nobody's to replace, not even by another mail.
      assert.equal((await join(await inviteByMail(), "yet another password")).status, 400);
      assert.equal(await signIn(ownPassword, "192.0.2.2"), 303);
    } finally {
      await contoso.close();
      mail.close();
    }
  });
});

onEveryEngine("accounts that a stranger makes", (engine) => {
  test("are counted together, whichever way he makes or probes them; who speaks for a domain is not", async () => {
    const contoso = await ScimWorld.open(engine, { saml: noDomains, env: open });
    const mallory = await contoso.neighbour("Mallory");
    const fabrikam = await contoso.neighbour("Fabrikam");
    await fabrikam.sso.saveSettings({ domain: "fabrikam.com", domains: ["fabrikam.com"] });
    try {
      const { app } = contoso.test;
      const call = callWith(
        contoso.test,
        await contoso.test.apiToken("owner@mallory.com", mallory.organizationId),
      );
      const byApi = async (at: number) =>
        (await call("POST", "/api/users/", { email: `a${at}@victims.example` })).status;
      for (let at = 0; at < 97; at += 1) assert.equal(await byApi(at), 201);
      await mallory.client.addUser("scim@victims.example");
      const jit = async (email: string) =>
        await mallory.sso.signOn(mallory.sso.browser(), { email });
      assert.equal((await jit("saml@victims.example")).headers["location"], "/");
      const byForm = async () =>
        (await new Visitor(app, { ip: "127.0.0.1" }).post("/user/signup", { email: "x" })).status;
      assert.equal(await byForm(), 400);
      assert.equal(await byForm(), 429);
      assert.equal(await byApi(99), 429);
      await mallory.client.expect(429, "POST", "/Users", { userName: "more@victims.example" });
      assert.match(String((await jit("more@victims.example")).headers["location"]), /denied/);
      assert.equal(await mallory.sso.lastCode(), "too_many_requests");
      assert.equal((await jit("saml@victims.example")).headers["location"], "/");
      await fabrikam.client.addUser("fay@fabrikam.com");
      contoso.test.clock.advance(15 * 60_000 + 1);
      assert.equal(await byApi(99), 201);
    } finally {
      await contoso.close();
    }
  });
});
