/**
 * Plans the effect of pushed SCIM groups on a person (PRODUCT 7.5): membership × mappings gives
 * assignment records, and from them role, workspaces and projects by the rules of section 4.
 *
 *   Owner ────────────────────────────▶ stays
 *   deactivated by hand, or by the IdP ▶ stays (4.6, 7.4)
 *   a group is mapped to a role ──────▶ the most elevated one, if a seat is free
 *   the last such group is left ──────▶ Deactivated where manual role management is off
 *   else ─────────────────────────────▶ stays
 *
 * "The last to run wins" (PRODUCT 7.7): this runs when groups or mappings change or a person comes in,
 * never when a profile is merely updated. It refuses nothing, since one change of a group concerns
 * many people: whom it must not touch it leaves as they are, and says so.
 */
import { type Seating, seat } from "./admission.ts";
import type { Assignment, Change, Decided, Plan, Reason } from "./changes.ts";
import type { Grants, RoleMapping } from "./mappings.ts";
import { planProjects } from "./plan-projects.ts";
import { planWorkspaces } from "./plan-workspaces.ts";
import { type OrgRole, roleName } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot } from "./snapshot.ts";

/** The other people who run the organization at this moment (PRODUCT 7.6). */
export interface OthersInCharge {
  readonly otherOwners: number;
  readonly otherAdministrators: number;
}

/** A provisioned person, and what their pushed groups grant now. */
export interface ScimGroupFacts {
  /** Lower case. */
  readonly email: string;
  readonly snapshot: PersonSnapshot;
  readonly grants: Grants;
  readonly policy: AccessPolicy;
  /** The identity provider's last value of `active` for the person. */
  readonly active: boolean;
  readonly others: OthersInCharge;
}

/** Sets the person to what their groups grant. Planning again changes nothing. */
export function planScimGroups(facts: ScimGroupFacts): Plan {
  const { role, ...decided } = planGroupRole(facts);
  const effects = planGroupEffects(facts, role);
  return {
    email: facts.email,
    userId: facts.snapshot.user?.id ?? null,
    changes: [...decided.changes, ...effects.changes],
    reasons: [...decided.reasons, ...effects.reasons],
  };
}

/** Assignments, workspaces and projects, for somebody who has `role` afterwards. */
export function planGroupEffects(
  { snapshot, grants, policy }: Pick<ScimGroupFacts, "snapshot" | "grants" | "policy">,
  role: OrgRole,
): Decided {
  const facts = { snapshot, grants, policy, role, source: "scim" } as const;
  const parts = [
    planAssignments(snapshot, grants),
    planWorkspaces(facts),
    planProjects(facts),
    { changes: [], reasons: grants.hints },
  ];
  return {
    changes: parts.flatMap(({ changes }) => changes),
    reasons: parts.flatMap(({ reasons }) => reasons),
  };
}

/** Why a change of role is not made (PRODUCT 7.6); null where it is. */
export function keepsAdministrator(
  from: OrgRole | null,
  to: OrgRole,
  { otherOwners, otherAdministrators }: OthersInCharge,
): string | null {
  if (from !== "AD" || to === "AD" || otherOwners + otherAdministrators > 0) return null;
  return "The person is the last active Administrator of an organization without an active Owner, and stays so.";
}

function planGroupRole(facts: ScimGroupFacts): Decided & { readonly role: OrgRole } {
  const { snapshot, others } = facts;
  const current = snapshot.membership?.role ?? "DI";
  const wanted = wantedRole(facts, current);
  const seating = seat(wanted.role, snapshot);
  const kept = keepsAdministrator(current, seating.role, others);
  if (kept !== null) {
    return { role: "AD", changes: [], reasons: [...wanted.reasons, reason("kept", "7.6", kept)] };
  }
  return {
    role: seating.role,
    changes: roleChanges(current, seating),
    reasons: [...wanted.reasons, ...seating.reasons],
  };
}

interface Wanted {
  readonly role: OrgRole;
  readonly reasons: readonly Reason[];
}

