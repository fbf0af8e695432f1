/** The organizations of a person, as `chooseOrganization` needs them. */
import type { Deps } from "../deps.ts";
import { listOrganizationsOf } from "../store/organizations.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { listSessions } from "../store/sessions.ts";
import type { PasswordCandidate } from "./choose-organization.ts";

/** In the order of joining. "Last used" is the latest SAML sign-on or use of a living session. */
export async function loadPasswordCandidates(
  deps: Deps,
  userId: number,
): Promise<readonly PasswordCandidate[]> {
  const { db } = deps.store;
  const organizations = await listOrganizationsOf(db, userId);
  if (organizations.length === 0) return [];
  const sessions = await listSessions(db, { userId, now: deps.now() });
  const candidates: PasswordCandidate[] = [];
  for (const { id, role, opensByPassword, lastSignInAt } of organizations) {
    const saml = await loadSamlByOrganization(db, id);
    candidates.push({
      organizationId: id,
      role,
      opensByPassword,
      disablesPasswordLogin: saml.settings.disablePasswordLogin,
      lastUsedAt: latest([
        lastSignInAt ?? 0,
        ...sessions.filter(({ organizationId }) => organizationId === id).map((s) => s.lastSeenAt),
      ]),
    });
  }
  return candidates;
}

function latest(times: readonly number[]): number | null {
  return Math.max(...times) || null;
}
