import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError, type ErrorCode } from "../errors.ts";
import { isPrimary } from "./coerce.ts";
import { isList, isObject, type Json, type JsonObject, parseObject } from "./json.ts";
import { parsePatch } from "./patch.ts";
import { applyPatch } from "./patch-apply.ts";
import { compileGroupPatch } from "./patch-group.ts";
import { parseUser } from "./resources.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

const alice = parseUser({
  userName: "alice@contoso.com",
  externalId: "a-1",
  name: { givenName: "Alice", familyName: "Smith" },
  active: true,
  nickName: "Al",
  emails: [
    { value: "alice@contoso.com", type: "work", primary: true },
    { value: "al@home.org", type: "home" },
  ],
  [enterprise]: { department: "Sales", manager: { value: "m-1" } },
  favourite: "blue",
}).document;

/** The document as plain objects, so that it compares. */
const plain = (document: JsonObject): unknown => JSON.parse(JSON.stringify(document));
const body = (...operations: readonly unknown[]) => ({
  schemas: [patchOp],
  Operations: operations,
});
const patched = (document: JsonObject, ...operations: readonly unknown[]): JsonObject =>
  applyPatch(document, parsePatch(body(...operations), "User"));
/** Alice after the operations. */
const after = (...operations: readonly unknown[]): Record<string, Json> =>
  JSON.parse(JSON.stringify(patched(alice, ...operations)));
const refuses = (code: ErrorCode, ...operations: readonly unknown[]): void => {
  assert.throws(
    () => patched(alice, ...operations),
    (error) => {
      assert.ok(error instanceof AppError, String(error));
      assert.equal(error.code, code, error.message);
      return true;
    },
    JSON.stringify(operations),
  );
};

