/**
 * Admits people to sign-in (PRODUCT 4.6, 4.9), and finds them a seat (PRODUCT 1.7). Owns the refusals
 * and the seat rule. What an admitted person then gets is plan.ts's business.
 */
import type { Reason, RefusalCode } from "./changes.ts";
import { hasAccess, type OrgRole } from "./roles.ts";
import type { AccessPolicy, Identity, PersonSnapshot } from "./snapshot.ts";

/** A refused sign-in: nothing changes, whatever the groups say. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: Reason;
}

/** The refusal of this sign-in, or null where the person may come in. */
export function refuseSignIn(facts: {
  readonly identity: Identity;
  readonly snapshot: PersonSnapshot;
  readonly policy: AccessPolicy;
  readonly confirmedFor: number | null;
}): Refusal | null {
  const { membership, user } = facts.snapshot;
  if (membership === null) return refuseNewcomer(facts);
  // Else whoever may change the settings makes an identity provider of their own name the Owner.
  if (membership.role === "OW" && (user === null || user.id !== facts.confirmedFor)) {
    return refusal("sign_in_owner_unconfirmed", {
      rule: "4.2",
      text: "The Owner has not confirmed the configuration that stands: sign in by password or recovery, and confirm it on the SSO page.",
    });
  }
  // "Only a deactivation whose source is saml is lifted by a matching group" (PRODUCT 4.6).
  if (membership.role === "DI" && membership.roleSource !== "saml") {
    const by = membership.roleSource === "scim" ? "by SCIM" : "by hand";
    return refusal("sign_in_deactivated", {
      rule: "4.6",
      text: `The person was deactivated ${by}. Single sign-on does not lift that: activate them the same way.`,
    });
  }
  return null;
}

/**
 * The domain rules of PRODUCT 4.9. They guard the door into an organization: whoever is a member,
 * by an earlier sign-in or by invitation from any address, is not asked again.
 */
function refuseNewcomer({
  identity,
  snapshot,
  policy,
}: {
  readonly identity: Identity;
  readonly snapshot: PersonSnapshot;
  readonly policy: AccessPolicy;
}): Refusal | null {
  const domain = domainOf(identity.email);
  if (policy.domains.length > 0 && !isListed(identity.email, policy)) {
    return refusal("sign_in_domain_not_allowed", {
      rule: "4.9",
      text: `${domain} is not among the organization's domains (${policy.domains.join(", ")}). A subdomain has to be listed by itself.`,
      target: domain,
    });
  }
  // Without a proven domain, any organization's identity provider could vouch for anybody's people. A
  // membership that somebody else made for the person keeps them out of nothing.
  if (!snapshot.acceptedElsewhere || isListed(identity.email, { domains: policy.provenDomains })) {
    return null;
  }
  return refusal("sign_in_other_organization", {
    rule: "4.9",
    text:
      policy.domains.length > 0
        ? `The person belongs to another organization, and ${domain} is not proven to be this one's: the operator of the server vouches for it with TRUSTED_DOMAINS.`
        : `The person belongs to another organization, and this one has no domain list. List ${domain} to let them in.`,
    target: domain,
  });
}

function refusal(
  code: RefusalCode,
  about: { readonly rule: string; readonly text: string; readonly target?: string },
): Refusal {
  return { code, reason: { subject: "account", result: "refused", ...about } };
}

/** Checks whether the organization claims the address's domain. */
export function isListed(email: string, { domains }: Pick<AccessPolicy, "domains">): boolean {
  const domain = domainOf(email);
  return domains.some((listed) => asciiDomain(listed) === domain);
}

function domainOf(email: string): string {
  return asciiDomain(email.slice(email.lastIndexOf("@") + 1));
}

/**
 * Lower case, and international names in the ASCII form in which the settings store them. Only what
 * can be a domain is converted: URL rules would cut anything else off.
 */
function asciiDomain(domain: string): string {
  const lower = domain.toLowerCase();
  const isInternational = /^[\p{L}\p{M}\p{N}.-]+$/u.test(lower) && /\P{ASCII}/u.test(lower);
  return isInternational ? (URL.parse(`http://${lower}`)?.hostname ?? lower) : lower;
}

/** The role that a person may take up now, and why it is not the wanted one. */
export interface Seating {
  readonly role: OrgRole;
  readonly reasons: readonly Reason[];
  /** Part of the change of the role: the role that the limit kept back, where it kept one. */
  readonly waiting: { readonly awaited?: OrgRole };
}

/**
 * "Where the limit is reached, people who are in already still sign in; a new one is created as Not
 * Activated" (PRODUCT 1.7). Every step from no access to access takes a seat. The Owner always has
 * one: an organization without its Owner could not raise the limit.
 */
export function seat(wanted: OrgRole, { membership, seats }: PersonSnapshot): Seating {
  const isSeated = membership !== null && hasAccess(membership.role);
  const isFree = seats.limit === null || seats.used < seats.limit;
  if (!hasAccess(wanted) || wanted === "OW" || isSeated || isFree) {
    return { role: wanted, reasons: [], waiting: {} };
  }
  const text = `All ${seats.limit} seats are taken, so the person is Not Activated until one is free.`;
  return {
    role: "NO",
    reasons: [{ subject: "seat", result: "refused", rule: "1.7", text }],
    waiting: { awaited: wanted },
  };
}
