/**
 * Addresses that no route can be found for: what a stranger may write into one must be answered, by
 * the real server, and leave it alive.
 */
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

onEveryEngine("addresses that cannot be", (engine) => {
  let t: TestApp;
  before(async () => {
    t = await openTestApp(engine);
    await t.app.listen({ port: 0, host: "127.0.0.1" });
  });
  after(() => t.close());

  /** Written as it is: clients would fix the address before they send it. */
  const ask = (target: string, headers = ""): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = t.app.server.address() as AddressInfo;
      const socket = connect(port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8");
      socket.on("data", (chunk: string) => {
        answer += chunk;
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`,
        "latin1",
      );
    });

  /** As `ask`, with the lines as they are. */
  const send = (lines: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = t.app.server.address() as AddressInfo;
      const socket = connect(port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8");
      socket.on("data", (chunk: string) => {
        answer += chunk;
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
      socket.write(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`, "latin1");
    });
  const statusOf = async (...lines: readonly string[]): Promise<string> =>
    /^HTTP\/1\.1 (\d+)/.exec(await send(lines))?.[1] ?? "none";

  test("two Host headers are refused at every address, be they the same", async () => {
    for (const path of ["/user/login", "/health", "/api/saml/settings", "/scim/v2/Users", "/no"]) {
      for (const second of ["Host: x", "host: evil.example", "HOST:"]) {
        assert.equal(await statusOf(`GET ${path} HTTP/1.1`, "Host: x", second), "400", path);
      }
    }
    assert.equal(await statusOf("GET /health HTTP/1.1", "Host: x"), "200");
    assert.equal(await statusOf("GET /health HTTP/1.1", "Host: [::1]:8080"), "200");
  });

  test("a Host header that is no host name is refused", async () => {
    for (const host of ["a, b", "x/user", "me@x", "x:1:2", "x:", "x y", "x?y", "http://x"]) {
      assert.equal(await statusOf("GET /health HTTP/1.1", `Host: ${host}`), "400", host);
    }
  });

  test("an absolute target must name the host of the Host header, and is then what its path is", async () => {
    for (const target of [
      "http://evil.example/health",
      "http://x:81/health",
      "http://x@evil.example/health",
      "http://evil.example\\@x/health",
      "HTTP://evil.example/health",
      "http:///health",
    ]) {
      assert.equal(await statusOf(`GET ${target} HTTP/1.1`, "Host: x"), "400", target);
    }
    assert.equal(await statusOf("GET http://x/health HTTP/1.1", "Host: x"), "200");
    assert.equal(await statusOf("GET http://X:80/health HTTP/1.1", "Host: x"), "200");
    assert.equal(await statusOf("GET https://x/health HTTP/1.1", "Host: x:443"), "200");
    // What hangs on the path, such as who gets an envelope, hangs on the same one.
    assert.match(await send(["GET http://x/api/no HTTP/1.1", "Host: x"]), /"status_code":404/);
    assert.match(await send(["GET http://x?a=b HTTP/1.1", "Host: x"]), /^HTTP\/1\.1 303 /);
  });

  const long = "x".repeat(300);
  const broken: readonly (readonly [string, number])[] = [
    ["/%ff", 400],
    ["/%", 400],
    ["/%zz/%", 400],
    ["/saml/%ff/login", 400],
    ["/saml/%ed%a0%80/acs", 400],
    ["/api/%ff", 400],
    [`/saml/${long}/login`, 404],
    [`/user/account/sessions/${long}/end`, 405],
  ];
  for (const [target, status] of broken) {
    test(`${target.slice(0, 30)} is answered with ${status} and the headers of every answer`, async () => {
      const answer = await ask(target);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /content-security-policy: default-src 'none'/i);
      assert.match(answer, /cache-control: no-store/i);
      assert.match(answer, /x-content-type-options: nosniff/i);
      assert.match(answer, /x-request-id: /i);
      const isForProgram = target.startsWith("/api/");
      assert.match(answer, isForProgram ? /"status_code":400/ : /<!doctype html>/);
      assert.match(await ask("/health"), /^HTTP\/1.1 200 /);
    });
  }

  test("a program is answered in its own form at any address", async () => {
    const answer = await ask("/%ff", "Accept: application/json\r\n");
    assert.match(answer, /"status_code":400/);
  });

  test("such a request has its line in the log", async () => {
    await ask("/%ff?secret=1");
    const line = t
      .log()
      .split("\n")
      .find((text) => text.includes('"path":"/%ff"'));
    assert.match(line ?? "", /"status":400/);
    assert.doesNotMatch(t.log(), /secret=1/);
  });

  test("NUL and other characters that a database refuses are answered, not an internal error", async () => {
    for (const target of [
      "/saml/%00/login",
      "/saml/a%00b/metadata",
      "/saml/%00/logout",
      "/saml/%00/denied?ref=%00",
      "/saml/sso-domain?email=a%00",
      "/user/signup?token=%00",
      "/setup?token=%00",
      "/recover?token=%00",
    ]) {
      assert.doesNotMatch(await ask(target), /^HTTP\/1.1 5/, target);
    }
  });
});
