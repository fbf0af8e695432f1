/**
 * What the gateway keeps of credentials after its organization's rules have changed (GATEWAY 10.3, PRODUCT
 * 6.6, 9.6): nothing that the rules refuse by then, in the process that changed them and in others.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "../../src/errors.ts";
import { KeptViewers } from "../../src/gateway/viewers.ts";
import { makeAccessToken, refreshAccess } from "../../src/people/api-tokens.ts";
import { onEveryEngine } from "../engines.ts";
import { sessionHeaders } from "../flows/organization-world.ts";
import { type GatewayWorld, openGatewayWorld, origin } from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

const path = "/api/label_links?project=3";
const minuteMs = 60_000;

onEveryEngine("credentials that the gateway has kept", (engine) => {
  let w: GatewayWorld;
  /** As another process has it: a memory of its own beside the same database. */
  let elsewhere: KeptViewers;
  before(async () => {
    w = await openGatewayWorld(engine);
    w.stub.answer((_request, response) => sendJson(response, []));
    elsewhere = new KeptViewers(w.t.deps);
    elsewhere.start();
  });
  after(async () => {
    await elsewhere.stop();
    await w.close();
  });

  const opens = async (headers: Readonly<Record<string, string>>) => {
    const { status, text } = await w.ask(path, { headers });
    assert.ok(status === 200 || status === 401, `${status}: ${text}`);
    return status === 200;
  };
  const opensElsewhere = async (headers: Readonly<Record<string, string>>) => {
    try {
      const rawHeaders = Object.entries(headers).flat();
      return (await elsewhere.authenticate({ rawHeaders }, "first")) !== null;
    } catch (error) {
      if (error instanceof AppError && error.code === "invalid_token") return false;
      throw error;
    }
  };
  const rule = async (method: "POST" | "PATCH", url: string, body: object) => {
    const answer = await w.ask(url, {
      method,
      headers: {
        ...sessionHeaders(w.t, w.cookies.OW),
        ...{ origin, "content-type": "application/json" },
      },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, answer.text);
  };
  /** Both processes have looked the credential up, and believe it. */
  const keep = async (headers: Readonly<Record<string, string>>) => {
    assert.equal(await opens(headers), true);
    assert.equal(await opensElsewhere(headers), true);
  };
  const isShut = async (headers: Readonly<Record<string, string>>) => {
    assert.equal(await opens(headers), false, "here at once");
    while (await opensElsewhere(headers)) await pause(50);
  };

  test("a kind of token that the organization takes no more opens nothing, the other kind does", async () => {
    const { db } = w.t.store;
    const anna = await db
      .selectFrom("users")
      .innerJoin("memberships", "memberships.user_id", "users.id")
      .where("email", "=", "anna@contoso.com")
      .select(["user_id as userId", "organization_id as organizationId"])
      .executeTakeFirstOrThrow();
    const made = await makeAccessToken(w.t.deps, anna, { replaces: false });
    const { access } = await refreshAccess(w.t.deps, made.token);
    const legacy = { authorization: `Token ${w.token}` };
    const bearer = { authorization: `Bearer ${access}` };
    for (const [field, refused, taken] of [
      ["legacy_api_tokens_enabled", legacy, bearer],
      ["api_tokens_enabled", bearer, legacy],
    ] as const) {
      await keep(refused);
      await keep(taken);
      await rule("POST", "/api/jwt/settings", { [field]: false });
      await isShut(refused);
      assert.equal(await opens(taken), true);
      await rule("POST", "/api/jwt/settings", { [field]: true });
      assert.equal(await opens(refused), true, "and counts again");
    }
  });

  test("a session that is too old by a new rule opens nothing, though it was young enough by the former", async () => {
    const cookie = { cookie: w.cookies.RE };
    w.t.clock.advance(10 * minuteMs);
    await keep(cookie);
    await rule("PATCH", "/api/session-policy/", { max_session_age: 11 });
    assert.equal(await opens(cookie), true, "as old as it may be");
    w.t.clock.advance(2 * minuteMs);
    await isShut(cookie);
  });
});
