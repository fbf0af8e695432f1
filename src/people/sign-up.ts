/**
 * Joining (PRODUCT 5, 1.7): by an invite link into its organization, or without one into a new
 * organization of which the person becomes the Owner.
 *
 *   form ─ checks, all at once ─ account exists? its password ─▶ planJoin ─ apply ─ session
 *
 * An address that has an account joins with that account's password: a stranger who types somebody
 * else's address gains nothing, and the owner of the address never gets a second account.
 */
import type { PersonSnapshot } from "../access/plan.ts";
import { planJoin } from "../access/plan-join.ts";
import { hasAccess, type OrgRole } from "../access/roles.ts";
import { hashToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError, type FieldErrors } from "../errors.ts";
import { applyPlan } from "../store/apply.ts";
import { type Invite, takeInvite } from "../store/invites.ts";
import { admitNewcomer } from "../store/newcomers.ts";
import { countOwners, createOrganization } from "../store/organizations.ts";
import {
  findUserByEmail,
  loadMembership,
  loadSnapshot,
  loadUser,
  type User,
} from "../store/people.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { deleteSessions } from "../store/sessions.ts";
import type { Db } from "../store/store.ts";
import { collect, parseEmail, parseName } from "./form.ts";
import { giveInvitePlaces } from "./invite-places.ts";
import { type Invitation, loadInvitation } from "./invites.ts";
import { type OpenedSession, openSession, type Visitor } from "./open-session.ts";
import { hashPassword, passwordProblem } from "./password.ts";
import { provePassword, requireProved } from "./sign-in.ts";

const accountExists = "There is an account with this address already.";
const memberAlready =
  "The person with this address is a member here already, and signs in through the organization's identity provider.";

export interface SignUpForm {
  /** The token of the invite link, or null for a new organization. */
  readonly inviteToken: string | null;
  readonly organizationTitle: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly password: string;
}

/** A person about to join, checked. */
export interface Joiner {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Null where the account has this password already. */
  readonly passwordHash: string | null;
  /** The password stands in place of one that nobody ever proved (PRODUCT 9.6a). */
  readonly replacesPassword?: boolean;
  /** Whoever joins proved the mailbox, now or when the password was chosen, or the operator vouches. */
  readonly isProved: boolean;
  /** The account whose password was proved. */
  readonly proved?: User;
}

/**
 * Admits a sign-up: the invitation, or null for a new organization.
 * @throws AppError `sign_up_disabled`, `link_invalid`, `password_login_disabled`
 */
export async function admitSignUp(
  deps: Deps,
  inviteToken: string | null,
): Promise<Invitation | null> {
  const { config, store } = deps;
  if (inviteToken !== null) {
    const invitation = await loadInvitation(deps, inviteToken);
    const saml = await loadSamlByOrganization(store.db, invitation.organizationId);
    if (config.disablePasswordLogin || saml.settings.disablePasswordLogin) {
      throw new AppError("password_login_disabled");
    }
    return invitation;
  }
  if (!config.isOpenToFounders) throw new AppError("sign_up_disabled");
  // Until the set-up link was used, the server belongs to whoever reads its log (PRODUCT 9.2).
  if ((await countOwners(store.db)) === 0) throw new AppError("sign_up_disabled");
  return null;
}

/**
 * Joins and opens a session there.
 * @throws AppError what `admitSignUp` throws, `validation_failed` with fields,
 * `too_many_requests`, `sign_in_deactivated` where an administrator deactivated the person
 */
export async function signUp(
  deps: Deps,
  form: SignUpForm,
  visitor: Visitor,
): Promise<OpenedSession> {
  const invitation = await admitSignUp(deps, form.inviteToken);
  const joiner = await checkJoiner(deps, { form, invitation, visitor });
  return await deps.store.transaction(async (tx) => {
    if (joiner.proved !== undefined) await requireProved(tx, joiner.proved);
    const place = await takePlace(deps, tx, { form, invitation });
    const userId = await join(deps, tx, {
      joiner,
      place,
      visitor,
      action: "sign_up",
      // Somebody may have made the account since: its password is never replaced by a sign-up.
      isNewAccount: joiner.passwordHash !== null && joiner.replacesPassword !== true,
    });
    // What whoever knew the former password began.
    if (joiner.replacesPassword === true) await deleteSessions(tx, { userId });
    const { organizationId, invite } = place;
    if (invite !== undefined) {
      const { requestId, ip } = visitor;
      await giveInvitePlaces(deps, tx, { invite, userId, requestId, ip });
    }
    const session = { userId, organizationId, method: "password", keep: true } as const;
    return await openSession(deps, tx, { session, visitor });
  });
}

