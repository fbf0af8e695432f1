/**
 * Changes that a person makes to people by page or API: roles, deactivation, removal, transfer of
 * the organization (PRODUCT 1.3, 1.7, 5, 7.6). Workspaces and projects are not its business.
 *
 * The caller's role allows the action at all (authorize.ts); here it is decided whether this caller
 * may do it to this person now. A refusal is an outcome with the sentence to show.
 *
 * 1. The Owner's role changes by transfer alone.
 * 2. Nobody touches or raises anyone, themselves included, above their own rank.
 * 3. The last active Administrator of an organization without an active Owner stays.
 * 4. Where groups manage the roles, nothing is given by hand. Taking access away in an emergency
 *    works, and so does taking that back: to Not Activated, from where groups give the role.
 * 5. A step into access needs a free seat. Unlike at a sign-in, somebody is there to be told.
 */
import type { Change, Plan, Reason } from "./changes.ts";
import { hasAccess, type OrgRole, roleName, roleRank, type Source } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot } from "./snapshot.ts";

/** The person who makes the change, in the organization, with a role that may. */
export interface ManualActor {
  readonly userId: number;
  readonly role: OrgRole;
  /** `manual` by page, `api` by a token (PRODUCT 1.3). */
  readonly source: Source;
}

/** The member whom the change concerns, as they are now. */
export interface ManualSubject {
  readonly userId: number;
  /** Lower case. */
  readonly email: string;
  readonly snapshot: PersonSnapshot;
}

/** The people other than the subject who run the organization at this moment. */
export interface Administration {
  readonly otherOwners: number;
  readonly otherAdministrators: number;
}

/** A change by hand that is not made; `code` stands in the error table. */
export interface ManualRefusal {
  readonly outcome: "refused";
  readonly code:
    | "permission_denied"
    | "role_managed_by_groups"
    | "conflict"
    | "not_found"
    | "method_not_allowed";
  readonly detail: string;
}

/** The change by hand as a plan, or why not. */
export type ManualDecision =
  | { readonly outcome: "planned"; readonly plans: readonly Plan[] }
  | ManualRefusal;

/** A change that is asked for one member. */
export interface ManualFacts {
  readonly actor: ManualActor;
  readonly subject: ManualSubject;
  readonly policy: Pick<AccessPolicy, "manualRoleManagement">;
  readonly administration: Administration;
}

const onlyByTransfer =
  "The Owner's role changes by transfer alone: the Owner hands the organization over.";

/** One sentence for whatever a MANUAL flag forbids: it names the flag and who may act instead. */
export const rolesManaged =
  "Roles are managed by the identity provider here: MANUAL_ROLE_MANAGEMENT, or the organization's manual_role_management, is off. Change the person's groups there.";

/** The member's role by hand. The role that they have already, set again, is then the caller's. */
export function planManualRole(facts: ManualFacts & { readonly to: OrgRole }): ManualDecision {
  const { actor, subject, to } = facts;
  const { membership } = subject.snapshot;
  if (membership === null) return missing;
  const { role: from } = membership;
  const refusal =
    refuseRank(facts, from) ?? refuseGrant(facts, from) ?? refuseLoss(facts, { from, to });
  if (refusal !== null) return refusal;
  if (from === to) return planned(subject, sameRole(membership, actor.source), kept(to));
  const changes: Change[] = [{ kind: "role_changed", from, to, source: actor.source }];
  if (to === "DI") changes.push({ kind: "access_ended" });
  const text = `The role was set ${byWhat(actor)}: ${roleName(to)} instead of ${roleName(from)}.`;
  return planned(subject, changes, reason("changed", "1.3", text));
}

