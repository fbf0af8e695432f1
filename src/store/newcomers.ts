/**
 * Limits the accounts that an organization may create, or ask after, for addresses outside its domains,
 * whichever way: sign-up, API, SCIM, sign-in (PRODUCT 9.6a). Each way tells whether an address has an
 * account, and each leaves a row for it. An organization is no stranger to the addresses of its proven
 * domains, and the operator's to none.
 */
import { network } from "../access/network.ts";
import { type DomainTrust, isProven } from "../access/proof.ts";
import { AppError } from "../errors.ts";
import { accessPolicyOf, type PolicyFlags } from "./access-policy.ts";
import { countAttempt } from "./attempts.ts";
import type { SamlRecord } from "./saml-settings.ts";
import type { Db } from "./statement.ts";

const windowMs = 15 * 60_000;
const maxNewcomers = 100;

/** The request that creates an account, or asks after one. */
export interface Newcomer {
  readonly ip: string;
  /** Null where no organization answers for it: at sign-up. */
  readonly organizationId: number | null;
  readonly at: number;
}

/**
 * Counts one more, whatever comes of it, by network and by organization.
 * @throws AppError `too_many_requests` beyond 100 in 15 minutes
 */
export async function admitNewcomer(db: Db, { ip, organizationId, at }: Newcomer): Promise<void> {
  const keys = [`newcomer:${network(ip)}`];
  if (organizationId !== null) keys.push(`newcomer:organization ${organizationId}`);
  for (const key of keys) {
    const made = await countAttempt(db, { key, at, windowMs });
    if (made > maxNewcomers) throw new AppError("too_many_requests", { evidence: { made } });
  }
}

/**
 * Tells whether the organization is the operator's own: the first one of a closed server (PRODUCT 4.9a).
 */
export function isOperators(
  { isOpenToFounders }: Pick<DomainTrust, "isOpenToFounders">,
  { organization }: Pick<SamlRecord, "organization">,
): boolean {
  return organization.isFirst && !isOpenToFounders;
}

/**
 * Tells whether the organization may speak for the address: it is the operator's, or the domain is
 * proven.
 */
export function speaksFor(
  flags: PolicyFlags,
  record: Pick<SamlRecord, "organizationId" | "settings" | "organization">,
  email: string,
): boolean {
  return isOperators(flags, record) || isProven(email, accessPolicyOf(flags, record));
}