describe("Microsoft Entra ID", () => {
  test("capitalised operations and booleans as text deactivate and activate", () => {
    assert.equal(after({ op: "Replace", path: "active", value: "False" })["active"], false);
    assert.equal(after({ op: "Add", path: "active", value: "True" })["active"], true);
  });

  test("PascalCase bodies mean the same", () => {
    const operations = parsePatch(
      { Schemas: [patchOp], operations: [{ Op: "REPLACE", Path: "Name.GivenName", Value: "Bea" }] },
      "User",
    );
    assert.deepEqual(plain(applyPatch(alice, operations)), {
      ...(plain(alice) as object),
      name: { givenName: "Bea", familyName: "Smith" },
    });
  });

  test("path-less replace takes dotted and URN-prefixed keys", () => {
    const { name, [enterprise]: extension } = after({
      op: "replace",
      value: {
        "name.givenName": "Bea",
        [`${enterprise}:employeeNumber`]: "701984",
        'emails[type eq "work"].value': "bea@contoso.com",
      },
    });
    assert.deepEqual(name, { givenName: "Bea", familyName: "Smith" });
    assert.deepEqual(extension, {
      department: "Sales",
      manager: { value: "m-1" },
      employeeNumber: "701984",
    });
  });

  const missing: readonly (readonly [
    path: string,
    value: unknown,
    attribute: string,
    made: unknown,
  ])[] = [
    [
      'phoneNumbers[type eq "mobile"].value',
      "+49 1",
      "phoneNumbers",
      [{ type: "mobile", value: "+49 1" }],
    ],
    ['addresses[type eq "work"].country', "DE", "addresses", [{ type: "work", country: "DE" }]],
    ['roles[primary eq "True"].value', "Admin", "roles", [{ primary: true, value: "Admin" }]],
    [
      'phoneNumbers[type eq "Work" and primary eq true].value',
      "1",
      "phoneNumbers",
      [{ type: "work", primary: true, value: "1" }],
    ],
  ];
  for (const [path, value, attribute, made] of missing) {
    for (const op of ["Add", "Replace"]) {
      test(`${op} ${path} makes the value that is not there yet`, () => {
        assert.deepEqual(after({ op, path, value })[attribute], made);
      });
    }
  }

  test("a filtered path changes the value that is there and leaves the others", () => {
    const path = 'emails[type eq "work"].value';
    assert.deepEqual(after({ op: "Replace", path, value: "a@x.org" })["emails"], [
      { value: "a@x.org", type: "work", primary: true },
      { value: "al@home.org", type: "home" },
    ]);
  });

  test("removing the value of an e-mail leaves no empty shell", () => {
    assert.deepEqual(after({ op: "Remove", path: 'emails[type eq "home"].value' })["emails"], [
      { value: "alice@contoso.com", type: "work", primary: true },
    ]);
  });

  test("removing what a canonical filter does not find is no change", () => {
    const operation = { op: "Remove", path: 'phoneNumbers[type eq "mobile"].value' };
    assert.equal(patched(alice, operation), alice);
  });

  const managers: readonly (readonly [string, unknown])[] = [
    [`${enterprise}:manager`, "m-2"],
    ["manager", "m-2"],
    [`${enterprise}:manager`, [{ $ref: null, value: "m-2" }]],
    [`${enterprise}:manager`, { value: "m-2", displayName: "read-only" }],
    [`${enterprise}:manager.value`, "m-2"],
    ["urn:ietf:params:scim:schemas:extension:enterprise:2.0User:manager", "m-2"],
  ];
  for (const [path, value] of managers) {
    test(`the manager as ${JSON.stringify(value)} at ${path}`, () => {
      const extension = after({ op: "Add", path, value })[enterprise];
      assert.deepEqual(extension, { department: "Sales", manager: { value: "m-2" } });
    });
  }

  test("an empty manager is removed", () => {
    for (const value of ["", null, [], [{ value: "" }], { value: null }]) {
      const extension = after({ op: "Replace", path: "manager", value })[enterprise];
      assert.deepEqual(extension, { department: "Sales" }, JSON.stringify(value));
    }
  });

  test("a manager's old address goes with the old manager", () => {
    const before = patched(alice, {
      op: "add",
      path: "manager",
      value: { value: "m-1", $ref: "https://x.org/m-1" },
    });
    const next = patched(before, { op: "replace", path: "manager", value: "m-2" });
    assert.deepEqual(plain(next), {
      ...(plain(alice) as object),
      [enterprise]: { department: "Sales", manager: { value: "m-2" } },
    });
  });

  test("roles are read from JSON inside a string", () => {
    const value = '{"id":"1","value":"Admin","displayName":"Administrator"}';
    const made = [{ id: "1", value: "Admin", displayName: "Administrator" }];
    assert.deepEqual(after({ op: "Add", path: "roles", value })["roles"], made);
    assert.deepEqual(after({ op: "Add", path: "roles", value: [value] })["roles"], made);
    assert.deepEqual(after({ op: "Replace", path: "roles", value: [{ value }] })["roles"], [
      { value },
    ]);
  });

  test("an empty list of operations changes nothing", () => {
    assert.deepEqual(parsePatch({ schemas: [patchOp], Operations: [] }, "User"), []);
    assert.equal(applyPatch(alice, []), alice);
  });
});

describe("Okta", () => {
  test("a path-less replace deactivates", () => {
    assert.equal(after({ op: "replace", value: { active: false } })["active"], false);
  });

  test("a password is accepted and kept nowhere", () => {
    const byValue = { op: "replace", value: { password: "s3cret" } };
    const byPath = { op: "replace", path: "password", value: "s3cret" };
    for (const operation of [byValue, byPath]) assert.equal(patched(alice, operation), alice);
  });

  test("read-only attributes inside a value are ignored", () => {
    const value = { id: "x", meta: { version: "1" }, groups: [], schemas: [], nickName: "Ali" };
    assert.deepEqual(after({ op: "replace", value }), {
      ...(plain(alice) as object),
      nickName: "Ali",
    });
  });
});

test("Keycloak's booleans as text, and in a list, are booleans", () => {
  assert.equal(after({ op: "replace", path: "active", value: "false" })["active"], false);
  assert.equal(after({ op: "replace", value: { active: [false] } })["active"], false);
});

