/**
 * Plans the changes of one person in one organization by a SAML sign-in, with reasons (PRODUCT 4).
 *
 * 1. Refuse, or not (4.6, 4.9): a person refused has no changes at all.
 * 2. Names, role, workspaces, projects, in this order (4.5), each from its own file.
 *
 * Pure: the same function serves the sign-in, the preview and the test sign-in (4.11). Other plans:
 * plan-join.ts, plan-reset.ts.
 */
import { refuseSignIn } from "./admission.ts";
import type { Decided, Plan, Reason, Verdict } from "./changes.ts";
import type { Grants } from "./mappings.ts";
import { planProjects } from "./plan-projects.ts";
import { planRole, planRoleOfUnknown } from "./plan-role.ts";
import { planWorkspaces } from "./plan-workspaces.ts";
import { isProven } from "./proof.ts";
import type { OrgRole } from "./roles.ts";
import {
  type AccessPolicy,
  areGroupsUnknown,
  type Identity,
  type PersonSnapshot,
} from "./snapshot.ts";

export type { AccessPolicy, Identity, PersonSnapshot } from "./snapshot.ts";

/** Everything that a sign-in is decided from. */
export interface SignInFacts {
  readonly identity: Identity;
  readonly snapshot: PersonSnapshot;
  /** Grants of `identity.groups`, by `resolveGrants`. */
  readonly grants: Grants;
  readonly policy: AccessPolicy;
  /** The Owner who confirmed the configuration that vouches here; null where none did (PRODUCT 4.2). */
  readonly confirmedFor: number | null;
}

/** The plan of a sign-in and how it ends for the person. */
export interface SignInPlan extends Plan {
  readonly verdict: Verdict;
}

/**
 * Decides a sign-in. Guaranteed: a refused person and one who stays Deactivated have no changes; an
 * Owner keeps the role; no SCIM row goes; with a manual flag on nothing of its kind goes; deciding
 * again after the changes were applied decides no change; the order of groups and of mappings makes
 * no difference.
 */
export function planSignIn(facts: SignInFacts): SignInPlan {
  const { identity, snapshot, grants } = facts;
  const { email } = identity;
  const userId = snapshot.user?.id ?? null;
  const notes = [...groupNotes(identity), ...grants.hints];

  const refusal = refuseSignIn(facts);
  if (refusal !== null) {
    const { code, reason } = refusal;
    const verdict = { outcome: "refused", code } as const;
    return { email, userId, changes: [], reasons: [reason], verdict };
  }

  const isUnknown = areGroupsUnknown(identity);
  const role = isUnknown ? planRoleOfUnknown(facts) : planRole(facts);
  const verdict = verdictOf(role.role);
  if (role.role === "DI" && snapshot.membership?.role === "DI") {
    return { email, userId, changes: [], reasons: [...role.reasons, ...notes], verdict };
  }

  const parts: Decided[] = [planAccount(facts), role];
  // What nobody knows neither gives nor takes (PRODUCT 3.3).
  if (!isUnknown) {
    parts.push(
      planWorkspaces({ ...facts, role: role.role }),
      planProjects({ ...facts, role: role.role }),
    );
  }
  return {
    email,
    userId,
    changes: parts.flatMap(({ changes }) => changes),
    reasons: [...parts.flatMap(({ reasons }) => reasons), ...notes],
    verdict,
  };
}

/**
 * The account of a newcomer (4.9), else the names where they are mapped and present (4.5). An account
 * is one for all organizations: of a person who belongs to another one too, the names are for the
 * organization to say whose domain the address is proven to be in.
 */
function planAccount({ identity, snapshot, policy }: SignInFacts): Decided {
  const from = snapshot.user;
  const to = {
    firstName: present(identity.firstName) ?? from?.firstName ?? "",
    lastName: present(identity.lastName) ?? from?.lastName ?? "",
  };
  if (from === null) {
    const text = "Nobody had an account with this e-mail address, so one is created.";
    return {
      changes: [{ kind: "user_created", email: identity.email, ...to }],
      reasons: [{ subject: "account", result: "granted", rule: "4.9", text }],
    };
  }
  if (from.firstName === to.firstName && from.lastName === to.lastName) {
    return { changes: [], reasons: [] };
  }
  if (snapshot.belongsElsewhere && !isProven(identity.email, policy)) {
    const text =
      "The person belongs to another organization too, so their names stay. They follow the assertion where their domain is proven to be the organization's.";
    return { changes: [], reasons: [{ subject: "name", result: "kept", rule: "4.5", text }] };
  }
  const { firstName, lastName } = from;
  const text = "First name and last name are taken from the assertion.";
  return {
    changes: [{ kind: "user_renamed", from: { firstName, lastName }, to }],
    reasons: [{ subject: "name", result: "changed", rule: "4.5", text }],
  };
}

/** An attribute without text is not present: it must not wipe a name out. */
function present(name: string | undefined): string | undefined {
  return name === undefined || name.trim() === "" ? undefined : name;
}

const groupTexts = {
  present: null,
  empty: "The groups attribute is there, but empty: the identity provider knows no group to send.",
  absent:
    "The assertion has no groups attribute under the configured name, which counts as no groups. Compare mapping_groups with the attribute names sent.",
  overage:
    "Entra ID sent a link in place of the groups, since there are more than 150; the groups that SCIM pushed for this person count instead. Choose Groups assigned to the application there.",
  unknown:
    "Entra ID sent a link in place of the groups, since there are more than 150, so that they are unknown: role, workspaces and projects stay as they are. Choose Groups assigned to the application there, or push the groups by SCIM.",
} as const;

/** Absent, empty and present are told apart in the explanation (PRODUCT 3.3). */
function groupNotes(identity: Identity): Reason[] {
  const text = groupTexts[areGroupsUnknown(identity) ? "unknown" : identity.groupsState];
  return text === null ? [] : [{ subject: "hint", result: "noted", rule: "3.3", text }];
}

function verdictOf(role: OrgRole): Verdict {
  if (role === "DI") return { outcome: "deactivated", role };
  if (role === "NO") return { outcome: "not_activated", role };
  return { outcome: "admitted", role };
}
