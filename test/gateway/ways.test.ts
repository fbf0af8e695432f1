/**
 * The ways to run and to reach Label Studio that most tests leave out: while the embedded one is being
 * installed (GATEWAY 10.1), with RS256 credentials (10.3), from scripts on other sites (10.5, CORS).
 */
import assert from "node:assert/strict";
import { createVerify, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createUpstreamState } from "../../src/gateway/upstream-state.ts";
import { type GatewayWorld, openGatewayWorld, origin, sqliteAlone } from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

const list = "/api/label_links?project=3";
const navigates = { "sec-fetch-mode": "navigate", accept: "text/html,*/*" };
const page = "<!doctype html><html><head><title>Projects</title></head><body>grid</body></html>";

const answerPage = ({ stub }: GatewayWorld) =>
  stub.answer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  });

describe("while the embedded Label Studio is being installed", () => {
  test("pages say how far it is and open by themselves when it is ready, on the same address", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "labelgate-socket-"));
    const socketPath = join(folder, "ls.sock");
    const first = { phase: "installing", percent: 40, message: "Label Studio is being installed." };
    const state = createUpstreamState({ ...first, phase: "installing" }, Date.now);
    const embedded = { socketPath, secretKey: "the secret key of the embedded one", state };
    const w = await openGatewayWorld(sqliteAlone(), { embedded });
    t.after(async () => {
      await w.close();
      rmSync(folder, { recursive: true, force: true });
    });
    answerPage(w);
    const headers = { cookie: w.cookies.AN, ...navigates };
    const deep = "/projects/3/data?task=9";
    const before = await w.ask(deep, { headers });
    assert.equal(before.status, 503);
    assert.match(before.text, /Label Studio is being installed\. \(40 %\)/);
    assert.match(before.text, /opens as soon as Label Studio answers/);
    // The browser loads the same address again: no script, no other address.
    assert.equal(before.headers["refresh"], "3");
    assert.equal(before.headers["cache-control"], "no-store");
    const program = await w.ask(list, { headers: { cookie: w.cookies.AN } });
    assert.deepEqual([program.status, program.headers["retry-after"]], [503, "30"]);
    assert.match(JSON.parse(program.text).detail, /40 %/);
    assert.equal((await w.ask("/user/access", { headers })).status, 200, "the rest answers");
    assert.equal((await w.ask(deep, { headers: navigates })).status, 302, "and leads to sign-in");
    assert.deepEqual(w.stub.arrived, []);
    state.set({ phase: "starting", percent: null, message: "Label Studio is starting." });
    assert.match((await w.ask(deep, { headers })).text, /Label Studio is starting\./);
    state.set({ phase: "failed", percent: null, message: "Label Studio needs Python 3.10." });
    assert.match((await w.ask(deep, { headers })).text, /needs Python 3\.10/);
    state.set({ phase: "ready", percent: null, message: "Label Studio is ready." });
    const after = await w.ask(deep, { headers });
    assert.equal(after.status, 200, after.text);
    assert.match(after.text, /grid/);
    assert.equal(after.headers["refresh"], undefined);
  });
});

describe("with a private key in place of Label Studio's secret key", () => {
  test("a request goes on with a credential that the public key verifies and no secret made", async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const w = await openGatewayWorld(sqliteAlone(), {
      env: { UPSTREAM_SECRET_KEY: "", UPSTREAM_JWT_PRIVATE_KEY: pem },
    });
    t.after(async () => await w.close());
    const claims: Record<string, unknown>[] = [];
    for (const cookie of [w.cookies.OW, w.cookies.MA]) {
      assert.equal((await w.ask("/api/projects/3/summary", { headers: { cookie } })).status, 200);
      const sent = w.stub.arrived.at(-1)?.headers.authorization ?? "";
      const [head = "", body = "", signature = ""] = sent.slice("Bearer ".length).split(".");
      const part = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
      assert.deepEqual(part(head), { alg: "RS256", typ: "JWT" });
      const verify = createVerify("RSA-SHA256").update(`${head}.${body}`);
      assert.ok(verify.verify(publicKey, signature, "base64url"));
      claims.push(part(body));
    }
    assert.deepEqual(
      claims.map(({ user_id, aud, iss, token_type }) => [user_id, aud, iss, token_type]),
      ["1", "2"].map((user) => [user, "label-studio", "labelgate", "access"]),
    );
    for (const { exp, iat } of claims) assert.ok(Number(exp) - Number(iat) <= 120);
    assert.doesNotMatch(w.t.log(), /PRIVATE KEY/);
  });
});

