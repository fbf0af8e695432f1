/** Labelgate's own requests to Label Studio: credentials, limits, repetition, what counts as away. */
import assert from "node:assert/strict";
import { createHmac, createVerify, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import { credentialMint } from "../../src/gateway/credentials.ts";
import { defaultLimits, type UpstreamLimits } from "../../src/gateway/exchange.ts";
import { createUpstream, type Upstream } from "../../src/gateway/upstream.ts";
import { createUpstreamState, type EmbeddedUpstream } from "../../src/gateway/upstream-state.ts";
import { randomToken } from "../../src/random.ts";
import { type Stub, sendJson, startStub } from "./stub.ts";

const secret = "the secret key of a Label Studio";
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const quick: UpstreamLimits = {
  ...defaultLimits,
  connectMs: 300,
  firstByteMs: 200,
  slowFirstByteMs: 1500,
  idleMs: 250,
  lookEveryMs: 20,
};

function open(
  url: string,
  limits = quick,
  env: Record<string, string> = {},
  embedded?: EmbeddedUpstream,
): Upstream {
  const config = parseConfig({
    SECRET_KEY: "a secret key for tests, of sufficient length",
    UPSTREAM_URL: url,
    ...(url !== "embedded" && { UPSTREAM_SECRET_KEY: secret }),
    UPSTREAM_SERVICE_USER: "1",
    ...env,
  });
  const deps = { config, now: Date.now, randomToken };
  const upstream = createUpstream(deps, { limits, ...(embedded && { embedded }) });
  opened.push(upstream);
  return upstream;
}

async function stub(socketPath?: string): Promise<Stub> {
  const started = await startStub(socketPath);
  opened.push(started);
  return started;
}

const refusedAs = (code: string) => (error: unknown) =>
  error instanceof AppError && error.code === code;

const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;

describe("credentials", () => {
  const now = Date.UTC(2026, 10, 29, 12);

  test("HS256: exactly Label Studio's claims, 60 seconds, backdated by what its clock may be behind", () => {
    const jwt = credentialMint({ kind: "secret", secret }, randomToken)(7, now);
    const [header = "", payload = "", signature] = jwt.split(".");
    const expected = createHmac("sha256", secret)
      .update(`${header}.${payload}`)
      .digest("base64url");
    assert.equal(signature, expected);
    assert.deepEqual(JSON.parse(Buffer.from(header, "base64url").toString()), {
      alg: "HS256",
      typ: "JWT",
    });
    const { jti, ...claims } = claimsOf(jwt);
    assert.equal(typeof jti, "string");
    assert.deepEqual(claims, {
      token_type: "access",
      user_id: "7",
      iat: now / 1000 - 5,
      exp: now / 1000 + 55,
    });
  });

  test("no two credentials have the same number", () => {
    const mint = credentialMint({ kind: "secret", secret }, randomToken);
    const seen = new Set(Array.from({ length: 500 }, () => claimsOf(mint(7, now))["jti"]));
    assert.equal(seen.size, 500);
  });

  test("RS256: verifies by the public key, kept a few seconds for one person alone", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const mint = credentialMint({ kind: "private", pem }, randomToken);
    const jwt = mint(7, now);
    const [header = "", payload = "", signature = ""] = jwt.split(".");
    const verifier = createVerify("sha256").update(`${header}.${payload}`);
    assert.ok(verifier.verify(publicKey, Buffer.from(signature, "base64url")));
    assert.equal(claimsOf(jwt)["aud"], "label-studio");
    assert.equal(claimsOf(jwt)["iss"], "labelgate");
    assert.equal(mint(7, now + 4000), jwt);
    assert.notEqual(mint(7, now + 6000), jwt);
    assert.equal(claimsOf(mint(8, now + 4000))["user_id"], "8");
  });

  test("a key that is not RSA is refused when it is read, not at the first request", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    assert.throws(() => credentialMint({ kind: "private", pem }, randomToken), /RSA/);
  });
});

