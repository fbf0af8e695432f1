/**
 * Chooses the organization that a password opens (PRODUCT 4.10, 5, 9.8). Pure.
 *
 * A password opens only organizations in which the person joined by it, and none that turns password
 * sign-in off. Each organization's switch holds for itself alone: were one switch to close them all,
 * whoever makes an organization and provisions a stranger's address there could lock that stranger
 * out at home.
 */
import { hasAccess, type OrgRole } from "../access/roles.ts";

/** One organization of the person, as far as the choice needs it. */
export interface PasswordCandidate {
  readonly organizationId: number;
  readonly role: OrgRole;
  /** The person joined this organization by this password: sign-up, invite, set-up or recovery. */
  readonly opensByPassword: boolean;
  /** The switches turn password sign-in off here for this person (PRODUCT 5). */
  readonly disablesPasswordLogin: boolean;
  /** Latest sign-in there, epoch milliseconds, or null. */
  readonly lastUsedAt: number | null;
}

/** The organization to open, or the refusal; its code stands in the error table. */
export type OrganizationChoice =
  | { readonly organizationId: number; readonly role: OrgRole }
  | { readonly refusal: "password_login_disabled" | "sign_in_deactivated" };

/**
 * The one used last among those that give access, else the first joined; then one that waits for
 * activation, whose page says so (PRODUCT 1.6). `candidates` come in the order of joining.
 */
export function chooseOrganization(candidates: readonly PasswordCandidate[]): OrganizationChoice {
  const open = candidates.filter(
    ({ opensByPassword, disablesPasswordLogin }) => opensByPassword && !disablesPasswordLogin,
  );
  if (open.length === 0) {
    return { refusal: candidates.length > 0 ? "password_login_disabled" : "sign_in_deactivated" };
  }
  const best =
    latest(open.filter(({ role }) => hasAccess(role))) ??
    latest(open.filter(({ role }) => role === "NO"));
  return best === undefined ? { refusal: "sign_in_deactivated" } : best;
}

function latest(candidates: readonly PasswordCandidate[]): PasswordCandidate | undefined {
  let best: PasswordCandidate | undefined;
  for (const candidate of candidates) {
    if (best === undefined || (candidate.lastUsedAt ?? 0) > (best.lastUsedAt ?? 0)) {
      best = candidate;
    }
  }
  return best;
}
