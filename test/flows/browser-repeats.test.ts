/**
 * Browsers repeat, and people change (PRODUCT 2.2; GATEWAY 10.6): double posts, Back, reloads and restored
 * tabs lead to the session that exists, nobody takes somebody else's place unasked, and no other site
 * makes a browser skip that. The browser here keeps SameSite=Lax cookies back, as real ones do.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type Browser, SsoWorld } from "./sso-world.ts";

const ada = "ada@contoso.com";
const bob = "bob@contoso.com";

type Answer = Awaited<ReturnType<Browser["get"]>>;

const locationOf = (answer: Answer): string => String(answer.headers["location"]);
const isDenied = (answer: Answer): boolean => /\/denied\?ref=/.test(locationOf(answer));

onEveryEngine("browsers repeat", (engine) => {
  let world: SsoWorld;
  let browser: Browser;
  before(async () => {
    world = await SsoWorld.open(
      engine,
      { allowUnsolicited: true },
      { BASE_URL: "https://labelgate.example" },
    );
  });
  beforeEach(() => {
    browser = world.browser();
    world.test.clock.advance(60_000);
  });
  after(() => world.close());

  /** The provider's page posts; a page of ours that posts again is followed. */
  const arrive = async (form: Record<string, string>, of = browser): Promise<Answer> => {
    const answer = await of.postFromElsewhere(world.path("acs"), form);
    return answer.body.includes('name="second_post"') && answer.statusCode === 200
      ? await of.submit(answer)
      : answer;
  };
  const respondTo = async (email: string, next?: string, of = browser) => {
    const inResponseTo = await world.begin(of, next);
    const RelayState = next ?? "/";
    return { SAMLResponse: world.respond({ inResponseTo, email }), RelayState };
  };
  const unasked = (email: string) => ({
    SAMLResponse: world.respond({ inResponseTo: null, email }),
  });
  const whoIsHere = async (of = browser): Promise<string | null> => {
    const { statusCode, body } = await of.get("/user/logout");
    return statusCode === 200 ? (/signed in as ([^<]+)\.</.exec(body)?.[1] ?? null) : null;
  };
  const sessions = async (): Promise<number> =>
    (await world.test.store.db.selectFrom("sessions").selectAll().execute()).length;

  test("the first sign-in of a browser takes no second post", async () => {
    const form = await respondTo(ada);
    const answer = await browser.postFromElsewhere(world.path("acs"), form);
    assert.equal(locationOf(answer), "/");
    assert.equal(await whoIsHere(), ada);
  });

  test("a response posted again leads where the first led, opens no session, and is noted", async () => {
    const form = await respondTo(ada, "/user/account");
    assert.equal(locationOf(await arrive(form)), "/user/account");
    const before = await sessions();
    for (const _ of [1, 2]) assert.equal(locationOf(await arrive(form)), "/user/account");
    assert.equal(await sessions(), before);
    const { outcome, code, reasons, evidence } = await world.lastAttempt();
    assert.deepEqual({ outcome, code }, { outcome: "admitted", code: null });
    assert.match(reasons, /Repeated/);
    assert.match(evidence, /saml_replayed/);
  });

  test("two posts at once end signed in, whichever answer the browser keeps", async () => {
    const form = await respondTo(ada);
    const answers = await Promise.all([1, 2].map(() => arrive(form)));
    assert.equal(answers.filter((answer) => locationOf(answer) === "/").length, 1);
    const refused = answers.find(isDenied);
    assert.ok(refused);
    assert.equal(locationOf(await browser.get(locationOf(refused))), "/");
    assert.equal(await whoIsHere(), ada);
  });

  test("Back, long after the assertion has expired, leads to the session", async () => {
    const form = await respondTo(ada);
    await arrive(form);
    world.test.clock.advance(3_600_000);
    assert.equal(locationOf(await arrive(form)), "/");
    const { evidence } = await world.lastAttempt();
    assert.match(evidence, /"repeated":"saml_expired"/);
  });

  test("two tabs that are restored at once, without a cookie, both end signed in", async () => {
    const [first, second] = [world.browser(), world.browser()];
    const forms = [await respondTo(ada, undefined, first), await respondTo(ada, undefined, second)];
    // One jar: both answers set a cookie before either tab came back.
    for (const tab of [first, second]) {
      for (const [name, value] of tab.cookies) browser.cookies.set(name, value);
    }
    assert.equal(browser.cookies.size, 2);
    for (const form of forms) {
      const answer = await browser.post(world.path("acs"), form);
      assert.equal(locationOf(answer), "/");
    }
    assert.equal(await whoIsHere(), ada);
  });

  test("a browser that has a login key gets no further one", async () => {
    await respondTo(ada);
    await respondTo(ada);
    assert.equal(browser.cookies.size, 1);
  });

  test("a restored tab that comes back after a quarter of an hour leads to the session", async () => {
    const old = await respondTo(ada);
    world.test.clock.advance(16 * 60_000);
    await arrive(await respondTo(ada));
    const fresh = { ...old, SAMLResponse: world.respond({ inResponseTo: "_gone", email: ada }) };
    assert.equal(locationOf(await arrive(fresh)), "/");
  });

  test("a repeated response helps nobody without that session: strangers, the signed-out, others", async () => {
    const form = await respondTo(ada);
    await arrive(form);
    const stranger = world.browser();
    const refused = await arrive(form, stranger);
    assert.ok(isDenied(refused));
    assert.equal(await world.lastCode(), "saml_replayed");
    const page = await stranger.get(locationOf(refused));
    assert.equal(page.statusCode, 403);
    assert.match(page.body, /Try again/);
    assert.doesNotMatch(page.body, /Continue as/);

    const other = world.browser();
    await arrive(await respondTo(bob, undefined, other), other);
    const others = await arrive(form, other);
    assert.ok(isDenied(others));
    const continues = await other.get(locationOf(others));
    assert.match(continues.body, new RegExp(`Continue as ${bob}`));
    assert.equal(await whoIsHere(other), bob);

    await browser.get(world.path("logout"));
    assert.ok(isDenied(await arrive(form)));
    assert.equal(await whoIsHere(), null);
  });

  test("a session of another organization is not led to by a repeated response", async () => {
    const { test: t } = world;
    const there = await world.neighbour("Fabrikam", { allowUnsolicited: true });
    const { organizationId } = there;
    await t.addMember({ organizationId, email: ada, role: "AN" });
    const form = await respondTo(ada);
    await arrive(form);
    const [name = "", value = ""] = (await t.signedInCookie(ada, organizationId)).split("=");
    browser.cookies.set(name, value);
    assert.ok(isDenied(await arrive(form)));
    assert.equal(await world.lastCode(), "saml_replayed");
  });

  test("a forged response leads nobody anywhere, also whoever is signed in", async () => {
    await arrive(await respondTo(ada));
    const SAMLResponse = world.respond({ inResponseTo: "_x", email: ada, sign: "none" });
    const refused = await browser.postFromElsewhere(world.path("acs"), { SAMLResponse });
    assert.ok(isDenied(refused));
    const page = await browser.get(locationOf(refused));
    assert.match(page.body, new RegExp(`Continue as ${ada}`));
    assert.doesNotMatch(page.body, /class="button" href="[^"]*login"/);
    assert.match(page.body, /Ask the administrator/);
  });

  test("a repeat never leaves this site", async () => {
    const form = await respondTo(ada);
    await arrive(form);
    const answer = await arrive({ ...form, RelayState: "https://evil.example" });
    assert.equal(locationOf(answer), "/");
  });

  test("signing in again as the same person asks nothing", async () => {
    await arrive(await respondTo(ada));
    assert.equal(locationOf(await arrive(await respondTo(ada))), "/");
    assert.equal(await whoIsHere(), ada);
  });

  for (const [how, respond] of [
    ["at this site", () => respondTo(bob)],
    ["at the identity provider", async () => unasked(bob)],
  ] as const) {
    test(`somebody else who begins ${how} is asked first, naming both, and nothing has happened yet`, async () => {
      await arrive(await respondTo(ada));
      const before = await sessions();
      const asked = await arrive(await respond());
      assert.equal(asked.statusCode, 409);
      assert.ok(asked.body.includes(ada) && asked.body.includes(bob));
      assert.equal(asked.headers["set-cookie"], undefined);
      assert.equal(await whoIsHere(), ada);
      assert.equal(await sessions(), before);

      const changed = await browser.submit(asked);
      assert.equal(locationOf(changed), "/");
      assert.equal(changed.headers["clear-site-data"], '"cache", "storage"');
      assert.equal(await whoIsHere(), bob);
      assert.equal(await sessions(), before, "the former session has ended");
      assert.equal(locationOf(await browser.submit(asked)), "/");
      assert.equal(await sessions(), before, "it serves once");
    });
  }

  test("no other site answers the question, nor skips it", async () => {
    await arrive(await respondTo(ada));
    const form = unasked(bob);
    const asked = await arrive(form);
    const token = /name="csrf_token" value="([^"]+)"/.exec(asked.body)?.[1] ?? "";
    for (const claim of [
      { second_post: "1" },
      { second_post: "1", csrf_token: token },
      { second_post: "1", csrf_token: "x" },
    ]) {
      const answer = await browser.postFromElsewhere(world.path("acs"), { ...form, ...claim });
      assert.equal(answer.statusCode, 403, JSON.stringify(claim));
    }
    for (const claim of [{ csrf_token: token }, { csrf_token: "x" }]) {
      const answer = await browser.postFromElsewhere(world.path("acs"), { ...form, ...claim });
      assert.equal(answer.statusCode, 200);
      assert.equal((await browser.submit(answer)).statusCode, 409);
    }
    assert.equal((await browser.submit(asked, { csrf_token: "" })).statusCode, 409);
    const evil = world.browser();
    await arrive(await respondTo("eve@contoso.com", undefined, evil), evil);
    const theirs = await arrive(unasked(bob), evil);
    const stolen = /name="csrf_token" value="([^"]+)"/.exec(theirs.body)?.[1] ?? "";
    assert.equal((await browser.submit(asked, { csrf_token: stolen })).statusCode, 409);
    assert.equal(await whoIsHere(), ada);
  });

  test("the question outlives neither the assertion nor its session", async () => {
    await arrive(await respondTo(ada));
    const asked = await arrive(await respondTo(bob));
    world.test.clock.advance(3_600_000);
    const late = await browser.submit(asked);
    assert.ok(isDenied(late));
    assert.equal(await whoIsHere(), ada);
    assert.match((await browser.get(locationOf(late))).body, new RegExp(`Continue as ${ada}`));
  });

  test("a session that has ended asks nothing, though its cookies are still there", async () => {
    await arrive(await respondTo(ada));
    await world.test.store.db.deleteFrom("sessions").execute();
    const again = await browser.postFromElsewhere(world.path("acs"), await respondTo(bob));
    assert.match(again.body, /name="second_post"/);
    assert.equal(locationOf(await browser.submit(again)), "/");
    assert.equal(await whoIsHere(), bob);
  });

  test("signing out takes the mark of the session away, too", async () => {
    await arrive(await respondTo(ada));
    assert.ok(browser.cookies.has("__Host-labelgate_present"));
    await browser.get(world.path("logout"));
    assert.ok(!browser.cookies.has("__Host-labelgate_present"));
  });

  test("whoever is refused by the rules keeps the session of whoever is here", async () => {
    await arrive(await respondTo(ada));
    const refused = await arrive(unasked("eve@elsewhere.example"));
    assert.ok(isDenied(refused));
    assert.equal(await world.lastCode(), "sign_in_domain_not_allowed");
    const page = await browser.get(locationOf(refused));
    assert.match(page.body, new RegExp(`Continue as ${ada}`));
    assert.match(page.body, /Ask the administrator/);
    assert.equal(await whoIsHere(), ada);
  });
});