describe("RFC 7644 3.5.2", () => {
  test("operations apply in their order", () => {
    const { nickName } = after(
      { op: "remove", path: "nickName" },
      { op: "add", path: "nickName", value: "First" },
      { op: "replace", path: "nickName", value: "Second" },
    );
    assert.equal(nickName, "Second");
  });

  test("a refused operation leaves the resource as it was", () => {
    const before = plain(alice);
    refuses(
      "scim_no_target",
      { op: "replace", path: "nickName", value: "X" },
      { op: "replace", path: 'emails[type eq "nonexistent"].value', value: "x" },
    );
    assert.deepEqual(plain(alice), before);
  });

  test("add to a multi-valued attribute keeps what is there, and the same again changes nothing", () => {
    const operation = { op: "add", path: "emails", value: [{ value: "b@x.org", type: "other" }] };
    const once = patched(alice, operation);
    assert.equal((plain(once) as { emails: unknown[] }).emails.length, 3);
    assert.equal(patched(once, operation), once);
    assert.equal(
      patched(alice, { op: "add", path: "emails", value: { value: "AL@home.org", type: "home" } })[
        "emails"
      ] === undefined,
      false,
    );
  });

  test("replace of a multi-valued attribute leaves only what is sent", () => {
    const value = [{ value: "b@x.org" }];
    assert.deepEqual(after({ op: "replace", path: "emails", value })["emails"], value);
  });

  test("replace of a complex attribute changes the listed parts, a null takes one away", () => {
    const one = { op: "replace", path: "name", value: { givenName: "Bea" } };
    assert.deepEqual(after(one)["name"], { givenName: "Bea", familyName: "Smith" });
    const none = { op: "replace", value: { name: { givenName: null, middleName: "X" } } };
    assert.deepEqual(after(none)["name"], { familyName: "Smith", middleName: "X" });
  });

  test("a new primary value takes that from the others", () => {
    const add = { op: "add", path: "emails", value: { value: "b@x.org", primary: true } };
    const set = { op: "replace", path: 'emails[type eq "home"].primary', value: true };
    for (const operation of [add, set]) {
      const emails = after(operation)["emails"];
      assert.ok(Array.isArray(emails));
      const primaries = emails.filter((email) => isObject(email) && email["primary"] === true);
      assert.equal(primaries.length, 1);
      assert.equal(emails[0]["primary"], false);
    }
  });

  test("a value path without part changes or removes whole values", () => {
    const path = 'emails[type eq "home"]';
    assert.deepEqual(after({ op: "remove", path })["emails"], [
      { value: "alice@contoso.com", type: "work", primary: true },
    ]);
    const value = { value: "new@home.org" };
    assert.deepEqual(after({ op: "replace", path, value })["emails"]?.[1 as never], {
      value: "new@home.org",
      type: "home",
    });
  });

  test("replace of what is not there adds it", () => {
    assert.equal(after({ op: "replace", path: "title", value: "Boss" })["title"], "Boss");
  });

  test("an attribute of an extension adds the extension, the last one removed takes it away", () => {
    const bare = parseUser({ userName: "a@b.org" }).document;
    const path = `${enterprise}:employeeNumber`;
    const added = patched(bare, { op: "add", path, value: 5 });
    assert.deepEqual(plain(added), { userName: "a@b.org", [enterprise]: { employeeNumber: "5" } });
    assert.deepEqual(plain(patched(added, { op: "remove", path })), { userName: "a@b.org" });
  });

  test("a whole extension is written and removed by its URN", () => {
    const value = { division: "North" };
    assert.deepEqual(after({ op: "add", path: enterprise, value })[enterprise], {
      department: "Sales",
      manager: { value: "m-1" },
      division: "North",
    });
    assert.deepEqual(after({ op: "replace", value: { [enterprise]: value } })[enterprise], {
      department: "Sales",
      manager: { value: "m-1" },
      division: "North",
    });
    assert.equal(after({ op: "remove", path: enterprise })[enterprise], undefined);
  });

  test("an extension that no schema describes is nested under its URN, as in a POST", () => {
    const urn = "urn:okta:custom:1.0:user";
    const once = patched(alice, { op: "add", value: { [urn]: { Badge: 7 } } });
    const twice = patched(once, { op: "replace", value: { [`${urn}:Badge`]: 8 } });
    assert.deepEqual((plain(twice) as JsonObject)[urn], { Badge: 8 });
  });

  test("attributes under the URN of the resource's own schema are its attributes", () => {
    for (const urn of ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:scim:schemas:core:1.0"]) {
      assert.equal(after({ op: "replace", value: { [urn]: { nickName: "X" } } })["nickName"], "X");
      assert.equal(
        after({ op: "add", path: urn, value: { nickName: "X", id: "1" } })["nickName"],
        "X",
      );
      refuses("scim_invalid_path", { op: "remove", path: urn });
    }
    refuses("scim_invalid_path", { op: "remove", path: `${enterprise}[a pr]` });
  });

  test("values that are listed beside a remove are the only ones that go", () => {
    const operation = { op: "Remove", path: "emails", value: [{ value: "al@home.org" }] };
    assert.deepEqual(after(operation)["emails"], [
      { value: "alice@contoso.com", type: "work", primary: true },
    ]);
    assert.equal(after({ op: "remove", path: "emails" })["emails"], undefined);
  });

  test("unknown attributes are kept, changed and removed", () => {
    assert.equal(after({ op: "add", path: "shoeSize", value: 42 })["shoeSize"], 42);
    assert.equal(after({ op: "replace", path: "FAVOURITE", value: "red" })["favourite"], "red");
    assert.equal(after({ op: "remove", path: "favourite" })["favourite"], undefined);
    const path = "urn:okta:custom:1.0:user:badge.colour";
    assert.deepEqual(after({ op: "add", path, value: "red" })["urn:okta:custom:1.0:user"], {
      badge: { colour: "red" },
    });
  });
});

