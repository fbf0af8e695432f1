/**
 * The switches by which people's access is decided, as they hold for one organization (PRODUCT 5): the
 * organization's own where it set one, else the server's.
 */
import type { AccessPolicy } from "../access/snapshot.ts";
import type { SamlRecord } from "./saml-settings.ts";

/** The flags of PRODUCT 5 as the server's environment says; an organization may set the first. */
export type ManualFlags = Pick<
  AccessPolicy,
  "manualRoleManagement" | "manualWorkspaceManagement" | "manualProjectMemberManagement"
>;

/** The policy of the organization whose settings these are. */
export function accessPolicyOf(
  flags: ManualFlags,
  { settings, organization }: Pick<SamlRecord, "settings" | "organization">,
): AccessPolicy {
  return {
    manualRoleManagement: settings.manualRoleManagement ?? flags.manualRoleManagement,
    manualWorkspaceManagement: flags.manualWorkspaceManagement,
    manualProjectMemberManagement: flags.manualProjectMemberManagement,
    defaultRole: organization.defaultRole,
    domains: settings.domains,
  };
}
