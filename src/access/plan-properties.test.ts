/** What holds for every person, configuration and set of groups (DESIGN invariants 2 and 5). */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultPolicy } from "../../test/fixtures/sign-on.ts";
import { simulate } from "../../test/fixtures/simulate.ts";
import type { Assignment, Change } from "./changes.ts";
import { type GroupMappings, indexMappings, resolveGrants } from "./mappings.ts";
import { type AccessPolicy, type PersonSnapshot, planSignIn, type SignInPlan } from "./plan.ts";
import { grantableRoles, higherRole, orgRoles, roleRank } from "./roles.ts";

// Few names, so that groups, mappings and rows meet often; some differ by case or space alone.
const group = fc.constantFrom("A", "B", "C", "D", "a", " B", "CN=C,OU=x");
const groups = fc.array(group, { maxLength: 6 });
const title = fc.constantFrom("W1", "W2", "W3", "w1");
const workspaceIds: Readonly<Record<string, number>> = { W1: 1, W2: 2, W3: 3, w1: 4 };
const projectId = fc.constantFrom(1, 2, 3, 404);
const projectRole = fc.constantFrom("AN", "RE", "IN" as const);
const source = fc.constantFrom("manual", "saml", "scim", "api" as const);

const mappings: fc.Arbitrary<GroupMappings> = fc.record({
  roles: fc.array(fc.record({ role: fc.constantFrom(...grantableRoles), group }), { maxLength: 5 }),
  workspaces: fc.array(fc.record({ workspace: title, group }), { maxLength: 5 }),
  projects: fc.array(fc.record({ projectId, group, role: projectRole }), { maxLength: 6 }),
});

const policy: fc.Arbitrary<AccessPolicy> = fc.record({
  manualRoleManagement: fc.boolean(),
  manualWorkspaceManagement: fc.boolean(),
  manualProjectMemberManagement: fc.boolean(),
  defaultRole: fc.constantFrom("AN", "RE", "MA", "NO"),
  domains: fc.constantFrom<string[]>([], ["contoso.com"], ["fabrikam.com"]),
  provenDomains: fc.constantFrom<string[]>([], ["contoso.com"]),
});

const assignment: fc.Arbitrary<Assignment> = fc.oneof(
  fc.record({ scope: fc.constant("project" as const), group, projectId, role: projectRole }),
  fc.record({ scope: fc.constant("workspace" as const), group, title }),
  fc.record({
    scope: fc.constant("organization" as const),
    group,
    role: fc.constantFrom(...grantableRoles),
  }),
);

const member = fc.record({
  role: fc.constantFrom(...orgRoles),
  roleSource: source,
  awaited: fc.constantFrom(null, null, ...grantableRoles),
});

const rows = fc.record({
  workspaceMembers: fc.uniqueArray(
    fc
      .record({ title, source })
      .map((row) => ({ ...row, workspaceId: workspaceIds[row.title] ?? 0 })),
    { selector: ({ workspaceId, source: from }) => `${workspaceId} ${from}` },
  ),
  projectMembers: fc.uniqueArray(
    fc.record({
      projectId: fc.constantFrom(1, 2, 3),
      role: projectRole,
      isPending: fc.boolean(),
      source,
    }),
    { selector: (row) => `${row.projectId} ${row.source}` },
  ),
  assignments: fc.array(assignment, { maxLength: 2 }),
});

const seats = fc.oneof(
  fc.constant({ limit: null, used: 0 }),
  fc.constantFrom({ limit: 5, used: 5 }, { limit: 5, used: 4 }),
);

const snapshot: fc.Arbitrary<PersonSnapshot> = fc
  .record({
    membership: fc.option(member),
    rows,
    seats,
    isKnown: fc.boolean(),
    elsewhere: fc.boolean(),
  })
  .map(({ membership, rows: held, seats: taken, isKnown, elsewhere }) => {
    const base = {
      user: isKnown || membership !== null ? { id: 1, firstName: "Al", lastName: "Sm" } : null,
      membership,
      belongsElsewhere: isKnown && elsewhere,
      acceptedElsewhere: isKnown && elsewhere,
      workspaces: Object.entries(workspaceIds)
        .filter(
          ([name]) => name !== "W3" || held.workspaceMembers.some((row) => row.title === "W3"),
        )
        .map(([name, id]) => ({ id, title: name })),
      projectIds: [1, 2, 3],
      seats: taken,
    };
    const none = { workspaceMembers: [], projectMembers: [], assignments: [] };
    return { ...base, ...(membership === null ? none : held) };
  });

const facts = fc.record({ groups, mappings, policy, snapshot });
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function plan({
  groups: sent,
  mappings: mapped,
  policy: rules,
  snapshot: before,
}: Facts): SignInPlan {
  return planSignIn({
    identity: {
      email: "al@contoso.com",
      firstName: "Alice",
      groups: sent,
      groupsState: "present",
    },
    snapshot: before,
    grants: resolveGrants(sent, indexMappings(mapped)),
    policy: rules,
    confirmedFor: before.user?.id ?? null,
  });
}

const after = (given: Facts) => simulate(given.snapshot, plan(given).changes);
const rankAfter = (given: Facts) => roleRank(after(given).membership?.role ?? "NO");

function holds(check: (given: Facts) => void): void {
  fc.assert(fc.property(facts, check), { numRuns: 2000 });
}

test("planning twice changes nothing the second time, and the verdict is the same", () => {
  holds((given) => {
    const first = plan(given);
    const second = plan({ ...given, snapshot: after(given) });
    assert.deepEqual(second.changes, []);
    assert.deepEqual(second.verdict, first.verdict);
  });
});

