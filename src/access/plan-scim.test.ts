/** What a SCIM client's word and pushed groups make of a person: PRODUCT 7.4 to 7.8, and properties. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { simulate, stranger } from "../../test/fixtures/simulate.ts";
import type { Change } from "./changes.ts";
import { type GroupMappings, indexMappings, resolveGrants } from "./mappings.ts";
import { planScimRemoval, planScimUser, type ScimUserFacts } from "./plan-scim.ts";
import { planScimGroups } from "./plan-scim-groups.ts";
import { grantableRoles, orgRoles, roleRank } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot } from "./snapshot.ts";

const policy: AccessPolicy = {
  manualRoleManagement: true,
  manualWorkspaceManagement: true,
  manualProjectMemberManagement: true,
  defaultRole: "AN",
  domains: ["contoso.com"],
  provenDomains: ["contoso.com"],
};
const nobodyMissing = { otherOwners: 1, otherAdministrators: 0 };
const noGrants = resolveGrants([], indexMappings({ roles: [], workspaces: [], projects: [] }));
const user = { id: 1, firstName: "Ada", lastName: "King" };
const email = "ada@contoso.com";

const factsOf = (changes: Partial<ScimUserFacts> = {}): ScimUserFacts => ({
  email,
  newEmail: null,
  isNewEmailTaken: false,
  isNewEmailName: true,
  snapshot: { ...stranger, user, membership: { role: "AN", roleSource: "scim" } },
  grants: noGrants,
  policy,
  wasActive: true,
  active: true,
  others: nobodyMissing,
  ...changes,
});

const as = (
  role: "OW" | "AD" | "MA" | "AN" | "DI" | "NO",
  roleSource = "scim",
): PersonSnapshot => ({
  ...stranger,
  user,
  membership: { role, roleSource: roleSource as "scim" },
});

function changesOf(facts: ScimUserFacts): readonly Change[] {
  const decision = planScimUser(facts);
  assert.equal(decision.outcome, "planned");
  return decision.outcome === "planned" ? decision.plan.changes : [];
}

describe("a person by SCIM", () => {
  test("somebody unknown gets an account and the default role", () => {
    const facts = factsOf({ snapshot: stranger, wasActive: null, firstName: "Ada" });
    assert.deepEqual(changesOf(facts), [
      { kind: "user_created", email, firstName: "Ada", lastName: "" },
      { kind: "membership_created", role: "AN", source: "scim" },
    ]);
  });

  test("a default role of Owner gives Not Activated: Owner is never given by SCIM", () => {
    const facts = factsOf({
      snapshot: stranger,
      wasActive: null,
      policy: { ...policy, defaultRole: "OW" },
    });
    assert.deepEqual(changesOf(facts)[1], {
      kind: "membership_created",
      role: "NO",
      source: "scim",
    });
  });

  test("a profile that is updated leaves role, workspaces and projects alone", () => {
    const index = indexMappings({
      roles: [{ role: "AD", group: "A" }],
      workspaces: [{ workspace: "W", group: "A" }],
      projects: [],
    });
    assert.deepEqual(changesOf(factsOf({ grants: resolveGrants(["A"], index) })), []);
  });

  test("active false again, of somebody whom an administrator brought back, deactivates again", () => {
    const facts = factsOf({ snapshot: as("MA", "manual"), wasActive: false, active: false });
    assert.deepEqual(changesOf(facts), [
      { kind: "role_changed", from: "MA", to: "DI", source: "scim" },
      { kind: "access_ended" },
    ]);
  });

  test("active false of somebody whom a sign-on deactivated takes the deactivation over", () => {
    const facts = factsOf({ snapshot: as("DI", "saml"), active: false });
    const grant = { scope: "organization" } as const;
    assert.deepEqual(changesOf(facts), [
      { kind: "grant_source_changed", grant, from: "saml", to: "scim" },
      { kind: "access_ended" },
    ]);
  });

  test("names of somebody in another organization stay, and empty names wipe nothing out", () => {
    const elsewhere = { ...as("AN"), belongsElsewhere: true, acceptedElsewhere: true };
    assert.deepEqual(changesOf(factsOf({ snapshot: elsewhere, firstName: "Eve" })), []);
    assert.deepEqual(changesOf(factsOf({ firstName: "  ", lastName: "" })), []);
  });

  test("Owner and last Administrator are refused, whoever else is not", () => {
    const alone = { otherOwners: 0, otherAdministrators: 0 };
    const cases = [
      factsOf({ snapshot: as("OW", "manual"), active: false }),
      factsOf({ snapshot: as("OW", "manual"), firstName: "Eve" }),
      factsOf({ snapshot: as("AD"), active: false, others: alone }),
    ];
    for (const facts of cases) {
      const decision = planScimUser(facts);
      assert.equal(decision.outcome === "refused" && decision.code, "permission_denied");
    }
    assert.equal(planScimRemoval(factsOf({ snapshot: as("OW") })).outcome, "refused");
    const removal = planScimRemoval(factsOf({ snapshot: as("AD"), others: alone }));
    assert.equal(removal.outcome, "refused");
    assert.equal(planScimRemoval(factsOf({ snapshot: as("AD") })).outcome, "planned");
  });

  test("an address changes to the organization's domains alone, and to nobody else's", () => {
    const to = (newEmail: string, more: Partial<ScimUserFacts> = {}) => {
      const decision = planScimUser(factsOf({ newEmail, ...more }));
      return decision.outcome === "refused" ? decision.code : decision.plan.changes;
    };
    assert.deepEqual(to("new@contoso.com"), [{ kind: "email_changed", to: "new@contoso.com" }]);
    assert.equal(to("new@contoso.com.evil.example"), "permission_denied");
    assert.equal(to("new@contoso.com", { isNewEmailTaken: true }), "scim_uniqueness");
    const elsewhere = { ...as("AN"), belongsElsewhere: true, acceptedElsewhere: true };
    assert.equal(to("new@contoso.com", { snapshot: elsewhere }), "permission_denied");
    assert.equal(
      to("x@y.example", { policy: { ...policy, domains: [], provenDomains: [] } }),
      "permission_denied",
    );
  });
});

const group = fc.constantFrom("A", "B", "C", "a");
const groups = fc.array(group, { maxLength: 4 });
const projectId = fc.constantFrom(1, 2);
const projectRole = fc.constantFrom("AN", "RE", "IN" as const);
const mappings: fc.Arbitrary<GroupMappings> = fc.record({
  roles: fc.array(fc.record({ role: fc.constantFrom(...grantableRoles), group }), { maxLength: 4 }),
  workspaces: fc.array(fc.record({ workspace: fc.constantFrom("W1", "W2"), group }), {
    maxLength: 3,
  }),
  projects: fc.array(fc.record({ projectId, group, role: projectRole }), { maxLength: 4 }),
});
const policies: fc.Arbitrary<AccessPolicy> = fc.record({
  manualRoleManagement: fc.boolean(),
  manualWorkspaceManagement: fc.boolean(),
  manualProjectMemberManagement: fc.boolean(),
  defaultRole: fc.constantFrom("AN", "MA", "NO"),
  domains: fc.constant(["contoso.com"]),
  provenDomains: fc.constantFrom<string[]>([], ["contoso.com"]),
});
const member = fc.record({
  role: fc.constantFrom(...orgRoles),
  roleSource: fc.constantFrom("manual", "saml", "scim", "api" as const),
});

interface World {
  readonly mappings: GroupMappings;
  readonly policy: AccessPolicy;
  readonly member: PersonSnapshot["membership"];
  readonly active: boolean;
}
const world: fc.Arbitrary<World> = fc.record({
  mappings,
  policy: policies,
  member,
  active: fc.boolean(),
});

const startOf = ({ member: membership }: World): PersonSnapshot => ({
  ...stranger,
  user,
  membership,
  workspaces: [{ id: 1, title: "W1" }],
  projectIds: [1],
});

/** The person after these groups were pushed. */
function push(w: World, before: PersonSnapshot, names: readonly string[]) {
  const grants = resolveGrants(names, indexMappings(w.mappings));
  const plan = planScimGroups({
    email,
    snapshot: before,
    grants,
    policy: w.policy,
    active: w.active,
    others: nobodyMissing,
  });
  return { plan, grants, after: simulate(before, plan.changes) };
}

