/** What `labelgate check` finds of a Label Studio (GATEWAY 10.1): each wrong thing has its own sentence. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { checkUpstream, type Finding } from "../../src/gateway/check.ts";
import { createUpstream } from "../../src/gateway/upstream.ts";
import { createLogger } from "../../src/http/log.ts";
import { randomToken } from "../../src/random.ts";
import { type StubLabelStudio, startStubLabelStudio } from "./stub-label-studio.ts";

describe("the check of Label Studio", () => {
  let stub: StubLabelStudio;
  beforeEach(async () => {
    stub = await startStubLabelStudio();
  });
  afterEach(async () => {
    await stub.stop();
  });

  const check = async (env: Readonly<Record<string, string>> = {}) => {
    const config = parseConfig({
      SECRET_KEY: "a secret key for tests, of sufficient length",
      UPSTREAM_URL: stub.url,
      UPSTREAM_SECRET_KEY: stub.secretKey,
      LOG_LEVEL: "silent",
      ...env,
    });
    const deps = { config, now: Date.now, randomToken, log: createLogger(config) };
    const upstream = createUpstream(deps);
    try {
      return await checkUpstream(deps, upstream);
    } finally {
      await upstream.close();
    }
  };
  const texts = (found: readonly Finding[], level: Finding["level"]) =>
    found.filter((each) => each.level === level).map(({ text }) => text);

  test("finds nothing wrong with one that is as it must be, and shows no secret", async () => {
    const found = await check();
    assert.deepEqual([...texts(found, "problem"), ...texts(found, "warning")], []);
    assert.equal(JSON.stringify(found).includes(stub.secretKey), false);
  });

  const wrong: readonly (readonly [
    what: string,
    level: Finding["level"],
    change: (stub: StubLabelStudio) => void,
    sentence: RegExp,
  ])[] = [
    ["too old", "problem", (s) => (s.settings.version = "1.16.0"), /1\.16\.0 is too old/],
    ["not tried", "warning", (s) => (s.settings.version = "1.31.0"), /1\.31\.0 was not tried/],
    [
      "clock",
      "problem",
      (s) => (s.settings.clockAheadMs = -30_000),
      /about (29|30|31) seconds behind ours/,
    ],
    [
      "clock",
      "problem",
      (s) => (s.settings.clockAheadMs = 90_000),
      /about (89|90|91) seconds ahead of ours/,
    ],
    ["tokens off", "problem", (s) => (s.settings.apiTokens = false), /API tokens are off there/],
    ["legacy", "warning", (s) => (s.settings.legacyTokens = true), /Legacy tokens are on/],
    [
      "sign-up",
      "problem",
      (s) => (s.settings.server["DISABLE_SIGNUP_WITHOUT_LINK"] = "False"),
      /Anybody who reaches Label Studio may sign up/,
    ],
    ["host", "problem", (s) => (s.settings.host = "http://old.test"), /lead to http:\/\/old\.test/],
    ["SQLite", "warning", (s) => (s.settings.server["DJANGO_DB"] = "sqlite"), /SQLite/],
    [
      "X-Accel-Redirect",
      "warning",
      (s) => (s.settings.server["USE_NGINX_FOR_UPLOADS"] = "True"),
      /no nginx answers/,
    ],
    [
      "guards",
      "warning",
      (s) => (s.settings.server["SSRF_PROTECTION_ENABLED"] = "False"),
      /guard against addresses/,
    ],
  ];
  for (const [what, level, change, sentence] of wrong) {
    test(`${what} has its own sentence: ${sentence.source}`, async () => {
      change(stub);
      assert.match(texts(await check(), level).join("\n"), sentence);
    });
  }

  test("a wrong secret key is told as that", async () => {
    const found = await check({ UPSTREAM_SECRET_KEY: "another key" });
    assert.match(texts(found, "problem").join(), /UPSTREAM_SECRET_KEY is not its SECRET_KEY/);
  });

  test("nobody there, and somebody else there, are told apart", async () => {
    await stub.stop();
    assert.match(texts(await check(), "problem").join(), /cannot be reached/);
    const other = createServer((_request, response) => response.end("<h1>It works!</h1>"));
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    assert.match(texts(await check({ UPSTREAM_URL: url }), "problem").join(), /is no Label Studio/);
    other.close();
  });

  test("without a superuser it says what to see by oneself", async () => {
    stub.addUser("service@label-studio.test");
    const found = await check({ UPSTREAM_SERVICE_USER: "2" });
    assert.match(texts(found, "warning").join(), /see by yourself that sign-up is closed/);
  });
});
