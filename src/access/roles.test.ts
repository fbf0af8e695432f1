/** PRODUCT 1.3 and 1.5: the order of roles, and what a project role is worth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  effectiveProjectRole,
  grantableRoleByName,
  grantableRoles,
  hasAccess,
  higherRole,
  orgRoles,
  type ProjectRole,
  projectRoleByName,
  roleName,
  roleRank,
} from "./roles.ts";

test("Owner ranks above all, then Administrator, Manager, Reviewer, Annotator", () => {
  assert.deepEqual(orgRoles.map(roleRank), [5, 4, 3, 2, 1, 0, 0]);
});

test("Not Activated and Deactivated have no access, everybody else has", () => {
  assert.deepEqual(
    orgRoles.filter((role) => !hasAccess(role)),
    ["NO", "DI"],
  );
});

test("a group may be given four roles by name, and Owner is none of them", () => {
  assert.deepEqual(grantableRoles.map(roleName), [
    "Administrator",
    "Manager",
    "Reviewer",
    "Annotator",
  ]);
  for (const name of ["Owner", "administrator", "Not Activated", "Deactivated", "AD", ""]) {
    assert.equal(grantableRoleByName(name), undefined);
  }
  assert.equal(grantableRoleByName("Manager"), "MA");
});

test("project roles go by the names Annotator, Reviewer and Inherit", () => {
  assert.deepEqual(["Annotator", "Reviewer", "Inherit", "Manager"].map(projectRoleByName), [
    "AN",
    "RE",
    "IN",
    undefined,
  ]);
});

test("the more elevated of two roles wins, on either side", () => {
  assert.equal(higherRole("AN", "AD"), "AD");
  assert.equal(higherRole("AD", "AN"), "AD");
  assert.equal(higherRole(undefined, "AN"), "AN");
});

test("a project role raises an Annotator, lowers a Reviewer only where alone, and no Manager", () => {
  const rows: readonly (readonly [(typeof orgRoles)[number], readonly ProjectRole[], string])[] = [
    ["AN", ["RE"], "RE"],
    ["AN", ["IN"], "AN"],
    ["AN", ["AN", "RE"], "RE"],
    ["RE", ["AN"], "AN"],
    ["RE", ["AN", "IN"], "RE"],
    ["MA", ["AN"], "MA"],
    ["AD", ["RE"], "AD"],
    ["OW", ["AN"], "OW"],
    ["RE", [], "RE"],
    ["NO", ["RE"], "NO"],
    ["DI", ["RE"], "DI"],
  ];
  for (const [orgRole, granted, expected] of rows) {
    assert.equal(effectiveProjectRole(orgRole, granted), expected);
  }
});
