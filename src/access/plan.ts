/**
 * The plans: what must become true of one person in one organization, and why (PRODUCT 4).
 */
import type { Plan, Verdict } from "./changes.ts";
import type { Grants } from "./mappings.ts";
import type { OrgRole, Source } from "./roles.ts";
import type { AccessPolicy, Identity, PersonSnapshot } from "./snapshot.ts";

export type { AccessPolicy, Identity, PersonSnapshot } from "./snapshot.ts";

/** Everything a sign-on is decided from. */
export interface SignInFacts {
  readonly identity: Identity;
  readonly snapshot: PersonSnapshot;
  readonly grants: Grants;
  readonly policy: AccessPolicy;
}

/** A person who joins by invite, sign-up or first-run set-up. */
export interface JoinFacts {
  /** Lower case. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly snapshot: PersonSnapshot;
  readonly role: OrgRole;
  readonly source: Source;
  /** True where the person chose a password, which `applyPlan` receives as a hash. */
  readonly setPassword: boolean;
}

/** One person among those whom a settings reset concerns (PRODUCT 6.3). */
export interface ResetMember {
  readonly userId: number;
  readonly email: string;
  readonly snapshot: PersonSnapshot;
}

/** Who becomes Owner by the recovery command (PRODUCT 9.4). */
export interface RecoverFacts {
  /** Lower case. */
  readonly email: string;
  readonly snapshot: PersonSnapshot;
  /** Owners of the organization at this moment. */
  readonly owners: readonly { readonly userId: number; readonly email: string }[];
  readonly setPassword: boolean;
}

export function planSignIn(_facts: SignInFacts): Plan & { readonly verdict: Verdict } {
  throw new Error("not yet");
}

export function planJoin(_facts: JoinFacts): Plan {
  throw new Error("not yet");
}

export function planReset(_members: readonly ResetMember[]): Plan[] {
  throw new Error("not yet");
}

export function planRecover(_facts: RecoverFacts): Plan[] {
  throw new Error("not yet");
}
