/** PRODUCT 8.7: names that nearly match are pointed out, and grant nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { indexNames, nearMisses } from "./hints.ts";

const objectId = "0f8fad5b-d9cb-469f-a165-70867728950e";
const hintsFor = (sent: readonly string[], mapped: readonly string[]) =>
  nearMisses(sent, indexNames(mapped));

const pairs: readonly (readonly [rule: string, sent: string, mapped: string, text: RegExp])[] = [
  ["case", "ls-admins", "LS-Admins", /upper and lower case/],
  ["a space before the mapped name", "LS-Admins", " LS-Admins", /spaces around/],
  ["a space after the sent name", "LS-Admins ", "LS-Admins", /spaces around/],
  ["two spaces inside", "LS  Admins", "LS Admins", /invisible/],
  ["a no-break space", "LS\u00a0Admins", "LS Admins", /invisible/],
  ["a zero-width space", "LS\u200bAdmins", "LSAdmins", /invisible/],
  ["composition", "E\u0301quipe", "\u00c9quipe", /invisible/],
  [
    "a distinguished name",
    "CN=LS-Admins,OU=Groups,DC=contoso,DC=com",
    "LS-Admins",
    /long and a short form/,
  ],
  [
    "a distinguished name with an escaped comma",
    "cn=Admins\\, LS,dc=contoso",
    "Admins, LS",
    /long and a short form/,
  ],
  ["a mapped distinguished name", "LS-Admins", "CN=LS-Admins,DC=contoso", /long and a short/],
  ["a URI", "https://idp.example/groups/LS-Admins", "LS-Admins", /long and a short/],
  ["a URN", "urn:mace:example:LS-Admins", "LS-Admins", /long and a short/],
  ["Keycloak's full path", "/staff/LS-Admins", "LS-Admins", /long and a short/],
  ["a Windows domain", "CONTOSO\\LS-Admins", "ls-admins", /long and a short/],
];
for (const [rule, sent, mapped, text] of pairs) {
  test(`a group that differs by ${rule} is pointed out with the mapped name`, () => {
    const [hint, ...more] = hintsFor([sent], [mapped, "Other"]);
    assert.deepEqual(more, []);
    assert.equal(hint?.group, sent);
    assert.equal(hint.target, mapped);
    assert.match(hint.text, text);
  });
}

test("a group that resembles nothing gets no hint", () => {
  assert.deepEqual(hintsFor(["Everyone", "CN=Users,DC=x", "/", ""], ["LS-Admins"]), []);
});

test("object ids sent where names are mapped get one hint, however many there are", () => {
  const ids = Array.from({ length: 30 }, (_, index) => objectId.replace(/^../, String(10 + index)));
  const hints = hintsFor(ids, ["LS-Admins"]);
  assert.equal(hints.length, 1);
  assert.match(hints[0]?.text ?? "", /^30 of the groups were sent as Entra object ids/);
});

test("names sent where object ids are mapped get the opposite hint", () => {
  assert.match(hintsFor(["LS-Admins"], [objectId])[0]?.text ?? "", /Put the names into/);
});

test("object ids on both sides are no near miss", () => {
  const other = objectId.replace("0f", "1f");
  assert.deepEqual(hintsFor([other], [objectId]), []);
  assert.equal(hintsFor([objectId.toUpperCase()], [objectId])[0]?.target, objectId);
});

test("at most 20 near misses are kept, the same whatever the order", () => {
  const sent = Array.from({ length: 50 }, (_, index) => `group ${index}`);
  const mapped = sent.map((name) => name.toUpperCase());
  const hints = hintsFor(sent, mapped);
  assert.equal(hints.length, 20);
  assert.deepEqual(hintsFor(sent.toReversed(), mapped), hints);
});

test("a very long name is cut in the sentence", () => {
  const [hint] = hintsFor(["a".repeat(5000)], ["A".repeat(5000)]);
  assert.ok((hint?.text.length ?? 0) < 700);
});
