import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { domainOf } from "./sso-domain.ts";

suite("the domain in what was typed", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["ada@example.com", "example.com"],
    [" Ada@Example.COM ", "example.com"],
    ["example.com", "example.com"],
    ["@example.com", "example.com"],
    ["example.com.", "example.com"],
    ["ada@bücher.example", "xn--bcher-kva.example"],
    ['"odd@name"@example.com', "example.com"],
    ["", null],
    ["ada", null],
    ["ada@", null],
    ["ada@localhost", null],
    ["https://example.com/x", null],
    ["example.com:8080", null],
    ["a b.example", null],
    ["example.com?x=1", null],
    [`${"a".repeat(250)}.com`, null],
  ];
  for (const [typed, expected] of cases) {
    test(`${JSON.stringify(typed.slice(0, 40))} names ${expected ?? "no domain"}`, () => {
      assert.equal(domainOf(typed), expected);
    });
  }
});