describe("scripts on other sites", () => {
  const friend = "https://tools.contoso.com";
  const preflight = (from: string, headers = "authorization") => ({
    method: "OPTIONS",
    headers: {
      origin: from,
      "access-control-request-method": "PATCH",
      "access-control-request-headers": headers,
    },
  });

  test("are let in by a token where API_CORS_ORIGINS names their site, and never by a cookie", async (t) => {
    const w = await openGatewayWorld(sqliteAlone(), { env: { API_CORS_ORIGINS: friend } });
    t.after(async () => await w.close());
    const asked = await w.ask("/api/projects/3/", preflight(friend));
    assert.equal(asked.status, 204);
    assert.equal(asked.headers["access-control-allow-origin"], friend);
    assert.match(asked.headers["access-control-allow-methods"] ?? "", /PATCH/);
    assert.match(asked.headers["access-control-allow-headers"] ?? "", /authorization/);
    assert.equal(asked.headers["access-control-allow-credentials"], undefined);
    assert.match(asked.headers.vary ?? "", /origin/i);
    assert.deepEqual(w.stub.arrived, [], "answered here");
    for (const from of [
      "https://evil.example",
      `${friend}.evil.example`,
      "null",
      `${friend}:444`,
    ]) {
      const refused = await w.ask("/api/projects/3/", preflight(from));
      assert.ok(refused.status >= 400, from);
      assert.equal(refused.headers["access-control-allow-origin"], undefined, from);
    }
    assert.ok((await w.ask("/projects/3/data", preflight(friend))).status >= 400, "pages are none");
    w.stub.answer((_request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-credentials", "true");
      sendJson(response, []);
    });
    const summary = "/api/projects/3/label-stream-history";
    const byToken = { authorization: `Token ${w.token}`, origin: friend };
    const got = await w.ask(summary, { headers: byToken });
    assert.equal(got.status, 200, got.text);
    assert.equal(got.headers["access-control-allow-origin"], friend);
    assert.equal(got.headers["access-control-allow-credentials"], undefined);
    const other = await w.ask(summary, { headers: { ...byToken, origin: "https://evil.example" } });
    assert.equal(other.headers["access-control-allow-origin"], undefined);
    const byCookie = { cookie: w.cookies.AN, origin: friend, "sec-fetch-site": "cross-site" };
    const change = await w.ask("/api/tasks/9/drafts", {
      ...{ method: "POST", body: "{}" },
      headers: { ...byCookie, "content-type": "application/json" },
    });
    assert.equal(change.status, 403);
    const refused = await w.ask(summary, { headers: { authorization: "Token 0", origin: friend } });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers["access-control-allow-origin"], friend, "a script reads why");
  });

  test("are shut out where it is unset, our own site's too", async (t) => {
    const w = await openGatewayWorld(sqliteAlone());
    t.after(async () => await w.close());
    for (const from of [friend, origin]) {
      const got = await w.ask("/api/projects/3/", preflight(from));
      assert.ok(got.status >= 400, from);
      assert.equal(got.headers["access-control-allow-origin"], undefined, from);
    }
    assert.deepEqual(w.stub.arrived, []);
  });

  test("an answer that is let through to another site keeps every header of its own", async (t) => {
    const w = await openGatewayWorld(sqliteAlone(), { env: { API_CORS_ORIGINS: friend } });
    t.after(async () => await w.close());
    w.stub.answer((_request, response) => {
      response.setHeader("content-security-policy", "sandbox");
      sendJson(response, []);
    });
    const headers = { authorization: `Token ${w.token}`, origin: friend };
    const got = await w.ask("/api/projects/3/label-stream-history", { headers });
    const policy = String(got.headers["content-security-policy"]);
    assert.match(policy, /frame-ancestors/);
    assert.match(policy, /sandbox/);
    assert.equal(got.headers["cache-control"], "private, no-store");
  });
});
