import assert from "node:assert/strict";
import { test } from "node:test";
import { randomToken } from "./random.ts";

test("a token has as many bytes as asked, 32 unless told", () => {
  assert.equal(Buffer.from(randomToken(), "base64url").length, 32);
  for (const bytes of [1, 8, 12, 20, 4096]) {
    assert.equal(Buffer.from(randomToken(bytes), "base64url").length, bytes);
  }
  assert.throws(() => randomToken(4097), /at most 4096/);
});

test("no two tokens are alike, and no byte is handed out twice or left at zero", () => {
  const seen = new Set<string>();
  const counts = new Array<number>(256).fill(0);
  for (let index = 0; index < 5_000; index += 1) {
    const token = randomToken(1 + (index % 61));
    if (index % 61 > 10) {
      assert.ok(!seen.has(token));
      seen.add(token);
    }
    for (const byte of Buffer.from(token, "base64url")) counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (const count of counts) assert.ok(Math.abs(count - total / 256) < 6 * Math.sqrt(total / 256));
});
