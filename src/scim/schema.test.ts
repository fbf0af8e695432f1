import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseInstant, renderInstant } from "./instant.ts";
import { isSameJson, isUnassigned, parseJson, parseObject } from "./json.ts";
import { parseAttributeName, type ResourceName, resolveAttribute } from "./schema.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const meant = (text: string, resource: ResourceName = "User"): string => {
  const name = parseAttributeName(text);
  if (name === null) return "no name";
  const { urn, name: canonical, attribute, sub, subAttribute } = resolveAttribute(resource, name);
  const known = attribute === null ? "unknown" : attribute.type;
  return [
    urn?.split(":").at(-1) ?? "-",
    canonical,
    sub ?? "-",
    known,
    subAttribute?.type ?? "-",
  ].join(" ");
};

describe("names are found in any case, with and without URN, the longest URN first", () => {
  const cases: readonly (readonly [text: string, found: string])[] = [
    ["USERNAME", "- userName - string -"],
    ["name.FAMILYNAME", "- name familyName complex string"],
    [
      "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
      "- name givenName complex string",
    ],
    ["URN:IETF:params:scim:schemas:core:2.0:user:Emails.Type", "- emails type complex string"],
    [`${enterprise}:manager.value`, "User manager value complex string"],
    ["manager", "User manager - complex -"],
    ["urn:scim:schemas:core:2.0:userName", "- userName - string -"],
    ["urn:scim:schemas:core:2.0:User:userName", "- userName - string -"],
    ["urn:scim:schemas:core:1.0:department", "- department - unknown -"],
    ["urn:okta:x:1.0:user:a.b", "user a b unknown -"],
    [enterprise, "User  - unknown -"],
    ["meta.created", "- meta created complex dateTime"],
    ["members", "- members - unknown -"],
    ["constructor", "- constructor - unknown -"],
    ["", "no name"],
    ["a..b", "no name"],
    ["a.b.c", "no name"],
    ["__proto__", "no name"],
    ["urn:x", "no name"],
    ['urn:x"y:z', "no name"],
    ["urn:", "no name"],
  ];
  for (const [text, found] of cases) {
    test(text === "" ? "nothing" : text, () => {
      assert.equal(meant(text), found);
    });
  }

  test("a group has its own attributes", () => {
    assert.equal(meant("members.VALUE", "Group"), "- members value complex string");
    assert.equal(meant("manager", "Group"), "- manager - unknown -");
  });
});

describe("times", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-01T00:00:00.5Z", 500],
    ["1970-01-01T01:00:00.123456789+01:00", 123],
    ["1970-01-01", 0],
    ["1970-01-01T00:00:00", 0],
    ["2024-02-29T00:00:00z", Date.UTC(2024, 1, 29)],
    ["2023-02-29T00:00:00Z", null],
    ["1970-13-01T00:00:00Z", null],
    ["1970-01-01T25:00:00Z", null],
    ["1970-01-01 00:00:00Z", null],
    ["yesterday", null],
    ["", null],
  ];
  for (const [text, at] of cases) {
    test(text === "" ? "nothing is no time" : text, () => {
      assert.equal(parseInstant(text), at);
      if (at !== null) assert.equal(parseInstant(renderInstant(at)), at);
    });
  }
});

describe("JSON", () => {
  test("objects inherit nothing, and nothing can be put where they would inherit it", () => {
    const value = parseObject({ a: { b: 1 } });
    for (const one of [value, value["a"]]) {
      assert.ok(typeof one === "object" && one !== null);
      for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
        assert.equal(name in one, false, name);
      }
      assert.ok(Object.isFrozen(Object.getPrototypeOf(one)));
    }
  });

  test("null, an empty list, text or object are no value; false and 0 are", () => {
    for (const none of [undefined, null, [], "", {}]) assert.equal(isUnassigned(none), true);
    for (const some of [false, 0, "a", [null], { a: null }])
      assert.equal(isUnassigned(some), false);
  });

  test("sameness does not mind the order of keys, and does that of lists", () => {
    assert.equal(isSameJson(parseJson({ a: 1, b: [1, 2] }), parseJson({ b: [1, 2], a: 1 })), true);
    assert.equal(isSameJson([1, 2], [2, 1]), false);
    assert.equal(isSameJson({ a: 1 }, { b: 1 }), false);
    assert.equal(isSameJson({}, []), false);
    assert.equal(isSameJson(null, undefined), false);
  });
});
