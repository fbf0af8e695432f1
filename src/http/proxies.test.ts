import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { requestIdBy, tidyForwardedFor, trustCheck } from "./proxies.ts";

test("An address is trusted where a listed network holds it, in IPv4, IPv6 and mapped form", () => {
  const isTrusted = trustCheck(["10.0.0.0/8", "fd00::/8", "192.0.2.7/32"]);
  for (const address of ["10.255.0.1", "fd12::1", "192.0.2.7", "::ffff:10.0.0.1"]) {
    assert.equal(isTrusted(address), true, address);
  }
  for (const address of [
    "11.0.0.1",
    "2001:db8::1",
    "192.0.2.8",
    "",
    "unknown",
    "::ffff:11.0.0.1",
  ]) {
    assert.equal(isTrusted(address), false, address);
  }
});

test("A request id counts only from a trusted proxy, and only where it is harmless", () => {
  const requestId = requestIdBy(trustCheck(["10.0.0.1/32"]));
  const asked = (given: string | string[], remoteAddress: string): string =>
    requestId({
      headers: { "x-request-id": given } as Record<string, string>,
      socket: { remoteAddress } as Socket,
    });
  assert.equal(asked("trace-12345678", "10.0.0.1"), "trace-12345678");
  for (const bad of ["short", "with space in", 'quote"12345', "a".repeat(65), "new\nline1234"]) {
    assert.match(asked(bad, "10.0.0.1"), /^[0-9a-f-]{36}$/, bad);
  }
  assert.match(asked("trace-12345678", "10.0.0.2"), /^[0-9a-f-]{36}$/);
});

test("Forwarded addresses lose the port that some proxies append", () => {
  assert.equal(tidyForwardedFor("203.0.113.5:4711, 10.0.0.2"), "203.0.113.5, 10.0.0.2");
  assert.equal(tidyForwardedFor("[2001:db8::1]:443"), "2001:db8::1");
  assert.equal(tidyForwardedFor("2001:db8::1"), "2001:db8::1");
});

test("What is no address goes, with everything that stands before it", () => {
  assert.equal(tidyForwardedFor("203.0.113.5, <script>, 10.0.0.2"), "10.0.0.2");
  assert.equal(tidyForwardedFor("unknown"), "");
  assert.equal(tidyForwardedFor(""), "");
});
