import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "./instant.ts";

test("An instant is a UTC dateTime, with or without a fraction", () => {
  const atMs = Date.UTC(2026, 1, 28, 23, 59, 58);
  assert.equal(parseInstant("2026-02-28T23:59:58Z"), atMs);
  assert.equal(parseInstant("2026-02-28T23:59:58.1Z"), atMs + 100);
  assert.equal(parseInstant("2026-02-28T23:59:58.1239999Z"), atMs + 123);
  assert.equal(parseInstant("2026-02-28T23:59:58+00:00"), atMs);
  assert.equal(parseInstant("\n2026-02-28T23:59:58-00:00 "), atMs);
  assert.equal(parseInstant("2028-02-29T00:00:00Z"), Date.UTC(2028, 1, 29));
});

test("What is no UTC dateTime is no instant", () => {
  const wrong = [
    "",
    "2026-02-28",
    "2026-02-28T23:59:58",
    "2026-02-28T23:59:58+01:00",
    "2026-02-28 23:59:58Z",
    "2026-02-28t23:59:58z",
    "2026-02-29T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00.Z",
    "0001-01-01T00:00:00Z",
    "12026-01-01T00:00:00Z",
    "-2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Zx",
    "1780315200000",
  ];
  for (const text of wrong) assert.equal(parseInstant(text), null, text);
});
