/**
 * Whoever the seat limit kept Not Activated (PRODUCT 1.7): the role that they get at their first sign-in
 * after a seat is free. Whether one is free now is admission.ts's question.
 *
 *   joined by an invite, by hand ─▶ the role that was given there
 *   made by SCIM ─────────────────▶ what the pushed groups give by now, else the default role
 *   came by single sign-on ───────▶ what the groups give (plan-role.ts), else the default role
 *
 * What groups gave is not kept: whoever has left the group by now would get its role all the same.
 */
import { seat } from "./admission.ts";
import type { Plan, Reason } from "./changes.ts";
import { higherRole, type OrgRole, roleName } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot } from "./snapshot.ts";

/** The default role of new people; Owner is given by set-up or transfer only (PRODUCT 1.3). */
export function defaultRoleOf({ defaultRole }: Pick<AccessPolicy, "defaultRole">): OrgRole {
  return defaultRole === "OW" ? "NO" : defaultRole;
}

/** The role that the person waits for, where no group of the sign-in gives one; null where for none. */
export function awaitedRole(
  { membership, assignments }: Pick<PersonSnapshot, "membership" | "assignments">,
  policy: Pick<AccessPolicy, "defaultRole">,
): OrgRole | null {
  const { role, roleSource, awaited = null } = membership ?? {};
  if (role !== "NO" || awaited === null) return null;
  if (roleSource === "manual" || roleSource === "api") return awaited;
  return (roleSource === "scim" ? pushedRole(assignments) : null) ?? defaultRoleOf(policy);
}

function pushedRole(assignments: PersonSnapshot["assignments"]): OrgRole | null {
  let highest: OrgRole | null = null;
  for (const assignment of assignments) {
    if (assignment.scope !== "organization") continue;
    highest = highest === null ? assignment.role : higherRole(highest, assignment.role);
  }
  return highest;
}

/** Why somebody who waited for a seat has a role now. */
export function awaitedReason(role: OrgRole): Reason {
  const text = `The person was Not Activated because all seats were taken, and gets the role that they waited for, ${roleName(role)}.`;
  return { subject: "role", result: "granted", rule: "1.7", target: roleName(role), text };
}

/**
 * Plans a sign-in by password of somebody who waits for a seat. It brings no groups, so that it gives
 * the role alone which an invite gave, and none where groups manage the roles.
 */
export function planSeatByPassword({
  email,
  snapshot,
  policy,
}: {
  readonly email: string;
  readonly snapshot: PersonSnapshot;
  readonly policy: Pick<AccessPolicy, "defaultRole" | "manualRoleManagement">;
}): Plan {
  const { user, membership } = snapshot;
  const nothing = { email, userId: user?.id ?? null, changes: [], reasons: [] };
  const source = membership?.roleSource;
  if (!policy.manualRoleManagement || (source !== "manual" && source !== "api")) return nothing;
  const wanted = awaitedRole(snapshot, policy);
  if (wanted === null) return nothing;
  const { role: to, reasons } = seat(wanted, snapshot);
  if (to === "NO") return { ...nothing, reasons };
  const change = { kind: "role_changed", from: "NO", to, source } as const;
  return { ...nothing, changes: [change], reasons: [awaitedReason(to)] };
}