describe("requests of Labelgate's own", () => {
  test("go as the service account, with JSON, and nothing else", async () => {
    const studio = await stub();
    const upstream = open(studio.url);
    const answer = await upstream.ask("POST", "/api/users/", {
      body: { email: "anna@example.com" },
    });
    assert.deepEqual(answer, { status: 200, json: { ok: true } });
    const [arrived] = studio.arrived;
    assert.equal(arrived?.body, '{"email":"anna@example.com"}');
    assert.equal(claimsOf((arrived?.headers.authorization ?? "").slice(7))["user_id"], "1");
    assert.deepEqual(
      new Set(Object.keys(arrived?.headers ?? {})),
      new Set([
        ...["host", "connection", "authorization", "accept", "accept-encoding"],
        ...["content-type", "content-length"],
      ]),
    );
  });

  test("can go as anybody", async () => {
    const studio = await stub();
    await open(studio.url).ask("GET", "/api/current-user/whoami", { as: 42 });
    const jwt = (studio.arrived[0]?.headers.authorization ?? "").slice(7);
    assert.equal(claimsOf(jwt)["user_id"], "42");
  });

  test("the service account is the owner of Label Studio's organization, asked for once", async () => {
    const studio = await stub();
    studio.answer((request, response) => {
      const user = claimsOf((request.headers.authorization ?? "").slice(7))["user_id"];
      // The first account is gone.
      if (user === "1") return sendJson(response, { detail: "User not found" }, 401);
      if (request.url === "/api/current-user/whoami") {
        return sendJson(response, { id: 2, active_organization: 3 });
      }
      sendJson(response, { id: 3, created_by: 9 });
    });
    const upstream = open(studio.url, quick, { UPSTREAM_SERVICE_USER: "" });
    assert.equal(await upstream.serviceUser(), 9);
    assert.equal(await upstream.serviceUser(), 9);
    assert.deepEqual(
      studio.arrived.map(({ url }) => url),
      ["/api/current-user/whoami", "/api/current-user/whoami", "/api/organizations/3"],
    );
  });

  test("401 and the way to Label Studio's sign-in page are refused credentials", async () => {
    const studio = await stub();
    const upstream = open(studio.url);
    studio.answer((_request, response) => sendJson(response, { detail: "no" }, 401));
    await assert.rejects(upstream.ask("GET", "/x"), refusedAs("upstream_refused_credential"));
    studio.answer((_request, response) => {
      response.writeHead(302, { location: "/user/login/?next=/x" }).end();
    });
    await assert.rejects(upstream.ask("GET", "/x"), refusedAs("upstream_refused_credential"));
  });

  test("a good answer that is not JSON cannot be read; a bad one has none", async () => {
    const studio = await stub();
    const upstream = open(studio.url);
    studio.answer((_request, response) => response.writeHead(200).end("<html>"));
    await assert.rejects(upstream.ask("GET", "/x"), refusedAs("upstream_bad_answer"));
    studio.answer((_request, response) => response.writeHead(500).end("<html>"));
    assert.deepEqual(await upstream.ask("GET", "/x"), { status: 500, json: null });
    studio.answer((_request, response) => response.writeHead(204).end());
    assert.deepEqual(await upstream.ask("DELETE", "/x"), { status: 204, json: null });
  });

  test("nobody there is away, silence is a time-out, a broken answer is away", async () => {
    const studio = await stub();
    const upstream = open(studio.url);
    studio.answer(() => undefined);
    await assert.rejects(upstream.ask("GET", "/x"), refusedAs("upstream_timeout"));
    studio.answer((_request, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("12345", () => response.destroy());
    });
    await assert.rejects(upstream.ask("GET", "/x"), (error: unknown) => {
      return error instanceof AppError && /upstream_(away|bad_answer)/.test(error.code);
    });
    const { url } = studio;
    await studio.close();
    await assert.rejects(open(url).ask("GET", "/x"), refusedAs("upstream_away"));
  });

  test("a shorter patience than the limit is the caller's to name", async () => {
    const studio = await stub();
    studio.answer(() => undefined);
    const upstream = open(studio.url, { ...quick, firstByteMs: 60_000 });
    const patient = assert.rejects(upstream.ask("GET", "/x"), refusedAs("upstream_away"));
    const impatient = assert.rejects(
      upstream.ask("GET", "/x", { timeoutMs: 50 }),
      refusedAs("upstream_timeout"),
    );
    const first = await Promise.race([patient.then(() => "patient"), impatient.then(() => "")]);
    assert.equal(first, "");
    await studio.close();
    await patient;
  });

  test("a GET that finds its kept connection closed is repeated once, a POST never", async () => {
    const studio = await stub();
    const upstream = open(studio.url, { ...quick, connections: 1 });
    let seen = 0;
    studio.answer((request, response) => {
      seen += 1;
      if (seen === 2) request.socket.destroy();
      else sendJson(response, { seen });
    });
    await upstream.ask("GET", "/a");
    assert.deepEqual((await upstream.ask("GET", "/b")).json, { seen: 3 });
    seen = 1;
    await assert.rejects(upstream.ask("POST", "/c", { body: {} }), refusedAs("upstream_away"));
    assert.equal(studio.arrived.filter(({ url }) => url === "/c").length, 1);
    studio.answer((request) => request.socket.destroy());
    await assert.rejects(upstream.ask("GET", "/d"), refusedAs("upstream_away"));
    assert.ok(studio.arrived.filter(({ url }) => url === "/d").length <= 2);
  });
});

describe("embedded Label Studio", () => {
  test("is not ready until it is connected, says how far it is, and then is asked by its socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "labelgate-socket-"));
    const socketPath = join(folder, "ls.sock");
    const studio = await stub(socketPath);
    const state = createUpstreamState(
      { phase: "installing", percent: 40, message: "Label Studio is being installed…" },
      Date.now,
    );
    const upstream = open("embedded", quick, {}, { socketPath, secretKey: secret, state });
    await assert.rejects(upstream.ask("GET", "/x"), (error: unknown) => {
      return (
        error instanceof AppError &&
        error.code === "upstream_not_ready" &&
        error.message.includes("40 %")
      );
    });
    state.set({ phase: "ready", percent: null, message: "Label Studio is ready." });
    assert.equal((await upstream.ask("GET", "/x")).status, 200);
    assert.equal(studio.arrived[0]?.headers.host, "localhost");
    rmSync(folder, { recursive: true, force: true });
  });
});

describe("the condition of a Label Studio of one's own", () => {
  test("is what the last connection told", async () => {
    const studio = await stub();
    const upstream = open(studio.url);
    assert.equal((await upstream.ask("GET", "/x")).status, 200);
    assert.equal(upstream.state.current().phase, "ready");
    await studio.close();
    await assert.rejects(upstream.ask("POST", "/x"), refusedAs("upstream_away"));
    assert.equal(upstream.state.current().phase, "away");
  });
});
