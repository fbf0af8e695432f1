import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { groupWarnings, namedGroups } from "./mapping-warnings.ts";

const codes = (...groups: string[]) =>
  groupWarnings(groups.map((group) => ({ field: "roles_groups", group }))).map(({ code }) => code);

describe("near misses in group mappings (PRODUCT 6.2, 8.7)", () => {
  it("names that differ only by case or space are warned about once, at the second field", () => {
    const warnings = groupWarnings([
      { field: "roles_groups", group: "LS-Admins" },
      { field: "workspaces_groups", group: "ls-admins" },
      { field: "projects_groups", group: "LS-Admins" },
    ]);
    assert.deepEqual(warnings, [
      {
        code: "group_near_miss",
        field: "workspaces_groups",
        message:
          '"LS-Admins" and "ls-admins" are different groups: names compare exactly, case included.',
      },
    ]);
    assert.deepEqual(codes("LS Admins", "LS  Admins"), ["group_near_miss"]);
  });

  it("the same name in several mappings is no near miss", () => {
    assert.deepEqual(codes("LS-Admins", "LS-Admins"), []);
  });

  it("a group that looks like an Entra object id is warned about", () => {
    assert.deepEqual(codes("0f9cF0a1-94f7-4f0e-8b43-1d2c3b4a5968"), ["group_object_id"]);
    assert.deepEqual(codes("0f9cf0a1-94f7-4f0e-8b43"), []);
  });

  it("a leading or trailing space is warned about", () => {
    assert.deepEqual(codes(" LS-Admins"), ["group_outer_space"]);
    assert.deepEqual(codes("LS-Admins "), ["group_outer_space"]);
  });

  it("names that every object has are ordinary groups", () => {
    assert.deepEqual(codes("__proto__", "constructor", "toString"), []);
  });

  it("all three lists are looked at", () => {
    const groups = namedGroups({
      roles: [{ role: "MA", group: "a" }],
      workspaces: [{ workspace: "W", group: "b" }],
      projects: [{ projectId: 1, group: "c", role: "IN" }],
    });
    assert.deepEqual(
      groups.map(({ field, group }) => `${field} ${group}`),
      ["roles_groups a", "workspaces_groups b", "projects_groups c"],
    );
  });
});
