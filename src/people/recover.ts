/**
 * Recovery of an Owner who cannot sign in any more (PRODUCT 9.4): the command `labelgate recover
 * <email>` makes a one-time link, and whoever opens it gets a session and, where passwords are
 * allowed, a new password. Works whatever the MANUAL and password switches say (PRODUCT 5).
 *
 *   recover <email> ─ link, audited ─▶ /recover?token= ─ planRecover ─ apply ─▶ session
 *
 * Only somebody with the server's shell and database can make a link. `--make-owner` is for the
 * organization whose Owner is gone: the change happens when the link is used, not when it is made.
 */
import { soughtEmail } from "../access/email.ts";
import { planRecover } from "../access/plan-join.ts";
import { hashToken } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { deleteApiTokens } from "../store/api-tokens.ts";
import { applyPlan } from "../store/apply.ts";
import { recordAudit } from "../store/audit.ts";
import { insertLink, loadLink, type OneTimeLink, takeLink } from "../store/links.ts";
import { listOrganizationsOf, listOwners, loadOrganization } from "../store/organizations.ts";
import {
  findUserByEmail,
  loadMembership,
  loadSnapshot,
  loadUser,
  lockAccount,
} from "../store/people.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { deleteSessions } from "../store/sessions.ts";
import type { Db } from "../store/store.ts";
import { isPasswordClosed } from "./candidates.ts";
import { type OpenedSession, openSession, type Visitor } from "./open-session.ts";
import { hashPassword, passwordProblem } from "./password.ts";

const recoveryLinkMs = 3_600_000;

/** Arguments of the command line. */
export interface RecoverRequest {
  readonly email: string;
  /** Make this person the Owner; the former one becomes Administrator. */
  readonly makesOwner: boolean;
  /** Needed only where the person belongs to several organizations. */
  readonly organizationId?: number;
}

/** The link to hand over, good once and for one hour, or a sentence that says why there is none. */
export type RecoverOutcome =
  | { readonly outcome: "link"; readonly url: string; readonly organizationTitle: string }
  | { readonly outcome: "refused"; readonly reason: string };

/** Makes the link, with its row in the audit log. */
export async function beginRecovery(deps: Deps, asked: RecoverRequest): Promise<RecoverOutcome> {
  const { db } = deps.store;
  const email = soughtEmail(asked.email);
  const user = await findUserByEmail(db, email);
  if (user === null) return refused(`There is no account with the address ${email}.`);
  const memberships = await membershipsOf(db, user.id);
  const choice = chooseMembership(memberships, asked);
  if (typeof choice === "string") return refused(choice);

  const token = deps.randomToken();
  await deps.store.transaction(async (tx) => {
    await insertLink(tx, {
      tokenHash: hashToken(token),
      kind: "recover",
      userId: user.id,
      organizationId: choice.organizationId,
      data: { makesOwner: asked.makesOwner },
      expiresAt: deps.now() + recoveryLinkMs,
    });
    await recordAudit(tx, {
      organizationId: choice.organizationId,
      at: deps.now(),
      actor: { kind: "system" },
      subjectUserId: user.id,
      action: "recovery_link_made",
      changes: [{ makesOwner: asked.makesOwner }],
    });
  });
  const url = `${deps.config.baseUrl}/recover?token=${token}`;
  return { outcome: "link", url, organizationTitle: choice.title };
}

function refused(reason: string): RecoverOutcome {
  return { outcome: "refused", reason };
}

/** One organization of the person. */
interface RecoverableMembership {
  readonly organizationId: number;
  readonly title: string;
  readonly isOwner: boolean;
}

async function membershipsOf(db: Db, userId: number): Promise<readonly RecoverableMembership[]> {
  const organizations = await listOrganizationsOf(db, userId);
  return organizations.map(({ id, title, role }) => ({
    organizationId: id,
    title,
    isOwner: role === "OW",
  }));
}

/** The organization that the command means, or a sentence that says what is missing. Pure. */
export function chooseMembership(
  memberships: readonly RecoverableMembership[],
  asked: Pick<RecoverRequest, "makesOwner" | "organizationId">,
): RecoverableMembership | string {
  const named = memberships.filter(
    ({ organizationId }) =>
      asked.organizationId === undefined || organizationId === asked.organizationId,
  );
  const fitting = asked.makesOwner ? named : named.filter(({ isOwner }) => isOwner);
  const [only, ...more] = fitting;
  if (only === undefined) {
    if (named.length === 0) return "The person belongs to no such organization.";
    return "The person is not the Owner. With --make-owner they become it, and the Owner an Administrator.";
  }
  if (more.length === 0) return only;
  const list = fitting
    .map(({ organizationId, title }) => `${organizationId} (${title})`)
    .join(", ");
  return `The person belongs to several organizations; name one with --organization: ${list}.`;
}

