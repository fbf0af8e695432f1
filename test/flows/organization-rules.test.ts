/** What an organization rules about its API tokens and sessions (PRODUCT 6.6, 9.6), by the SDK's addresses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppError } from "../../src/errors.ts";
import { resetApiToken } from "../../src/people/api-tokens.ts";
import { onEveryEngine } from "../engines.ts";
import { assertRefused, callWith, type World, withWorld } from "./organization-world.ts";

const minuteMs = 60_000;

onEveryEngine("rules of an organization", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, {}, work);
  const tokens = "/api/jwt/settings";
  const policy = "/api/session-policy/";

  /** What a cookie still opens. */
  const whoami = async ({ t }: World, cookie: string): Promise<number> =>
    (await t.app.inject({ url: "/api/current-user/whoami", headers: { cookie } })).statusCode;

  test("both kinds of tokens are taken unless somebody says otherwise", async () => {
    await world(async (w) => {
      const { status, body } = await w.admin("GET", tokens);
      assert.equal(status, 200);
      assert.deepEqual(body, {
        api_tokens_enabled: true,
        legacy_api_tokens_enabled: true,
        api_token_ttl_days: 365,
      });
    });
  });

  test("a kind that is not taken is worth nothing from the next request on, and counts again later", async () => {
    await world(async (w) => {
      const { body: made } = await w.admin("POST", "/api/token/");
      const { body: bought } = await w.admin("POST", "/api/token/refresh/", {
        refresh: made.token,
      });
      const bearer = { authorization: `Bearer ${bought.access}` };
      const byAccess = async (method: "GET" | "POST", url: string, payload?: object) =>
        await w.t.app.inject({ method, url, headers: bearer, ...(payload && { payload }) });
      const answer = await w.admin("POST", `${tokens}/`, { legacy_api_tokens_enabled: false });
      assert.deepEqual([answer.status, answer.body.legacy_api_tokens_enabled], [200, false]);
      assert.equal((await w.admin("GET", tokens)).status, 401);
      assert.equal((await w.owner("GET", tokens)).status, 401, "the Owner's too");
      await assert.rejects(resetApiToken(w.t.deps, w.people.AN), (error: AppError) => {
        return error.code === "permission_denied" && /no personal API/.test(error.message);
      });
      const back = await byAccess("POST", tokens, {
        legacy_api_tokens_enabled: true,
        api_tokens_enabled: false,
      });
      assert.equal(back.statusCode, 200);
      assert.equal((await byAccess("GET", tokens)).statusCode, 401);
      assert.equal((await w.admin("GET", tokens)).status, 200);
      const refreshed = await w.admin("POST", "/api/token/refresh/", { refresh: made.token });
      assert.equal(refreshed.status, 401, "nor does it buy anything");
      assertRefused(await w.owner("POST", "/api/token/"), 403, /takes no personal access tokens/);
    });
  });

  test("a personal access token lives as long as the organization says when it is made", async () => {
    await world(async (w) => {
      await w.admin("POST", tokens, { api_token_ttl_days: 7 });
      const { body } = await w.admin("POST", "/api/token/");
      const lives = Date.parse(body.expires_at) - w.t.clock.nowMs;
      assert.ok(Math.abs(lives - 7 * 24 * 60 * minuteMs) <= 1000, String(lives));
    });
  });

  test("another organization's tokens and sessions stay as they are", async () => {
    await world(async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const theirs = callWith(w.t, await w.t.apiToken(other.email, other.organizationId));
      const cookie = await w.t.signedInCookie(other.email, other.organizationId);
      await w.owner("PATCH", policy, { max_session_age: 1 });
      await w.owner("POST", tokens, { legacy_api_tokens_enabled: false });
      w.t.clock.advance(2 * minuteMs);
      assert.equal((await theirs("GET", tokens)).body.legacy_api_tokens_enabled, true);
      assert.equal(await whoami(w, cookie), 200);
    });
  });

  test("a session ends when it is as old as the Owner allows, however busy, those that were open too", async () => {
    await world(async (w) => {
      const cookie = await w.t.signedInCookie(w.people.AN.email, w.organizationId);
      const { body } = await w.owner("PATCH", policy, { max_session_age: 30 });
      assert.deepEqual(body, { max_session_age: 30, max_time_between_activity: 7200 });
      for (let minute = 5; minute < 30; minute += 5) {
        w.t.clock.advance(5 * minuteMs);
        assert.equal(await whoami(w, cookie), 200, String(minute));
      }
      w.t.clock.advance(5 * minuteMs);
      assert.equal(await whoami(w, cookie), 401);
    });
  });

  test("a session ends when it lay unused as long as the Owner says, and not while it is used", async () => {
    await world(async (w) => {
      await w.owner("PATCH", policy, { max_time_between_activity: 4 });
      const used = await w.t.signedInCookie(w.people.AN.email, w.organizationId);
      const idle = await w.t.signedInCookie(w.people.RE.email, w.organizationId);
      for (let minute = 0; minute < 8; minute += 1) {
        w.t.clock.advance(minuteMs);
        assert.equal(await whoami(w, used), 200, String(minute));
      }
      assert.equal(await whoami(w, idle), 401);
      const { userId } = w.people.RE;
      const { body } = await w.admin("GET", `/api/users/${userId}/sessions`);
      assert.deepEqual(body, [], "nor is it listed any more");
    });
  });

  test("an Administrator rules tokens and reads of sessions; the Owner alone rules sessions; nobody else either", async () => {
    await world(async (w) => {
      assertRefused(await w.admin("PATCH", policy, { max_session_age: 1 }), 403, /Administrator/);
      assert.equal((await w.admin("GET", policy)).body.max_session_age, 20_160);
      for (const role of ["MA", "RE", "AN"] as const) {
        const call = await w.callAs(w.people[role].email);
        assert.equal((await call("GET", tokens)).status, 403);
        assert.equal((await call("POST", tokens, { api_tokens_enabled: false })).status, 403);
        assert.equal((await call("GET", policy)).status, 403);
        assert.equal((await call("PATCH", policy, { max_session_age: 1 })).status, 403);
      }
    });
  });

  test("what is beyond the server's own limits is refused by field, and nothing changes", async () => {
    await world(async (w) => {
      const long = await w.owner("PATCH", policy, {
        max_session_age: 20_161,
        max_time_between_activity: 0,
      });
      assert.equal(long.status, 400);
      assert.match(long.body.validation_errors.max_session_age[0], /from 1 to 20160/);
      assert.match(long.body.validation_errors.max_time_between_activity[0], /from 1 to 7200/);
      const wrong = await w.owner("POST", tokens, {
        api_token_ttl_days: 366,
        api_tokens_enabled: "no",
        ttl: 1,
      });
      assert.equal(wrong.status, 400);
      assert.deepEqual(
        new Set(Object.keys(wrong.body.validation_errors)),
        new Set(["api_token_ttl_days", "api_tokens_enabled", "ttl"]),
      );
      assert.equal((await w.owner("GET", tokens)).body.api_token_ttl_days, 365);
    });
  });

  test("each change of a rule stands in the audit log and in the feed of changes of access", async () => {
    await world(async (w) => {
      const { db } = w.t.store;
      const toldToAll = async () => {
        const rows = await db
          .selectFrom("access_changes")
          .where("user_id", "is", null)
          .select("id")
          .execute();
        return rows.length;
      };
      const before = await toldToAll();
      await w.owner("POST", tokens, { api_token_ttl_days: 30 });
      await w.owner("PATCH", policy, { max_session_age: 60 });
      const rows = await db
        .selectFrom("audit_log")
        .where("action", "in", ["token_rules_changed", "session_policy_changed"])
        .orderBy("id")
        .select(["action", "actor_user_id"])
        .execute();
      assert.deepEqual(rows, [
        { action: "token_rules_changed", actor_user_id: w.people.OW.userId },
        { action: "session_policy_changed", actor_user_id: w.people.OW.userId },
      ]);
      assert.equal(await toldToAll(), before + 2);
    });
  });
});
