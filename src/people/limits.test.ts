import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "./limits.ts";

suite("limits of password attempts", () => {
  test("the first ten attempts on an account do not wait, then the wait doubles up to four seconds", () => {
    assert.deepEqual(
      [1, 10, 11, 15, 16, 21, 26, 1000].map(waitFor),
      [0, 0, 500, 500, 1000, 2000, 4000, 4000],
    );
  });
});
