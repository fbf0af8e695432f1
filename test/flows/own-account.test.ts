/** The API of one's own account: tokens, whoami, the invite link (PRODUCT 6.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ensureFirstOwner } from "../../src/people/first-owner.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { textOf, Visitor } from "../visit.ts";

const owner = {
  organizationTitle: "Contoso Research",
  firstName: "Olive",
  lastName: "Owner",
  email: "olive@contoso.example",
  password: "seven green bottles",
};

interface OwnerAt extends TestApp {
  readonly browser: Visitor;
}

onEveryEngine("one's own account by API", (engine) => {
  const withOwner = async (work: (t: OwnerAt) => Promise<void>) => {
    const t = await openTestApp(engine);
    try {
      const first = await ensureFirstOwner(t.deps);
      assert.equal(first.outcome, "link");
      const browser = new Visitor(t.app);
      const path = first.url.slice(t.deps.config.baseUrl.length);
      assert.equal((await browser.submit(path, "/setup", owner)).status, 303);
      await work({ ...t, browser });
    } finally {
      await t.close();
    }
  };
  const shownSecret = (body: string) => /<code class="secret">([^<]*)</.exec(body)?.[1] ?? "";
  const makeToken = async (t: OwnerAt) => {
    const page = await t.browser.submit("/user/account", "/user/account/token");
    assert.equal(page.status, 200);
    return shownSecret(page.body);
  };
  const ask = async (
    t: OwnerAt,
    method: "GET" | "POST",
    url: string,
    more: { authorization?: string; payload?: Readonly<Record<string, string>> } = {},
  ) => {
    const { authorization, payload } = more;
    const answer = await t.app.inject({
      method,
      url,
      headers: authorization === undefined ? {} : { authorization },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };

  test("a personal API token is 40 hex digits and speaks for its person", async () => {
    await withOwner(async (t) => {
      const token = await makeToken(t);
      assert.match(token, /^[0-9a-f]{40}$/);
      const { status, body } = await ask(t, "GET", "/api/current-user/whoami", {
        authorization: `Token ${token}`,
      });
      assert.equal(status, 200);
      assert.equal(body["email"], owner.email);
      assert.equal(body["username"], owner.email);
      assert.equal(body["active_organization"], 1);
      assert.deepEqual(body["organization_membership"], {
        organization_id: 1,
        role: "OW",
        active: true,
        user_type: "standard",
      });
    });
  });

  test("without a credential every address of one's own account answers 401", async () => {
    await withOwner(async (t) => {
      for (const [method, url] of [
        ["GET", "/api/current-user/whoami"],
        ["GET", "/api/current-user/token"],
        ["POST", "/api/current-user/reset-token/"],
        ["POST", "/api/token/"],
        ["GET", "/api/invite"],
        ["POST", "/api/invite/reset-token"],
      ] as const) {
        assert.equal((await ask(t, method, url)).status, 401, url);
      }
    });
  });

  test("resetting the API token answers 201 with the new one, and the former one is dead", async () => {
    await withOwner(async (t) => {
      const authorization = `Token ${await makeToken(t)}`;
      const made = await ask(t, "POST", "/api/current-user/reset-token/", { authorization });
      assert.equal(made.status, 201);
      const whoami = "/api/current-user/whoami";
      assert.equal((await ask(t, "GET", whoami, { authorization })).status, 401);
      const renewed = { authorization: `Token ${String(made.body["token"])}` };
      assert.equal((await ask(t, "GET", whoami, renewed)).status, 200);
    });
  });

  test("the API token is shown again only to whoever sends it", async () => {
    await withOwner(async (t) => {
      const missing = await t.browser.get("/api/current-user/token");
      assert.equal(missing.status, 404);
      const token = await makeToken(t);
      const own = await ask(t, "GET", "/api/current-user/token", {
        authorization: `Token ${token}`,
      });
      assert.deepEqual(own, { status: 200, body: { token } });
      const bySession = await t.browser.get("/api/current-user/token");
      assert.equal(bySession.status, 409);
      assert.doesNotMatch(bySession.body, new RegExp(token));
    });
  });

  test("a personal access token buys access of five minutes", async () => {
    await withOwner(async (t) => {
      const authorization = `Token ${await makeToken(t)}`;
      const made = await ask(t, "POST", "/api/token/", { authorization });
      assert.equal(made.status, 201);
      assert.deepEqual(
        new Set(Object.keys(made.body)),
        new Set(["token", "created_at", "expires_at"]),
      );
      const refresh = String(made.body["token"]);
      const bought = await ask(t, "POST", "/api/token/refresh/", { payload: { refresh } });
      assert.equal(bought.status, 200);
      const bearer = { authorization: `Bearer ${String(bought.body["access"])}` };
      const whoami = "/api/current-user/whoami";
      assert.equal((await ask(t, "GET", whoami, bearer)).status, 200);
      const asBearer = { authorization: `Bearer ${refresh}` };
      assert.equal((await ask(t, "GET", whoami, asBearer)).status, 401);
      t.clock.advance(5 * 60_000 + 1000);
      assert.equal((await ask(t, "GET", whoami, bearer)).status, 401);
    });
  });

  test("a second personal access token is refused while the first is valid", async () => {
    await withOwner(async (t) => {
      const authorization = `Token ${await makeToken(t)}`;
      assert.equal((await ask(t, "POST", "/api/token/", { authorization })).status, 201);
      assert.equal((await ask(t, "POST", "/api/token/", { authorization })).status, 409);
      t.clock.advance(365 * 24 * 3_600_000 + 1000);
      assert.equal((await ask(t, "POST", "/api/token/", { authorization })).status, 201);
    });
  });

  test("ending a personal access token ends the access that it bought, at once", async () => {
    await withOwner(async (t) => {
      const action = "/user/account/access-token";
      const page = await t.browser.submit("/user/account", action);
      const refresh = shownSecret(page.body);
      const bought = await ask(t, "POST", "/api/token/refresh", { payload: { refresh } });
      const bearer = { authorization: `Bearer ${String(bought.body["access"])}` };
      assert.equal((await ask(t, "GET", "/api/current-user/whoami", bearer)).status, 200);
      assert.equal((await t.browser.submit("/user/account", `${action}/end`)).status, 303);
      assert.equal((await ask(t, "GET", "/api/current-user/whoami", bearer)).status, 401);
      const again = await ask(t, "POST", "/api/token/refresh", { payload: { refresh } });
      assert.equal(again.status, 401);
    });
  });

  test("a refresh token that is changed, unsigned or absent buys nothing", async () => {
    await withOwner(async (t) => {
      const page = await t.browser.submit("/user/account", "/user/account/access-token");
      const [header = "", payload = "", signature = ""] = shownSecret(page.body).split(".");
      const none = Buffer.from('{"alg":"none"}').toString("base64url");
      const flipped = signature.startsWith("A")
        ? `B${signature.slice(1)}`
        : `A${signature.slice(1)}`;
      for (const refresh of [
        `${header}.${payload}.${flipped}`,
        `${none}.${payload}.`,
        "x",
        "a".repeat(3000),
      ]) {
        const answer = await ask(t, "POST", "/api/token/refresh", { payload: { refresh } });
        assert.equal(answer.status, 401);
      }
      assert.equal((await ask(t, "POST", "/api/token/refresh", { payload: {} })).status, 400);
    });
  });

  test("the invite link is shown and reset, and the former one stops working", async () => {
    await withOwner(async (t) => {
      const authorization = `Token ${await makeToken(t)}`;
      const { status, body } = await ask(t, "GET", "/api/invite", { authorization });
      assert.equal(status, 200);
      const url = String(body["invite_url"]);
      assert.equal(url, `${t.deps.config.baseUrl}/user/signup/?token=${String(body["token"])}`);
      const path = url.slice(t.deps.config.baseUrl.length);
      assert.equal((await new Visitor(t.app).get(path)).status, 200);
      const reset = await ask(t, "POST", "/api/invite/reset-token", { authorization });
      assert.equal(reset.status, 201);
      assert.notEqual(reset.body["token"], body["token"]);
      assert.equal((await new Visitor(t.app).get(path)).status, 404);
    });
  });

  test("who may not invite may not read the link, and who waits for activation makes no token", async () => {
    await withOwner(async (t) => {
      const authorization = `Token ${await makeToken(t)}`;
      const { body } = await ask(t, "GET", "/api/invite", { authorization });
      const joining = new Visitor(t.app);
      const form = { ...owner, email: "ada@contoso.example" };
      await joining.submit(`/user/signup?token=${String(body["token"])}`, "/user/signup", form);
      assert.equal((await joining.get("/api/invite")).status, 403);
      const account = await joining.get("/user/account");
      assert.doesNotMatch(textOf(account.body), /Tokens for scripts/);
      const csrf = /name="csrf_token" value="([^"]*)"/.exec(account.body)?.[1] ?? "";
      const made = await joining.post("/user/account/token", { csrf_token: csrf });
      assert.equal(made.status, 403);
    });
  });
});
