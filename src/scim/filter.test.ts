import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { costOf } from "../../test/cost.ts";
import { AppError } from "../errors.ts";
import { type Comparator, type Filter, parseFilter, parsePath, printFilter } from "./filter.ts";
import type { Scalar } from "./json.ts";
import type { AttributeName } from "./schema.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** What the filter says, in RFC 7644's own spelling. */
const reading = (text: string): string => printFilter(parseFilter(text));

const refuses = (text: string, sentence?: RegExp): void => {
  assert.throws(
    () => parseFilter(text),
    (error) => {
      assert.ok(error instanceof AppError, String(error));
      assert.equal(error.code, "scim_invalid_filter");
      assert.equal(error.scimType, "invalidFilter");
      if (sentence !== undefined) assert.match(error.message, sentence);
      return true;
    },
    text,
  );
};

describe("the filters of RFC 7644 3.4.2.2 are read as they are", () => {
  const examples = [
    'userName eq "bjensen"',
    'name.familyName co "O\'Malley"',
    'userName sw "J"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
    "title pr",
    'meta.lastModified gt "2011-05-13T04:42:34Z"',
    'title pr and userType eq "Employee"',
    'title pr or userType eq "Intern"',
    'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    `${enterprise}:manager.value eq "26118915"`,
    "active eq true",
    "age ge 17.5",
    "title eq null",
  ];
  for (const text of examples) {
    test(text, () => {
      assert.equal(reading(text), text);
    });
  }
});

describe("what clients really write is understood", () => {
  const shapes: readonly (readonly [who: string, written: string, meant: string])[] = [
    ["Entra", 'userName eq "a@b.org"', 'userName eq "a@b.org"'],
    [
      "Entra, a value path followed by a comparison",
      'emails[type eq "work"].value eq "a@b.org"',
      'emails[type eq "work" and value eq "a@b.org"]',
    ],
    [
      "Entra, presence after a value path",
      'emails[type eq "work"].value pr',
      'emails[type eq "work" and value pr]',
    ],
    ["Entra, two keys", 'id eq "x" and manager eq "y"', 'id eq "x" and manager eq "y"'],
    [
      "Entra, a quoted boolean",
      'roles[primary eq "True"].value eq "a"',
      'roles[primary eq "True" and value eq "a"]',
    ],
    ["authentik, without quotes", "userName eq alice", 'userName eq "alice"'],
    [
      "authentik, an address without quotes",
      "userName eq a.b+c@d.org",
      'userName eq "a.b+c@d.org"',
    ],
    ["RFC 7644 3.5.2.2, no blank before the quote", 'value eq"2819c223"', 'value eq "2819c223"'],
    [
      "any case of operators",
      'userName EQ "a" AND NOT (title Pr) Or active eq true',
      '(userName eq "a" and not (title pr)) or active eq true',
    ],
    [
      "True and False",
      "active eq True or active ne FALSE or title eq Null",
      "active eq true or active ne false or title eq null",
    ],
    ["several blanks", '  userName   eq\t"a"  ', 'userName eq "a"'],
    ["no blanks around brackets", '(userName eq "a")and(title pr)', 'userName eq "a" and title pr'],
    ["a bare number with leading zero is text", "employeeNumber eq 007", 'employeeNumber eq "007"'],
    [
      "a number too long to be one is text",
      "externalId eq 12345678901234567890",
      'externalId eq "12345678901234567890"',
    ],
    [
      "OneLogin's legacy URN",
      "urn:scim:schemas:extension:enterprise:2.0:department eq x",
      `${enterprise}:department eq "x"`,
    ],
    [
      "the misprint in Microsoft's documentation",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department pr",
      `${enterprise}:department pr`,
    ],
    [
      "a URN nobody knows",
      "urn:okta:custom:1.0:user:shoe.size eq 42",
      "urn:okta:custom:1.0:user:shoe.size eq 42",
    ],
    ["an attribute named as an operator", 'not eq "x"', 'not eq "x"'],
  ];
  for (const [who, written, meant] of shapes) {
    test(who, () => {
      assert.equal(reading(written), meant);
    });
  }
});

