/** The organizations of a person, as `chooseOrganization` needs them. */
import type { Deps } from "../deps.ts";
import { listOrganizationsOf } from "../store/organizations.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import type { PasswordCandidate } from "./choose-organization.ts";

/** In the order of joining. */
export async function loadPasswordCandidates(
  deps: Deps,
  userId: number,
): Promise<readonly PasswordCandidate[]> {
  const { db } = deps.store;
  const organizations = await listOrganizationsOf(db, userId);
  const candidates: PasswordCandidate[] = [];
  for (const { id, role, opensByPassword, lastSignInAt } of organizations) {
    const saml = await loadSamlByOrganization(db, id);
    candidates.push({
      organizationId: id,
      role,
      opensByPassword,
      disablesPasswordLogin: saml?.settings.disablePasswordLogin ?? false,
      lastUsedAt: lastSignInAt,
    });
  }
  return candidates;
}
