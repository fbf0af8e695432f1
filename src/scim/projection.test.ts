import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../errors.ts";
import type { JsonObject } from "./json.ts";
import { parseProjection, project, showsAttribute } from "./projection.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

const user: JsonObject = {
  schemas: [core, enterprise],
  id: "1",
  userName: "a@b.org",
  password: "never",
  name: { givenName: "A", familyName: "B" },
  emails: [
    { value: "a@b.org", type: "work" },
    { type: "home", value: "c@d.org" },
  ],
  [enterprise]: { department: "S", manager: { value: "m", $ref: "r" } },
  meta: { resourceType: "User", version: "v" },
};
const shown = (attributes: unknown, excluded?: unknown): unknown =>
  JSON.parse(JSON.stringify(project(user, "User", parseProjection(attributes, excluded))));
const always = { schemas: [core, enterprise], id: "1" };

describe("attributes and excludedAttributes (RFC 7644 3.9)", () => {
  test("without them everything is shown but what never is", () => {
    const { password, ...rest } = user;
    assert.equal(password, "never");
    assert.deepEqual(shown(undefined), rest);
    assert.deepEqual(shown(""), rest);
  });

  const only: readonly (readonly [string, unknown, object])[] = [
    ["one", "userName", { userName: "a@b.org" }],
    ["in any case, with blanks", " USERNAME , name ", { userName: "a@b.org", name: user["name"] }],
    ["by its URN", `${core}:userName`, { userName: "a@b.org" }],
    ["a part", "name.givenName", { name: { givenName: "A" } }],
    ["two parts", "name.givenName,name.familyName", { name: user["name"] }],
    ["a part and the whole", "name.givenName,name", { name: user["name"] }],
    ["a part of several values", "emails.type", { emails: [{ type: "work" }, { type: "home" }] }],
    ["of an extension", `${enterprise}:department`, { [enterprise]: { department: "S" } }],
    [
      "a part in an extension",
      `${enterprise}:manager.value`,
      { [enterprise]: { manager: { value: "m" } } },
    ],
    ["an extension without URN", "department", { [enterprise]: { department: "S" } }],
    ["a whole extension", enterprise, { [enterprise]: user[enterprise] }],
    ["id, as Entra asks", "id", {}],
    ["never the password", "password", {}],
    ["one that nobody has", "nothing", {}],
    ["a list, as SearchRequest has it", ["userName", "id"], { userName: "a@b.org" }],
  ];
  for (const [rule, attributes, expected] of only) {
    test(`attributes: ${rule}`, () => {
      assert.deepEqual(shown(attributes), { ...always, ...expected });
    });
  }

  test("excludedAttributes takes away what it names, but never id and schemas", () => {
    const gone = shown(undefined, `id,schemas,emails,meta,name.givenName,${enterprise}`);
    assert.deepEqual(gone, { ...always, userName: "a@b.org", name: { familyName: "B" } });
    const part = shown(undefined, `emails.value,${enterprise}:manager,userName,name,meta`);
    assert.deepEqual(part, {
      ...always,
      emails: [{ type: "work" }, { type: "home" }],
      [enterprise]: { department: "S" },
    });
  });

  test("both at once, and what is no name, are refused", () => {
    for (const [attributes, excluded] of [
      ["id", "name"],
      ["a b", ""],
      ["__proto__", ""],
      ["", "1x"],
    ]) {
      assert.throws(
        () => parseProjection(attributes, excluded),
        (error) => error instanceof AppError && error.code === "scim_invalid_value",
      );
    }
  });

  test("what is not shown need not be loaded: Entra asks for groups without members", () => {
    const shows = (attributes: string, excluded: string) =>
      showsAttribute(parseProjection(attributes, excluded), "Group", "members");
    assert.equal(shows("", "members"), false);
    assert.equal(shows("displayName", ""), false);
    assert.equal(shows("members.value", ""), true);
    assert.equal(shows("", ""), true);
    assert.equal(shows("", "displayName"), true);
    assert.equal(shows("", "members.display"), true);
  });
});
