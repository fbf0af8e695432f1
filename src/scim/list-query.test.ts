import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError, type ErrorCode } from "../errors.ts";
import { parseListQuery, parseSearchRequest, renderList } from "./list-query.ts";

const refuses = (code: ErrorCode, parameters: Readonly<Record<string, unknown>>): void => {
  assert.throws(
    () => parseListQuery(parameters, "User"),
    (error) => error instanceof AppError && error.code === code,
    JSON.stringify(parameters),
  );
};
const pageOf = (parameters: Readonly<Record<string, unknown>>) =>
  parseListQuery(parameters, "User").page;

describe("pages by place (RFC 7644 3.4.2.4)", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, number, number])[] = [
    ["the first hundred without being asked", {}, 1, 100],
    ["Okta's", { startIndex: "1", count: "100" }, 1, 100],
    ["startIndex below 1 is 1", { startIndex: "-5" }, 1, 100],
    ["count below 0 is 0", { count: "-1" }, 1, 0],
    ["count 0 asks for totals", { count: "0" }, 1, 0],
    ["no more than the server gives", { count: "100000" }, 1, 200],
    ["numbers, as in SearchRequest", { startIndex: 11, count: 10 }, 11, 10],
    ["names in any case", { STARTINDEX: "3", Count: "4" }, 3, 4],
    ["unknown parameters are ignored", { aadOptscim062020: "", "": "" }, 1, 100],
    ["empty parameters are none", { startIndex: "", count: "", filter: "", sortBy: "" }, 1, 100],
  ];
  for (const [rule, parameters, startIndex, count] of cases) {
    test(rule, () => {
      assert.deepEqual(pageOf(parameters), { kind: "index", startIndex, count });
    });
  }

  test("what is no whole number is refused", () => {
    for (const count of ["x", "1.5", "1e3", "9".repeat(20)])
      refuses("scim_invalid_value", { count });
    refuses("scim_invalid_value", { startIndex: "first" });
  });
});

describe("pages by cursor (RFC 9865)", () => {
  test("an empty cursor asks for the first page", () => {
    assert.deepEqual(pageOf({ cursor: "" }), { kind: "cursor", cursor: null, count: 100 });
    assert.deepEqual(pageOf({ cursor: "abc", count: "10" }), {
      kind: "cursor",
      cursor: "abc",
      count: 10,
    });
  });

  test("a negative count is refused by its own scimType", () => {
    refuses("scim_invalid_count", { cursor: "", count: "-1" });
  });

  test("the fingerprint is the same on every page, and another for another query", () => {
    const of = (parameters: Readonly<Record<string, unknown>>) =>
      parseListQuery(parameters, "User").fingerprint;
    const filter = 'userName sw "a"';
    assert.equal(of({ filter, cursor: "" }), of({ filter, cursor: "x", count: "5" }));
    assert.notEqual(of({ filter }), of({ filter: 'userName sw "b"' }));
    assert.notEqual(of({ sortBy: "userName" }), of({ sortBy: "title" }));
    assert.notEqual(of({}), parseListQuery({}, "Group").fingerprint);
  });
});

describe("filter and order", () => {
  test("a filter is read and bound", () => {
    const { filter } = parseListQuery({ filter: 'userName eq "A"' }, "User");
    assert.equal(filter?.kind, "compare");
    assert.equal(parseListQuery({}, "User").filter, null);
    refuses("scim_invalid_filter", { filter: "userName" });
    refuses("scim_invalid_filter", { filter: "active gt true" });
  });

  test("order is ascending where the client does not say", () => {
    const sortOf = (parameters: Readonly<Record<string, unknown>>) => {
      const { sort } = parseListQuery(parameters, "User");
      return sort === null ? null : [sort.target.key, sort.target.sub, sort.isDescending];
    };
    assert.deepEqual(sortOf({ sortBy: "Name.FamilyName" }), ["name", "familyname", false]);
    assert.deepEqual(sortOf({ sortBy: "emails", sortOrder: "Descending" }), [
      "emails",
      "value",
      true,
    ]);
    assert.equal(sortOf({ sortOrder: "descending" }), null);
    refuses("scim_invalid_value", { sortBy: "a b" });
  });

  test("the last of repeated parameters counts", () => {
    assert.deepEqual(pageOf({ count: ["1", "2"] }), { kind: "index", startIndex: 1, count: 2 });
  });
});

test("SearchRequest asks as an address does (RFC 7644 3.4.3)", () => {
  const query = parseSearchRequest(
    {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      attributes: ["displayName", "userName"],
      Filter: 'displayName sw "smith"',
      startIndex: 1,
      count: 10,
      sortBy: null,
    },
    "User",
  );
  assert.deepEqual(query.page, { kind: "index", startIndex: 1, count: 10 });
  assert.equal(query.projection.kind, "only");
  assert.equal(query.filter?.kind, "compare");
  assert.throws(() => parseSearchRequest("x", "User"), AppError);
});

test("garbage is refused by an AppError and by nothing else", () => {
  const name = fc.constantFrom(
    ...["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes"],
    "excludedAttributes",
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })), (body) => {
      try {
        parseSearchRequest(body, "User");
        parseListQuery(body, "Group");
      } catch (error) {
        assert.ok(error instanceof AppError, String((error as Error).stack));
      }
    }),
    { numRuns: 1000 },
  );
});

test("a list says how many it gives, in numbers, and is a list even where it is empty", () => {
  assert.deepEqual(
    JSON.parse(JSON.stringify(renderList({ resources: [], totalResults: 0, startIndex: 1 }))),
    {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    },
  );
  const page = renderList({ resources: [{ id: "1" }], totalResults: null, nextCursor: "n" });
  assert.deepEqual(Object.keys(page), ["schemas", "itemsPerPage", "nextCursor", "Resources"]);
  assert.equal(
    "nextCursor" in renderList({ resources: [], totalResults: 1, nextCursor: null }),
    false,
  );
});