describe("what cannot be done is refused, never silently left out", () => {
  const cases: readonly (readonly [rule: string, code: ErrorCode, operation: unknown])[] = [
    [
      "an operation that nobody knows",
      "scim_invalid_syntax",
      { op: "move", path: "title", value: 1 },
    ],
    ["an operation without op", "scim_invalid_syntax", { path: "title", value: "x" }],
    ["an operation that is no object", "scim_invalid_syntax", "replace"],
    ["remove without path", "scim_no_target", { op: "remove" }],
    [
      "remove without path but with a value",
      "scim_no_target",
      { op: "remove", value: { title: 1 } },
    ],
    ["no value", "scim_invalid_value", { op: "replace", path: "title" }],
    ["no path and a value that is no object", "scim_invalid_value", { op: "add", value: "x" }],
    ["a path that is no text", "scim_invalid_path", { op: "add", path: 5, value: "x" }],
    ["a path with an index", "scim_invalid_filter", { op: "remove", path: "emails[0]" }],
    ["a path with a blank", "scim_invalid_path", { op: "remove", path: "nick name" }],
    ["a path in JSON Pointer's spelling", "scim_invalid_path", { op: "remove", path: "/nickName" }],
    [
      "a part that the attribute does not have",
      "scim_invalid_path",
      { op: "add", path: "name.foo", value: "x" },
    ],
    [
      "a part of a simple attribute",
      "scim_invalid_path",
      { op: "add", path: "title.x", value: "x" },
    ],
    [
      "a filter on a single value",
      "scim_invalid_path",
      { op: "remove", path: 'name[givenName eq "A"]' },
    ],
    [
      "a part of many values without filter",
      "scim_invalid_path",
      { op: "replace", path: "emails.value", value: "x" },
    ],
    [
      "another type's attribute",
      "scim_invalid_path",
      { op: "add", path: "urn:ietf:params:scim:schemas:core:2.0:Group:displayName", value: "x" },
    ],
    [
      "removing an unknown attribute that is not there",
      "scim_invalid_path",
      { op: "remove", path: "nothing" },
    ],
    [
      "a filter that finds nothing",
      "scim_no_target",
      { op: "replace", path: 'emails[type eq "nonexistent"].value', value: "x" },
    ],
    [
      "a remove whose filter finds nothing",
      "scim_no_target",
      { op: "remove", path: 'emails[value eq "x@x.x"]' },
    ],
    [
      "a whole value that is not there",
      "scim_no_target",
      { op: "replace", path: 'emails[type eq "other"]', value: { value: "x" } },
    ],
    ["id", "scim_mutability", { op: "replace", path: "id", value: "x" }],
    ["meta", "scim_mutability", { op: "replace", path: "meta.version", value: "x" }],
    ["groups", "scim_mutability", { op: "add", path: "groups", value: [{ value: "g" }] }],
    ["schemas", "scim_mutability", { op: "add", path: "schemas", value: ["urn:x:y"] }],
    [
      "a read-only part",
      "scim_mutability",
      { op: "add", path: `${enterprise}:manager.displayName`, value: "x" },
    ],
    ["removing a required attribute", "scim_mutability", { op: "remove", path: "userName" }],
    [
      "emptying a required attribute",
      "scim_mutability",
      { op: "replace", path: "userName", value: "" },
    ],
    [
      "a boolean that is none",
      "scim_invalid_value",
      { op: "replace", path: "active", value: "perhaps" },
    ],
    [
      "several values for one",
      "scim_invalid_value",
      { op: "replace", path: "title", value: ["a", "b"] },
    ],
    [
      "an object for a text",
      "scim_invalid_value",
      { op: "replace", path: "title", value: { a: 1 } },
    ],
    ["a text for a name", "scim_invalid_value", { op: "replace", path: "name", value: "Alice" }],
    [
      "two primary values",
      "scim_invalid_value",
      {
        op: "replace",
        path: "emails",
        value: [
          { value: "a", primary: true },
          { value: "b", primary: "true" },
        ],
      },
    ],
  ];
  for (const [rule, code, operation] of cases) {
    test(`${rule}: ${code}`, () => {
      refuses(code, operation);
    });
  }

  test("names that every object inherits are refused wherever they stand", () => {
    const paths = [
      "constructor",
      "constructor.name",
      "toString",
      "hasOwnProperty",
      "CONSTRUCTOR",
      "name.constructor",
      "prototype",
    ];
    for (const path of paths) refuses("scim_invalid_path", { op: "add", path, value: "x" });
    for (const path of ["__proto__", "__proto__.polluted", "name.__proto__"]) {
      refuses("scim_invalid_path", { op: "add", path, value: "x" });
    }
    const polluted = JSON.parse('{"op":"add","value":{"__proto__":{"polluted":true}}}');
    refuses("scim_invalid_syntax", polluted);
    refuses(
      "scim_invalid_syntax",
      JSON.parse('{"op":"add","path":"name","value":{"__proto__":{"a":1}}}'),
    );
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  test("a body without a list of operations is refused", () => {
    for (const wrong of [null, [], "x", {}, { Operations: {} }, { Operations: null }]) {
      assert.throws(
        () => parsePatch(wrong, "User"),
        (error) => error instanceof AppError && error.code === "scim_invalid_syntax",
      );
    }
  });

  test("more than a thousand operations are 413", () => {
    const operations = Array.from({ length: 1001 }, () => ({
      op: "add",
      path: "title",
      value: "x",
    }));
    assert.throws(
      () => parsePatch(body(...operations), "User"),
      (error) => error instanceof AppError && error.status === 413,
    );
  });
});

describe("groups: set changes without reading a member", () => {
  const compiled = (...operations: readonly unknown[]) =>
    compileGroupPatch(parsePatch(body(...operations), "Group"));
  const deltaOf = (...operations: readonly unknown[]) => {
    const [step = null, ...others] = compiled(...operations).members;
    assert.ok(others.length === 0 && (step === null || !("selected" in step)));
    return step;
  };
  const delta = (...operations: readonly unknown[]) => {
    const members = deltaOf(...operations);
    if (members === null) return null;
    const { replacesAll, add, remove } = members;
    return { replacesAll, add: add.map(({ id }) => id), remove };
  };
  const refusesGroup = (code: ErrorCode, ...operations: readonly unknown[]): void => {
    assert.throws(
      () => compiled(...operations),
      (error) => error instanceof AppError && error.code === code,
      JSON.stringify(operations),
    );
  };
  const adding = (...add: readonly string[]) => ({ replacesAll: false, add, remove: [] });
  const removing = (...remove: readonly string[]) => ({ replacesAll: false, add: [], remove });
  const replacing = (...add: readonly string[]) => ({ replacesAll: true, add, remove: [] });

  const shapes: readonly (readonly [who: string, operation: unknown, expected: unknown])[] = [
    [
      "Entra adds one",
      { op: "Add", path: "members", value: [{ $ref: null, value: "1" }] },
      adding("1"),
    ],
    [
      "Entra removes by a list",
      { op: "Remove", path: "members", value: [{ $ref: null, value: "1" }] },
      removing("1"),
    ],
    [
      "Entra with its flag removes by a filter",
      { op: "remove", path: 'members[value eq "1"]' },
      removing("1"),
    ],
    [
      "RFC 7644 3.5.2.2 without blank",
      { op: "remove", path: 'members[value eq"1"]' },
      removing("1"),
    ],
    [
      "Okta pushes all",
      { op: "replace", path: "members", value: [{ value: "1" }, { value: "2" }] },
      replacing("1", "2"),
    ],
    [
      "Okta renames without touching members",
      { op: "replace", value: { id: "g", displayName: "N" } },
      null,
    ],
    ["authentik adds one", { op: "add", path: "members", value: [{ value: "1" }] }, adding("1")],
    [
      "authentik removes one",
      { op: "remove", path: "members", value: [{ value: "1" }] },
      removing("1"),
    ],
    [
      "authentik replaces the whole group",
      { op: "replace", value: { displayName: "N", externalId: "e", members: null } },
      null,
    ],
    [
      "Ping names the list once more",
      { op: "remove", path: "members", value: { members: [{ value: "1" }] } },
      removing("1"),
    ],
    ["Keycloak empties by null", { op: "remove", path: "members", value: null }, replacing()],
    ["RFC 7644 empties without value", { op: "remove", path: "members" }, replacing()],
    ["an empty list takes nobody away", { op: "remove", path: "members", value: [] }, null],
    [
      "an empty list is all that a replace leaves",
      { op: "replace", path: "members", value: [] },
      replacing(),
    ],
    ["adding nobody", { op: "add", path: "members", value: [] }, null],
    ["path-less add", { op: "add", value: { members: [{ value: "1" }] } }, adding("1")],
    ["path-less replace", { op: "replace", value: { Members: [{ Value: "1" }] } }, replacing("1")],
    [
      "one object instead of a list",
      { op: "add", path: "members", value: { value: "1" } },
      adding("1"),
    ],
    ["plain ids", { op: "add", path: "members", value: ["1", "2"] }, adding("1", "2")],
    ["the same twice", { op: "add", path: "members", value: ["1", "1"] }, adding("1")],
    [
      "several by one filter",
      { op: "remove", path: 'members[value eq "1" or value eq "2"]' },
      removing("1", "2"),
    ],
    [
      "the URN before it",
      { op: "add", path: "urn:ietf:params:scim:schemas:core:2.0:Group:members", value: ["1"] },
      adding("1"),
    ],
  ];
  for (const [who, operation, expected] of shapes) {
    test(who, () => {
      assert.deepEqual(delta(operation), expected);
    });
  }

  test("the last word on a member counts", () => {
    const add = (id: string) => ({ op: "add", path: "members", value: [{ value: id }] });
    const remove = (id: string) => ({ op: "remove", path: `members[value eq "${id}"]` });
    assert.deepEqual(delta(add("1"), remove("1")), removing("1"));
    assert.deepEqual(delta(remove("1"), add("1")), adding("1"));
    assert.deepEqual(delta(remove("1"), add("2")), {
      replacesAll: false,
      add: ["2"],
      remove: ["1"],
    });
    assert.deepEqual(delta(add("1"), { op: "remove", path: "members" }, add("2")), replacing("2"));
    assert.deepEqual(
      delta({ op: "replace", path: "members", value: ["1", "2"] }, remove("1")),
      replacing("2"),
    );
  });

  test("nested groups are told from people where the client says so", () => {
    const value = [{ value: "1", type: "group" }, { value: "2", type: "User" }, { value: "3" }];
    const members = deltaOf({ op: "add", path: "members", value });
    assert.deepEqual(
      members?.add.map(({ type }) => type),
      ["Group", "User", null],
    );
  });

  test("all but the members is left for the group's document", () => {
    const { members, operations } = compiled(
      { op: "replace", value: { id: "g", displayName: "New", members: [{ value: "1" }] } },
      { op: "add", path: "externalId", value: "e" },
    );
    assert.deepEqual(members, [{ replacesAll: true, add: [{ id: "1", type: null }], remove: [] }]);
    assert.deepEqual(plain(applyPatch(parseObject({ displayName: "Old" }), operations)), {
      displayName: "New",
      externalId: "e",
    });
  });

  test("a filter that asks more than the value is a step between what comes before and after it", () => {
    const value = [{ value: "1" }];
    const path = 'members[type eq "User" and not (value eq "1")]';
    const { members } = compiled(
      { op: "add", path: "members", value },
      { op: "remove", path },
      { op: "remove", path: 'members[value eq "2" or value eq "3"]' },
    );
    const [first, second, third, ...others] = members;
    assert.deepEqual(first, { replacesAll: false, add: [{ id: "1", type: null }], remove: [] });
    assert.ok(second !== undefined && "selected" in second);
    assert.deepEqual(third, { replacesAll: false, add: [], remove: ["2", "3"] });
    assert.deepEqual(others, []);
  });

  test("what cannot be done is refused", () => {
    refusesGroup("scim_invalid_value", { op: "add", path: "members", value: [{ display: "Al" }] });
    refusesGroup("scim_invalid_value", {
      op: "replace",
      path: "members",
      value: [{ value: "", display: "x" }],
    });
    refusesGroup("scim_invalid_filter", { op: "remove", path: 'members[desk eq "Al"]' });
    refusesGroup("scim_invalid_path", { op: "add", path: 'members[value eq "1"]', value: "x" });
    refusesGroup("scim_mutability", {
      op: "replace",
      path: 'members[value eq "1"].display',
      value: "x",
    });
    refusesGroup("scim_mutability", {
      op: "replace",
      path: 'members[value eq "1"].value',
      value: "2",
    });
    refusesGroup("scim_invalid_syntax", { op: "toggle", path: "members", value: ["1"] });
  });

  test("a group's name cannot be removed", () => {
    const { operations } = compiled({ op: "remove", path: "displayName" });
    assert.throws(
      () => applyPatch(parseObject({ displayName: "Old" }), operations),
      (error) => error instanceof AppError && error.code === "scim_mutability",
    );
  });

  test("fifty thousand members fit into a request, one more does not", () => {
    const value = Array.from({ length: 50_000 }, (_, at) => ({ value: `u-${at}` }));
    assert.equal(delta({ op: "replace", path: "members", value })?.add.length, 50_000);
    refusesGroup("payload_too_large", { op: "add", path: "members", value: [...value, "x"] });
  });

  test("the set change gives what applying the operations one by one to the set gives", () => {
    const id = fc.constantFrom("1", "2", "3", "4");
    const step = fc.oneof(
      fc.array(id).map((value) => ({ op: "add", path: "members", value })),
      fc.array(id).map((value) => ({ op: "replace", path: "members", value })),
      fc.array(id, { minLength: 1 }).map((value) => ({ op: "remove", path: "members", value })),
      id.map((one) => ({ op: "remove", path: `members[value eq "${one}"]` })),
      fc.constant({ op: "remove", path: "members" }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.uniqueArray(id), (steps, before) => {
        const expected = steps.reduce(oneByOne, new Set(before));
        const members = deltaOf(...steps);
        const base = members?.replacesAll === true ? [] : before;
        const left = base.filter((one) => members?.remove.includes(one) !== true);
        const found = new Set([...left, ...(members?.add.map((member) => member.id) ?? [])]);
        assert.deepEqual(found, new Set(expected));
      }),
      { numRuns: 500 },
    );
  });
});

interface Step {
  readonly op: string;
  readonly path: string;
  readonly value?: readonly string[];
}

function oneByOne(set: ReadonlySet<string>, { op, path, value }: Step): ReadonlySet<string> {
  const selected = /"(.)"/.exec(path)?.[1];
  if (op === "add") return new Set([...set, ...(value ?? [])]);
  if (op === "replace") return new Set(value);
  if (selected === undefined && value === undefined) return new Set();
  return new Set([...set].filter((id) => id !== selected && value?.includes(id) !== true));
}

describe("properties", () => {
  const path = fc.constantFrom(
    ...[
      "active",
      "nickName",
      "name",
      "name.givenName",
      "emails",
      'emails[type eq "work"]',
      "roles",
    ],
    ...[
      'emails[type eq "work"].value',
      "emails[primary eq true].value",
      "manager",
      "shoe",
      enterprise,
    ],
    ...[
      'phoneNumbers[type eq "fax"].value',
      `${enterprise}:department`,
      "favourite",
      "x.y",
      "shoe.size",
    ],
  );
  const value = fc.oneof(
    fc.constantFrom<Json>("a", "", "True", null, 5, false, "b@x.org"),
    fc.constantFrom<Json>(
      [],
      [{ value: "a", type: "work", primary: true }],
      [{ value: "b", type: "work" }],
    ),
    fc.constantFrom<Json>(
      { value: "c", primary: true },
      { givenName: "G", familyName: null },
      { division: "N" },
    ),
  );
  const operation = fc.record({ op: fc.constantFrom("add", "replace", "remove"), path, value });

  const attempt = (document: JsonObject, ...operations: readonly unknown[]): JsonObject | null => {
    try {
      return patched(document, ...operations);
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  };

  test("doing an add or a replace again changes nothing", () => {
    fc.assert(
      fc.property(operation, (one) => {
        fc.pre(one.op !== "remove");
        const once = attempt(alice, one);
        fc.pre(once !== null);
        const twice = attempt(once, one);
        if (twice !== null) assert.equal(twice, once, JSON.stringify(one));
        else assert.equal(one.op, "replace");
      }),
      { numRuns: 2000 },
    );
  });

  test("a request is the fold of its operations", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 5 }), (operations) => {
        const whole = attempt(alice, ...operations);
        fc.pre(whole !== null);
        const steps = operations.reduce<JsonObject>(
          (document, one) => patched(document, one),
          alice,
        );
        assert.deepEqual(plain(whole), plain(steps));
      }),
    );
  });

  test("there is never more than one primary value, and never an empty one", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
        const document = attempt(alice, ...operations);
        const emails = document?.["emails"] ?? ["none"];
        assert.ok(isList(emails) && emails.length > 0);
        assert.ok(emails.filter(isPrimary).length <= 1);
      }),
      { numRuns: 1000 },
    );
  });

  test("the document that is changed stays as it was", () => {
    const before = JSON.stringify(alice);
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 5 }), (operations) => {
        attempt(alice, ...operations);
        assert.equal(JSON.stringify(alice), before);
      }),
    );
  });

  test("garbage is refused by an AppError and by nothing else", () => {
    const junk = fc.jsonValue({ maxDepth: 4 });
    const written = fc.oneof(
      junk,
      fc.record({ Operations: junk }),
      fc.record({
        Operations: fc.array(
          fc.record(
            {
              op: fc.constantFrom("add", "remove", "replace", "x"),
              path: fc.oneof(path, junk),
              value: junk,
            },
            { requiredKeys: [] },
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(written, fc.constantFrom("User" as const, "Group" as const), (wire, resource) => {
        try {
          const operations = parsePatch(wire, resource);
          if (resource === "Group") compileGroupPatch(operations);
          applyPatch(alice, operations);
        } catch (error) {
          assert.ok(error instanceof AppError, String((error as Error).stack));
        }
      }),
      { numRuns: 3000 },
    );
  });
});