function wantedRole(facts: ScimGroupFacts, current: OrgRole): Wanted {
  const { snapshot, grants, policy, active } = facts;
  const stays = (rule: string, text: string): Wanted => ({
    role: current,
    reasons: [reason("kept", rule, text)],
  });
  if (current === "OW") {
    return stays("7.6", "The person is the Owner, whom SCIM never changes.");
  }
  const barred = current === "DI" ? whyBarred(snapshot, active) : null;
  if (barred !== null) return stays("4.6", barred);
  const [winner] = grants.roleMatches;
  if (winner !== undefined) return { role: winner.role, reasons: matchReasons(grants.roleMatches) };
  const hadRole = snapshot.assignments.some(({ scope }) => scope === "organization");
  if (!hadRole || !grants.hasRoleMappings || current === "DI")
    return { role: current, reasons: [] };
  if (policy.manualRoleManagement) {
    const text = `No pushed group gives a role any more; manual role management is on, so the role stays ${roleName(current)}.`;
    return stays("7.5", text);
  }
  const text =
    "No pushed group gives a role any more, and manual role management is off, so the person becomes Deactivated.";
  return { role: "DI", reasons: [{ ...reason("changed", "7.5", text), target: roleName("DI") }] };
}

/** Reason why the access was taken away on purpose; groups alone do not give it back. */
function whyBarred({ membership }: PersonSnapshot, active: boolean): string | null {
  if (!active) {
    return "The identity provider deactivated the person (active is false), and groups do not bring them back.";
  }
  const source = membership?.roleSource;
  if (source !== "manual" && source !== "api") return null;
  return "The person was deactivated by hand, and groups do not bring them back.";
}

/** "The most elevated matching role wins, whatever the order" (PRODUCT 4.2). */
export function matchReasons(matches: readonly RoleMapping[]): Reason[] {
  const [winner, ...others] = matches;
  if (winner === undefined) return [];
  const name = roleName(winner.role);
  return [
    {
      ...reason("granted", "7.5", `The pushed group "${winner.group}" is mapped to ${name}.`),
      group: winner.group,
      target: name,
    },
    ...others.map(({ group, role }) => ({
      ...(role === winner.role
        ? reason("noted", "4.2", `The pushed group "${group}" is mapped to ${name} as well.`)
        : reason(
            "outranked",
            "4.2",
            `The pushed group "${group}" is mapped to ${roleName(role)}, but the more elevated ${name} wins.`,
          )),
      group,
      target: roleName(role),
    })),
  ];
}

function roleChanges(from: OrgRole, { role: to, waiting }: Seating): Change[] {
  if (from === to) return [];
  const change: Change = { kind: "role_changed", from, to, source: "scim", ...waiting };
  return to === "DI" ? [change, { kind: "access_ended" }] : [change];
}

/** The records of what groups give, set to what they give now. */
function planAssignments(snapshot: PersonSnapshot, grants: Grants): Decided {
  const wanted = new Map(assignmentsOf(snapshot, grants).map((entry) => [keyOf(entry), entry]));
  const held = new Map(snapshot.assignments.map((entry) => [keyOf(entry), entry]));
  const changes: Change[] = [];
  for (const [key, assignment] of held) {
    if (!wanted.has(key)) changes.push({ kind: "assignment_removed", assignment });
  }
  for (const [key, assignment] of wanted) {
    if (!held.has(key)) changes.push({ kind: "assignment_added", assignment });
  }
  return { changes, reasons: [] };
}

/** A project that is not there is assigned to nobody, and so silences no sign-in (PRODUCT 4.8). */
function assignmentsOf({ projectIds }: PersonSnapshot, grants: Grants): Assignment[] {
  const existing = new Set(projectIds);
  return [
    ...grants.roleMatches.map(
      ({ group, role }): Assignment => ({ scope: "organization", group, role }),
    ),
    ...grants.workspaces.flatMap(({ title, groups }) =>
      groups.map((group): Assignment => ({ scope: "workspace", group, title })),
    ),
    ...grants.projects
      .flatMap(({ projectId, role, group, outranked }) => [
        { projectId, role, group },
        ...outranked,
      ])
      .filter(({ projectId }) => existing.has(projectId))
      .map(
        ({ projectId, role, group }): Assignment => ({ scope: "project", group, projectId, role }),
      ),
  ];
}

function keyOf(assignment: Assignment): string {
  const { scope, group } = assignment;
  if (assignment.scope === "organization") return JSON.stringify([scope, group, assignment.role]);
  if (assignment.scope === "workspace") return JSON.stringify([scope, group, assignment.title]);
  return JSON.stringify([scope, group, assignment.projectId, assignment.role]);
}

function reason(result: Reason["result"], rule: string, text: string): Reason {
  return { subject: "role", result, rule, text };
}
