/**
 * The switches by which people's access is decided, as they hold for one organization (PRODUCT 5): the
 * organization's own where it set one, else the server's.
 */
import { type DomainTrust, provenDomains } from "../access/proof.ts";
import type { AccessPolicy } from "../access/snapshot.ts";
import {
  findOrganizationByDomain,
  loadSamlByOrganization,
  type SamlRecord,
} from "./saml-settings.ts";
import type { Db } from "./statement.ts";

/** The flags of PRODUCT 5 as the server's environment says; an organization may set the first. */
type ManualFlags = Pick<
  AccessPolicy,
  "manualRoleManagement" | "manualWorkspaceManagement" | "manualProjectMemberManagement"
>;

/** All that a policy takes from the server's environment. */
export type PolicyFlags = ManualFlags & DomainTrust;

/** The policy of the organization whose settings these are. */
export function accessPolicyOf(
  flags: PolicyFlags,
  {
    organizationId,
    settings,
    organization,
  }: Pick<SamlRecord, "organizationId" | "settings" | "organization">,
): AccessPolicy {
  const claimant = { organizationId, isFirst: organization.isFirst };
  return {
    manualRoleManagement: settings.manualRoleManagement ?? flags.manualRoleManagement,
    manualWorkspaceManagement: flags.manualWorkspaceManagement,
    manualProjectMemberManagement: flags.manualProjectMemberManagement,
    defaultRole: organization.defaultRole,
    domains: settings.domains,
    provenDomains: provenDomains(settings.domains, claimant, flags),
  };
}

/** The organization whose proven domain this is (PRODUCT 4.9a), and the token of its SAML addresses, or null. */
export async function findOrganizationByProvenDomain(
  db: Db,
  domain: string,
  trust: DomainTrust,
): Promise<{ readonly organizationId: number; readonly token: string } | null> {
  const claim = await findOrganizationByDomain(db, domain);
  if (claim === null) return null;
  const { organization } = await loadSamlByOrganization(db, claim.organizationId);
  const claimant = { organizationId: claim.organizationId, isFirst: organization.isFirst };
  return provenDomains([domain], claimant, trust).length > 0 ? claim : null;
}
