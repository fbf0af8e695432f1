import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../errors.ts";
import { bindFilter } from "./bind.ts";
import { compareByCodePoint, evaluate } from "./evaluate.ts";
import { parseFilter } from "./filter.ts";
import { parseObject } from "./json.ts";
import type { ResourceName } from "./schema.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const user = parseObject({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  id: "2819C223",
  externalId: "Ext-1",
  userName: "BJensen@Example.com",
  name: { givenName: "Barbara", familyName: "Jensen" },
  active: true,
  title: "",
  emails: [
    { value: "bjensen@example.com", type: "work", primary: true },
    { value: "Babs@jensen.org", type: "home" },
  ],
  shoeSize: 42,
  Tags: ["Red", "blue"],
  meta: { created: "2026-01-02T03:04:05.678Z", lastModified: "2026-05-13T04:42:34Z" },
  [enterprise]: { department: "Sales", manager: { value: "M-1" } },
});

const holds = (filter: string, resource: ResourceName = "User"): boolean =>
  evaluate(bindFilter(parseFilter(filter), resource), resource, user);

describe("a filter of RFC 7644 3.4.2.2 holds or does not", () => {
  const cases: readonly (readonly [rule: string, filter: string, expected: boolean])[] = [
    ["userName ignores case", 'userName eq "bjensen@EXAMPLE.com"', true],
    ["externalId does not", 'externalId eq "ext-1"', false],
    ["externalId compares exactly", 'externalId eq "Ext-1"', true],
    ["id does not ignore case", 'id eq "2819c223"', false],
    ["names ignore case", 'USERNAME sw "bj" and NAME.FAMILYNAME ew "SEN"', true],
    [
      "with the URN of the schema",
      'urn:ietf:params:scim:schemas:core:2.0:User:userName co "jensen"',
      true,
    ],
    ["an extension by its URN", `${enterprise}:department eq "sales"`, true],
    ["an extension without URN, as Entra writes it", 'department eq "sales"', true],
    ["a complex value by its value, as Entra writes it", 'manager eq "m-1"', true],
    [
      "another type's URN means nothing here",
      "urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr",
      false,
    ],
    ["any value of several", 'emails.value eq "babs@jensen.org"', true],
    ["emails alone means their value", 'emails co "jensen.org"', true],
    ["ne holds where any value differs", 'emails.type ne "work"', true],
    ["not eq holds where no value is equal", 'not (emails.type eq "work")', false],
    [
      "one value must fulfil all of a value path",
      'emails[type eq "work" and value co "jensen.org"]',
      false,
    ],
    [
      "a value path that one value fulfils",
      'emails[type eq "home" and value co "jensen.org"]',
      true,
    ],
    [
      "without brackets different values may",
      'emails.type eq "work" and emails.value co "jensen.org"',
      true,
    ],
    [
      "Entra's value path with a comparison",
      'emails[type eq "work"].value eq "BJENSEN@example.com"',
      true,
    ],
    ["pr of an empty text", "title pr", false],
    ["pr of nothing", "nickName pr", false],
    ["pr of a complex attribute", "name pr and emails pr", true],
    ["pr of false and true", "active pr", true],
    ["ne of nothing", 'nickName ne "x"', true],
    ["null is no value", "title eq null and nickName eq null", true],
    ["not null is a value", "userName ne null", true],
    ["a boolean", "active eq true", true],
    ["a boolean as text", 'active eq "True"', true],
    [
      "times are compared by what they mean",
      'meta.created eq "2026-01-02T04:04:05.678+01:00"',
      true,
    ],
    ["times go by order", 'meta.lastModified gt "2026-05-13T04:42:33Z"', true],
    ["a day counts from its first moment", 'meta.created ge "2026-01-02"', true],
    ["an unknown attribute's number", "shoeSize gt 41.5", true],
    ["an unknown attribute's number is no text", 'shoeSize eq "42"', false],
    ["an unknown attribute's texts, in any case", 'tags eq "red"', true],
    ["order of texts", 'userName gt "bj" and userName lt "bk"', true],
    ["ge and le include", 'name.givenName ge "barbara" and name.givenName le "barbara"', true],
    ["an empty part is in any text", 'userName co "" and userName sw ""', true],
    ["and none is in nothing", 'title co ""', false],
    ["the schemas", 'schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', true],
    ["or", 'userName eq "x" or title pr or active eq true', true],
  ];
  for (const [rule, filter, expected] of cases) {
    test(`${rule}: ${filter}`, () => {
      assert.equal(holds(filter), expected);
    });
  }
});

describe("what makes no sense is refused with invalidFilter", () => {
  const bad: readonly (readonly [string, string])[] = [
    ["booleans have no order", "active gt true"],
    ["booleans have no parts", 'active co "t"'],
    ["certificates have no order", 'x509Certificates.value lt "a"'],
    ["times have no parts", 'meta.created sw "2026"'],
    ["a time that is none", 'meta.created gt "yesterday"'],
    ["a day that does not exist", 'meta.created gt "2026-02-30"'],
    ["a boolean that is none", 'active eq "yes"'],
    ["null has no order", "userName gt null"],
    ["a name is not one value", 'name eq "Barbara"'],
    ["an address is not one value", 'addresses co "Berlin"'],
    ["value paths do not nest", 'emails[value[type eq "work"]]'],
    ["a value path needs parts", 'userName[value eq "a"]'],
    ["a value path follows an attribute", 'emails.value[type eq "a"]'],
    ["inside brackets there are no dots", 'emails[emails.type eq "work"]'],
  ];
  for (const [rule, filter] of bad) {
    test(`${rule}: ${filter}`, () => {
      assert.throws(
        () => holds(filter),
        (error) => error instanceof AppError && error.code === "scim_invalid_filter",
      );
    });
  }
});

describe("laws", () => {
  const atom = fc.constantFrom(
    ...[
      'userName sw "b"',
      "title pr",
      'emails.type ne "work"',
      "active eq false",
      "shoeSize le 42",
    ],
    ...['emails[type eq "home"]', 'nickName eq "x"', 'tags ne "red"'],
  );

  test("not turns every answer round, and twice not changes nothing", () => {
    fc.assert(
      fc.property(atom, (one) => {
        assert.equal(holds(`not (${one})`), !holds(one));
        assert.equal(holds(`not (not (${one}))`), holds(one));
      }),
    );
  });

  test("De Morgan's laws hold", () => {
    fc.assert(
      fc.property(atom, atom, (one, other) => {
        assert.equal(holds(`not (${one} and ${other})`), holds(`not (${one}) or not (${other})`));
        assert.equal(holds(`not (${one} or ${other})`), holds(`not (${one}) and not (${other})`));
      }),
    );
  });

  test("and, or do not mind the order of their terms", () => {
    fc.assert(
      fc.property(atom, atom, (one, other) => {
        assert.equal(holds(`${one} and ${other}`), holds(`${other} and ${one}`));
        assert.equal(holds(`${one} or ${other}`), holds(`${other} or ${one}`));
      }),
    );
  });

  test("texts sort as their bytes in UTF-8 do", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, text, (left, right) => {
        assert.equal(
          Math.sign(compareByCodePoint(left, right)),
          Buffer.compare(Buffer.from(left), Buffer.from(right)),
        );
      }),
    );
  });
});
