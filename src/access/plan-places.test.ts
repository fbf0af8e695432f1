/** PRODUCT 1.4 and 1.5: who gives and takes membership of a place, and whose grant it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Place,
  type PlaceGrant,
  type PlaceOutcome,
  type PlacePerson,
  planGrant,
  planPlaceDeleted,
  planProjectRole,
  planProjectRoleRevoke,
  planRevoke,
} from "./plan-places.ts";
import { type OrgRole, orgRoles, ownProjectRole } from "./roles.ts";

const workspace: Place = { kind: "workspace", id: 3, title: "Radiology" };
const project: Place = { kind: "project", id: 7, title: "Scans" };

const grant = (source: PlaceGrant["source"], role: PlaceGrant["role"] = "IN"): PlaceGrant => ({
  source,
  role,
  isPending: false,
});

const person = (role: OrgRole, ...grants: readonly PlaceGrant[]): PlacePerson => ({
  userId: 1,
  email: "ada@contoso.com",
  role,
  grants,
});

function changesOf(outcome: PlaceOutcome) {
  assert.equal(outcome.outcome, "planned", JSON.stringify(outcome));
  return outcome.plan.changes;
}

test("each source keeps a grant of its own: adding by hand adds one beside the identity provider's", () => {
  const changes = changesOf(
    planGrant(person("AN", grant("saml"), grant("scim")), workspace, "api"),
  );
  const { id, title } = workspace;
  assert.deepEqual(changes, [
    { kind: "workspace_member_added", workspace: { id, title }, source: "api" },
  ]);
});

test("a page and a program are one hand: what one gave the other neither doubles nor leaves", () => {
  const byPage = person("AN", grant("manual"));
  assert.deepEqual(changesOf(planGrant(byPage, project, "api")), []);
  const byBoth = person("AN", grant("manual"), grant("api"), grant("scim"));
  assert.deepEqual(
    changesOf(planRevoke(byBoth, project)).map((change) => [
      change.kind,
      "source" in change && change.source,
    ]),
    [
      ["project_member_removed", "manual"],
      ["project_member_removed", "api"],
    ],
  );
});

test("what the identity provider grants is not taken by hand, and the reason names the source", () => {
  const outcome = planRevoke(person("AN", grant("saml"), grant("scim")), workspace);
  assert.equal(outcome.outcome, "refused");
  assert.match(outcome.reason.text, /by SAML and SCIM/);
  assert.equal(planRevoke(person("AN"), workspace).outcome, "absent");
});

test("a Deactivated person gains nothing by hand; a Not Activated one is added and waits", () => {
  assert.equal(planGrant(person("DI"), project, "manual").outcome, "refused");
  const given = { role: "AN", source: "manual" } as const;
  assert.equal(planProjectRole(person("DI"), project, given).outcome, "refused");
  assert.equal(changesOf(planGrant(person("NO"), project, "manual")).length, 1);
});

test("a Manager or above is never lowered inside a project", () => {
  for (const role of orgRoles) {
    const outcome = planProjectRole(person(role), project, { role: "AN", source: "manual" });
    const isAllowed = role === "AN" || role === "RE" || role === "NO";
    assert.equal(outcome.outcome, isAllowed ? "planned" : "refused", role);
    const own = ownProjectRole(role, [grant("saml", "AN")]);
    assert.equal(own !== undefined, isAllowed, role);
  }
});

test("a role given by hand takes the place of what was given by hand, and of nothing else", () => {
  const before = person("RE", grant("api", "AN"), grant("manual", "AN"), grant("saml", "AN"));
  const changes = changesOf(planProjectRole(before, project, { role: "RE", source: "manual" }));
  assert.deepEqual(changes, [
    { kind: "project_member_removed", projectId: 7, source: "api" },
    {
      kind: "project_member_changed",
      projectId: 7,
      source: "manual",
      from: { role: "AN", isPending: false },
      to: { role: "RE", isPending: false },
    },
  ]);
});

test("planning the same twice changes nothing the second time", () => {
  const given = { role: "AN", source: "api" } as const;
  const after = person("RE", grant("api", "AN"));
  assert.deepEqual(changesOf(planProjectRole(after, project, given)), []);
  assert.deepEqual(changesOf(planGrant(person("AN", grant("api")), workspace, "api")), []);
});

test("a project role taken by hand leaves the membership, and SAML's or SCIM's role is theirs", () => {
  const changes = changesOf(planProjectRoleRevoke(person("RE", grant("api", "AN")), project));
  assert.deepEqual(
    changes.map((change) => change.kind === "project_member_changed" && change.to.role),
    ["IN"],
  );
  const bySaml = person("RE", grant("saml", "AN"), grant("api"));
  assert.equal(planProjectRoleRevoke(bySaml, project).outcome, "refused");
  assert.equal(planProjectRoleRevoke(person("RE", grant("api")), project).outcome, "absent");
});

test("a place that is deleted takes every grant with it, whoever gave it", () => {
  const plan = planPlaceDeleted(
    person("AN", grant("manual"), grant("saml"), grant("scim")),
    project,
  );
  assert.equal(plan.changes.length, 3);
  assert.match(plan.reasons[0]?.text ?? "", /is deleted/);
});

test("the most elevated grant is the project role; Inherit and pending grants are none", () => {
  const pending: PlaceGrant = { ...grant("saml", "RE"), isPending: true };
  assert.equal(ownProjectRole("AN", [grant("api", "AN"), grant("scim", "RE")])?.source, "scim");
  assert.equal(ownProjectRole("RE", [grant("api", "AN"), grant("saml", "IN")]), undefined);
  assert.equal(ownProjectRole("AN", [pending]), undefined);
  assert.equal(ownProjectRole("AN", []), undefined);
});
