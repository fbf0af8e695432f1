/** Passwords, joining, the first Owner, recovery, sessions and tokens, as people meet them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultSamlSettings } from "../../src/access/settings-table.ts";
import { sessionCookieName } from "../../src/credentials/sessions.ts";
import { hashToken } from "../../src/credentials/tokens.ts";
import { ensureFirstOwner } from "../../src/people/first-owner.ts";
import { beginRecovery } from "../../src/people/recover.ts";
import { provePassword } from "../../src/people/sign-in.ts";
import { applyPlan } from "../../src/store/apply.ts";
import { createInvite } from "../../src/store/invites.ts";
import { noteSignIn } from "../../src/store/noted-sign-ins.ts";
import { loadOrganization } from "../../src/store/organizations.ts";
import { findUserByEmail, loadMembership } from "../../src/store/people.ts";
import { saveSaml } from "../../src/store/saml-save.ts";
import { hashSessionToken } from "../../src/store/sessions.ts";
import { listSignIns } from "../../src/store/sign-in-log.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { textOf, Visitor } from "../visit.ts";

const password = "seven green bottles";
const owner = {
  organizationTitle: "Contoso Research",
  firstName: "Olive",
  lastName: "Owner",
  email: "olive@contoso.example",
  password,
};
const newcomer = {
  firstName: "Ada",
  lastName: "Lovelace",
  email: "ada@contoso.example",
  password: "analytical engines",
};

/** A server whose Owner has used the set-up link, and the Owner's browser. */
async function withOwner(t: TestApp): Promise<Visitor> {
  const first = await ensureFirstOwner(t.deps);
  assert.equal(first.outcome, "link");
  const path = first.url.slice(t.deps.config.baseUrl.length);
  const browser = new Visitor(t.app, { ip: "192.0.2.1" });
  const entered = await browser.submit(path, "/setup", owner);
  assert.equal(entered.status, 303, textOf(entered.body));
  return browser;
}

async function signIn(t: TestApp, who: { email: string; password: string }, ip = "198.51.100.7") {
  const browser = new Visitor(t.app, { ip });
  const answer = await browser.submit("/user/login", "/user/login", {
    email: who.email,
    password: who.password,
    keep: "1",
  });
  return { browser, answer };
}

async function inviteToken(t: TestApp): Promise<string> {
  return (await loadOrganization(t.deps.store.db, 1))?.inviteToken ?? "";
}

async function join(t: TestApp, person = newcomer): Promise<Visitor> {
  const browser = new Visitor(t.app, { ip: "203.0.113.5" });
  const answer = await browser.submit(
    `/user/signup?token=${await inviteToken(t)}`,
    "/user/signup",
    person,
  );
  assert.equal(answer.status, 303, textOf(answer.body));
  return browser;
}

async function setRole(t: TestApp, email: string, role: "AN" | "AD" | "DI"): Promise<void> {
  const user = await findUserByEmail(t.deps.store.db, email);
  assert.ok(user);
  const membership = await loadMembership(t.deps.store.db, 1, user.id);
  assert.ok(membership);
  await t.deps.store.transaction(async (tx) => {
    await applyPlan(tx, {
      organizationId: 1,
      plan: {
        email,
        userId: user.id,
        changes: [
          { kind: "role_changed", from: membership.role, to: role, source: "manual" },
          ...(role === "DI" ? [{ kind: "access_ended" } as const] : []),
        ],
        reasons: [],
      },
      actor: { kind: "system" },
      at: t.deps.now(),
      action: "test",
    });
  });
}

/** A server on which anybody may found an organization (PRODUCT 5). */
const openDoor = { DISABLE_SIGNUP_WITHOUT_LINK: "0" };