describe("precedence", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a pr or b pr and c pr", "a pr or (b pr and c pr)"],
    ["(a pr or b pr) and c pr", "(a pr or b pr) and c pr"],
    ["not (a pr) and b pr", "not (a pr) and b pr"],
    ["not (a pr and b pr)", "not (a pr and b pr)"],
    ["((a pr))", "a pr"],
    ["a pr and (b pr and c pr)", "a pr and b pr and c pr"],
  ];
  for (const [written, meant] of cases) {
    test(`${written} is ${meant}`, () => {
      assert.equal(reading(written), meant);
    });
  }
});

describe("what is no filter is refused, with the place", () => {
  const bad: readonly (readonly [string, RegExp])[] = [
    ["", /empty/],
    ["   ", /empty/],
    ["userName", /ends where an operator/],
    ["userName eq", /ends where a value/],
    ['userName is "a"', /"is" at position 10 should be an operator/],
    ['userName eq "a" extra', /"extra" at position 17 should be the end/],
    ['userName eq "a', /quote at position 13 is never closed/],
    ['userName eq "\\x"', /not a JSON string/],
    ['userName eq "\\u0000"', /well-formed/],
    ['userName eq "\\ud800"', /well-formed/],
    ["(userName pr", /ends where "\)"/],
    ["userName pr)", /should be the end/],
    ['emails[type eq "work"', /ends where "\]"/],
    ["emails[type eq) pr", /should be a value/],
    ["and userName pr", /should be an operator/],
    ["userName pr and", /ends where an attribute/],
    ['"userName" eq "a"', /should be an attribute/],
    ["__proto__ pr", /should be an attribute/],
    ["a.b.c pr", /should be an attribute/],
    ["1a pr", /should be an attribute/],
    [`${enterprise} pr`, /URN alone/],
    ['emails[type eq "work"].a.b eq "x"', /should be/],
    ["userName eq [", /should be a value/],
  ];
  for (const [text, sentence] of bad) {
    test(text === "" ? "nothing" : text, () => {
      refuses(text, sentence);
    });
  }
});

describe("limits", () => {
  test("a filter may have 4096 bytes and no more", () => {
    const filter = (length: number) => `userName eq "${"x".repeat(length - 14)}"`;
    assert.equal(filter(4096).length, 4096);
    assert.equal(parseFilter(filter(4096)).kind, "compare");
    refuses(filter(4097), /longer than 4096 bytes/);
    refuses(`userName eq "${"ü".repeat(2100)}"`, /longer than 4096 bytes/);
  });

  test("a filter may be nested 32 levels and no more", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}a pr${")".repeat(depth)}`;
    assert.equal(reading(nested(32)), "a pr");
    refuses(nested(33), /deeper than 32/);
    refuses("not (".repeat(33), /deeper than 32/);
    refuses("(".repeat(4000), /deeper than 32/);
  });

  test("a filter may have 100 terms and no more", () => {
    const terms = (count: number) => Array.from({ length: count }, () => "a pr").join(" or ");
    assert.equal(parseFilter(terms(100)).kind, "or");
    refuses(terms(101), /more than 100 terms/);
  });

  test("no filter of legal size costs much to read", async () => {
    const hard = [
      `userName eq "${"\\\\".repeat(2030)}"`,
      `userName eq "${'\\"'.repeat(2030)}"`,
      '"'.repeat(4096),
      "(".repeat(4096),
      "not ".repeat(1024),
      "[".repeat(4096),
      `${"a.".repeat(2000)} pr`,
      `urn:${":".repeat(4000)} pr`,
      `${"a".repeat(4090)} pr`,
      `${Array.from({ length: 100 }, () => 'abcdef[g eq "h"].i eq "j"').join(" or ")}`,
      `${"a-".repeat(2040)}!`,
    ];
    for (const text of hard) {
      const cost = await costOf(() => {
        try {
          parseFilter(text.slice(0, 4096));
        } catch (error) {
          assert.ok(error instanceof AppError);
        }
      });
      assert.ok(cost < 50, `${text.slice(0, 20)}… costs ${cost}`);
    }
  });
});