/** The member leaves the organization; the account stays. Nobody removes themselves (facts 4.4). */
export function planManualRemoval(facts: ManualFacts): ManualDecision {
  const { actor, subject } = facts;
  const from = subject.snapshot.membership?.role ?? null;
  if (from === null) return missing;
  if (actor.userId === subject.userId) {
    return refused("method_not_allowed", "Nobody removes themselves. Ask another Administrator.");
  }
  const refusal = refuseRank(facts, from) ?? refuseLoss(facts, { from, to: null });
  if (refusal !== null) return refusal;
  const changes: Change[] = [{ kind: "access_ended" }, { kind: "membership_removed", role: from }];
  const text = `The member was removed ${byWhat(actor)}, as ${roleName(from)}.`;
  return planned(subject, changes, reason("removed", "1.3", text));
}

/**
 * The Owner hands the organization to another active member and becomes Administrator; first, so
 * that there are never two Owners. Groups and flags have no say in it (PRODUCT 5).
 */
export function planTransfer({
  owner,
  successor,
  source,
}: {
  readonly owner: ManualSubject;
  readonly successor: ManualSubject;
  readonly source: Source;
}): ManualDecision {
  const from = successor.snapshot.membership?.role ?? null;
  if (from === null) return missing;
  if (owner.snapshot.membership?.role !== "OW") {
    return refused("permission_denied", "Only the Owner hands the organization over.");
  }
  if (owner.userId === successor.userId) return refused("conflict", "You are the Owner already.");
  if (!hasAccess(from)) {
    const text = `The new Owner must be an active member; this person is ${roleName(from)}.`;
    return refused("conflict", text);
  }
  const step = (
    subject: ManualSubject,
    change: { from: OrgRole; to: OrgRole },
    { text, ends = [] }: { readonly text: string; readonly ends?: readonly Change[] },
  ) => ({
    email: subject.email,
    userId: subject.userId,
    changes: [{ kind: "role_changed" as const, ...change, source }, ...ends],
    reasons: [reason("changed", "1.3", text)],
  });
  return {
    outcome: "planned",
    plans: [
      step(
        owner,
        { from: "OW", to: "AD" },
        { text: `The Owner handed over to ${successor.email}.` },
      ),
      // Who vouched for a session or token of theirs may not vouch for the Owner (PRODUCT 4.2).
      step(
        successor,
        { from, to: "OW" },
        {
          text: `${owner.email} handed the organization over.`,
          ends: [{ kind: "access_ended" }],
        },
      ),
    ],
  };
}

/**
 * Refuses a `role` that somebody of the actor's rank may not give in an invite, or that is not given
 * manually now.
 */
export function refuseInviteRole({
  actor,
  role,
  policy,
}: {
  readonly actor: Pick<ManualActor, "role">;
  readonly role: OrgRole;
  readonly policy: Pick<AccessPolicy, "manualRoleManagement">;
}): ManualRefusal | null {
  if (role === "OW") return refused("permission_denied", onlyByTransfer);
  if (roleRank(role) > roleRank(actor.role)) return refused("permission_denied", above(actor));
  // Not Activated gives nothing: whoever joins so waits for their groups.
  if (hasAccess(role) && !policy.manualRoleManagement) {
    return refused("role_managed_by_groups", rolesManaged);
  }
  return null;
}

/** Rules 1 and 2, as far as they concern who the member is now. */
function refuseRank({ actor }: ManualFacts, from: OrgRole): ManualRefusal | null {
  if (from === "OW") return refused("permission_denied", onlyByTransfer);
  return roleRank(from) > roleRank(actor.role) ? refused("permission_denied", above(actor)) : null;
}

/** Rules 1, 2, 4 and 5, as far as they concern the role to be. */
function refuseGrant(
  { actor, subject, policy, to }: ManualFacts & { readonly to: OrgRole },
  from: OrgRole,
): ManualRefusal | null {
  if (to === "OW") return refused("permission_denied", onlyByTransfer);
  if (roleRank(to) > roleRank(actor.role)) return refused("permission_denied", above(actor));
  if (!policy.manualRoleManagement && !isEmergency(subject, { from, to })) {
    return refused("role_managed_by_groups", rolesManaged);
  }
  const { limit, used } = subject.snapshot.seats;
  if (hasAccess(to) && !hasAccess(from) && limit !== null && used >= limit) {
    const text = `All ${limit} seats are taken. Free one, or ask the Owner for more.`;
    return refused("conflict", text);
  }
  return null;
}