test("the order and repetition of groups and the order of mappings make no difference", () => {
  holds((given) => {
    const { roles, workspaces, projects } = given.mappings;
    const shuffled = {
      ...given,
      groups: [...given.groups, ...given.groups.toReversed()].toReversed(),
      mappings: {
        roles: roles.toReversed(),
        workspaces: workspaces.toReversed(),
        projects: [...projects.slice(1), ...projects.slice(0, 1)],
      },
    };
    assert.deepEqual(plan(shuffled), plan(given));
  });
});

test("adding a role group never lowers the role that the groups earn", () => {
  fc.assert(
    fc.property(groups, group, mappings, (sent, extra, mapped) => {
      const index = indexMappings(mapped);
      const less = resolveGrants(sent, index).role;
      const more = resolveGrants([...sent, extra], index).role;
      if (less !== null) assert.equal(more, more === null ? less : higherRole(less, more));
    }),
    { numRuns: 2000 },
  );
});

test("adding a role group never lowers the role of anybody whose groups decide it", () => {
  fc.assert(
    fc.property(facts, group, (given, extra) => {
      const isDecided =
        resolveGrants(given.groups, indexMappings(given.mappings)).role !== null ||
        (given.mappings.roles.length > 0 && !given.policy.manualRoleManagement);
      fc.pre(isDecided);
      const more = { ...given, groups: [...given.groups, extra] };
      assert.ok(rankAfter(more) >= rankAfter(given));
    }),
    { numRuns: 2000 },
  );
});

test("an Owner stays Owner, and nobody else becomes one", () => {
  holds((given) => {
    const wasOwner = given.snapshot.membership?.role === "OW";
    assert.equal(after(given).membership?.role === "OW", wasOwner);
  });
});

test("no row, role source or assignment of SCIM is ever removed or changed, but for the role", () => {
  const ofScim = ({ workspaceMembers, projectMembers, assignments }: PersonSnapshot) => ({
    workspaces: workspaceMembers.filter((row) => row.source === "scim"),
    projects: projectMembers.filter((row) => row.source === "scim"),
    assignments,
  });
  holds((given) => assert.deepEqual(ofScim(after(given)), ofScim(given.snapshot)));
});

test("manual management on never removes, and takes nothing back to pending", () => {
  const removed = (changes: readonly Change[], kind: Change["kind"]) =>
    changes.some((change) => change.kind === kind);
  holds((given) => {
    const { changes } = plan(given);
    const { manualWorkspaceManagement, manualProjectMemberManagement } = given.policy;
    if (manualWorkspaceManagement) assert.ok(!removed(changes, "workspace_member_removed"));
    if (manualProjectMemberManagement) assert.ok(!removed(changes, "project_member_removed"));
    for (const change of changes) {
      if (change.kind !== "project_member_changed") continue;
      assert.ok(change.from.isPending || !change.to.isPending);
    }
  });
});

test("manual management off leaves exactly what the groups and SCIM grant", () => {
  holds((given) => {
    const exclusive = { ...given.policy, manualWorkspaceManagement: false };
    const all = { ...given, policy: exclusive };
    const { verdict } = plan(all);
    fc.pre(verdict.outcome === "admitted" || verdict.outcome === "not_activated");
    const granted = resolveGrants(given.groups, indexMappings(given.mappings)).workspaces;
    const titles = new Set([
      ...granted.map((grant) => grant.title),
      ...given.snapshot.workspaceMembers
        .filter((row) => row.source === "scim")
        .map((row) => row.title),
    ]);
    assert.deepEqual(new Set(after(all).workspaceMembers.map((row) => row.title)), titles);
  });
});

test("a person refused, or already Deactivated and staying so, has no changes at all", () => {
  holds((given) => {
    const { verdict, changes } = plan(given);
    const wasOut = given.snapshot.membership?.role === "DI";
    if (verdict.outcome === "refused" || (verdict.outcome === "deactivated" && wasOut)) {
      assert.deepEqual(changes, []);
    }
  });
});

test("no sign-on takes a seat beyond the limit", () => {
  holds((given) => {
    const { limit, used } = after(given).seats;
    assert.ok(limit === null || used <= limit);
  });
});

test("somebody deactivated by hand, API or SCIM is Deactivated after every sign-on", () => {
  holds((given) => {
    const { membership } = given.snapshot;
    fc.pre(membership?.role === "DI" && membership.roleSource !== "saml");
    assert.deepEqual(after(given), given.snapshot);
  });
});

test("every decision has a reason: a whole sentence, and the section of PRODUCT it comes from", () => {
  holds((given) => {
    const { reasons } = plan(given);
    assert.ok(reasons.length > 0);
    for (const reason of reasons) {
      assert.match(reason.text, /^[\p{Lu}"0-9a-z].*\.$/su);
      assert.match(reason.rule, /^\d\.\d$/);
    }
  });
});

test("every change of role, workspace or project has a reason that names its target", () => {
  holds((given) => {
    const { changes, reasons } = plan(given);
    const targets = new Set(reasons.map((reason) => reason.target));
    for (const change of changes) {
      if (change.kind === "workspace_member_added" || change.kind === "workspace_member_removed") {
        assert.ok(targets.has(change.workspace.title));
      }
      if ("projectId" in change) assert.ok(targets.has(String(change.projectId)));
      if (change.kind === "role_changed" || change.kind === "membership_created") {
        assert.ok(reasons.some(({ subject }) => subject === "role" || subject === "seat"));
      }
    }
  });
});

test("the switches' defaults add and never remove (PRODUCT 5)", () => {
  fc.assert(
    fc.property(facts, (given) => {
      const { changes } = plan({ ...given, policy: defaultPolicy });
      assert.ok(!changes.some(({ kind }) => /removed$/.test(kind) || kind === "access_ended"));
    }),
  );
});
