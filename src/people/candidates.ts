/** The organizations of a person, as `chooseOrganization` needs them. */
import type { Deps } from "../deps.ts";
import { isOwnerSuspended } from "../saml/vouching.ts";
import { listOrganizationsOf } from "../store/organizations.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { listSessions } from "../store/sessions.ts";
import type { PasswordCandidate } from "./choose-organization.ts";

/**
 * In the order of joining. "Last used" is the latest SAML sign-on or use of a living session. Of
 * organizations that the password does not open nothing is looked up: there may be any number of
 * them, made by strangers who named this person's address.
 */
export async function loadPasswordCandidates(
  deps: Deps,
  userId: number,
): Promise<readonly PasswordCandidate[]> {
  const { db } = deps.store;
  const organizations = await listOrganizationsOf(db, userId);
  const candidates: PasswordCandidate[] = [];
  for (const { id: organizationId, role, opensByPassword, lastSignInAt } of organizations) {
    if (!opensByPassword) {
      const closed = { opensByPassword, disablesPasswordLogin: false, lastUsedAt: null };
      candidates.push({ organizationId, role, ...closed });
      continue;
    }
    const saml = await loadSamlByOrganization(db, organizationId);
    const sessions = await listSessions(db, { userId, organizationId, now: deps.now() });
    candidates.push({
      organizationId,
      role,
      opensByPassword,
      // Whoever cannot come in by SAML until they confirm its settings keeps the other door (PRODUCT 4.2).
      disablesPasswordLogin:
        (deps.config.disablePasswordLogin || saml.settings.disablePasswordLogin) &&
        !(role === "OW" && isOwnerSuspended(saml, userId)),
      lastUsedAt: latest([lastSignInAt ?? 0, ...sessions.map((session) => session.lastSeenAt)]),
    });
  }
  return candidates;
}

function latest(times: readonly number[]): number | null {
  return Math.max(...times) || null;
}
