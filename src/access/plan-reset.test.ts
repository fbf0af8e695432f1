/** PRODUCT 6.3: what a reset of the SAML settings does to people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { member } from "../../test/fixtures/sign-on.ts";
import { simulate } from "../../test/fixtures/simulate.ts";
import type { Assignment } from "./changes.ts";
import type { PersonSnapshot } from "./plan.ts";
import { planReset } from "./plan-reset.ts";

const assignments: readonly Assignment[] = [
  { scope: "organization", group: "G", role: "RE" },
  { scope: "workspace", group: "G", title: "W" },
  { scope: "project", group: "G", projectId: 1, role: "RE" },
];
const provisioned: PersonSnapshot = {
  ...member("RE", "scim"),
  assignments,
  workspaceMembers: [{ workspaceId: 1, title: "W", source: "scim" }],
  projectMembers: [{ projectId: 1, role: "RE", isPending: false, source: "scim" }],
};
const after = (snapshot: PersonSnapshot): PersonSnapshot => {
  const [plan] = planReset([{ userId: 7, email: "alice@contoso.com", snapshot }]);
  return simulate(snapshot, plan?.changes ?? []);
};

test("assignments go, and the memberships that they gave stay as they are with source manual", () => {
  const state = after(provisioned);
  assert.deepEqual(state.assignments, []);
  assert.deepEqual(state.membership, { role: "RE", roleSource: "manual" });
  assert.deepEqual(state.workspaceMembers, [{ workspaceId: 1, title: "W", source: "manual" }]);
  assert.deepEqual(state.projectMembers, [
    { projectId: 1, role: "RE", isPending: false, source: "manual" },
  ]);
});

test("a membership held by hand as well becomes one row that grants no less", () => {
  const state = after({
    ...provisioned,
    workspaceMembers: [
      { workspaceId: 1, title: "W", source: "manual" },
      { workspaceId: 1, title: "W", source: "scim" },
    ],
    projectMembers: [
      { projectId: 1, role: "AN", isPending: false, source: "manual" },
      { projectId: 1, role: "RE", isPending: false, source: "scim" },
      { projectId: 2, role: "RE", isPending: false, source: "manual" },
      { projectId: 2, role: "IN", isPending: true, source: "scim" },
    ],
  });
  assert.equal(state.workspaceMembers.length, 1);
  assert.deepEqual(
    state.projectMembers.map(({ projectId, role, source }) => [projectId, role, source]),
    [
      [2, "RE", "manual"],
      [1, "RE", "manual"],
    ],
  );
});

test("rows of other sources stay as they are", () => {
  const projectMembers = [
    { projectId: 1, role: "AN", isPending: false, source: "saml" },
    { projectId: 1, role: "RE", isPending: false, source: "api" },
  ] as const;
  assert.deepEqual(after({ ...provisioned, projectMembers }).projectMembers, projectMembers);
});

test("somebody whom SCIM deactivated stays so, by SCIM", () => {
  const state = after({ ...provisioned, ...member("DI", "scim"), assignments });
  assert.deepEqual(state.membership, { role: "DI", roleSource: "scim" });
});

test("a role that SCIM gave without a group, as the default one, keeps its source", () => {
  const state = after({ ...provisioned, assignments: assignments.slice(1) });
  assert.deepEqual(state.membership, { role: "RE", roleSource: "scim" });
});

test("resetting twice changes nothing the second time, and nobody without a change has a plan", () => {
  const snapshot = after(provisioned);
  assert.deepEqual(planReset([{ userId: 7, email: "alice@contoso.com", snapshot }]), []);
});
