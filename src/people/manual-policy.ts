/**
 * Rules for manual changes of a person in an organization (PRODUCT 5), from server and organization.
 */
import type { AccessPolicy } from "../access/plan.ts";
import type { Config } from "../config.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";

/** The three MANUAL flags. */
export type ManualPolicy = Pick<
  AccessPolicy,
  "manualRoleManagement" | "manualWorkspaceManagement" | "manualProjectMemberManagement"
>;

/** The flags as they hold for this organization, whose own setting goes before the server's. */
export async function loadManualPolicy(
  config: Config,
  db: Db,
  organizationId: number,
): Promise<ManualPolicy> {
  const { settings } = await loadSamlByOrganization(db, organizationId);
  return {
    manualRoleManagement: settings.manualRoleManagement ?? config.manualRoleManagement,
    manualWorkspaceManagement: config.manualWorkspaceManagement,
    manualProjectMemberManagement: config.manualProjectMemberManagement,
  };
}
