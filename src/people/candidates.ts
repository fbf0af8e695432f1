/** The organizations of a person, as `chooseOrganization` needs them, and which of them take passwords. */
import type { OrgRole } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { isOwnerSuspended } from "../saml/vouching.ts";
import { listOrganizationsOf } from "../store/organizations.ts";
import { loadSamlByOrganization, type SamlRecord } from "../store/saml-settings.ts";
import { listSessions } from "../store/sessions.ts";
import type { Db } from "../store/store.ts";
import type { PasswordCandidate } from "./choose-organization.ts";

/**
 * In the order of joining. "Last used" is the latest SAML sign-in or use of a living session. Of
 * organizations that the password does not open nothing is looked up: there may be any number of
 * them, made by strangers who named this person's address.
 */
export async function loadPasswordCandidates(
  deps: Deps,
  db: Db,
  userId: number,
): Promise<readonly PasswordCandidate[]> {
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
      disablesPasswordLogin: isPasswordClosed(deps, saml, { userId, role, lastSignInAt }),
      lastUsedAt: latest([lastSignInAt ?? 0, ...sessions.map((session) => session.lastSeenAt)]),
    });
  }
  return candidates;
}

/**
 * Checks whether the switches turn password sign-in off for the person. An Owner who cannot sign in
 * by SAML until they confirm its settings keeps it (PRODUCT 4.2), and no Administrator turns it off
 * for an Owner who never signed in by SAML: they have no other way in.
 */
export function isPasswordClosed(
  { config }: Pick<Deps, "config">,
  saml: SamlRecord,
  { userId, role, lastSignInAt }: { userId: number; role: OrgRole; lastSignInAt: number | null },
): boolean {
  const isOwner = role === "OW";
  if (isOwner && isOwnerSuspended(saml, userId)) return false;
  if (config.disablePasswordLogin) return true;
  return saml.settings.disablePasswordLogin && !(isOwner && lastSignInAt === null);
}

function latest(times: readonly number[]): number | null {
  return Math.max(...times) || null;
}
