import assert from "node:assert/strict";
import { test } from "node:test";
import { createBackoff } from "./backoff.ts";

test("pauses double up to their bound, and begin anew after a run of a minute", () => {
  const backoff = createBackoff(1_000, 60_000);
  const pauses = Array.from({ length: 8 }, () => backoff.next(500));
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assert.equal(backoff.next(60_000), 1_000);
  assert.equal(backoff.next(59_999), 2_000);
});

test("a thousand failures do not overflow into a short pause", () => {
  const backoff = createBackoff(5_000, 600_000);
  for (let count = 0; count < 2_000; count += 1) backoff.next(0);
  assert.equal(backoff.next(0), 600_000);
});
