/**
 * Finds the domains that are proven to be an organization's own (PRODUCT 4.9a). Pure. Anybody may
 * write any domain into a list; only a proven one admits people of other organizations, routes, and
 * speaks for those who have an address there.
 */
import { isListed } from "./admission.ts";
import type { AccessPolicy } from "./snapshot.ts";

/** A domain that the operator vouches for. */
export interface TrustedDomain {
  /** Lower-case ASCII. */
  readonly domain: string;
  /** Number of the organization that it belongs to; null for the first. */
  readonly organizationId: number | null;
}

/** The domains of the server's configuration. */
export interface DomainTrust {
  /** True where strangers may found organizations here. */
  readonly isOpenToFounders: boolean;
  readonly trustedDomains: readonly TrustedDomain[];
}

/** The organization whose domains are asked about. */
export interface Claimant {
  readonly organizationId: number;
  /** True for the server's first organization: on a closed server that is the operator's own. */
  readonly isFirst: boolean;
}

/** Those of the claimed domains that are proven. */
export function provenDomains(
  domains: readonly string[],
  claimant: Claimant,
  trust: DomainTrust,
): readonly string[] {
  if (claimant.isFirst && !trust.isOpenToFounders) return domains;
  return domains.filter((domain) =>
    trust.trustedDomains.some((trusted) => trusted.domain === domain && isOf(trusted, claimant)),
  );
}

/** Checks whether the operator vouches for the domain as another organization's. */
export function isTrustedToAnother(
  domain: string,
  claimant: Claimant,
  { trustedDomains }: DomainTrust,
): boolean {
  const trusted = trustedDomains.filter((entry) => entry.domain === domain);
  return trusted.length > 0 && !trusted.some((entry) => isOf(entry, claimant));
}

function isOf({ organizationId }: TrustedDomain, claimant: Claimant): boolean {
  return organizationId === null ? claimant.isFirst : organizationId === claimant.organizationId;
}

/** Checks whether the address's domain is proven to be the organization's. */
export function isProven(email: string, policy: Pick<AccessPolicy, "provenDomains">): boolean {
  return isListed(email, { domains: policy.provenDomains });
}
