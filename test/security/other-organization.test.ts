/**
 * An organization on the same server turns hostile: its Owner runs an identity provider that says
 * whatever he likes about anybody, and signs up with other people's addresses (PRODUCT 4.9, 4.10).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hashToken } from "../../src/credentials/tokens.ts";
import { createInvite } from "../../src/store/invites.ts";
import { loadOrganization } from "../../src/store/organizations.ts";
import { findUserByEmail, loadMembership } from "../../src/store/people.ts";
import { listSignIns } from "../../src/store/sign-in-log.ts";
import { onEveryEngine } from "../engines.ts";
import { SsoWorld } from "../flows/sso-world.ts";
import { textOf, Visitor } from "../visit.ts";

const roles = [{ role: "AD" as const, group: "LS-Admins" }];
const password = "the attacker's own password";
const attackerIp = "203.0.113.66";

/** Anybody founds an organization here; Mallory's is number 2 and has one domain that is really his. */
const openServer = {
  DISABLE_SIGNUP_WITHOUT_LINK: "0",
  TRUSTED_DOMAINS: "contoso.com,twice.example,elsewhere.example=2",
};

onEveryEngine("a hostile organization on the same server", (engine) => {
  let contoso: SsoWorld;
  let mallory: SsoWorld;
  before(async () => {
    contoso = await SsoWorld.open(engine, { roles }, openServer);
    mallory = await contoso.neighbour("Mallory");
  });
  after(() => contoso.close());

  const attacker = () => new Visitor(contoso.test.app, { ip: attackerIp });
  const inviteLink = async () => {
    const organization = await loadOrganization(contoso.test.store.db, contoso.organizationId);
    return `/user/signup?token=${organization?.inviteToken}`;
  };
  const joinByLink = async (browser: Visitor, email: string) =>
    await browser.submit(await inviteLink(), "/user/signup", { email, password });
  /** The attacker takes the address first, by signing up with it. */
  const takeAddress = async (email: string) => {
    const made = await attacker().submit("/user/signup", "/user/signup", {
      organizationTitle: "Nobody's",
      email,
      password,
    });
    assert.equal(made.status, 303, textOf(made.body));
  };
  const signInByPassword = async (email: string) => {
    const browser = attacker();
    await browser.submit("/user/login", "/user/login", { email, password, keep: "1" });
    return textOf((await browser.get("/")).body);
  };
  const isInContoso = (home: string) => home.includes("You are signed in to Contoso");

  test("the organization's link opens no member's account to a password that was never theirs", async () => {
    const email = "anna@contoso.com";
    await takeAddress(email);
    const signOn = await contoso.signOn(contoso.browser(), { email, groups: ["LS-Admins"] });
    assert.equal(signOn.headers["location"], "/");
    const browser = attacker();
    const answer = await joinByLink(browser, email);
    assert.equal(answer.status, 400);
    assert.match(textOf(answer.body), /is a member here already/);
    assert.equal(isInContoso(textOf((await browser.get("/")).body)), false);
    assert.equal(isInContoso(await signInByPassword(email)), false);
    assert.deepEqual(await contoso.roleOf(email), { role: "AD", source: "saml" });
  });

  test("whoever joined by the link with somebody's address has nothing once that person signs on", async () => {
    const email = "ben@contoso.com";
    const browser = attacker();
    assert.equal((await joinByLink(browser, email)).status, 303);
    assert.match(textOf((await browser.get("/")).body), /awaits activation/);
    await contoso.signOn(contoso.browser(), { email, groups: ["LS-Admins"] });
    assert.deepEqual(await contoso.roleOf(email), { role: "AD", source: "saml" });
    assert.equal(isInContoso(textOf((await browser.get("/")).body)), false);
    assert.equal(isInContoso(await signInByPassword(email)), false);
  });

  test("the same holds where the sign-on leaves the person waiting and an administrator activates", async () => {
    const email = "bea@contoso.com";
    const browser = attacker();
    await joinByLink(browser, email);
    await contoso.signOn(contoso.browser(), { email, groups: [] });
    const user = await findUserByEmail(contoso.test.store.db, email);
    const membership = await loadMembership(
      contoso.test.store.db,
      contoso.organizationId,
      user?.id ?? 0,
    );
    assert.equal(membership?.opensByPassword, false);
    assert.doesNotMatch(textOf((await browser.get("/")).body), /awaits activation/);
  });

  test("an invitation to one address keeps its password beside single sign-on", async () => {
    const email = "carl@contoso.com";
    const { store, clock } = contoso.test;
    const token = "an-invitation-to-carl-alone";
    await createInvite(store.db, {
      organizationId: contoso.organizationId,
      tokenHash: hashToken(token),
      email,
      role: "RE",
      createdBy: null,
      at: clock.now(),
      expiresAt: clock.now() + 60_000,
    });
    const page = `/user/signup?token=${token}`;
    const joined = await attacker().submit(page, "/user/signup", { email, password });
    assert.equal(joined.status, 303, textOf(joined.body));
    await contoso.signOn(contoso.browser(), { email, groups: ["LS-Admins"] });
    assert.equal(isInContoso(await signInByPassword(email)), true);
  });

  test("sessions that another organization's identity provider opened make no browser known to the limits", async () => {
    const { email } = await contoso.test.addMember({
      organizationId: contoso.organizationId,
      email: "dora@elsewhere.example",
      role: "MA",
      password: "a password worth guessing",
    });
    await mallory.saveSettings({ domain: "elsewhere.example", domains: ["elsewhere.example"] });
    const guessWithNewSession = async () => {
      const browser = mallory.browser(attackerIp);
      assert.equal((await mallory.signOn(browser, { email })).headers["location"], "/");
      const { body } = await browser.get("/user/account");
      const csrf = /name="csrf_token" value="([^"]+)"/.exec(body)?.[1] ?? "";
      const form = { email, password: "wrong guess", csrf_token: csrf };
      return (await browser.post("/user/login", form)).statusCode;
    };
    const guesses = await Promise.all(Array.from({ length: 12 }, guessWithNewSession));
    assert.deepEqual(
      [401, 429].map((status) => guesses.filter((one) => one === status).length),
      [10, 2],
    );
  });

  test("a session shows and ends sessions of its own organization alone", async () => {
    const email = "emil@elsewhere.example";
    await contoso.saveSettings({
      domain: "contoso.com,twice.example",
      domains: ["contoso.com", "twice.example"],
    });
    await contoso.test.addMember({ organizationId: contoso.organizationId, email, role: "MA" });
    const own = contoso.browser();
    await contoso.signOn(own, { email });
    await mallory.saveSettings({ domain: "elsewhere.example", domains: ["elsewhere.example"] });
    const hostile = mallory.browser();
    await mallory.signOn(hostile, { email });
    const account = await hostile.get("/user/account");
    assert.equal(account.statusCode, 200);
    assert.doesNotMatch(account.body, /Contoso/);
    const csrf = /name="csrf_token" value="([^"]+)"/.exec(account.body)?.[1] ?? "";
    await hostile.post("/user/account/sessions/end-others", { csrf_token: csrf });
    assert.match((await own.get("/")).body, /You are signed in to Contoso/);
    const mine = await contoso.test.store.db
      .selectFrom("sessions")
      .where("organization_id", "=", contoso.organizationId)
      .orderBy("created_at", "desc")
      .select("id")
      .executeTakeFirstOrThrow();
    const ended = await hostile.post(`/user/account/sessions/${mine.id}/end`, { csrf_token: csrf });
    assert.equal(ended.statusCode, 404);
  });

  test("wrong passwords are told to the organization that the password opens, not to another one", async () => {
    const email = "finn@contoso.com";
    await mallory.saveSettings({ domain: "", domains: [] });
    await mallory.signOn(mallory.browser(), { email });
    await contoso.test.addMember({
      organizationId: contoso.organizationId,
      email,
      role: "AN",
      password: "finn's own password",
    });
    await new Visitor(contoso.test.app, { ip: "192.0.2.77" }).submit("/user/login", "/user/login", {
      email,
      password: "a slip of the finger",
    });
    const { db } = contoso.test.store;
    const rows = async (organizationId: number) =>
      (await listSignIns(db, { organizationId, email, code: "password_sign_in_failed" })).length;
    assert.equal(await rows(mallory.organizationId), 0);
    assert.equal(await rows(contoso.organizationId), 1);
  });

  test("another organization does not rename people whose domain it does not claim", async () => {
    const email = "gina@contoso.com";
    await mallory.saveSettings({ domain: "", domains: [] });
    await mallory.signOn(mallory.browser(), { email, firstName: "Planted", lastName: "Name" });
    await contoso.signOn(contoso.browser(), { email, firstName: "Gina", lastName: "Gold" });
    const again = await mallory.signOn(mallory.browser(), {
      email,
      firstName: "Planted",
      lastName: "Again",
    });
    assert.equal(again.headers["location"], "/");
    const user = await findUserByEmail(contoso.test.store.db, email);
    assert.deepEqual([user?.firstName, user?.lastName], ["Gina", "Gold"]);
  });

  test("a session that another organization's identity provider opened does not rename the account", async () => {
    const email = "ida@contoso.com";
    await mallory.saveSettings({ domain: "", domains: [] });
    await mallory.signOn(mallory.browser(), { email, firstName: "Planted", lastName: "Name" });
    await contoso.signOn(contoso.browser(), { email, firstName: "Ida", lastName: "Inn" });
    const rename = async (organizationId: number, first_name: string) =>
      await contoso.test.app.inject({
        method: "PATCH",
        url: "/api/current-user",
        headers: {
          authorization: `Token ${await contoso.test.apiToken(email, organizationId)}`,
        },
        payload: { first_name },
      });
    assert.equal((await rename(mallory.organizationId, "Again")).statusCode, 403);
    assert.equal((await rename(contoso.organizationId, "Ina")).statusCode, 200);
    const user = await findUserByEmail(contoso.test.store.db, email);
    assert.equal(user?.firstName, "Ina");
  });

  test("an assertion id that another organization accepted is not used up here", async () => {
    const assertionId = "_the-same-everywhere";
    await mallory.saveSettings({ domain: "", domains: [] });
    const first = await mallory.signOn(mallory.browser(), {
      email: "m@mallory.example",
      assertionId,
    });
    assert.equal(first.headers["location"], "/");
    const second = await contoso.signOn(contoso.browser(), {
      email: "jo@contoso.com",
      assertionId,
    });
    assert.equal(second.headers["location"], "/");
  });

  test("a response that answers another organization's request is refused and leaves the request", async () => {
    const browser = contoso.browser();
    const inResponseTo = await contoso.begin(browser);
    const stolen = await browser.post(mallory.path("acs"), {
      SAMLResponse: mallory.respond({ inResponseTo, email: "m@mallory.example" }),
    });
    assert.match(String(stolen.headers["location"]), /denied/);
    assert.equal(await mallory.lastCode(), "saml_request_other_organization");
    const answer = await browser.post(contoso.path("acs"), {
      SAMLResponse: contoso.respond({ inResponseTo, email: "kim@contoso.com" }),
    });
    assert.equal(answer.headers["location"], "/");
  });

  test("a mapping to another organization's project, however it came there, grants nothing", async () => {
    const { db } = contoso.test.store;
    const { id } = await db
      .insertInto("projects")
      .values({ organization_id: contoso.organizationId, title: "Secret", created_at: 1 })
      .returning("id")
      .executeTakeFirstOrThrow();
    const projects = [{ projectId: id, group: "everybody", role: "RE" as const }];
    await mallory.saveSettings({ domain: "", domains: [], projects });
    const email = "m@mallory.example";
    await mallory.signOn(mallory.browser(), { email, groups: ["everybody"] });
    const members = await db
      .selectFrom("project_members")
      .where("project_id", "=", id)
      .selectAll()
      .execute();
    assert.deepEqual(members, []);
    await mallory.saveSettings({ projects: [] });
  });

  test("the key and the name of an identity provider count only where its metadata is on record", async () => {
    const browser = contoso.browser();
    const inResponseTo = await contoso.begin(browser);
    const says = { inResponseTo, acsUrl: contoso.urls.acs, email: "lea@contoso.com" };
    const answer = await browser.post(contoso.path("acs"), { SAMLResponse: mallory.respond(says) });
    assert.match(String(answer.headers["location"]), /denied/);
    assert.equal(await contoso.lastCode(), "saml_issuer_mismatch");
    const genuine = contoso.respond({ inResponseTo, email: "lea@contoso.com" });
    await browser.post(mallory.path("acs"), { SAMLResponse: genuine });
    assert.equal(await mallory.lastCode(), "saml_issuer_mismatch");
    await mallory.trust(contoso.signer.metadataXml());
    await browser.post(mallory.path("acs"), { SAMLResponse: genuine });
    assert.equal(await mallory.lastCode(), "saml_destination_mismatch");
    await mallory.trust(mallory.signer.metadataXml());
    const taken = await browser.post(contoso.path("acs"), { SAMLResponse: genuine });
    assert.equal(taken.headers["location"], "/");
  });

  test("another organization's switches and deactivations end nothing here", async () => {
    const email = "hugo@contoso.com";
    await contoso.test.addMember({
      organizationId: contoso.organizationId,
      email,
      role: "AN",
      password,
    });
    await mallory.saveSettings({
      domain: "",
      domains: [],
      disablePasswordLogin: true,
      manualRoleManagement: false,
      roles: [{ role: "AN", group: "nobody is in it" }],
    });
    await mallory.signOn(mallory.browser(), { email });
    assert.equal(isInContoso(await signInByPassword(email)), true);
  });
});
