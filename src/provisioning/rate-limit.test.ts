import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RateLimit } from "./rate-limit.ts";

/** How many of `count` requests at one moment pass. */
function passing(limit: RateLimit, client: string, nowMs: number, count: number): number {
  return Array.from({ length: count }, () => limit.take(client, nowMs)).filter(
    (early) => early === null,
  ).length;
}

describe("The rate limit of provisioning", () => {
  test("lets ten seconds' worth through at once, and then as many as a second brings", () => {
    const limit = new RateLimit(50);
    assert.equal(passing(limit, "a", 0, 600), 500);
    assert.equal(passing(limit, "a", 0, 1), 0);
    assert.equal(passing(limit, "a", 1_000, 200), 50);
    assert.equal(passing(limit, "a", 100_000, 1_000), 500);
  });

  test("says after how many whole seconds the next request passes, and it does", () => {
    const limit = new RateLimit(1);
    passing(limit, "a", 0, 10);
    const early = limit.take("a", 0);
    assert.equal(early?.waitSeconds, 1);
    assert.equal(limit.take("a", 1000), null);
  });

  test("counts each client for itself", () => {
    const limit = new RateLimit(1);
    assert.equal(passing(limit, "a", 0, 20), 10);
    assert.equal(passing(limit, "b", 0, 20), 10);
  });

  test("is news to the log once a minute, however often a client is refused", () => {
    const limit = new RateLimit(1);
    passing(limit, "a", 0, 10);
    const told = [0, 1, 500, 999].map((at) => limit.take("a", at)?.isNews);
    assert.deepEqual(told, [true, false, false, false]);
    passing(limit, "a", 60_000, 10);
    assert.equal(limit.take("a", 60_001)?.isNews, true);
  });

  test("of 0 limits nothing", () => {
    assert.equal(passing(new RateLimit(0), "a", 0, 100_000), 100_000);
  });

  test("is not refilled by a clock that goes back", () => {
    const limit = new RateLimit(1);
    passing(limit, "a", 10_000, 10);
    assert.equal(passing(limit, "a", 0, 5), 0);
    assert.equal(passing(limit, "a", 1_000, 5), 1);
  });

  test("forgets clients that have gone, and nobody who is at the limit", () => {
    const limit = new RateLimit(1);
    passing(limit, "wild", 0, 10);
    for (let index = 0; index < 10_000; index += 1) limit.take(`client ${index}`, 0);
    assert.equal(limit.take("another", 1_000), null);
    assert.equal(passing(limit, "wild", 1_000, 5), 1);
  });
});