onEveryEngine("people", (engine) => {
  const withApp = async (
    config: Readonly<Record<string, string>>,
    work: (t: TestApp) => Promise<void>,
  ) => {
    const t = await openTestApp(engine, { config });
    try {
      await work(t);
    } finally {
      await t.close();
    }
  };

  test("the first Owner sets the server up by a link that works once", async () => {
    await withApp({}, async (t) => {
      const first = await ensureFirstOwner(t.deps);
      assert.equal(first.outcome, "link");
      const path = first.url.slice(t.deps.config.baseUrl.length);
      const [one, two] = [new Visitor(t.app), new Visitor(t.app)];
      await two.get(path);
      assert.equal((await one.submit(path, "/setup", owner)).status, 303);
      assert.match(textOf((await one.get("/")).body), /Your role Owner/);
      assert.equal((await two.get(path)).status, 404);
      assert.deepEqual(await ensureFirstOwner(t.deps), { outcome: "exists" });
    });
  });

  test("two people who use the set-up link at once make one Owner", async () => {
    await withApp({}, async (t) => {
      const first = await ensureFirstOwner(t.deps);
      assert.equal(first.outcome, "link");
      const path = first.url.slice(t.deps.config.baseUrl.length);
      const answers = await Promise.all(
        ["a", "b", "c"].map(async (name) =>
          new Visitor(t.app).submit(path, "/setup", { ...owner, email: `${name}@contoso.example` }),
        ),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404, 404]);
    });
  });

  test("the Owner whom the configuration names is made at the start, once", async () => {
    const config = {
      LABELGATE_OWNER_EMAIL: "Olive@Contoso.example",
      LABELGATE_OWNER_PASSWORD: password,
    };
    await withApp(config, async (t) => {
      const email = "olive@contoso.example";
      assert.deepEqual(await ensureFirstOwner(t.deps), { outcome: "created", email });
      assert.deepEqual(await ensureFirstOwner(t.deps), { outcome: "exists" });
      assert.equal((await signIn(t, { email, password })).answer.status, 303);
    });
  });

  test("nobody signs up before the server has its Owner", async () => {
    await withApp({}, async (t) => {
      assert.equal((await new Visitor(t.app).get("/user/signup")).status, 403);
    });
  });

  test("sign-up without a link makes a new organization and its Owner", async () => {
    await withApp(openDoor, async (t) => {
      await withOwner(t);
      const browser = new Visitor(t.app);
      const form = { ...newcomer, organizationTitle: "Ada's own" };
      assert.equal((await browser.submit("/user/signup", "/user/signup", form)).status, 303);
      const home = textOf((await browser.get("/")).body);
      assert.match(home, /signed in to Ada's own as ada@contoso\.example/);
      assert.match(home, /Your role Owner/);
    });
  });

  test("sign-up needs a link unless the operator opened the door", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const browser = new Visitor(t.app);
      assert.doesNotMatch((await browser.get("/user/login")).body, /\/user\/signup/);
      const form = { ...newcomer, organizationTitle: "A stranger's" };
      assert.equal((await browser.post("/user/signup", form)).status, 403);
      const page = await browser.get("/user/signup");
      assert.equal(page.status, 403);
      assert.match(textOf(page.body), /needs an invitation/);
      await join(t);
    });
  });

  test("whoever joins by the organization's link waits for activation", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const browser = await join(t);
      const home = await browser.get("/");
      assert.match(textOf(home.body), /Your account awaits activation/);
      assert.doesNotMatch(home.body, /Workspaces/);
      await setRole(t, newcomer.email, "AN");
      assert.match(textOf((await browser.get("/")).body), /Your role Annotator/);
    });
  });

  test("an e-mail invite gives its role, once, to its address alone", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const token = "invite-for-ada-0123456789";
      const at = t.deps.now();
      await createInvite(t.deps.store.db, {
        organizationId: 1,
        tokenHash: hashToken(token),
        email: newcomer.email,
        role: "RE",
        createdBy: null,
        at,
        expiresAt: at + 86_400_000,
      });
      const page = `/user/signup?token=${token}`;
      const stranger = { ...newcomer, email: "eve@contoso.example" };
      const refused = await new Visitor(t.app).submit(page, "/user/signup", stranger);
      assert.equal(refused.status, 400);
      assert.match(textOf(refused.body), /for ada@contoso\.example alone/);
      const browser = new Visitor(t.app);
      assert.equal((await browser.submit(page, "/user/signup", newcomer)).status, 303);
      assert.match(textOf((await browser.get("/")).body), /Your role Reviewer/);
      assert.equal((await new Visitor(t.app).get(page)).status, 404);
    });
  });

  test("an address that has an account joins only with that account's password", async () => {
    await withApp(openDoor, async (t) => {
      await withOwner(t);
      const form = { ...newcomer, organizationTitle: "Ada's own" };
      await new Visitor(t.app).submit("/user/signup", "/user/signup", form);
      const page = `/user/signup?token=${await inviteToken(t)}`;
      const thief = { ...newcomer, password: "another password" };
      const refused = await new Visitor(t.app).submit(page, "/user/signup", thief);
      assert.equal(refused.status, 400);
      assert.match(textOf(refused.body), /account with this address already/);
      const browser = await join(t);
      assert.match(textOf((await browser.get("/")).body), /signed in to Contoso Research/);
    });
  });

  test("of two people who sign up with one address at once, one gets the account and its password", async () => {
    await withApp(openDoor, async (t) => {
      await withOwner(t);
      const passwords = ["the first password", "the other password"];
      const answers = await Promise.all(
        passwords.map(async (chosen, index) => {
          const browser = new Visitor(t.app, { ip: `203.0.113.${index}` });
          const form = { ...newcomer, organizationTitle: `Number ${index}`, password: chosen };
          return await browser.submit("/user/signup", "/user/signup", form);
        }),
      );
      const { email } = newcomer;
      const outcomes = [];
      for (const [index, chosen] of passwords.entries()) {
        const { answer } = await signIn(t, { email, password: chosen }, `198.51.100.${index}`);
        outcomes.push([answers[index]?.status, answer.status].join(" "));
      }
      assert.deepEqual(new Set(outcomes), new Set(["303 303", "400 401"]));
    });
  });

  test("sign-ups are limited per address, since they tell which accounts exist", async () => {
    await withApp(openDoor, async (t) => {
      await withOwner(t);
      const browser = new Visitor(t.app);
      const form = { ...newcomer, email: "x", organizationTitle: "Long list" };
      for (let attempt = 1; attempt <= 100; attempt += 1) {
        assert.equal((await browser.post("/user/signup", form)).status, 400);
      }
      assert.equal((await browser.post("/user/signup", form)).status, 429);
    });
  });

  test("a link never lifts a deactivation", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const browser = await join(t);
      await setRole(t, newcomer.email, "DI");
      assert.equal((await browser.get("/")).location, "/user/login");
      const page = `/user/signup?token=${await inviteToken(t)}`;
      const answer = await new Visitor(t.app).submit(page, "/user/signup", newcomer);
      assert.equal(answer.status, 403);
      assert.match(textOf(answer.body), /deactivated/);
      const { answer: again } = await signIn(t, newcomer);
      assert.equal(again.status, 403);
      assert.match(textOf(again.body), /gives no access any more/);
    });
  });

  test("an unknown address, a wrong password and an account without one get the same answer", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const unknown = (await signIn(t, { email: "nobody@contoso.example", password })).answer;
      const wrong = (await signIn(t, { ...owner, password: "wrong password" })).answer;
      const sentence = /The e-mail address or the password is not right\./;
      for (const { status, body } of [unknown, wrong]) {
        assert.equal(status, 401);
        assert.match(textOf(body), sentence);
      }
      const [row] = await listSignIns(t.deps.store.db, { organizationId: 1, outcome: "refused" });
      assert.equal(row?.code, "password_sign_in_failed");
      assert.equal(row?.email, owner.email);
    });
  });

  test("guessing is refused from its address and does not lock the Owner out elsewhere", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const guess = { ...owner, password: "wrong password" };
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        assert.equal((await signIn(t, guess, "203.0.113.66")).answer.status, 401);
      }
      assert.equal((await signIn(t, guess, "203.0.113.66")).answer.status, 429);
      assert.equal((await signIn(t, owner, "203.0.113.66")).answer.status, 429);
      assert.equal((await signIn(t, owner, "198.51.100.9")).answer.status, 303);
      t.clock.advance(15 * 60_000 + 1);
      assert.equal((await signIn(t, owner, "203.0.113.66")).answer.status, 303);
    });
  });

  test("a session lets nobody else at its address guess, and no neighbour shuts its browser out", async () => {
    await withApp({}, async (t) => {
      const browser = await withOwner(t);
      const tryIn = async (chosen: string, from: Visitor) => {
        const { body } = await from.get("/user/account");
        const csrf_token = /name="csrf_token" value="([^"]*)"/.exec(body)?.[1] ?? "";
        const form = { email: owner.email, password: chosen, csrf_token };
        return (await from.post("/user/login", form)).status;
      };
      const guess = { ...owner, password: "wrong password" };
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        assert.equal((await signIn(t, guess, "192.0.2.1")).answer.status, 401);
      }
      assert.equal((await signIn(t, guess, "192.0.2.1")).answer.status, 429);
      assert.equal((await signIn(t, owner, "192.0.2.1")).answer.status, 429);
      assert.equal(await tryIn("wrong password", browser), 401);
      assert.equal(await tryIn(password, browser), 303);
      // Whoever stole the cookie guesses no more than anybody else.
      const thief = browser.stolenBy("198.51.100.200");
      const tried: number[] = [];
      for (let attempt = 1; attempt <= 11; attempt += 1) tried.push(await tryIn("guess", thief));
      assert.deepEqual(tried, [...new Array<number>(10).fill(401), 429]);
    });
  });

  test("somebody else's session at the browser exempts from nothing", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const session = (await join(t)).cookie(sessionCookieName(t.deps.config));
      const visitor = {
        ip: "203.0.113.5",
        userAgent: "",
        requestId: "guess",
        previousSessionHash: hashSessionToken(session),
      };
      const guess = { email: owner.email, password: "wrong password", visitor };
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        await assert.rejects(provePassword(t.deps, guess), { code: "password_sign_in_failed" });
      }
      await assert.rejects(provePassword(t.deps, guess), { code: "too_many_requests" });
    });
  });

  test("one organization's disable_password_login closes it to passwords and no other", async () => {
    await withApp(openDoor, async (t) => {
      await withOwner(t);
      const disable = async (organizationId: number) =>
        await t.deps.store.transaction(async (tx) => {
          await saveSaml(tx, {
            organizationId,
            settings: { ...defaultSamlSettings, disablePasswordLogin: true },
            actorUserId: 1,
            at: t.deps.now(),
          });
        });
      await disable(1);
      // The switch holds for an Owner who has come in by SAML, and so has another door.
      await t.store.db.updateTable("memberships").set({ last_sign_in_at: 1 }).execute();
      const { answer } = await signIn(t, owner);
      assert.equal(answer.status, 403);
      assert.match(textOf(answer.body), /Please use single sign-on/);
      const form = { ...owner, organizationTitle: "Second home" };
      await new Visitor(t.app).submit("/user/signup", "/user/signup", form);
      const second = await signIn(t, owner);
      assert.equal(second.answer.status, 303);
      assert.match(textOf((await second.browser.get("/")).body), /signed in to Second home/);
    });
  });

  test("a password that a stranger chose for somebody's address opens no organization that vouches itself", async () => {
    await withApp(openDoor, async (t) => {
      await withOwner(t);
      const email = "ceo@fabrikam.example";
      const form = { ...newcomer, email, organizationTitle: "A trap" };
      await new Visitor(t.app).submit("/user/signup", "/user/signup", form);
      const victim = await findUserByEmail(t.deps.store.db, email);
      assert.ok(victim);
      await t.deps.store.transaction(async (tx) => {
        await applyPlan(tx, {
          organizationId: 1,
          plan: {
            email,
            userId: victim.id,
            changes: [{ kind: "membership_created", role: "AD", source: "saml" }],
            reasons: [],
          },
          actor: { kind: "saml" },
          at: t.deps.now(),
          action: "sign_in",
        });
        const signOn = { organizationId: 1, userId: victim.id, groups: [], at: t.deps.now() + 1 };
        await noteSignIn(tx, { ...signOn, accepts: false });
      });
      const { browser, answer } = await signIn(t, { email, password: newcomer.password });
      assert.equal(answer.status, 303);
      assert.match(textOf((await browser.get("/")).body), /signed in to A trap/);
    });
  });

  test("a password sign-in ends the session that the browser had", async () => {
    await withApp({}, async (t) => {
      const browser = await withOwner(t);
      await browser.submit("/", "/user/logout");
      await browser.submit("/user/login", "/user/login", { ...owner, keep: "1" });
      const account = textOf((await browser.get("/user/account")).body);
      assert.equal(account.match(/Firefox on Linux/g)?.length, 2, account);
    });
  });

  test("without Keep me signed in the cookie ends with the browser, and the session within a day", async () => {
    await withApp({}, async (t) => {
      await withOwner(t);
      const browser = new Visitor(t.app);
      const answer = await browser.submit("/user/login", "/user/login", owner);
      const cookie = String(answer.headers["set-cookie"]);
      assert.doesNotMatch(cookie, /Expires|Max-Age/i);
      t.clock.advance(24 * 3_600_000 + 1);
      assert.equal((await browser.get("/")).location, "/user/login");
    });
  });

  test("DISABLE_PASSWORD_LOGIN refuses every password", async () => {
    await withApp({ DISABLE_PASSWORD_LOGIN: "1" }, async (t) => {
      const browser = new Visitor(t.app);
      const page = await browser.get("/user/login");
      assert.doesNotMatch(page.body, /type="password"/);
      const token = /name="csrf_token" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
      const fields = { email: owner.email, password, csrf_token: token };
      assert.equal((await browser.post("/user/login", fields)).status, 403);
    });
  });

  test("a person sees their sessions and ends them", async () => {
    await withApp({}, async (t) => {
      const first = await withOwner(t);
      const { browser: second } = await signIn(t, owner);
      const account = await second.get("/user/account");
      assert.match(textOf(account.body), /Firefox on Linux at 192\.0\.2\.1/);
      const end = /action="(\/user\/account\/sessions\/[^"/]+\/end)"/.exec(account.body)?.[1] ?? "";
      assert.equal((await second.submit("/user/account", end)).status, 303);
      assert.equal((await first.get("/")).location, "/user/login");
      assert.equal((await second.get("/")).status, 200);
    });
  });

  test("a person ends all their other sessions at once, and nobody else's", async () => {
    await withApp({}, async (t) => {
      const first = await withOwner(t);
      const other = await join(t);
      const { browser: second } = await signIn(t, owner);
      const action = "/user/account/sessions/end-others";
      assert.equal((await second.submit("/user/account", action)).status, 303);
      assert.equal((await first.get("/")).status, 303);
      assert.equal((await other.get("/")).status, 200);
    });
  });

  test("a session of another person cannot be ended, and looks like a missing one", async () => {
    await withApp({}, async (t) => {
      const first = await withOwner(t);
      const other = await join(t);
      await signIn(t, owner);
      const account = await first.get("/user/account");
      const end = /action="(\/user\/account\/sessions\/[^"/]+\/end)"/.exec(account.body)?.[1] ?? "";
      const token = /name="csrf_token" value="([^"]*)"/.exec(
        (await other.get("/user/account")).body,
      );
      const answer = await other.post(end, { csrf_token: token?.[1] ?? "" });
      assert.equal(answer.status, 404);
    });
  });

  test("the recovery command makes a link for the Owner alone, and the link works once", async () => {
    await withApp({}, async (t) => {
      const before = await withOwner(t);
      await join(t);
      const asked = { email: "OLIVE@contoso.example", makesOwner: false };
      const refused = await beginRecovery(t.deps, { email: newcomer.email, makesOwner: false });
      assert.equal(refused.outcome, "refused");
      const unknown = await beginRecovery(t.deps, { email: "x@y.example", makesOwner: true });
      assert.equal(unknown.outcome, "refused");
      const made = await beginRecovery(t.deps, asked);
      assert.equal(made.outcome, "link");
      const path = made.url.slice(t.deps.config.baseUrl.length);
      const browser = new Visitor(t.app);
      const entered = await browser.submit(path, "/recover", { password: "a brand new one" });
      assert.equal(entered.status, 303, textOf(entered.body));
      assert.match(textOf((await browser.get("/")).body), /Your role Owner/);
      assert.equal((await before.get("/")).status, 303);
      assert.equal((await new Visitor(t.app).get(path)).status, 404);
      assert.equal((await signIn(t, owner)).answer.status, 401);
      const renewed = { ...owner, password: "a brand new one" };
      assert.equal((await signIn(t, renewed)).answer.status, 303);
    });
  });

  test("with --make-owner the person becomes Owner and the former Owner an Administrator", async () => {
    await withApp({}, async (t) => {
      const former = await withOwner(t);
      await join(t);
      await setRole(t, newcomer.email, "AN");
      const made = await beginRecovery(t.deps, { email: newcomer.email, makesOwner: true });
      assert.equal(made.outcome, "link");
      assert.match(textOf((await former.get("/")).body), /Your role Owner/);
      const path = made.url.slice(t.deps.config.baseUrl.length);
      const browser = new Visitor(t.app);
      assert.match(
        textOf((await browser.get(path)).body),
        /makes you the Owner of Contoso Research/,
      );
      await browser.submit(path, "/recover", { password: "a brand new one" });
      assert.match(textOf((await browser.get("/")).body), /Your role Owner/);
      assert.match(textOf((await former.get("/")).body), /Your role Administrator/);
    });
  });

  test("a recovery link works where passwords are off, and then sets none", async () => {
    const config = { DISABLE_PASSWORD_LOGIN: "1" };
    await withApp(config, async (t) => {
      await withOwner(t);
      const made = await beginRecovery(t.deps, { email: owner.email, makesOwner: false });
      assert.equal(made.outcome, "link");
      const path = made.url.slice(t.deps.config.baseUrl.length);
      const browser = new Visitor(t.app);
      assert.doesNotMatch((await browser.get(path)).body, /type="password"/);
      assert.equal((await browser.submit(path, "/recover")).status, 303);
      assert.match(textOf((await browser.get("/")).body), /Your role Owner/);
    });
  });

  for (const passwords of ["on", "off"] as const) {
    test(`recovery ends every token of the account and what they bought, with passwords ${passwords}`, async () => {
      const config = { DISABLE_PASSWORD_LOGIN: passwords === "off" ? "1" : "0" };
      await withApp(config, async (t) => {
        await withOwner(t);
        const elsewhere = await t.createOrganizationWithOwner({ title: "Elsewhere" });
        const { organizationId } = elsewhere;
        await t.addMember({ organizationId, email: owner.email, role: "AD" });
        const ask = async (authorization: string, url: string) =>
          await t.app.inject({ method: "POST", url, headers: { authorization }, payload: {} });
        const bought = async (token: string) => {
          const refresh = (await ask(`Token ${token}`, "/api/token/")).json().token;
          const payload = { refresh };
          const url = "/api/token/refresh/";
          const access = (await t.app.inject({ method: "POST", url, payload })).json().access;
          return `Bearer ${access}`;
        };
        const tokens = [
          await t.apiToken(owner.email, 1),
          await t.apiToken(owner.email, organizationId),
        ];
        const credentials: string[] = [];
        for (const token of tokens) credentials.push(`Token ${token}`, await bought(token));
        const statuses = async () => {
          const found: number[] = [];
          for (const authorization of credentials) {
            const url = "/api/current-user/whoami";
            found.push((await t.app.inject({ url, headers: { authorization } })).statusCode);
          }
          return found;
        };
        assert.deepEqual(await statuses(), [200, 200, 200, 200]);
        const made = await beginRecovery(t.deps, { email: owner.email, makesOwner: false });
        assert.equal(made.outcome, "link");
        const path = made.url.slice(t.deps.config.baseUrl.length);
        assert.deepEqual(
          await statuses(),
          [200, 200, 200, 200],
          "a link that nobody used ends none",
        );
        const form = passwords === "on" ? { password: "a brand new one" } : {};
        assert.equal((await new Visitor(t.app).submit(path, "/recover", form)).status, 303);
        assert.deepEqual(await statuses(), [401, 401, 401, 401]);
      });
    });
  }

  test("links expire: set-up after a day, recovery after an hour", async () => {
    await withApp({}, async (t) => {
      const first = await ensureFirstOwner(t.deps);
      assert.equal(first.outcome, "link");
      t.clock.advance(24 * 3_600_000 + 1);
      const path = first.url.slice(t.deps.config.baseUrl.length);
      assert.equal((await new Visitor(t.app).get(path)).status, 404);
      await withOwner(t);
      const made = await beginRecovery(t.deps, { email: owner.email, makesOwner: false });
      assert.equal(made.outcome, "link");
      t.clock.advance(3_600_001);
      const recovery = made.url.slice(t.deps.config.baseUrl.length);
      assert.equal((await new Visitor(t.app).get(recovery)).status, 404);
    });
  });
});
