/** By which part of an address visitors are counted. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { network } from "./network.ts";

suite("the part of an address that one customer holds", () => {
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
