/**
 * Plans a SCIM client's change of one person (PRODUCT 7.4, 7.6, 7.8). What their groups grant is
 * plan-scim-groups.ts's; the resource itself, with all its attributes, is the store's.
 *
 *   known before   active now
 *   no or false ─▶ true    comes in: account, membership; role from the groups, else as it is, else
 *                          the default role
 *   true ────────▶ true    names and address alone: role, workspaces and projects are left alone
 *   any ─────────▶ false   Deactivated with source scim; sessions, tokens and invites end
 *
 * 1. An Owner is never changed. 2. The last active Administrator stays, where there is no Owner.
 * 3. Somebody of another organization too keeps their names and address: an account is one for all.
 * 4. An address only becomes one of the organization's own domains.
 */
import { seat } from "./admission.ts";
import type { Change, Decided, Plan, Reason } from "./changes.ts";
import type { Grants } from "./mappings.ts";
import type { OthersInCharge } from "./plan-scim-groups.ts";
import { keepsAdministrator, matchReasons, planGroupEffects } from "./plan-scim-groups.ts";
import { isProven } from "./proof.ts";
import { type OrgRole, roleName } from "./roles.ts";
import type { AccessPolicy, PersonSnapshot } from "./snapshot.ts";

/** One person as the client wants them, and as they are. */
export interface ScimUserFacts {
  /** The address that the account has, or will have where there is none; lower case. */
  readonly email: string;
  /** The address that the client wants, where the account has another one; lower case. */
  readonly newEmail: string | null;
  /** True where another account has that address already. */
  readonly isNewEmailTaken: boolean;
  /**
   * True where the client names the person by that address, as userName (PRODUCT 7.3). Else it stands
   * among the e-mails of the profile, which are kept whether or not people may sign in with them.
   */
  readonly isNewEmailName: boolean;
  /** Absent where the client says nothing of them. */
  readonly firstName?: string;
  readonly lastName?: string;
  readonly snapshot: PersonSnapshot;
  /** Grants from the person's pushed groups. */
  readonly grants: Grants;
  readonly policy: AccessPolicy;
  /** `active` as it was; null where the client did not know the person yet. */
  readonly wasActive: boolean | null;
  readonly active: boolean;
  readonly others: OthersInCharge;
}

/** The plan, or why the client's word is refused; `code` stands in the error table. */
export type ScimDecision =
  | { readonly outcome: "planned"; readonly plan: Plan }
  | {
      readonly outcome: "refused";
      readonly code: "permission_denied" | "scim_uniqueness";
      readonly detail: string;
    };

const ownerStays =
  "The person is the Owner of the organization, whom SCIM never changes, deactivates or removes. Transfer the organization first.";

/** Addresses of people whom a client gave none: nobody can have one of them (RFC 2606). */
const placeholderDomain = "@no-address.invalid";

/** The address of somebody who has none, by the id of their resource; they cannot sign in. */
export function placeholderAddress(id: string): string {
  return id + placeholderDomain;
}

/** The person made what the client wants (PRODUCT 7.4). */
export function planScimUser(wanted: ScimUserFacts): ScimDecision {
  const address = refuseAddress(wanted);
  const facts = address === null || wanted.isNewEmailName ? wanted : { ...wanted, newEmail: null };
  const account = planAccount(facts);
  const refusal = refuseOwner(facts, account) ?? (facts.newEmail === null ? null : address);
  if (refusal !== null) return refusal;
  const standing = planStanding(facts);
  if (standing.outcome === "refused") return standing;
  const changes = [...account.changes, ...standing.changes];
  const reasons = [...account.reasons, ...standing.reasons];
  const { email, snapshot } = facts;
  return {
    outcome: "planned",
    plan: { email, userId: snapshot.user?.id ?? null, changes, reasons },
  };
}

/** The resource goes, the person stays as Deactivated (PRODUCT 7.4). */
export function planScimRemoval(
  facts: Pick<ScimUserFacts, "email" | "snapshot" | "grants" | "policy" | "others">,
): ScimDecision {
  const { email, snapshot } = facts;
  if (snapshot.membership?.role === "OW") return refused("permission_denied", ownerStays);
  const leaving = planLeaving(facts, { isNews: true });
  if (leaving.outcome === "refused") return leaving;
  const { changes, reasons } = leaving;
  return {
    outcome: "planned",
    plan: { email, userId: snapshot.user?.id ?? null, changes, reasons },
  };
}