describe("pushed groups, whatever they are", () => {
  test("planning again changes nothing", () => {
    fc.assert(
      fc.property(world, groups, (w, names) => {
        const { after } = push(w, startOf(w), names);
        assert.deepEqual(push(w, after, names).plan.changes, []);
      }),
    );
  });

  test("the order of groups does not matter", () => {
    fc.assert(
      fc.property(world, groups, (w, names) => {
        const forth = push(w, startOf(w), names).plan;
        assert.deepEqual(push(w, startOf(w), names.toReversed()).plan, forth);
      }),
    );
  });

  test("nobody becomes Owner, and no Owner anything else", () => {
    fc.assert(
      fc.property(world, groups, groups, (w, first, second) => {
        const before = startOf(w);
        const { after } = push(w, push(w, before, first).after, second);
        assert.equal(after.membership?.role === "OW", before.membership?.role === "OW");
      }),
    );
  });

  test("one more group never lowers a role that groups gave", () => {
    fc.assert(
      fc.property(world, groups, group, (w, names, more) => {
        const { after, grants } = push(w, startOf(w), names);
        fc.pre(grants.role !== null && after.membership?.role === grants.role);
        const then = push(w, after, [...names, more]).after.membership?.role ?? "DI";
        assert.ok(roleRank(then) >= roleRank(after.membership?.role ?? "DI"));
      }),
    );
  });

  test("assignment records are what the groups give, and are gone once all groups are left", () => {
    fc.assert(
      fc.property(world, groups, (w, names) => {
        const { after, grants } = push(w, startOf(w), names);
        const ofRoles = after.assignments.filter(({ scope }) => scope === "organization");
        assert.equal(ofRoles.length, grants.roleMatches.length);
        const left = push(w, after, []).after;
        assert.deepEqual(left.assignments, []);
      }),
    );
  });

  test("whoever the identity provider deactivated gains nothing and comes back by no group", () => {
    fc.assert(
      fc.property(world, groups, (w, names) => {
        const out: World = { ...w, active: false, member: { role: "DI", roleSource: "scim" } };
        const { after } = push(out, startOf(out), names);
        assert.equal(after.membership?.role, "DI");
        assert.deepEqual([after.workspaceMembers, after.projectMembers], [[], []]);
      }),
    );
  });
});