describe("properties", () => {
  const plain = { noNullPrototype: true } as const;
  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/);
  const name: fc.Arbitrary<AttributeName> = fc.record(
    {
      urn: fc.constantFrom(null, enterprise, "urn:okta:custom:1.0:user", "core"),
      name: word,
      sub: fc.option(word),
    },
    plain,
  );
  const operator = fc.constantFrom<Comparator>(
    "eq",
    "ne",
    "co",
    "sw",
    "ew",
    "gt",
    "ge",
    "lt",
    "le",
  );
  const value: fc.Arbitrary<Scalar | null> = fc.oneof(
    fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\u0000")),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const leaf = (names: fc.Arbitrary<AttributeName>): fc.Arbitrary<Filter> =>
    fc.oneof(
      fc.record({ kind: fc.constant("present" as const), name: names }, plain),
      fc.record({ kind: fc.constant("compare" as const), name: names, operator, value }, plain),
    );
  const combine = (kind: "and" | "or", terms: readonly Filter[]): Filter => ({
    kind,
    terms: terms.flatMap((term) => (term.kind === kind ? term.terms : [term])),
  });
  const grow = (inner: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
    fc.oneof(
      fc
        .tuple(
          fc.constantFrom("and" as const, "or" as const),
          fc.array(inner, { minLength: 2, maxLength: 3 }),
        )
        .map(([kind, terms]) => combine(kind, terms)),
      inner.map((term): Filter => ({ kind: "not", term })),
    );
  const plainName = word.map((text): AttributeName => ({ urn: null, name: text, sub: null }));
  const inside = grow(leaf(plainName));
  const top = fc.oneof(
    leaf(name),
    fc.record(
      {
        kind: fc.constant("some" as const),
        name: name.map((one) => ({ ...one, sub: null })),
        filter: fc.oneof(leaf(plainName), inside),
      },
      plain,
    ),
  );
  const filters = fc.oneof(top, grow(top), grow(grow(top)));

  test("parsing what was printed gives the same tree", () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const text = printFilter(filter);
        fc.pre(Buffer.byteLength(text) <= 4096);
        assert.deepEqual(parseFilter(text), filter);
      }),
      { numRuns: 1000 },
    );
  });

  test("operators and keywords mean the same in any case", () => {
    fc.assert(
      fc.property(fc.mixedCase(fc.constant("a eq 1 and not (b pr) or c sw 2")), (text) => {
        const lower = (filter: Filter): string => printFilter(filter).toLowerCase();
        assert.equal(lower(parseFilter(text)), "(a eq 1 and not (b pr)) or c sw 2");
      }),
    );
  });

  test("garbage is refused by an AppError and by nothing else", () => {
    const piece = fc.constantFrom(
      ...[
        "(",
        ")",
        "[",
        "]",
        '"',
        "\\",
        " ",
        ".",
        ":",
        "eq",
        "pr",
        "and",
        "or",
        "not",
        "a",
        "urn:",
        "$",
        "é",
        "1",
      ],
    );
    const garbage = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          assert.equal(reading(reading(text)), reading(text));
        } catch (error) {
          assert.ok(
            error instanceof AppError && error.code === "scim_invalid_filter",
            String(error),
          );
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("PATCH paths", () => {
  const shown = (text: string): string => {
    const { name, filter, sub } = parsePath(text);
    return JSON.stringify([name.urn, name.name, name.sub, filter && printFilter(filter), sub]);
  };
  const cases: readonly (readonly [string, string])[] = [
    ["members", '[null,"members",null,null,null]'],
    ["name.familyName", '[null,"name","familyName",null,null]'],
    [`${enterprise}:manager`, `["${enterprise}","manager",null,null,null]`],
    [enterprise, `["${enterprise}","",null,null,null]`],
  ];
  for (const [text, parts] of cases) {
    test(text, () => {
      assert.equal(shown(text), parts);
    });
  }

  test("a path may select values by a filter, and a part of them", () => {
    const { name, filter, sub } = parsePath(
      'addresses[type eq "work" and primary eq true].country',
    );
    assert.equal(name.name, "addresses");
    assert.equal(filter && printFilter(filter), 'type eq "work" and primary eq true');
    assert.equal(sub, "country");
  });

  test("what follows a path is refused", () => {
    for (const text of ["a b", "a[b pr] c", "a[b pr].c.d", "a[b pr", "[b pr]", "a[]", "", "a[0]"]) {
      assert.throws(() => parsePath(text), AppError, text);
    }
  });
});