/** Every problem of the form at once; then the password of an account that exists. */
async function checkJoiner(
  deps: Deps,
  {
    form,
    invitation,
    visitor,
  }: { form: SignUpForm; invitation: Invitation | null; visitor: Visitor },
): Promise<Joiner> {
  // Before anything tells whether an address has an account.
  const at = deps.now();
  await admitNewcomer(deps.store.db, { ip: visitor.ip, organizationId: null, at });
  const { values, problems } = collect({
    email: parseEmail(form.email),
    firstName: parseName(form.firstName, { what: "your first name" }),
    lastName: parseName(form.lastName, { what: "your last name" }),
    organizationTitle: parseName(form.organizationTitle, {
      what: "a name for your organization",
      isRequired: invitation === null,
    }),
  });
  const all: Record<string, readonly string[]> = { ...problems };
  const invited = invitation?.email ?? null;
  if (invited !== null && values.email !== invited && all["email"] === undefined) {
    all["email"] = [`This invitation is for ${invited} alone.`];
  }
  const existing =
    all["email"] === undefined ? await findUserByEmail(deps.store.db, values.email) : null;
  const replacesPassword = existing !== null && (await mayReplace(deps, existing, invitation));
  const choosesPassword = existing === null || replacesPassword;
  const problem = passwordProblem(form.password, values.email);
  if (choosesPassword && problem !== null) all["password"] = [problem];
  if (Object.keys(all).length > 0) refuseFields(all);
  const { email, firstName, lastName } = values;
  const isProved = invitation?.isMailed === true;
  if (choosesPassword) {
    const passwordHash = await hashPassword(form.password);
    return { email, firstName, lastName, passwordHash, replacesPassword, isProved };
  }
  const proved = await proveAccount(deps, { email, password: form.password, visitor });
  return {
    proved,
    email,
    firstName,
    lastName,
    passwordHash: null,
    isProved: isProved || existing.isPasswordProved,
  };
}

/**
 * Checks whether the holder of the invite may choose another password for an account that exists:
 * nobody ever proved the one it has, and the invite came to the mailbox, or nobody else has a say in
 * the account. Else whoever set a password for an address first would keep its person out (PRODUCT
 * 9.6a). A link that its creator has too opens nobody who is in already: they may be the Owner by
 * now.
 */
async function mayReplace(
  deps: Deps,
  { email, isPasswordProved }: Pick<User, "email" | "isPasswordProved">,
  invitation: Invitation | null,
): Promise<boolean> {
  if (isPasswordProved || invitation === null || invitation.email !== email) return false;
  if (invitation.isMailed) return true;
  const snapshot = await loadSnapshot(deps.store.db, {
    organizationId: invitation.organizationId,
    email,
    workspaceTitles: [],
    projectIds: [],
    lock: false,
  });
  return !snapshot.belongsElsewhere && !isIn(snapshot);
}

function isIn({ membership }: PersonSnapshot): boolean {
  return membership !== null && hasAccess(membership.role);
}

function refuseFields(fields: FieldErrors): never {
  throw new AppError("validation_failed", { fields });
}

async function proveAccount(
  deps: Deps,
  claim: { email: string; password: string; visitor: Visitor },
): Promise<User> {
  try {
    return await provePassword(deps, claim);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "password_sign_in_failed") throw error;
    const sentence = `${accountExists} Enter its password to join with it.`;
    throw new AppError("validation_failed", { fields: { password: [sentence] }, cause: error });
  }
}

/** Organization that somebody joins, and their role there. */
export interface Place {
  readonly organizationId: number;
  readonly role: OrgRole;
  /** By the link that anybody may have, which vouches for nobody's address. */
  readonly isOpenToAnybody?: boolean;
  /** The invite that was taken for it. */
  readonly invite?: Invite;
}

