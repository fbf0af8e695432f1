import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../errors.ts";
import {
  type BulkOperation,
  parseBulk,
  planBulk,
  referencesOf,
  renderBulkResponse,
  resolveReferences,
} from "./bulk.ts";

const user = (bulkId: string, more: object = {}) => ({
  method: "POST",
  path: "/Users",
  bulkId,
  data: { userName: bulkId, ...more },
});
const group = (bulkId: string, ...members: readonly string[]) => ({
  method: "POST",
  path: "/Groups",
  bulkId,
  data: { displayName: bulkId, members: members.map((value) => ({ value: `bulkId:${value}` })) },
});
const bulk = (...Operations: readonly unknown[]) => parseBulk({ Operations });
const only = (operation: unknown): BulkOperation => {
  const [item] = bulk(operation).items;
  assert.ok(item?.kind === "run", JSON.stringify(item));
  return item.operation;
};
/** The plan in short: `1` runs operation 1, `1-a` does so without member a, `1+a` adds it. */
const plan = (...operations: readonly unknown[]) =>
  planBulk(bulk(...operations).items).map((step) =>
    step.kind === "run"
      ? [step.index, ...step.without].join("-")
      : [step.index, ...step.later].join("+"),
  );

describe("reading", () => {
  test("an operation is read in any case of its names", () => {
    const read = only({ Method: "put", Path: "Users/a%20b/", Version: 'W/"1"', Data: { x: 1 } });
    assert.deepEqual(
      { ...read, data: { ...read.data } },
      {
        method: "PUT",
        resource: "User",
        id: "a b",
        bulkId: null,
        version: 'W/"1"',
        data: { x: 1 },
      },
    );
    assert.equal(only({ method: "DELETE", path: "/Groups/1", data: null }).data, null);
  });

  test("a bad operation is refused, and the others are not", () => {
    const bad: readonly unknown[] = [
      "x",
      {},
      { method: "GET", path: "/Users/1" },
      { method: "POST", path: "/Users", data: {} },
      { method: "POST", path: "/Users/1", bulkId: "a", data: {} },
      { method: "PUT", path: "/Users", data: {} },
      { method: "PATCH", path: "/Users/1" },
      { method: "DELETE", path: "/Schemas/1" },
      { method: "DELETE", path: "/Users/1/2" },
      { method: "DELETE", path: "/Users/%zz" },
    ];
    for (const operation of bad) {
      const [refused, run] = bulk(operation, user("b")).items;
      assert.ok(refused?.kind === "refused", JSON.stringify(operation));
      assert.equal(refused.error.code, "scim_invalid_syntax");
      assert.equal(run?.kind, "run");
    }
  });

  test("a bulkId stands once", () => {
    assert.deepEqual(
      bulk(user("a"), user("a")).items.map(({ kind }) => kind),
      ["run", "refused"],
    );
  });

  test("failOnErrors is a positive number or nothing", () => {
    const limit = (failOnErrors: unknown) =>
      parseBulk({ failOnErrors, Operations: [] }).failOnErrors;
    assert.deepEqual([1, "2", 0, -1, null, undefined, "x", 1.5].map(limit), [
      1,
      2,
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test("more than a thousand operations are 413, and no list is invalidSyntax", () => {
    const many = Array.from({ length: 1001 }, (_, at) => user(String(at)));
    assert.throws(
      () => bulk(...many),
      (error) => error instanceof AppError && error.status === 413,
    );
    assert.throws(
      () => parseBulk({}),
      (error) => error instanceof AppError && error.code === "scim_invalid_syntax",
    );
  });
});

describe("the order", () => {
  test("without references it is that of the request", () => {
    assert.deepEqual(plan(user("a"), { method: "DELETE", path: "/Users/1" }, user("b")), [
      "0",
      "1",
      "2",
    ]);
  });

  test("what is referred to comes first, in data, extensions and paths", () => {
    assert.deepEqual(plan(group("g", "a"), user("a")), ["1", "0"]);
    const manager = {
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        manager: { value: "bulkId:a" },
      },
    };
    assert.deepEqual(plan(user("b", manager), user("a")), ["1", "0"]);
    const patch = { method: "PATCH", path: "/Groups/bulkId:g", data: { Operations: [] } };
    assert.deepEqual(plan(patch, group("g")), ["1", "0"]);
  });

  test("groups in a circle are made first and linked last (RFC 7644 3.7.1)", () => {
    assert.deepEqual(plan(group("a", "b"), group("b", "a")), ["1-a", "0", "1+a"]);
    assert.deepEqual(plan(group("a", "a")), ["0-a", "0+a"]);
  });

  test("every operation runs once, after what it needs or with a link to it", () => {
    const id = fc.constantFrom<string>("0", "1", "2", "3", "4");
    const needs = fc.array(fc.array(id, { maxLength: 3 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(needs, (wanted) => {
        const { items } = bulk(...wanted.map((members, at) => group(String(at), ...members)));
        const steps = planBulk(items);
        const made: string[] = [];
        for (const step of steps.filter(({ kind }) => kind === "run")) {
          const left = step.kind === "run" ? step.without : [];
          const needed = (wanted[step.index] ?? []).filter((one) => !left.includes(one));
          assert.deepEqual(
            needed.filter((one) => !made.includes(one)),
            [],
            String(step.index),
          );
          made.push(String(step.index));
        }
        assert.deepEqual(new Set(made), new Set(["0", "1", "2", "3", "4"]));
        assert.equal(made.length, 5);
        const firstLink = steps.findIndex(({ kind }) => kind === "link");
        assert.ok(firstLink === -1 || firstLink === 5);
      }),
    );
  });
});

describe("references", () => {
  test("ids take the place of bulkIds everywhere", () => {
    const operation = only({
      method: "PATCH",
      path: "/Groups/bulkId:g",
      data: { Operations: [{ op: "add", path: "members", value: [{ value: "bulkId:a" }, "x"] }] },
    });
    assert.deepEqual(referencesOf(operation), ["g", "a"]);
    const ids = new Map([
      ["g", "G"],
      ["a", "A"],
    ]);
    const { id, data } = resolveReferences(operation, ids);
    assert.equal(id, "G");
    assert.deepEqual(JSON.parse(JSON.stringify(data)), {
      Operations: [{ op: "add", path: "members", value: [{ value: "A" }, "x"] }],
    });
  });

  test("members that come later are left out", () => {
    const { data } = resolveReferences(only(group("g", "a", "b")), new Map([["b", "B"]]), ["a"]);
    assert.deepEqual(JSON.parse(JSON.stringify(data)), {
      displayName: "g",
      members: [{ value: "B" }],
    });
  });

  test("a reference to what was not made is 409", () => {
    assert.throws(
      () => resolveReferences(only(group("g", "a")), new Map()),
      (error) => error instanceof AppError && error.status === 409,
    );
  });
});

test("garbage is refused by an AppError and by nothing else", () => {
  const junk = fc.jsonValue({ maxDepth: 3 });
  const operation = fc.record(
    {
      method: fc.oneof(fc.constantFrom("POST", "PUT", "DELETE"), junk),
      path: fc.oneof(fc.constantFrom("/Groups", "/Users/1", "/Groups/bulkId:a"), junk),
      bulkId: fc.oneof(fc.constantFrom("a", "b"), junk),
      data: fc.oneof(
        fc.record({ members: fc.oneof(fc.array(fc.oneof(junk, fc.constant("bulkId:a"))), junk) }),
        junk,
      ),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(junk, fc.record({ failOnErrors: junk, Operations: fc.array(operation) }));
  fc.assert(
    fc.property(body, (wire) => {
      try {
        const { items } = parseBulk(wire);
        for (const step of planBulk(items)) {
          const item = items[step.index];
          if (item?.kind !== "run" || step.kind !== "run") continue;
          resolveReferences(item.operation, new Map(), step.without);
        }
      } catch (error) {
        assert.ok(error instanceof AppError, String((error as Error).stack));
      }
    }),
    { numRuns: 1000 },
  );
});

test("the answer has each operation's status as text, and its error's body", () => {
  const response = { detail: "no" };
  const body = renderBulkResponse([
    {
      method: "POST",
      bulkId: "a",
      status: 201,
      location: "https://x/1",
      etag: 'W/"1"',
      response: null,
    },
    { method: "DELETE", bulkId: null, status: 404, location: null, etag: null, response },
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(body)), {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
    Operations: [
      { method: "POST", bulkId: "a", location: "https://x/1", version: 'W/"1"', status: "201" },
      { method: "DELETE", status: "404", response },
    ],
  });
});
