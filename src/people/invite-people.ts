/**
 * Invitations by e-mail (PRODUCT 5, 9.7): one address, one role, one use. All addresses of a request
 * are invited or none; mail goes out after that is true, since a mail cannot be taken back.
 */
import { refuseInviteRole } from "../access/plan-manual.ts";
import { type OrgRole, roleName } from "../access/roles.ts";
import { hashToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { sendMail } from "../mail.ts";
import { recordAudit } from "../store/audit.ts";
import {
  createInvite,
  deleteInviteTo,
  type InvitePlaces,
  noteInviteUnmailed,
} from "../store/invites.ts";
import { loadOrganization } from "../store/organizations.ts";
import { findUserByEmail, loadMembership, lockPerson } from "../store/people.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";
import type { Acting } from "./caller.ts";
import { checkInvitePlaces } from "./invite-places.ts";
import { loadManualPolicy } from "./manual-policy.ts";
import { loadActor } from "./members.ts";

const inviteMs = 14 * 24 * 3_600_000;

/** People to invite, and their role. */
export interface Invitations {
  /** Lower case, each once. */
  readonly emails: readonly string[];
  /** The organization's default role where absent. */
  readonly role: OrgRole | undefined;
  readonly places: InvitePlaces;
}

/** One invitation that was made. */
export interface MadeInvite {
  readonly email: string;
  readonly role: OrgRole;
  readonly isSent: boolean;
  /** The link to copy where no mail went out, else null: then only its reader should have it. */
  readonly url: string | null;
  readonly expiresAt: number;
}

interface Invited {
  readonly email: string;
  readonly role: OrgRole;
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Invites every address, or none.
 * @throws AppError `permission_denied`, `role_managed_by_groups`, `validation_failed` for people who
 * are members already, `conflict` where nobody could accept
 */
export async function invitePeople(
  deps: Deps,
  acting: Acting,
  asked: Invitations,
): Promise<readonly MadeInvite[]> {
  await refuseWithoutPasswords(deps, acting.principal.organizationId);
  const { title, invited } = await deps.store.transaction(async (tx) => {
    const { organizationId } = acting.principal;
    const organization = await loadOrganization(tx, organizationId);
    if (organization === null) throw new AppError("not_found");
    const role = asked.role ?? organization.defaultRole;
    const actor = await loadActor(tx, acting);
    const policy = await loadManualPolicy(deps.config, tx, organizationId);
    const refusal = refuseInviteRole({ actor, role, policy });
    if (refusal !== null) throw new AppError(refusal.code, { detail: refusal.detail });
    await checkInvitePlaces(deps, tx, acting, asked.places);
    await refuseMembers(tx, organizationId, asked.emails);
    const made: Invited[] = [];
    for (const email of asked.emails) {
      made.push(await invite(deps, tx, { acting, email, role, places: asked.places }));
    }
    return { title: organization.title, invited: made };
  });
  return await Promise.all(invited.map((one) => deliver(deps, title, one)));
}

/** Ends the open invite to an address. @throws AppError `not_found` where there is none */
export async function revokeInvite(deps: Deps, acting: Acting, email: string): Promise<void> {
  const { organizationId } = acting.principal;
  await deps.store.transaction(async (tx) => {
    if (!(await deleteInviteTo(tx, { organizationId, email }))) {
      throw new AppError("not_found", { detail: "There is no open invitation to this address." });
    }
    await audit(deps, tx, { acting, action: "invite_revoked", change: { email } });
  });
}

/** An invite is accepted with a password; where there are none, it would be worth nothing. */
async function refuseWithoutPasswords(deps: Deps, organizationId: number): Promise<void> {
  const { settings } = await loadSamlByOrganization(deps.store.db, organizationId);
  if (!deps.config.disablePasswordLogin && !settings.disablePasswordLogin) return;
  throw new AppError("conflict", {
    detail:
      "Invitations are accepted with a password, which is turned off here. Add people by POST /api/users/; they come in by single sign-on.",
  });
}

/** Whoever is Not Activated may be invited with a role; for other members it would do nothing. */
async function refuseMembers(
  tx: Db,
  organizationId: number,
  emails: readonly string[],
): Promise<void> {
  const sentences: string[] = [];
  // In one order, so that two who invite the same people wait and do not block.
  for (const email of emails.toSorted()) {
    // Until the invite is there, nobody deactivates them, which would end it.
    await lockPerson(tx, email);
    const user = await findUserByEmail(tx, email);
    const membership = user === null ? null : await loadMembership(tx, organizationId, user.id);
    if (membership === null || membership.role === "NO") continue;
    sentences.push(`${email} is a member already: ${roleName(membership.role)}.`);
  }
  if (sentences.length > 0) {
    throw new AppError("validation_failed", { fields: { emails: sentences } });
  }
}

async function invite(
  deps: Deps,
  tx: Db,
  {
    acting,
    email,
    role,
    places,
  }: { acting: Acting; email: string; role: OrgRole; places: InvitePlaces },
): Promise<Invited> {
  const { organizationId, userId } = acting.principal;
  const at = deps.now();
  const token = deps.randomToken(24);
  const expiresAt = at + inviteMs;
  await createInvite(tx, {
    organizationId,
    tokenHash: hashToken(token),
    email,
    role,
    createdBy: userId,
    at,
    expiresAt,
    places,
    isMailed: deps.config.smtpUrl !== "",
  });
  const given = Object.fromEntries(Object.entries(places).filter(([, ids]) => ids.length > 0));
  await audit(deps, tx, { acting, action: "invite_made", change: { email, role, ...given } });
  return { email, role, token, expiresAt };
}

async function audit(
  deps: Deps,
  tx: Db,
  {
    acting: { principal, ip, requestId },
    action,
    change,
  }: { acting: Acting; action: string; change: Readonly<Record<string, unknown>> },
): Promise<void> {
  await recordAudit(tx, {
    organizationId: principal.organizationId,
    at: deps.now(),
    actor: { kind: "person", userId: principal.userId },
    action,
    changes: [change],
    ip,
    requestId,
  });
}

async function deliver(
  deps: Deps,
  title: string,
  { email, role, token, expiresAt }: Invited,
): Promise<MadeInvite> {
  const url = `${deps.config.baseUrl}/user/signup/?token=${token}`;
  const isSent = await sendMail(deps, {
    to: email,
    subject: `You are invited to ${title}`,
    text: `You are invited to join ${title} as ${roleName(role)}.\n\nOpen this link to accept; it works once, for this address, for 14 days:\n${url}\n`,
  });
  if (isSent) return { email, role, isSent, url: null, expiresAt };
  // Before anybody but the mailbox has the link, it no longer proves the mailbox.
  await noteInviteUnmailed(deps.store.db, hashToken(token));
  return { email, role, isSent, url, expiresAt };
}
