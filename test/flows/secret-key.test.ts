/**
 * The server's secret: what happens where it is another one than before, where it is being changed,
 * and where it is lost for good.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAccessToken } from "../../src/people/api-tokens.ts";
import { listAudit } from "../../src/store/audit.ts";
import { discardLost, surveySealed, takeSecret } from "../../src/store/sealed.ts";
import type { Store } from "../../src/store/store.ts";
import { openTestApp } from "../app.ts";
import { environmentOf, run, serving, stopped } from "../command.ts";
import { type Engine, onEveryEngine } from "../engines.ts";

const first = "the first secret key of these tests, 4711";
const second = "another secret key for a second start";
const third = "a third one, which nobody has seen before";
const secrets = (secretKey: string, secretKeyPrevious = "") => ({ secretKey, secretKeyPrevious });

onEveryEngine("the server's secret", (engine) => {
  /** The application as it is after a restart with other secrets, on the same database. */
  const restarted = async (store: Store, secretKey: string, previous = "") =>
    await openTestApp(
      { open: async () => store },
      { env: { SECRET_KEY: secretKey, SECRET_KEY_PREVIOUS: previous } },
    );
  const opened = async (of: Engine) => {
    const store = await of.open();
    const app = await restarted(store, first);
    const owner = await app.createOrganizationWithOwner({ title: "Contoso" });
    const cookie = await app.signedInCookie(owner.email, owner.organizationId);
    return { store, app, owner, cookie };
  };
  const take = async (store: Store, secretKey: string, previous = "") =>
    await store.transaction((tx) => takeSecret(tx, secrets(secretKey, previous), 1));

  test("of replicas that start at once with different secrets, one makes the canary and the other is refused", async () => {
    const store = await engine.open();
    const surveys = await Promise.all([take(store, first), take(store, second)]);
    const outcomes = surveys.map(({ survey }) => survey.canary).toSorted();
    assert.deepEqual(outcomes, ["current", "lost"]);
  });

  test("keys sealed before there was a canary are tried in its place, and a wrong secret makes none", async () => {
    const { store, app, cookie } = await opened(engine);
    const keys = await app.app.inject({ url: "/api/saml/sp-keys", headers: { cookie } });
    assert.equal(keys.statusCode, 200);
    const wrong = await take(store, second);
    assert.deepEqual(
      [wrong.survey.canary, wrong.survey.spKeys.map((key) => key.openedBy)],
      [null, ["lost"]],
    );
    assert.equal((await take(store, first)).survey.canary, "current");
    assert.equal((await take(store, second)).survey.canary, "lost");
  });

  test("a changed secret opens with the old one, seals with the new one, and needs the old one no more", async () => {
    const { store, app, cookie } = await opened(engine);
    const shown = async (from: typeof app) =>
      (await from.app.inject({ url: "/api/saml/sp-keys", headers: { cookie } })).json();
    const before = await shown(app);
    await take(store, first);
    const { survey, resealed } = await take(store, second, first);
    assert.equal(resealed, 1);
    assert.deepEqual(
      [survey.canary, survey.spKeys.map((key) => key.openedBy)],
      ["current", ["current"]],
    );
    assert.equal((await take(store, second, first)).resealed, 0, "a second start changes nothing");
    assert.deepEqual(await shown(await restarted(store, second)), before);
    assert.equal((await surveySealed(store.db, secrets(first))).canary, "lost");
  });

  test("replicas that restart one by one open what either has sealed", async () => {
    const { store } = await opened(engine);
    await take(store, first);
    await take(store, second, first);
    const back = await take(store, first, second);
    assert.equal(back.survey.canary, "current");
    const forth = await take(store, second, first);
    assert.equal(forth.survey.canary, "current");
  });

  test("sessions, forms and tokens outlive the change while the former secret is given, and a stranger's secret signs nothing", async () => {
    const { store, app, owner, cookie } = await opened(engine);
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    const page = await app.app.inject({ url: "/user/account", headers: { cookie } });
    const form = /name="csrf_token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    assert.notEqual(form, "");
    const made = await app.app.inject({
      method: "POST",
      url: "/api/token",
      headers: { ...headers, "x-csrftoken": form },
      payload: {},
    });
    assert.equal(made.statusCode, 201, made.body);
    const refresh: string = made.json().token;

    const use = async (from: typeof app) => {
      const bought = await from.app.inject({
        method: "POST",
        url: "/api/token/refresh",
        payload: { refresh },
      });
      const renewed = await from.app.inject({
        method: "PATCH",
        url: `/api/users/${owner.userId}`,
        headers: { ...headers, "x-csrftoken": form },
        payload: { first_name: "Ada" },
      });
      const mine = await from.app.inject({ url: "/api/current-user/whoami", headers: { cookie } });
      return [bought.statusCode, renewed.statusCode, mine.statusCode];
    };
    assert.deepEqual(await use(await restarted(store, second, first)), [200, 200, 200]);
    // The session is a row and stays; what the former secret signed is void without it.
    assert.deepEqual(await use(await restarted(store, second)), [401, 403, 200]);
    assert.deepEqual(await use(await restarted(store, second, third)), [401, 403, 200]);
  });

  test("what is lost for good goes, with an event in the log of each organization; what opens and what no secret signs stays", async () => {
    const { store, app, owner, cookie } = await opened(engine);
    await app.app.inject({ url: "/api/saml/sp-keys", headers: { cookie } });
    await take(store, first);
    const legacy = await app.apiToken(owner.email, owner.organizationId);
    const pat = await makeAccessToken(app.deps, owner, { replaces: false });
    const other = await app.createOrganizationWithOwner({ title: "Fabrikam" });
    const changed = await restarted(store, second);
    const otherCookie = await app.signedInCookie(other.email, other.organizationId);
    const kept = await changed.app.inject({
      url: "/api/saml/sp-keys",
      headers: { cookie: otherCookie },
    });
    assert.equal(kept.statusCode, 200);

    const done = await store.transaction((tx) => discardLost(tx, secrets(second), 1));
    assert.deepEqual(done, { spKeys: 1, accessTokens: 1 });
    const survey = await surveySealed(store.db, secrets(second));
    assert.equal(survey.canary, "current");
    assert.deepEqual(
      survey.spKeys.map((key) => [key.organizationTitle, key.openedBy]),
      [["Fabrikam", "current"]],
    );
    const anew = await changed.app.inject({ url: "/api/saml/sp-keys", headers: { cookie } });
    assert.equal(anew.statusCode, 200, "a new key is made on need");
    const whoami = async (authorization: string) =>
      (await changed.app.inject({ url: "/api/current-user/whoami", headers: { authorization } }))
        .statusCode;
    assert.equal(await whoami(`Token ${legacy}`), 200);
    assert.equal(await whoami(`Bearer ${pat.token}`), 401);
    const events = async (organizationId: number) =>
      (await listAudit(store.db, { organizationId, limit: 50 }))
        .filter(({ action }) => action === "sealed_secrets_discarded")
        .map(({ changes }) => changes);
    assert.deepEqual(await events(owner.organizationId), [[{ spKeys: 1, accessTokens: 1 }]]);
    assert.deepEqual(await events(other.organizationId), []);
  });

  test("a start with another secret is refused with what to do; check says the same; discarding lists, asks and mends", async () => {
    const env = {
      ...(await environmentOf(engine)),
      SECRET_KEY: first,
      LABELGATE_OWNER_EMAIL: "owner@contoso.com",
      LABELGATE_OWNER_PASSWORD: "an owner's long password",
    };
    assert.equal(await stopped(await serving(env)), 0);
    assert.match((await run(["check"], env)).out, /^ok +SECRET_KEY opens everything/m);

    const wrong = { ...env, SECRET_KEY: second };
    const refused = await run(["serve"], wrong);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /is not the key that sealed this database/);
    assert.match(refused.err, /SECRET_KEY_PREVIOUS/);
    assert.match(refused.err, /labelgate secret-key discard/);
    assert.doesNotMatch(refused.err + refused.out, / {4}at /);
    assert.equal((refused.err + refused.out).includes(second), false);
    const checked = await run(["check"], wrong);
    assert.equal(checked.code, 1);
    assert.match(checked.out, /^problem +.*is not the key that sealed this database/m);

    const asked = await run(["secret-key", "discard"], wrong);
    assert.equal(asked.code, 1);
    assert.match(asked.out, /0 personal access token\(s\)/);
    assert.match(asked.err, /Nothing was discarded\. Say --yes/);
    assert.equal((await run(["serve"], wrong)).code, 1, "nothing was discarded");

    const done = await run(["secret-key", "discard", "--yes"], wrong);
    assert.equal(done.code, 0, done.err);
    assert.match(done.out, /Discarded: 0 key/);
    assert.equal(await stopped(await serving(wrong)), 0);
    assert.equal((await run(["serve"], env)).code, 1, "the former secret is the wrong one now");
    assert.match((await run(["secret-key", "discard"], wrong)).out, /nothing to discard/);
    assert.equal((await run(["secret-key"], wrong)).code, 2);
  });

  test("a start with the former secret beside the new one goes on with the new one alone", async () => {
    const env = { ...(await environmentOf(engine)), SECRET_KEY: first };
    assert.equal(await stopped(await serving(env)), 0);
    const changing = { ...env, SECRET_KEY: second, SECRET_KEY_PREVIOUS: first };
    assert.match((await run(["check"], changing)).out, /next start seals anew/);
    assert.equal(await stopped(await serving(changing)), 0);
    assert.match((await run(["check"], changing)).out, /SECRET_KEY_PREVIOUS still lets/);
    assert.equal(await stopped(await serving({ ...env, SECRET_KEY: second })), 0);
  });
});
