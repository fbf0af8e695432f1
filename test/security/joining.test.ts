/** Whose address somebody may join with: doors that ask for one know the same addresses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalEmail } from "../../src/access/email.ts";
import { parseEmail } from "../../src/people/form.ts";

describe("addresses that look like somebody else's", () => {
  const lookAlikes: Readonly<Record<string, string>> = {
    "a zero-width space": "ada\u200b@contoso.com",
    "a soft hyphen": "a\u00adda@contoso.com",
    "a right-to-left override": "\u202eada@contoso.com",
    "a word joiner": "ada\u2060@contoso.com",
    "a Kelvin sign, which is k in lower case": "jac\u212a@contoso.com",
    "an I with a dot, which is i in lower case": "\u0130da@contoso.com",
    "a Kelvin sign in the domain": "ada@\u212ariton.com",
    "a NUL": "ada\0@contoso.com",
    "a line end": "ada@contoso.com\n.evil.example",
    "two at signs": "ada@contoso.com@evil.example",
    "a name around it": "Ada <ada@contoso.com>",
    "a list": "ada@contoso.com,eve@evil.example",
    "an emoji's hidden selector": "ada\ufe0f\u200d@contoso.com",
  };
  for (const [what, address] of Object.entries(lookAlikes)) {
    test(`${what} is refused by sign-up as by single sign-on`, () => {
      assert.equal(canonicalEmail(address), null);
      assert.ok("problem" in parseEmail(address));
    });
  }

  test("letters of other alphabets stay what they are, and full-width ones stay themselves", () => {
    for (const address of [
      "\u0430da@contoso.com",
      "\uff41da@contoso.com",
      "ı@contoso.com",
      "ſam@contoso.com",
    ]) {
      assert.deepEqual(parseEmail(address), { value: address });
      assert.equal(canonicalEmail(address), address);
    }
  });

  test("case and space around an address make no other person", () => {
    assert.deepEqual(parseEmail("  ADA@Contoso.COM "), { value: "ada@contoso.com" });
  });
});