type Standing =
  | ({ readonly outcome: "planned" } & Decided)
  | (ScimDecision & { outcome: "refused" });

function planStanding(facts: ScimUserFacts): Standing {
  if (!facts.active) return planLeaving(facts, { isNews: facts.wasActive !== false });
  if (facts.wasActive === true) return { outcome: "planned", changes: [], reasons: [] };
  const { role, changes, reasons } = planEntry(facts);
  const effects = planGroupEffects(facts, role);
  return {
    outcome: "planned",
    changes: [...changes, ...effects.changes],
    reasons: [...reasons, ...effects.reasons],
  };
}

/** "`active=true`: role from the groups, else default" (PRODUCT 7.4). */
function planEntry(facts: ScimUserFacts): Decided & { readonly role: OrgRole } {
  const { snapshot } = facts;
  const current = snapshot.membership?.role ?? null;
  const wanted = wantedAtEntry(facts, current);
  const seating = seat(wanted.role, snapshot);
  const { role, waiting } = seating;
  const reasons = [...wanted.reasons, ...seating.reasons];
  if (current === role) return { role, changes: [], reasons };
  const kept = keepsAdministrator(current, role, facts.others);
  if (kept !== null) return { role: "AD", changes: [], reasons: [reason("kept", "7.6", kept)] };
  const change: Change =
    current === null
      ? { kind: "membership_created", role, source: "scim", ...waiting }
      : { kind: "role_changed", from: current, to: role, source: "scim", ...waiting };
  return { role, changes: [change], reasons };
}

function wantedAtEntry(
  { snapshot, grants, policy, wasActive }: ScimUserFacts,
  current: OrgRole | null,
): { readonly role: OrgRole; readonly reasons: readonly Reason[] } {
  const is = (role: OrgRole, result: Reason["result"], text: string) => ({
    role,
    reasons: [{ ...reason(result, "7.4", text), target: roleName(role) }],
  });
  if (current === "OW")
    return is("OW", "kept", "The person is the Owner, whom SCIM never changes.");
  const source = snapshot.membership?.roleSource;
  const isManual = source === "manual" || source === "api";
  if (current === "DI" && wasActive === null && isManual) {
    // Whoever was put out in an emergency does not come back because a client meets them anew.
    return is(
      "DI",
      "kept",
      "The person was deactivated by hand, and stays so until that is undone.",
    );
  }
  const [winner] = grants.roleMatches;
  if (winner !== undefined) return { role: winner.role, reasons: matchReasons(grants.roleMatches) };
  if (current !== null && current !== "DI") {
    return is(current, "kept", `The person is a member already and stays ${roleName(current)}.`);
  }
  // Owner is given by set-up or transfer only (PRODUCT 1.3), whatever a default says.
  const role = policy.defaultRole === "OW" ? "NO" : policy.defaultRole;
  const text = `No pushed group gives a role, so the person gets the default role, ${roleName(role)}.`;
  return is(role, "granted", text);
}

/**
 * Deactivated with source `scim`, so that no sign-in brings the person back (PRODUCT 4.6, 7.4), also
 * where they were Deactivated by a sign-in before. `isNews` is false where the client only repeats it.
 */
function planLeaving(
  { snapshot, grants, policy, others }: Omit<Parameters<typeof planScimRemoval>[0], "email">,
  { isNews }: { readonly isNews: boolean },
): Standing {
  const current = snapshot.membership?.role ?? null;
  const kept = keepsAdministrator(current, "DI", others);
  if (kept !== null) return refused("permission_denied", kept);
  const changes = leavingChanges(snapshot);
  const ends = changes.length > 0 || (isNews && current !== null);
  const effects = planGroupEffects({ snapshot, grants, policy }, "DI");
  const text =
    "The identity provider deactivated the person. Sign-in does not bring them back; active true does.";
  return {
    outcome: "planned",
    changes: [
      ...changes,
      ...(ends && current !== null ? [{ kind: "access_ended" } as const] : []),
      ...effects.changes,
    ],
    reasons: [reason(current === "DI" ? "kept" : "changed", "7.4", text), ...effects.reasons],
  };
}

