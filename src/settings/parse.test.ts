import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { costOf } from "../../test/cost.ts";
import { nearestName, parseFields } from "./parse.ts";
import { samlPatchSchema, scimPatchSchema } from "./schema.ts";

const parse = (body: unknown) => {
  const { patch, problems, echoed } = parseFields(samlPatchSchema, body);
  return { patch, fields: problems.toFields(), echoed };
};
const wrong = (field: string, value: unknown) => parse({ [field]: value }).fields[field] ?? [];

describe("what a settings body may hold (PRODUCT 6.2)", () => {
  it("absent fields stay absent and null is kept as null", () => {
    assert.deepEqual(parse({ domain: null, allow_sha1: null }).patch, {
      domain: null,
      allow_sha1: null,
    });
    assert.deepEqual(parse({}), { patch: {}, fields: {}, echoed: new Map() });
  });

  it("role names become codes and entries become mappings", () => {
    const { patch, fields } = parse({
      roles_groups: [
        ["Administrator", "LS-Admins"],
        ["Annotator", "LS-Annotators"],
      ],
      workspaces_groups: [["Engineering", "LS-Engineering-Team"]],
      projects_groups: [{ project_id: 42, group: "LS-Project42-Reviewers", role: "Reviewer" }],
    });
    assert.deepEqual(fields, {});
    assert.deepEqual(patch.roles_groups, [
      { role: "AD", group: "LS-Admins" },
      { role: "AN", group: "LS-Annotators" },
    ]);
    assert.deepEqual(patch.workspaces_groups, [
      { workspace: "Engineering", group: "LS-Engineering-Team" },
    ]);
    assert.deepEqual(patch.projects_groups, [
      { projectId: 42, group: "LS-Project42-Reviewers", role: "RE" },
    ]);
  });

  it("all problems of all fields are told together, each with its entry's number", () => {
    const { fields, patch } = parse({
      domain: 7,
      idp_provider: "okta",
      roles_groups: [
        ["Manager", "m"],
        ["Chief", "x"],
        ["Owner", "y"],
        ["Annotator", " "],
      ],
      projects_groups: [{ project_id: "1", group: "g", role: "Boss" }],
      manual_role_management: "maybe",
    });
    assert.deepEqual(fields, {
      domain: ["Send text."],
      roles_groups: [
        'Entry 2: "Chief" is not a role that a group can give; choose one of Administrator, Manager, Reviewer, Annotator.',
        "Entry 3: Owner is never given by a group; only the Owner can hand it over.",
        "Entry 4: The group may not be empty.",
      ],
      projects_groups: [
        "Entry 1: project_id is a whole number.",
        'Entry 1: "Boss" is not a project role; choose one of Annotator, Reviewer, Inherit.',
      ],
      manual_role_management: ["Send true, false, or null to follow the server."],
    });
    assert.deepEqual(patch, { idp_provider: "okta" });
  });

  for (const [name, value, sentence] of [
    ["not a list", {}, "Send a list."],
    ["a list of text", ["Manager"], "Entry 1: An entry is a pair [role, group]."],
    ["one element", [["Manager"]], "Entry 1: An entry is a pair [role, group]."],
    ["three elements", [["Manager", "a", "b"]], "Entry 1: An entry is a pair [role, group]."],
    ["a null entry", [null], "Entry 1: An entry is a pair [role, group]."],
    ["a number for a role", [[1, "g"]], "Entry 1: A role is a name."],
    ["a nested list for a group", [["Manager", [["x"]]]], "Entry 1: Send text."],
    ["an empty group", [["Manager", ""]], "Entry 1: The group may not be empty."],
    [
      "a role that every object has",
      [["constructor", "g"]],
      /^Entry 1: "constructor" is not a role/,
    ],
    ["a code instead of a name", [["AD", "g"]], /^Entry 1: "AD" is not a role/],
    ["a role in wrong case", [["manager", "g"]], /^Entry 1: "manager" is not a role/],
    ["a line break", [["Manager", "a\nb"]], /control characters/],
    ["NUL", [["Manager", "a\u0000"]], /control characters/],
    ["a lone surrogate", [["Manager", "a\ud800"]], /broken Unicode/],
    ["a very long group", [["Manager", "x".repeat(1025)]], /at most 1024 characters/],
  ] as const) {
    it(`roles_groups is refused with a sentence: ${name}`, () => {
      const [first, ...more] = wrong("roles_groups", value);
      if (typeof sentence === "string") assert.equal(first, sentence);
      else assert.match(first ?? "", sentence);
      assert.deepEqual(more, []);
    });
  }

  for (const [name, value, sentence] of [
    ["a list", [1], /An entry is an object of project_id, group and role, and nothing else/],
    ["an unknown key", [{ project_id: 1, group: "g", role: "Inherit", x: 1 }], /and nothing else/],
    ["a fraction", [{ project_id: 1.5, group: "g", role: "Inherit" }], /whole number/],
    ["nothing countable", [{ project_id: 1e300, group: "g", role: "Inherit" }], /whole number/],
    ["a negative id", [{ project_id: -1, group: "g", role: "Inherit" }], /positive/],
    ["a missing group", [{ project_id: 1, role: "Inherit" }], /Send text/],
    ["Manager", [{ project_id: 1, group: "g", role: "Manager" }], /choose one of Annotator/],
  ] as const) {
    it(`projects_groups is refused with a sentence: ${name}`, () => {
      assert.match(wrong("projects_groups", value).join(" "), sentence);
    });
  }

  it("a list of more than 10,000 entries is refused, and ten thousand wrong ones are not all told", () => {
    const many = Array.from({ length: 10_001 }, (_, index) => ["Manager", `g${index}`]);
    assert.deepEqual(wrong("roles_groups", many), ["This may have at most 10000 entries."]);
    const broken = Array.from({ length: 10_000 }, () => ["Boss", ""]);
    assert.equal(wrong("roles_groups", broken).length, 20);
  });

  it("text has the original's lengths", () => {
    assert.deepEqual(wrong("idp_provider", "x".repeat(256)), []);
    assert.equal(wrong("idp_provider", "x".repeat(257)).length, 1);
    assert.deepEqual(wrong("mapping_groups", ""), []);
    assert.deepEqual(wrong("mapping_email", ""), ["The attribute name may not be empty."]);
    assert.equal(wrong("mapping_email", "x".repeat(1025)).length, 1);
    assert.equal(wrong("metadata_url", "x".repeat(65_537)).length, 1);
    assert.equal(wrong("metadata_xml", "x".repeat(1_048_577)).length, 1);
  });

  for (const value of ["true", 1, 0, [], {}]) {
    it(`a JSON switch is true, false or null and not ${JSON.stringify(value)}`, () => {
      assert.deepEqual(wrong("allow_sha1", value), ["Send true or false."]);
    });
  }

  it("read-only fields are left alone, so that GET's answer can be posted back", () => {
    const { fields, echoed, patch } = parse({
      acs_url: "x",
      token: "t",
      warnings: [],
      metadata: {},
    });
    assert.deepEqual(fields, {});
    assert.deepEqual(patch, {});
    assert.deepEqual([...echoed.keys()], ["acs_url", "token", "warnings", "metadata"]);
  });

  it("a name that is no setting is refused with the name that was meant", () => {
    assert.deepEqual(parse({ role_groups: [], mappingEmail: "x", colour: 1 }).fields, {
      role_groups: ["There is no such setting; did you mean roles_groups?"],
      mappingEmail: ["There is no such setting; did you mean mapping_email?"],
      colour: ["There is no such setting."],
    });
  });

  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"]) {
    it(`a name that every object has is an unknown setting: ${name}`, () => {
      const body: unknown = JSON.parse(`{"${name}": {"polluted": true}, "domain": "contoso.com"}`);
      const { patch, fields } = parse(body);
      assert.deepEqual(Object.entries(fields), [[name, ["There is no such setting."]]]);
      assert.deepEqual(Object.keys(patch), ["domain"]);
      assert.equal(Reflect.get({}, "polluted"), undefined);
    });
  }

  it("thousands of unknown names are counted and not compared", async () => {
    const body = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`name_${at}`, at]));
    const cost = await costOf(() => parse(body));
    assert.ok(cost < 300, `it costs ${cost}`);
    const { fields } = parse(body);
    assert.equal(Object.keys(fields).length, 21);
    assert.deepEqual(fields["non_field_errors"], ["There are 49980 more unknown settings."]);
  });

  for (const body of [[], "text", 7, true]) {
    it(`a body that is no object is refused: ${JSON.stringify(body)}`, () => {
      assert.deepEqual(Object.keys(parse(body).fields), ["non_field_errors"]);
    });
  }

  it("deep JSON in a field is refused without being walked", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    for (const field of ["domain", "roles_groups", "projects_groups", "allow_sha1", "nonsense"]) {
      assert.equal(wrong(field, deep).length, 1, field);
    }
  });

  it("the SCIM settings are the three lists and nothing else", () => {
    const { problems, patch } = parseFields(scimPatchSchema, { roles_groups: [], domain: "x" });
    assert.deepEqual(problems.toFields(), { domain: ["There is no such setting."] });
    assert.deepEqual(patch, { roles_groups: [] });
  });

  it("the nearest name is one of other spelling or at most two letters away", () => {
    assert.equal(nearestName("Domain", ["domain", "domains"]), "domain");
    assert.equal(nearestName("metadata-url", ["metadata_xml", "metadata_url"]), "metadata_url");
    assert.equal(nearestName("xyz", ["domain"]), undefined);
  });
});
