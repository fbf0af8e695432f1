import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError, type ErrorCode, errorTable } from "../errors.ts";
import type { JsonObject } from "./json.ts";
import {
  documentOfPerson,
  parseDocument,
  parseGroup,
  parseUser,
  renderGroup,
  renderUser,
  unknownExtensions,
  userOf,
} from "./resources.ts";
import { toSearchDocument } from "./search-document.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

const plain = (document: JsonObject): Record<string, unknown> =>
  JSON.parse(JSON.stringify(document));
const documentOf = (body: unknown) => plain(parseDocument(body, "User"));
const refuses = (code: ErrorCode, body: unknown): void => {
  assert.throws(
    () => parseUser(body),
    (error) => error instanceof AppError && error.code === code,
    JSON.stringify(body),
  );
};

describe("what each client posts for a person", () => {
  test("Microsoft Entra ID: extension schema without data, empty roles, nulls", () => {
    const user = parseUser({
      schemas: [core, enterprise],
      externalId: "0a21f0f2",
      userName: "Alice@Contoso.com",
      active: true,
      addresses: null,
      displayName: "Alice",
      emails: [{ type: "work", value: "alice@contoso.com", primary: true }],
      meta: { resourceType: "User" },
      name: { formatted: "Alice Smith", familyName: "Smith", givenName: "Alice" },
      roles: [],
      department: null,
      manager: null,
    });
    assert.deepEqual(
      { ...user, document: plain(user.document) },
      {
        userName: "Alice@Contoso.com",
        externalId: "0a21f0f2",
        isActive: true,
        firstName: "Alice",
        lastName: "Smith",
        email: "alice@contoso.com",
        isEmailSecondary: false,
        document: {
          externalId: "0a21f0f2",
          userName: "Alice@Contoso.com",
          active: true,
          displayName: "Alice",
          emails: [{ type: "work", value: "alice@contoso.com", primary: true }],
          name: { formatted: "Alice Smith", familyName: "Smith", givenName: "Alice" },
        },
      },
    );
  });

  test("Microsoft's test set: PascalCase names and booleans as text", () => {
    assert.deepEqual(
      documentOf({
        UserName: "a@b.org",
        Active: "True",
        Emails: [{ Primary: "true", Type: "work", Value: "a@b.org" }],
        Name: { GivenName: "A" },
      }),
      {
        userName: "a@b.org",
        active: true,
        emails: [{ primary: true, type: "work", value: "a@b.org" }],
        name: { givenName: "A" },
      },
    );
  });

  test("Microsoft's documentation: extension attributes at the top and under a misprinted URN", () => {
    assert.deepEqual(
      documentOf({
        userName: "a@b.org",
        department: "Sales",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0User": { manager: "m-1" },
      }),
      { userName: "a@b.org", [enterprise]: { department: "Sales", manager: { value: "m-1" } } },
    );
  });

  test("Microsoft Entra ID with null flows: labels without value say nothing", () => {
    const emails = [
      { type: "work", value: null, primary: true },
      { type: "home", value: "" },
    ];
    assert.deepEqual(documentOf({ userName: "a@b.org", emails }), { userName: "a@b.org" });
  });

  test("Okta: a password, empty groups, and in a PUT its own id and meta", () => {
    assert.deepEqual(
      documentOf({
        schemas: [core],
        id: "23a35c27",
        userName: "a@b.org",
        password: "1mz050nq",
        groups: [],
        locale: "en-US",
        meta: { resourceType: "User", version: "x" },
      }),
      { userName: "a@b.org", locale: "en-US" },
    );
  });

  test("OneLogin: URNs of the drafts", () => {
    assert.deepEqual(
      documentOf({
        schemas: ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"],
        userName: "a@b.org",
        "urn:scim:schemas:extension:enterprise:2.0": { department: "Sales" },
      }),
      { userName: "a@b.org", [enterprise]: { department: "Sales" } },
    );
  });

  test("Keycloak: a boolean in a list", () => {
    assert.equal(documentOf({ userName: "a@b.org", active: [false] })["active"], false);
  });

  test("a body without active says nothing about it", () => {
    assert.equal(parseUser({ userName: "a@b.org" }).isActive, null);
    assert.equal(parseUser({ userName: "a@b.org", active: null }).isActive, null);
  });

  test("unknown attributes and extensions are kept as they came", () => {
    const body = {
      userName: "a@b.org",
      favourite: { colour: ["blue"] },
      "urn:okta:custom:1.0:user": { Badge: 7 },
    };
    assert.deepEqual(documentOf(body), body);
    const { document } = parseUser(body);
    assert.deepEqual(unknownExtensions(document, "User"), ["urn:okta:custom:1.0:user"]);
  });
});

