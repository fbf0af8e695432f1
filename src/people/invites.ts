/**
 * Invitations: the organization's link, which anybody who has it may use, and e-mail invites, which
 * one address may use once and which carry a role (PRODUCT 5, 9.7).
 */

import type { Principal } from "../access/authorize.ts";
import type { OrgRole } from "../access/roles.ts";
import { hashToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import { loadInvite } from "../store/invites.ts";
import {
  findOrganizationByInviteToken,
  loadOrganization,
  setInviteToken,
} from "../store/organizations.ts";

/** Contents of an invite link. */
export interface Invitation {
  readonly organizationId: number;
  readonly organizationTitle: string;
  /** Not Activated for the organization's link: an administrator activates (PRODUCT 1.3). */
  readonly role: OrgRole;
  /** Only this address may use the invite; null for the organization's link. */
  readonly email: string | null;
  /** Whoever holds the link has read the mail to that address (PRODUCT 9.6a). */
  readonly isMailed: boolean;
}

/**
 * Loads the invitation of the link with this token.
 * @throws AppError `link_invalid` where it was used, revoked, reset or has expired
 */
export async function loadInvitation(deps: Deps, token: string): Promise<Invitation> {
  const { db } = deps.store;
  if (!/^[\w-]{16,128}$/.test(token)) throw new AppError("link_invalid");
  const byLink = await findOrganizationByInviteToken(db, token);
  if (byLink !== null) {
    const { id: organizationId, title: organizationTitle } = byLink;
    return { organizationId, organizationTitle, role: "NO", email: null, isMailed: false };
  }
  const invite = await loadInvite(db, { tokenHash: hashToken(token), now: deps.now() });
  if (invite === null) throw new AppError("link_invalid");
  const organization = await loadOrganization(db, invite.organizationId);
  if (organization === null) throw new AppError("link_invalid");
  return {
    organizationId: organization.id,
    organizationTitle: organization.title,
    role: invite.role,
    email: invite.email,
    isMailed: invite.isMailed === 1,
  };
}

/** The organization's link as the original's API words it. */
export interface InviteLink {
  readonly token: string;
  readonly invite_url: string;
}

/** The link that stands now. */
export async function inviteLink(deps: Deps, principal: Principal): Promise<InviteLink> {
  const organization = await loadOrganization(deps.store.db, principal.organizationId);
  if (organization === null) throw new AppError("not_found");
  return linkOf(deps, organization.inviteToken);
}

/** A new link; the former one stops working at once. */
export async function resetInviteLink(deps: Deps, principal: Principal): Promise<InviteLink> {
  const { organizationId, userId } = principal;
  const token = deps.randomToken(24);
  await deps.store.transaction(async (tx) => {
    await setInviteToken(tx, organizationId, token);
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor: { kind: "person", userId },
      action: "invite_link_reset",
    });
  });
  return linkOf(deps, token);
}

function linkOf(deps: Deps, token: string): InviteLink {
  return { token, invite_url: `${deps.config.baseUrl}/user/signup/?token=${token}` };
}
