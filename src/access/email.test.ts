import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "../../test/cost.ts";
import { canonicalEmail } from "./email.ts";

test("an address is kept in lower case, its domain as ASCII (PRODUCT 1.2)", () => {
  assert.equal(canonicalEmail("Alice.O'Hara+x@Contoso.COM"), "alice.o'hara+x@contoso.com");
  assert.equal(canonicalEmail("ÄNNE@Bücher.example"), "änne@xn--bcher-kva.example");
  assert.equal(canonicalEmail("änne@XN--BCHER-KVA.example"), "änne@xn--bcher-kva.example");
  assert.equal(canonicalEmail("root@localhost"), "root@localhost");
});

test("a domain that only looks like another one stays apart or is refused", () => {
  assert.equal(canonicalEmail("ann@\uff43ontoso.com"), null, "full-width c becomes contoso.com");
  assert.equal(canonicalEmail("ann@\u0441ontoso.com"), "ann@xn--ontoso-hrf.com", "Cyrillic es");
  assert.equal(canonicalEmail("ann@xn--contoso-.com"), null, "no Punycode");
});

test("exactly one address is an address", () => {
  const refused = [
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@@example.com",
    "ada@example.com@evil.example",
    "ada@example.com,eve@evil.example",
    "Ada <ada@example.com>",
    "ada@example..com",
    "ada@.example.com",
    "ada@-example.com",
    "ada@example.com.",
    '"a b"@example.com',
  ];
  for (const text of refused) assert.equal(canonicalEmail(text), null, text);
});

test("line ends, control, invisible and space characters are in no address", () => {
  for (const bad of [
    "\r",
    "\n",
    "\0",
    "\t",
    " ",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\ud800",
  ]) {
    assert.equal(canonicalEmail(`ad${bad}a@example.com`), null, JSON.stringify(bad));
    assert.equal(canonicalEmail(`ada@exa${bad}mple.com`), null, JSON.stringify(bad));
    assert.equal(canonicalEmail(`ada@example.com${bad}`), null, JSON.stringify(bad));
  }
});

test("addresses that only look alike stay different people", () => {
  assert.notEqual(canonicalEmail("\u0430dmin@example.com"), "admin@example.com");
  assert.equal(canonicalEmail("\u0430dmin@example.com"), "\u0430dmin@example.com");
  assert.notEqual(canonicalEmail("\uff41dmin@example.com"), "admin@example.com");
});

test("a letter that would turn into an ASCII one is refused", () => {
  assert.equal(canonicalEmail("\u212aarl@example.com"), null);
  assert.equal(canonicalEmail("ada@\u0130x.example"), null);
});

test("the limits are 64 octets before the at sign, 63 in a label, 254 altogether", () => {
  const domain = `${"d".repeat(63)}.${"e".repeat(63)}.${"f".repeat(61)}`;
  assert.notEqual(canonicalEmail(`${"a".repeat(64)}@${domain}`), null);
  assert.equal(canonicalEmail(`${"a".repeat(64)}@${domain}f`), null);
  assert.equal(canonicalEmail(`${"a".repeat(65)}@example.com`), null);
  assert.equal(canonicalEmail(`ada@${"d".repeat(64)}.com`), null);
  assert.equal(canonicalEmail(`${"ä".repeat(33)}@example.com`), null);
});

test("a very long text is refused at once", async () => {
  const text = `ada@${"a-".repeat(2_000_000)}`;
  const cost = await costOf(() => assert.equal(canonicalEmail(text), null));
  assert.ok(cost < 50, `it costs ${cost}`);
});