/** Contents of the page of a recovery link. */
export interface Recovery {
  readonly email: string;
  readonly organizationTitle: string;
  readonly makesOwner: boolean;
  readonly allowsPassword: boolean;
}

/**
 * Loads the effect of this link; looking does not use it up.
 * @throws AppError `link_invalid`, also where the person is not Owner any more and the link does not
 * make them one
 */
export async function admitRecovery(deps: Deps, token: string): Promise<Recovery> {
  const { db } = deps.store;
  const link = await loadLink(db, { tokenHash: hashToken(token), now: deps.now() });
  const { userId, organizationId, makesOwner } = await checkLink(db, link);
  const user = await loadUser(db, userId);
  const organization = await loadOrganization(db, organizationId);
  if (user === null || organization === null) throw new AppError("link_invalid");
  return {
    email: user.email,
    organizationTitle: organization.title,
    makesOwner,
    allowsPassword: await allowsPassword(deps, { organizationId, userId }),
  };
}

/**
 * Uses the link up: ownership where the link gives it, the new password, an end to all other
 * sessions and all API tokens (PRODUCT 9.6a), and a session.
 * @throws AppError `link_invalid`, `validation_failed` with the field password
 */
export async function completeRecovery(
  deps: Deps,
  { token, password, visitor }: { token: string; password: string; visitor: Visitor },
): Promise<OpenedSession> {
  const recovery = await admitRecovery(deps, token);
  const passwordHash = recovery.allowsPassword ? await newHash(password, recovery.email) : null;
  return await deps.store.transaction(async (tx) => {
    const link = await takeLink(tx, { tokenHash: hashToken(token), now: deps.now() });
    // Locked before anything is read of the person: what the former password opens meanwhile ends too.
    const email = link?.userId == null ? null : await lockAccount(tx, link.userId);
    const { userId, organizationId } = await checkLink(tx, link);
    if (email === null) throw new AppError("link_invalid");
    await applyRecovery(deps, tx, {
      organizationId,
      email,
      passwordHash,
      visitor,
    });
    // Also where no password is set: whoever had the account must not keep it by a token.
    await deleteSessions(tx, { userId });
    await deleteApiTokens(tx, { userId });
    const session = { userId, organizationId, method: "link", keep: false } as const;
    return await openSession(deps, tx, { session, visitor });
  });
}

async function newHash(password: string, email: string): Promise<string> {
  const problem = passwordProblem(password, email);
  if (problem !== null) {
    throw new AppError("validation_failed", { fields: { password: [problem] } });
  }
  return await hashPassword(password);
}

/** Load, decide, apply: one plan for the person, one for each former Owner. */
async function applyRecovery(
  deps: Deps,
  tx: Db,
  {
    organizationId,
    email,
    passwordHash,
    visitor,
  }: {
    organizationId: number;
    email: string;
    passwordHash: string | null;
    visitor: Visitor;
  },
): Promise<void> {
  const snapshot = await loadSnapshot(tx, {
    organizationId,
    email,
    workspaceTitles: [],
    projectIds: [],
    lock: true,
  });
  const owners = await listOwners(tx, organizationId);
  const plans = planRecover({ email, snapshot, owners, setPassword: passwordHash !== null });
  for (const plan of plans) {
    const setsPassword = plan.changes.some(({ kind }) => kind === "password_set");
    await applyPlan(tx, {
      organizationId,
      plan,
      actor: { kind: "system" },
      at: deps.now(),
      action: "recover",
      requestId: visitor.requestId,
      ip: visitor.ip,
      isProved: true,
      ...(setsPassword && passwordHash !== null ? { passwordHash } : {}),
    });
  }
}

/** The link's person, still Owner or about to become it. */
async function checkLink(
  db: Db,
  link: OneTimeLink | null,
): Promise<{ userId: number; organizationId: number; makesOwner: boolean }> {
  if (link === null || link.kind !== "recover") throw new AppError("link_invalid");
  const { userId, organizationId } = link;
  if (userId === null || organizationId === null) throw new AppError("link_invalid");
  const membership = await loadMembership(db, organizationId, userId);
  const makesOwner = link.data["makesOwner"] === true && membership?.role !== "OW";
  if (membership === null || (membership.role !== "OW" && !makesOwner)) {
    throw new AppError("link_invalid");
  }
  return { userId, organizationId, makesOwner };
}

/** Checks whether a password would let the Owner in whom the link makes or finds (PRODUCT 4.2, 5). */
async function allowsPassword(
  deps: Deps,
  { organizationId, userId }: { organizationId: number; userId: number },
): Promise<boolean> {
  const { db } = deps.store;
  const saml = await loadSamlByOrganization(db, organizationId);
  const membership = await loadMembership(db, organizationId, userId);
  const lastSignInAt = membership?.lastSignInAt ?? null;
  return !isPasswordClosed(deps, saml, { userId, role: "OW", lastSignInAt });
}
