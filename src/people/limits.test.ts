import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { network, waitFor } from "./limits.ts";

suite("limits of password attempts", () => {
  test("the first ten attempts on an account do not wait, then the wait doubles up to four seconds", () => {
    assert.deepEqual(
      [1, 10, 11, 15, 16, 21, 26, 1000].map(waitFor),
      [0, 0, 500, 500, 1000, 2000, 4000, 4000],
    );
  });

  const cases: readonly (readonly [string, string])[] = [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["2001:0db8:0001:0002::", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ];
  for (const [ip, expected] of cases) {
    test(`${ip} counts as ${expected}`, () => assert.equal(network(ip), expected));
  }
});