function leavingChanges({ membership }: PersonSnapshot): Change[] {
  if (membership === null) return [{ kind: "membership_created", role: "DI", source: "scim" }];
  const { role: from, roleSource } = membership;
  if (from !== "DI") return [{ kind: "role_changed", from, to: "DI", source: "scim" }];
  if (roleSource === "scim") return [];
  const grant = { scope: "organization" } as const;
  return [{ kind: "grant_source_changed", grant, from: roleSource, to: "scim" }];
}

function planAccount(facts: ScimUserFacts): Decided {
  const { email, snapshot, newEmail } = facts;
  const from = snapshot.user;
  const names = {
    firstName: present(facts.firstName) ?? from?.firstName ?? "",
    lastName: present(facts.lastName) ?? from?.lastName ?? "",
  };
  if (from === null) {
    const text = "Nobody had an account with this e-mail address, so one is created.";
    const created: Change = { kind: "user_created", email, ...names };
    return { changes: [created], reasons: [{ ...about("7.4", text), result: "granted" }] };
  }
  const changes: Change[] = newEmail === null ? [] : [{ kind: "email_changed", to: newEmail }];
  const reasons: Reason[] =
    newEmail === null
      ? []
      : [about("7.8", `The e-mail address becomes ${newEmail}, in a domain of the organization.`)];
  const isSame = from.firstName === names.firstName && from.lastName === names.lastName;
  if (isSame) return { changes, reasons };
  if (isAnothersToo(facts)) {
    const text = "The person belongs to another organization too, so their names stay.";
    return { changes, reasons: [...reasons, { ...about("7.4", text), result: "kept" }] };
  }
  const { firstName, lastName } = from;
  changes.push({ kind: "user_renamed", from: { firstName, lastName }, to: names });
  reasons.push(about("7.4", "First name and last name are taken from the identity provider."));
  return { changes, reasons };
}

/**
 * Checks whether another organization has a say in the account. Where the address's domain is proven
 * to be this one's, only the person's own acceptance there counts: anybody could make a membership
 * for them.
 */
function isAnothersToo({ email, snapshot, policy }: ScimUserFacts): boolean {
  return isProven(email, policy) ? snapshot.acceptedElsewhere : snapshot.belongsElsewhere;
}

function refuseOwner(
  { snapshot, active }: ScimUserFacts,
  account: Decided,
): (ScimDecision & { outcome: "refused" }) | null {
  if (snapshot.membership?.role !== "OW") return null;
  return active && account.changes.length === 0 ? null : refused("permission_denied", ownerStays);
}

/** "Only to a domain of this organization, only where the account belongs to no other" (7.8). */
function refuseAddress(facts: ScimUserFacts): (ScimDecision & { outcome: "refused" }) | null {
  const { newEmail, policy } = facts;
  if (newEmail === null) return null;
  if (isAnothersToo(facts)) {
    const text =
      "The account belongs to another organization too, so its e-mail address cannot be changed here.";
    return refused("permission_denied", text);
  }
  if (!isProven(newEmail, policy) && !facts.email.endsWith(placeholderDomain)) {
    const text =
      "An e-mail address can only be changed to one in a domain that is proven to be the organization's.";
    return refused("permission_denied", text);
  }
  if (!facts.isNewEmailTaken) return null;
  return refused("scim_uniqueness", "The e-mail address is in use already.");
}

function refused(
  code: (ScimDecision & { outcome: "refused" })["code"],
  detail: string,
): ScimDecision & { outcome: "refused" } {
  return { outcome: "refused", code, detail };
}

/** A name without text says nothing: it must not wipe one out. */
function present(name: string | undefined): string | undefined {
  return name === undefined || name.trim() === "" ? undefined : name;
}

function about(rule: string, text: string): Reason {
  return { subject: "account", result: "changed", rule, text };
}

function reason(result: Reason["result"], rule: string, text: string): Reason {
  return { subject: "role", result, rule, text };
}
