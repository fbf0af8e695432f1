/**
 * Joining other than by single sign-on: the first Owner, sign-up, invites (PRODUCT 9.2, 5, 9.7), and
 * the recovery command, which hands the organization to somebody (PRODUCT 9.4).
 * Whether the link or the password was right is asked before; here only its effect is decided.
 */
import { seat } from "./admission.ts";
import type { Change, Decided, Plan, Reason } from "./changes.ts";
import { hasAccess, type OrgRole, roleName, type Source } from "./roles.ts";
import type { PersonSnapshot } from "./snapshot.ts";

/** A person who joins by first-run set-up, sign-up or invite. */
export interface JoinFacts {
  /** Lower case. */
  readonly email: string;
  /** For a new account only: an account that exists keeps its names. */
  readonly firstName: string;
  readonly lastName: string;
  readonly snapshot: PersonSnapshot;
  readonly role: OrgRole;
  readonly source: Source;
  /** True where the person chose a password, which `applyPlan` receives as a hash. */
  readonly setPassword: boolean;
  /** True where it takes the place of one that was never proved here (PRODUCT 9.6a). */
  readonly replacesPassword?: boolean;
}

/** Facts about the person whom the recovery command makes Owner. */
export interface RecoverFacts {
  /** Lower case. */
  readonly email: string;
  readonly snapshot: PersonSnapshot;
  /** The Owners of the organization at this moment. */
  readonly owners: readonly { readonly userId: number; readonly email: string }[];
  readonly setPassword: boolean;
}

/**
 * A membership with the given role, as far as seats go (PRODUCT 1.7), and the account where there is
 * none. The password of an account that exists is replaced only where nobody ever proved it and the
 * invite's holder is who may. A member stays what they are, a Deactivated one too; only Not
 * Activated gives way to an invite with a role, which an administrator has written.
 */
export function planJoin(facts: JoinFacts): Plan {
  const { email, snapshot } = facts;
  const account = snapshot.user === null ? newAccount(facts) : keptAccount(facts);
  const membership = joinMembership(facts);
  return {
    email,
    userId: snapshot.user?.id ?? null,
    changes: [...account.changes, ...membership.changes],
    reasons: [...account.reasons, ...membership.reasons],
  };
}

function joinMembership({ snapshot, role, source }: JoinFacts): Decided {
  const from = snapshot.membership?.role ?? null;
  if (from !== null && (from !== "NO" || !hasAccess(role) || role === "OW")) {
    const text = `The person is a member already and stays ${roleName(from)}.`;
    return { changes: [], reasons: [reason("kept", "1.3", text)] };
  }
  const seating = seat(role, snapshot);
  const { role: to, waiting } = seating;
  const isSame = waiting.awaited === (snapshot.membership?.awaited ?? undefined);
  if (to === from && isSame) return { changes: [], reasons: seating.reasons };
  const text = `The person joins with the role ${roleName(to)}.`;
  return {
    changes: [
      from === null
        ? { kind: "membership_created", role: to, source, ...waiting }
        : { kind: "role_changed", from, to, source, ...waiting },
    ],
    reasons: [reason("granted", "1.3", text), ...seating.reasons],
  };
}

/**
 * The person becomes Owner, deactivated or not, seat or not (PRODUCT 5, 9.4); each former Owner
 * becomes Administrator, first, so that there is never a second one. Recovering the Owner changes
 * nothing but the password.
 */
export function planRecover(facts: RecoverFacts): Plan[] {
  const { email, snapshot, owners, setPassword } = facts;
  const from = snapshot.membership?.role ?? null;
  const account =
    snapshot.user === null ? newAccount({ ...facts, firstName: "", lastName: "" }) : null;
  const changes: Change[] = [...(account?.changes ?? [])];
  if (account === null && setPassword) changes.push({ kind: "password_set" });
  if (from === null) changes.push({ kind: "membership_created", role: "OW", source: "manual" });
  else if (from !== "OW") {
    changes.push({ kind: "role_changed", from, to: "OW", source: "manual" });
  }
  const text = "The recovery command makes this person the Owner.";
  const plan: Plan = {
    email,
    userId: snapshot.user?.id ?? null,
    changes,
    reasons: [...(account?.reasons ?? []), reason(from === "OW" ? "kept" : "granted", "9.4", text)],
  };
  const former = from === "OW" ? [] : owners.filter((owner) => owner.email !== email);
  return [...former.map(stepDown), plan];
}

function stepDown({ userId, email }: { readonly userId: number; readonly email: string }): Plan {
  const text = "The recovery command gives the organization a new Owner, so this one steps down.";
  return {
    email,
    userId,
    changes: [{ kind: "role_changed", from: "OW", to: "AD", source: "manual" }],
    reasons: [reason("changed", "9.4", text)],
  };
}

function keptAccount({ setPassword, replacesPassword = false }: JoinFacts): Decided {
  if (!setPassword || !replacesPassword) return { changes: [], reasons: [] };
  const text =
    "Nobody had proved the account's password, so the holder of the invite chooses another one.";
  return {
    changes: [{ kind: "password_set" }],
    reasons: [{ subject: "account", result: "changed", rule: "9.6a", text }],
  };
}

function newAccount({
  email,
  firstName,
  lastName,
  setPassword,
}: Pick<JoinFacts, "email" | "firstName" | "lastName" | "setPassword">): Decided {
  const created: Change = { kind: "user_created", email, firstName, lastName };
  const text = "Nobody had an account with this e-mail address, so one is created.";
  return {
    changes: setPassword ? [created, { kind: "password_set" }] : [created],
    reasons: [{ subject: "account", result: "granted", rule: "1.2", text }],
  };
}

function reason(result: Reason["result"], rule: string, text: string): Reason {
  return { subject: "role", result, rule, text };
}
