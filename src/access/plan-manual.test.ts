/** Changes by hand (PRODUCT 1.3, 1.7, 5, 7.6), every pair of roles at once. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ManualDecision,
  type ManualFacts,
  planManualRemoval,
  planManualRole,
  planTransfer,
  refuseInviteRole,
} from "./plan-manual.ts";
import { type OrgRole, orgRoles, roleRank, type Source } from "./roles.ts";
import type { PersonSnapshot } from "./snapshot.ts";

interface Case {
  readonly actor?: OrgRole;
  readonly from?: OrgRole | null;
  readonly source?: Source;
  readonly isSelf?: boolean;
  readonly isManual?: boolean;
  readonly others?: number;
  readonly seats?: PersonSnapshot["seats"];
}

function facts({
  actor = "AD",
  from = "AN",
  source = "saml",
  isSelf = false,
  isManual = true,
  others = 1,
  seats = { limit: null, used: 3 },
}: Case): ManualFacts {
  const snapshot: PersonSnapshot = {
    user: { id: 2, firstName: "", lastName: "" },
    membership: from === null ? null : { role: from, roleSource: source },
    belongsElsewhere: false,
    acceptedElsewhere: false,
    workspaceMembers: [],
    projectMembers: [],
    assignments: [],
    workspaces: [],
    projectIds: [],
    seats,
  };
  return {
    actor: { userId: isSelf ? 2 : 1, role: actor, source: "manual" },
    subject: { userId: 2, email: "b@contoso.com", snapshot },
    policy: { manualRoleManagement: isManual },
    administration: { otherOwners: 0, otherAdministrators: others },
  };
}

const set = (to: OrgRole, given: Case = {}) => planManualRole({ ...facts(given), to });
const codeOf = (decision: ManualDecision) =>
  decision.outcome === "refused" ? decision.code : decision.outcome;
const changesOf = (decision: ManualDecision) =>
  decision.outcome === "planned" ? decision.plans.flatMap(({ changes }) => changes) : [];

describe("rank", () => {
  for (const actor of orgRoles) {
    test(`somebody of the role ${actor} gives and touches no role above it`, () => {
      for (const from of orgRoles) {
        for (const to of orgRoles) {
          const isAbove = Math.max(roleRank(from), roleRank(to)) > roleRank(actor);
          const isOwner = from === "OW" || to === "OW";
          const expected = isAbove || isOwner ? "permission_denied" : "planned";
          assert.equal(codeOf(set(to, { actor, from })), expected, `${from} → ${to}`);
        }
      }
    });

    test(`somebody of the role ${actor} raises not even themselves above it`, () => {
      for (const to of orgRoles.filter((role) => roleRank(role) > roleRank(actor))) {
        assert.equal(codeOf(set(to, { actor, from: actor, isSelf: true })), "permission_denied");
      }
    });

    test(`somebody of the role ${actor} removes nobody above it, and no Owner`, () => {
      for (const from of orgRoles) {
        const isAbove = from === "OW" || roleRank(from) > roleRank(actor);
        const decision = planManualRemoval(facts({ actor, from }));
        assert.equal(codeOf(decision), isAbove ? "permission_denied" : "planned", from);
      }
    });
  }
});

describe("the last active Administrator of an organization without active Owner", () => {
  test("is neither lowered nor deactivated nor removed", () => {
    for (const to of ["MA", "RE", "AN", "NO", "DI"] as const) {
      assert.equal(codeOf(set(to, { from: "AD", others: 0 })), "permission_denied", to);
    }
    const removal = planManualRemoval(facts({ from: "AD", others: 0 }));
    assert.equal(codeOf(removal), "permission_denied");
  });

  test("goes where another one or an active Owner stays", () => {
    assert.equal(codeOf(set("AN", { from: "AD", others: 1 })), "planned");
    const owned = { ...facts({ from: "AD", others: 0 }), to: "DI" as const };
    const administration = { otherOwners: 1, otherAdministrators: 0 };
    assert.equal(codeOf(planManualRole({ ...owned, administration })), "planned");
  });
});

describe("with manual role management off", () => {
  test("no role is given by hand, whatever it is and was", () => {
    for (const from of ["AD", "MA", "RE", "AN", "NO", "DI"] as const) {
      for (const to of ["AD", "MA", "RE", "AN"] as const) {
        assert.equal(codeOf(set(to, { from, isManual: false })), "role_managed_by_groups");
      }
    }
  });

  test("deactivation works, and taking back one made by hand, to Not Activated", () => {
    assert.equal(codeOf(set("DI", { isManual: false })), "planned");
    for (const source of ["manual", "api"] as const) {
      assert.equal(codeOf(set("NO", { from: "DI", source, isManual: false })), "planned");
    }
    for (const source of ["saml", "scim"] as const) {
      const lifted = set("NO", { from: "DI", source, isManual: false });
      assert.equal(codeOf(lifted), "role_managed_by_groups");
    }
    assert.equal(codeOf(set("NO", { isManual: false })), "role_managed_by_groups");
  });

  test("inviting with a role is refused, and as Not Activated it is not", () => {
    const policy = { manualRoleManagement: false };
    const invite = (role: OrgRole) =>
      refuseInviteRole({ actor: { role: "OW" }, role, policy })?.code ?? null;
    assert.equal(invite("AN"), "role_managed_by_groups");
    assert.equal(invite("NO"), null);
  });
});

test("an invite gives no role above the inviter's, and never Owner", () => {
  const policy = { manualRoleManagement: true };
  for (const actor of orgRoles) {
    for (const role of orgRoles) {
      const refusal = refuseInviteRole({ actor: { role: actor }, role, policy });
      const isTooHigh = role === "OW" || roleRank(role) > roleRank(actor);
      assert.equal(refusal?.code ?? null, isTooHigh ? "permission_denied" : null);
    }
  }
});

test("a step into access needs a free seat; steps among the seated and out do not", () => {
  const full = { limit: 3, used: 3 };
  assert.equal(codeOf(set("AN", { from: "NO", seats: full })), "conflict");
  assert.equal(codeOf(set("AN", { from: "DI", seats: full })), "conflict");
  assert.equal(codeOf(set("AN", { from: "NO", seats: { limit: 3, used: 2 } })), "planned");
  assert.equal(codeOf(set("MA", { from: "AN", seats: full })), "planned");
  assert.equal(codeOf(set("DI", { from: "AN", seats: full })), "planned");
});

test("deactivation and removal end sessions and tokens by the same plan", () => {
  assert.deepEqual(changesOf(set("DI")), [
    { kind: "role_changed", from: "AN", to: "DI", source: "manual" },
    { kind: "access_ended" },
  ]);
  assert.deepEqual(changesOf(planManualRemoval(facts({}))), [
    { kind: "access_ended" },
    { kind: "membership_removed", role: "AN" },
  ]);
});

test("setting the role that somebody has makes it the caller's, once", () => {
  const again = changesOf(set("DI", { from: "DI", source: "saml" }));
  const grant = { scope: "organization" };
  assert.deepEqual(again, [{ kind: "grant_source_changed", grant, from: "saml", to: "manual" }]);
  assert.deepEqual(changesOf(set("AN", { source: "manual" })), []);
});

test("nobody deactivates or removes themselves", () => {
  assert.equal(codeOf(set("DI", { from: "AD", isSelf: true })), "permission_denied");
  assert.equal(codeOf(set("NO", { from: "AD", isSelf: true })), "permission_denied");
  assert.equal(
    codeOf(planManualRemoval(facts({ from: "AD", isSelf: true }))),
    "method_not_allowed",
  );
});

test("a person who is no member is missing", () => {
  assert.equal(codeOf(set("AN", { from: null })), "not_found");
  assert.equal(codeOf(planManualRemoval(facts({ from: null }))), "not_found");
});

test("a transfer lowers the Owner first, and ends what opens the organization to the successor", () => {
  const owner = { ...facts({ from: "OW" }).subject, userId: 1, email: "o@contoso.com" };
  const transfer = (from: OrgRole | null) =>
    planTransfer({ owner, successor: facts({ from }).subject, source: "manual" });
  assert.deepEqual(changesOf(transfer("AN")), [
    { kind: "role_changed", from: "OW", to: "AD", source: "manual" },
    { kind: "role_changed", from: "AN", to: "OW", source: "manual" },
    { kind: "access_ended" },
  ]);
  assert.deepEqual([transfer("NO"), transfer("DI"), transfer(null)].map(codeOf), [
    ...["conflict", "conflict", "not_found"],
  ]);
});