/** The invited organization, its single-use invite taken, or a new organization with its Owner. */
async function takePlace(
  deps: Deps,
  tx: Db,
  { form, invitation }: { form: SignUpForm; invitation: Invitation | null },
): Promise<Place> {
  if (invitation === null) {
    return { organizationId: await newOrganization(deps, tx, form.organizationTitle), role: "OW" };
  }
  if (invitation.email !== null && form.inviteToken !== null) {
    const taken = await takeInvite(tx, { tokenHash: hashToken(form.inviteToken), now: deps.now() });
    if (taken === null) throw new AppError("link_invalid");
    return { organizationId: taken.organizationId, role: taken.role, invite: taken };
  }
  const { organizationId, role, email } = invitation;
  return { organizationId, role, isOpenToAnybody: email === null };
}

/** A new organization with unguessable tokens for its SAML URLs and its invite link. */
export async function newOrganization(deps: Deps, tx: Db, title: string): Promise<number> {
  return await createOrganization(tx, {
    title: title.normalize("NFC").replaceAll(/\s+/gu, " ").trim(),
    at: deps.now(),
    samlToken: deps.randomToken(24),
    inviteToken: deps.randomToken(24),
  });
}

/**
 * Load, decide, apply for one person who joins one organization; returns the account.
 * @throws AppError `sign_in_deactivated`: a link never lifts a deactivation (PRODUCT 4.6);
 * `validation_failed` where `isNewAccount` is true and the address has an account, and where a link
 * for anybody meets a member whose password opens nothing here
 */
export async function join(
  deps: Deps,
  tx: Db,
  {
    joiner,
    place,
    visitor,
    action,
    isNewAccount = false,
  }: {
    joiner: Joiner;
    place: Place;
    visitor: Visitor | null;
    action: string;
    isNewAccount?: boolean;
  },
): Promise<number> {
  const { organizationId, role } = place;
  const { email, firstName, lastName, passwordHash, replacesPassword = false, isProved } = joiner;
  const snapshot = await loadSnapshot(tx, {
    organizationId,
    email,
    workspaceTitles: [],
    projectIds: [],
    lock: true,
  });
  if (snapshot.membership?.role === "DI") throw new AppError("sign_in_deactivated");
  if (isNewAccount && snapshot.user !== null) refuseFields({ email: [accountExists] });
  if (replacesPassword) await refuseProved(tx, snapshot, { isMailed: isProved });
  if (place.isOpenToAnybody) await refuseOthersMembership(tx, { organizationId, snapshot });
  const plan = planJoin({
    email,
    firstName,
    lastName,
    snapshot,
    role,
    source: "manual",
    setPassword: passwordHash !== null,
    replacesPassword,
  });
  const { userId } = await applyPlan(tx, {
    organizationId,
    plan,
    actor: { kind: "system" },
    at: deps.now(),
    action,
    requestId: visitor?.requestId ?? null,
    ip: visitor?.ip ?? null,
    // Whoever joins here chose this password now or proved that they know it (PRODUCT 4.10).
    opensByPassword: true,
    isProved,
    ...(passwordHash === null ? {} : { passwordHash }),
  });
  return userId;
}

/** The password was proved meanwhile, or somebody else let the person in. */
async function refuseProved(
  tx: Db,
  snapshot: PersonSnapshot,
  { isMailed }: { isMailed: boolean },
): Promise<void> {
  const { user } = snapshot;
  const account = user === null ? null : await loadUser(tx, user.id);
  const isTaken = account?.isPasswordProved === true || (!isMailed && isIn(snapshot));
  if (isTaken) refuseFields({ email: [accountExists] });
}

/**
 * Whoever signed up anywhere with this address first chose its password. The link must not make that
 * password open what single sign-on or provisioning gave to the address's owner (PRODUCT 4.10).
 */
async function refuseOthersMembership(
  tx: Db,
  { organizationId, snapshot }: { organizationId: number; snapshot: PersonSnapshot },
): Promise<void> {
  const { user, membership } = snapshot;
  if (user === null || membership === null) return;
  const found = await loadMembership(tx, organizationId, user.id);
  if (found?.opensByPassword === false) refuseFields({ email: [memberAlready] });
}