describe("the address to sign in with", () => {
  const cases: readonly (readonly [rule: string, body: object, email: string | null])[] = [
    ["is the userName, in lower case", { userName: "A@B.org", emails: ["x@y.z"] }, "a@b.org"],
    [
      "is the primary e-mail where the userName is none",
      {
        userName: "alice",
        emails: [
          { value: "w@y.z", type: "work" },
          { value: "P@y.z", primary: true },
        ],
      },
      "p@y.z",
    ],
    [
      "else the one for work",
      { userName: "alice", emails: [{ value: "h@y.z" }, { value: "w@y.z", type: "work" }] },
      "w@y.z",
    ],
    ["else the first", { userName: "alice", emails: ["h@y.z", "i@y.z"] }, "h@y.z"],
    ["is nothing where there is none", { userName: "alice" }, null],
    ["is never a text with blanks", { userName: "al ice@b.org", emails: ["no address"] }, null],
  ];
  for (const [rule, body, email] of cases) {
    test(rule, () => {
      assert.equal(parseUser(body).email, email);
    });
  }
});

describe("what is wrong in a body is refused", () => {
  const cases: readonly (readonly [rule: string, code: ErrorCode, body: unknown])[] = [
    ["no object", "scim_invalid_syntax", []],
    ["nothing", "scim_invalid_syntax", undefined],
    ["no userName", "scim_invalid_value", { active: true }],
    ["a blank userName", "scim_invalid_value", { userName: "  " }],
    [
      "an attribute twice in different case",
      "scim_invalid_syntax",
      { userName: "a@b.org", USERNAME: "c@d.org" },
    ],
    [
      "an attribute twice by its URN",
      "scim_invalid_syntax",
      { userName: "a@b.org", [`${core}:userName`]: "c@d.org" },
    ],
    [
      "two primary e-mails",
      "scim_invalid_value",
      {
        userName: "a@b.org",
        emails: [
          { value: "a", primary: true },
          { value: "b", primary: true },
        ],
      },
    ],
    ["a boolean that is none", "scim_invalid_value", { userName: "a@b.org", active: "maybe" }],
    ["an object for a text", "scim_invalid_value", { userName: { value: "a@b.org" } }],
    ["U+0000", "scim_invalid_syntax", { userName: "a\u0000@b.org" }],
    ["half a character", "scim_invalid_syntax", { userName: "\ud800@b.org" }],
    ["a reserved name", "scim_invalid_syntax", JSON.parse('{"userName":"a","__proto__":{"x":1}}')],
    ["an inherited name", "scim_invalid_syntax", { userName: "a@b.org", name: { toString: "x" } }],
    [
      "deep nesting",
      "scim_invalid_syntax",
      { userName: "a@b.org", x: JSON.parse("[".repeat(30) + "]".repeat(30)) },
    ],
  ];
  for (const [rule, code, body] of cases) {
    test(`${rule}: ${code}`, () => {
      refuses(code, body);
    });
  }

  test("garbage is refused by an AppError and by nothing else", () => {
    const key = fc.constantFrom(
      "userName",
      "name",
      "emails",
      "active",
      "manager",
      enterprise,
      core,
      "urn:x",
      "members",
      "displayName",
      "a b",
      "__proto__",
    );
    const wire = fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue()));
    fc.assert(
      fc.property(wire, (body) => {
        for (const parse of [parseUser, parseGroup]) {
          try {
            toSearchDocument("User", parse(body).document);
          } catch (error) {
            assert.ok(error instanceof AppError, String((error as Error).stack));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("what was read is read the same again", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("title", "name", "emails", "roles", "x"),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        (more) => {
          let first: Record<string, unknown>;
          try {
            first = documentOf({ userName: "a@b.org", ...more });
          } catch (error) {
            assert.ok(error instanceof AppError);
            return;
          }
          assert.deepEqual(documentOf(first), first);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("groups", () => {
  test("Entra posts a group with a schema of its own and without members", () => {
    const group = parseGroup({
      schemas: [
        "urn:ietf:params:scim:schemas:core:2.0:Group",
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
      ],
      externalId: "8aa1a0c0",
      displayName: "LS-Admins",
      meta: { resourceType: "Group" },
    });
    assert.deepEqual(
      { ...group, document: plain(group.document) },
      {
        displayName: "LS-Admins",
        externalId: "8aa1a0c0",
        members: null,
        document: { externalId: "8aa1a0c0", displayName: "LS-Admins" },
      },
    );
  });

  test("Okta puts a group with all its members", () => {
    const { members, document } = parseGroup({
      id: "g",
      displayName: "LS-Admins",
      members: [
        { value: "u-1", display: "a@b.org" },
        { value: "u-2", type: "User" },
      ],
    });
    assert.deepEqual(members, [
      { id: "u-1", type: null },
      { id: "u-2", type: "User" },
    ]);
    assert.deepEqual(plain(document), { displayName: "LS-Admins" });
  });

  test("no members, null and an empty list are told apart from silence", () => {
    assert.deepEqual(parseGroup({ displayName: "G", members: [] }).members, []);
    assert.deepEqual(parseGroup({ displayName: "G", members: null }).members, []);
    assert.equal(parseGroup({ displayName: "G" }).members, null);
  });

  test("a group's name keeps its case, and no white space around it", () => {
    const { displayName, document } = parseGroup({ displayName: " LS  admins\t" });
    assert.deepEqual([displayName, document["displayName"]], ["LS  admins", "LS  admins"]);
  });

  test("blank names are none", () => {
    for (const blank of ["", " ", "\u00a0\u2003", null]) {
      assert.throws(() => parseGroup({ displayName: blank }), /displayName/);
      assert.throws(() => parseUser({ userName: blank }), /userName/);
    }
  });

  test("a member needs a value", () => {
    for (const member of [
      { type: "User" },
      { display: "A" },
      { value: "", type: "User" },
      { type: null, display: "A" },
    ]) {
      assert.throws(
        () => parseGroup({ displayName: "G", members: [member] }),
        (error) => error instanceof AppError && error.code === "scim_invalid_value",
        JSON.stringify(member),
      );
    }
  });

  test("a group needs a name", () => {
    for (const body of [{}, { displayName: "" }, { displayName: null }]) {
      assert.throws(
        () => parseGroup(body),
        (error) => error instanceof AppError && error.code === "scim_invalid_value",
      );
    }
  });
});

describe("answers", () => {
  const meta = {
    id: "2819c223",
    createdAtMs: 0,
    lastModifiedAtMs: 1000,
    etag: 'W/"3"',
    collectionUrl: "https://x.org/scim/v2/Users",
  };
  const metaShown = {
    resourceType: "User",
    created: "1970-01-01T00:00:00.000Z",
    lastModified: "1970-01-01T00:00:01.000Z",
    location: "https://x.org/scim/v2/Users/2819c223",
    version: 'W/"3"',
  };

  test("a user has schemas for what is there, an id, and what the server knows", () => {
    const { document } = parseUser({ userName: "a@b.org", [enterprise]: { department: "S" } });
    const group = { value: "g", $ref: "https://x.org/Groups/g", display: "G", type: "direct" };
    assert.deepEqual(plain(renderUser(document, meta, [group])), {
      schemas: [core, enterprise],
      id: "2819c223",
      userName: "a@b.org",
      [enterprise]: { department: "S" },
      groups: [group],
      meta: metaShown,
    });
  });

  test("a group shows its members where they were asked for", () => {
    const { document } = parseGroup({ displayName: "G" });
    assert.deepEqual(plain(renderGroup(document, meta, []))["members"], []);
    assert.equal("members" in renderGroup(document, meta), false);
  });

  test("a person whom no client has written has a document that one could have sent", () => {
    const person = { email: "a@b.org", firstName: "A", lastName: "B", isActive: true };
    const document = documentOfPerson(person);
    assert.deepEqual(userOf(document), {
      userName: "a@b.org",
      externalId: null,
      isActive: true,
      firstName: "A",
      lastName: "B",
      email: "a@b.org",
      isEmailSecondary: false,
      document,
    });
    assert.deepEqual(plain(document)["emails"], [
      { value: "a@b.org", type: "work", primary: true },
    ]);
  });

  test("the table has every scimType of RFC 7644 3.12 and RFC 9865 2.1 with its status", () => {
    const types = new Map(
      Object.values(errorTable).flatMap((row) =>
        "scimType" in row ? [[row.scimType, row.status] as const] : [],
      ),
    );
    assert.deepEqual(Object.fromEntries(types), {
      invalidFilter: 400,
      tooMany: 400,
      uniqueness: 409,
      mutability: 400,
      invalidSyntax: 400,
      invalidPath: 400,
      noTarget: 400,
      invalidValue: 400,
      invalidVers: 400,
      sensitive: 403,
      invalidCursor: 400,
      expiredCursor: 400,
      invalidCount: 400,
    });
  });
});

test("the search document folds what ignores case, keeps the rest, and puts the primary value first", () => {
  const { document } = parseUser({
    userName: "A@B.org",
    externalId: "X",
    emails: [
      { value: "H@b.org", type: "Home" },
      { value: "W@b.org", primary: true },
    ],
    shoeSize: 42,
    [enterprise]: { manager: "M" },
  });
  assert.deepEqual(JSON.parse(JSON.stringify(toSearchDocument("User", document))), {
    username: [{ value: "a@b.org" }],
    externalid: [{ value: "X" }],
    emails: [
      { value: "w@b.org", primary: true },
      { value: "h@b.org", type: "home" },
    ],
    shoesize: [{ value: 42 }],
    [`${enterprise.toLowerCase()}:manager`]: [{ value: "m" }],
  });
});
