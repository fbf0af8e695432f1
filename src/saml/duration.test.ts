import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./duration.ts";

const dayMs = 86_400_000;

test("a duration adds up its parts", () => {
  assert.equal(parseDuration("PT1H"), 3_600_000);
  assert.equal(parseDuration("P1D"), dayMs);
  assert.equal(parseDuration(" P1DT2H3M4.5S "), dayMs + 7_384_000);
  assert.equal(parseDuration("PT0S"), 0);
});

test("years and months count as short as they can be", () => {
  assert.equal(parseDuration("P1Y"), 365 * dayMs);
  assert.equal(parseDuration("P1M"), 28 * dayMs);
});

test("anything else is no duration", () => {
  for (const text of [
    "",
    "P",
    "PT",
    "P1DT",
    "1D",
    "-P1D",
    "P1H",
    "PT1D",
    "P1.5D",
    "PT1S1M",
    "PTS",
  ]) {
    assert.equal(parseDuration(text), null, text);
  }
  assert.equal(parseDuration(`P${"9".repeat(5_000_000)}Y`), null);
});