function isEmergency(
  { snapshot }: ManualSubject,
  { from, to }: { readonly from: OrgRole; readonly to: OrgRole },
): boolean {
  if (to === "DI") return true;
  const source = snapshot.membership?.roleSource;
  return from === "DI" && to === "NO" && (source === "manual" || source === "api");
}

/** Rule 3, and nobody locks themselves out. */
function refuseLoss(
  { actor, subject, administration }: ManualFacts,
  { from, to }: { readonly from: OrgRole; readonly to: OrgRole | null },
): ManualRefusal | null {
  if (actor.userId === subject.userId && to !== null && !hasAccess(to)) {
    const text = "Nobody deactivates themselves. Ask another Administrator.";
    return refused("permission_denied", text);
  }
  const { otherOwners, otherAdministrators } = administration;
  if (from !== "AD" || to === "AD" || otherOwners + otherAdministrators > 0) return null;
  const text =
    "The last active Administrator of an organization without an active Owner stays. Make somebody else Administrator first.";
  return refused("permission_denied", text);
}

/**
 * "role_source says who set it last" (PRODUCT 1.3), also where it was that role before. Whoever is Not
 * Activated by a decision waits for no seat any more (1.7).
 */
function sameRole(membership: NonNullable<PersonSnapshot["membership"]>, to: Source): Change[] {
  const { roleSource: from, awaited = null } = membership;
  if (from === to && awaited === null) return [];
  return [{ kind: "grant_source_changed", grant: { scope: "organization" }, from, to }];
}

function planned(
  { email, userId }: ManualSubject,
  changes: readonly Change[],
  why: Reason,
): ManualDecision {
  return { outcome: "planned", plans: [{ email, userId, changes, reasons: [why] }] };
}

const missing: ManualRefusal = { outcome: "refused", code: "not_found", detail: "Not found." };

function refused(code: ManualRefusal["code"], detail: string): ManualRefusal {
  return { outcome: "refused", code, detail };
}

function above({ role }: Pick<ManualActor, "role">): string {
  return `Somebody with the role ${roleName(role)} may not give or change a role above their own.`;
}

function byWhat({ source }: ManualActor): string {
  return source === "api" ? "by API" : "by hand";
}

function kept(role: OrgRole): Reason {
  return reason("kept", "1.3", `The person is ${roleName(role)} already; the caller set it again.`);
}

function reason(result: Reason["result"], rule: string, text: string): Reason {
  return { subject: "role", result, rule, text };
}

/**
 * New names for an account. People name themselves; others name them only below their own rank, and
 * only where the account is this organization's alone (as PRODUCT 7.4 has it for SCIM).
 */
export function planRename({
  actor,
  subject,
  to,
}: Pick<ManualFacts, "actor" | "subject"> & {
  readonly to: { readonly firstName: string; readonly lastName: string };
}): ManualDecision {
  const { user, membership, belongsElsewhere } = subject.snapshot;
  if (user === null || membership === null) return missing;
  if (actor.userId !== subject.userId) {
    if (roleRank(membership.role) > roleRank(actor.role)) {
      return refused("permission_denied", above(actor));
    }
    if (belongsElsewhere) {
      const text = "This account is not the organization's alone, so only its person renames it.";
      return refused("permission_denied", text);
    }
  }
  const from = { firstName: user.firstName, lastName: user.lastName };
  const isSame = from.firstName === to.firstName && from.lastName === to.lastName;
  const text = `The name was changed ${byWhat(actor)}.`;
  const why: Reason = { subject: "name", result: "changed", rule: "1.2", text };
  return planned(subject, isSame ? [] : [{ kind: "user_renamed", from, to }], why);
}
