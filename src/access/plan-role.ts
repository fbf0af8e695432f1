/**
 * The organization role at a sign-in (PRODUCT 4.2, 4.6).
 *
 *   Owner ─────────────────────────────▶ stays
 *   a mapping matches ─────────────────▶ that role, if a seat is free
 *   none matches, Deactivated by saml ─▶ stays Deactivated
 *   no role is mapped at all ──────────▶ stays (new: default role)
 *   none matches, manual on ───────────▶ stays (new: default role)
 *   none matches, manual off ──────────▶ Deactivated, new people too
 *   kept out by the seat limit (1.7) ──▶ as a new person, once a seat is free
 *
 *   the groups are unknown (3.3) ──────▶ stays (new: default role)
 *
 * A deactivation by an earlier sign-in outlives the rule that made it: where the flag is switched on
 * or the role mappings are emptied afterwards, the person stays out until a group matches or an
 * administrator acts. PRODUCT 4.6 lets nothing but a matching group lift it; and editing mappings
 * must never by itself let in people whom the identity provider took out of every role group.
 */
import { type Seating, seat } from "./admission.ts";
import type { Change, Decided, Reason, ReasonResult } from "./changes.ts";
import type { Grants, RoleMapping } from "./mappings.ts";
import { awaitedReason, awaitedRole, defaultRoleOf } from "./plan-seat.ts";
import { type OrgRole, roleName } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot } from "./snapshot.ts";

interface RoleFacts {
  readonly snapshot: PersonSnapshot;
  readonly grants: Grants;
  readonly policy: AccessPolicy;
}

/** Role that the rules of 4.6 want, before seats are counted. */
interface Wanted {
  readonly role: OrgRole;
  readonly reasons: readonly Reason[];
}

/** The role after this sign-in, with the changes that bring it about. */
export function planRole(facts: RoleFacts): DecidedRole {
  return seated(wantedRole(facts), facts.snapshot);
}

/** The role of somebody whose groups are unknown: it stays, and a new person gets the default role (3.3). */
export function planRoleOfUnknown({ snapshot, policy }: Omit<RoleFacts, "grants">): DecidedRole {
  return seated(standing({ snapshot, policy }, "The groups are unknown"), snapshot);
}

type DecidedRole = Decided & { readonly role: OrgRole };

function seated(wanted: Wanted, snapshot: PersonSnapshot): DecidedRole {
  const seating = seat(wanted.role, snapshot);
  return {
    role: seating.role,
    changes: roleChanges(snapshot.membership?.role ?? null, seating),
    reasons: [...wanted.reasons, ...seating.reasons],
  };
}

function wantedRole({ snapshot, grants, policy }: RoleFacts): Wanted {
  const current = snapshot.membership?.role ?? null;
  if (current === "OW") {
    const text = "The person is the Owner, whose role no group changes.";
    return { role: "OW", reasons: [reason("kept", "4.2", text)] };
  }
  if (grants.role !== null) {
    return { role: grants.role, reasons: matchReasons(grants.roleMatches, current) };
  }
  if (current === "DI") {
    const text =
      "The person was deactivated by an earlier sign-in, and no group of theirs is mapped to a role. A mapped group, or an administrator, brings them back.";
    return { role: "DI", reasons: [reason("kept", "4.6", text)] };
  }
  const isExclusive = grants.hasRoleMappings && !policy.manualRoleManagement;
  if (isExclusive) return deactivated(current);
  const why = grants.hasRoleMappings
    ? "None of the groups is mapped to a role, and manual role management is on"
    : "No group is mapped to a role here";
  return standing({ snapshot, policy }, why);
}

/** Signing in twice gives what signing in once gave: a new person is Deactivated too (4.6). */
function deactivated(current: OrgRole | null): Wanted {
  const who = current === null ? "so the new person is" : "so the person becomes";
  const text = `None of the groups is mapped to a role, and manual role management is off, ${who} Deactivated.`;
  return { role: "DI", reasons: [{ ...reason("changed", "4.6", text), target: roleName("DI") }] };
}

function standing({ snapshot, policy }: Omit<RoleFacts, "grants">, why: string): Wanted {
  const current = snapshot.membership?.role ?? null;
  const awaited = awaitedRole(snapshot, policy);
  if (awaited !== null) return { role: awaited, reasons: [awaitedReason(awaited)] };
  if (current !== null) {
    const text = `${why}, so the role stays ${roleName(current)}.`;
    return {
      role: current,
      reasons: [{ ...reason("kept", "4.6", text), target: roleName(current) }],
    };
  }
  const role = defaultRoleOf(policy);
  const text = `${why}, so the new person gets the organization's default role, ${roleName(role)}.`;
  return { role, reasons: [{ ...reason("granted", "4.9", text), target: roleName(role) }] };
}

/** "The most elevated matching role wins, whatever the order" (PRODUCT 4.2). */
function matchReasons(matches: readonly RoleMapping[], current: OrgRole | null): Reason[] {
  const [winner, ...others] = matches;
  if (winner === undefined) return [];
  const name = roleName(winner.role);
  const about = (group: string, role: OrgRole) => ({ group, target: roleName(role) });
  const first = reason(
    winner.role === current ? "kept" : "granted",
    "4.2",
    winner.role === current
      ? `The group "${winner.group}" is mapped to ${name}, as before.`
      : `The group "${winner.group}" is mapped to ${name}.`,
  );
  const rest = others.map(({ group, role }) => {
    const isSame = role === winner.role;
    const text = isSame
      ? `The group "${group}" is mapped to ${name} as well.`
      : `The group "${group}" is mapped to ${roleName(role)}, but the more elevated ${name} wins.`;
    return { ...reason(isSame ? "noted" : "outranked", "4.2", text), ...about(group, role) };
  });
  return [{ ...first, ...about(winner.group, winner.role) }, ...rest];
}

function roleChanges(from: OrgRole | null, { role: to, waiting }: Seating): Change[] {
  if (from === null) return [{ kind: "membership_created", role: to, source: "saml", ...waiting }];
  if (from === to) return [];
  const change: Change = { kind: "role_changed", from, to, source: "saml", ...waiting };
  // Whoever is taken out of every role group keeps no session or token from before (PRODUCT 1.3).
  return to === "DI" ? [change, { kind: "access_ended" }] : [change];
}

function reason(result: ReasonResult, rule: string, text: string): Reason {
  return { subject: "role", result, rule, text };
}
