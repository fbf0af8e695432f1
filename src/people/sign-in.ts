/**
 * Sign-in by e-mail address and password (PRODUCT 5, 9.6, 9.8).
 *
 *   form ─ switch ─ limits ─ password ─▶ choose the organization ─▶ seat that was waited for ─▶
 *   session and log row
 *
 * Whether the account is unknown, has no password or the password is wrong, the same work is done,
 * the same sentence is said and the answer comes no sooner than `minRefusalMs`.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Plan } from "../access/changes.ts";
import { soughtEmail } from "../access/email.ts";
import { planSeatByPassword } from "../access/plan-seat.ts";
import type { Deps } from "../deps.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import { accessPolicyOf } from "../store/access-policy.ts";
import { applyPlan } from "../store/apply.ts";
import { rehashPassword } from "../store/passwords.ts";
import {
  findUserByEmail,
  loadMembership,
  loadSnapshot,
  loadUser,
  lockAccount,
  type User,
} from "../store/people.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { loadSession } from "../store/sessions.ts";
import { newReference, recordSignIn } from "../store/sign-in-log.ts";
import type { Db } from "../store/store.ts";
import { loadPasswordCandidates } from "./candidates.ts";
import {
  chooseOrganization,
  type OrganizationChoice,
  type PasswordCandidate,
} from "./choose-organization.ts";
import { type Attempt, admitAttempt, forgetAttempts } from "./limits.ts";
import { type OpenedSession, openSession, type Visitor } from "./open-session.ts";
import { hashPassword, verifyPassword } from "./password.ts";

const minRefusalMs = 300;

/** Fields of the form, and the browser that sends it. */
export interface PasswordSignIn {
  readonly email: string;
  readonly password: string;
  readonly keep: boolean;
  readonly visitor: Visitor;
}

/**
 * Opens a session in the organization that `chooseOrganization` names.
 * @throws AppError `password_login_disabled`, `password_sign_in_failed`, `too_many_requests`,
 * `sign_in_deactivated`
 */
export async function signInByPassword(deps: Deps, form: PasswordSignIn): Promise<OpenedSession> {
  const { visitor } = form;

  // Prove, outside the transaction: that takes a while.
  const user = await provePassword(deps, form).catch(whileDisabled(deps));
  const opened = await deps.store.transaction(async (tx) => {
    // Load.
    await requireProved(tx, user);
    const candidates = await loadPasswordCandidates(deps, tx, user.id);

    // Decide.
    const choice = chooseOrganization(candidates);
    if ("refusal" in choice) return { user, candidates, choice, visitor };

    // Apply.
    const { organizationId } = choice;
    const isWaiting = choice.role === "NO";
    const plan = isWaiting ? await takeSeat(deps, tx, { user, organizationId, visitor }) : null;
    await logSignIn(deps, tx, {
      user,
      visitor,
      organizationId,
      outcome: isWaiting && plan === null ? "not_activated" : "admitted",
      code: null,
      plan,
    });
    const session = {
      userId: user.id,
      organizationId,
      method: "password",
      keep: form.keep,
    } as const;
    return await openSession(deps, tx, { session, visitor });
  });
  return "choice" in opened ? await refuse(deps, opened) : opened;
}

/**
 * The role that the seat limit kept back is given where a seat is free by now (PRODUCT 1.7); null where
 * the person stays Not Activated.
 */
async function takeSeat(
  deps: Deps,
  tx: Db,
  {
    user: { id: userId, email },
    organizationId,
    visitor,
  }: { user: User; organizationId: number; visitor: Visitor },
): Promise<Plan | null> {
  const named = { workspaceTitles: [], projectIds: [] };
  const snapshot = await loadSnapshot(tx, { organizationId, email, ...named, lock: true });
  const record = await loadSamlByOrganization(tx, organizationId);
  const policy = accessPolicyOf(deps.config, record);
  const plan = planSeatByPassword({ email, snapshot, policy });
  if (plan.changes.length === 0) return null;
  await applyPlan(tx, {
    organizationId,
    plan,
    actor: { kind: "person", userId },
    at: deps.now(),
    action: "sign_in",
    requestId: visitor.requestId,
    ip: visitor.ip,
  });
  return plan;
}

/**
 * That the password which was proved is the account's still; nobody gives it another until the
 * transaction ends. Who recovers the account, or changes its password, ends what the former one opened,
 * and nothing may be opened by it afterwards.
 * @throws AppError `password_sign_in_failed`
 */
export async function requireProved(tx: Db, user: User): Promise<void> {
  await lockAccount(tx, user.id);
  const now = await loadUser(tx, user.id);
  if (now?.passwordHash !== user.passwordHash) throw new AppError("password_sign_in_failed");
}

/**
 * Translates a refusal while the server turns passwords off: only an Owner whose SAML sign-in is
 * suspended still uses one (PRODUCT 4.2), and nobody else learns whether theirs was right.
 */
function whileDisabled({ config }: Deps): (error: unknown) => never {
  return (error) => {
    const isWrong = error instanceof AppError && error.code === "password_sign_in_failed";
    throw isWrong && config.disablePasswordLogin ? new AppError("password_login_disabled") : error;
  };
}

/**
 * The account whose password this is. Limits count here, so that every door which asks for a
 * password (sign-in, and joining with an account that exists) shares them.
 * @throws AppError `password_sign_in_failed`, `too_many_requests`
 */
export async function provePassword(
  deps: Deps,
  form: { readonly email: string; readonly password: string; readonly visitor: Visitor },
): Promise<User> {
  const email = soughtEmail(form.email);
  const { ip } = form.visitor;
  const user = await findUserByEmail(deps.store.db, email);
  const attempt: Attempt = { email, ip, sessionId: await heldSession(deps, user, form.visitor) };
  const { waitMs } = await admitAttempt(deps, attempt);
  const noSooner = wait(Math.max(waitMs, minRefusalMs));

  const verdict = await verifyPassword(form.password, user?.passwordHash ?? null);
  if (user === null || !verdict.fits) {
    await logFailure(deps, user, form.visitor);
    await noSooner;
    throw new AppError("password_sign_in_failed");
  }
  if (waitMs > 0) await noSooner;
  await forgetAttempts(deps, attempt);
  const passwordHash = verdict.needsUpgrade
    ? await upgrade(deps, user, form.password)
    : user.passwordHash;
  return { ...user, passwordHash };
}

async function upgrade(deps: Deps, { id, passwordHash: from }: User, password: string) {
  if (from === null) return null;
  const to = await hashPassword(password);
  return (await rehashPassword(deps.store.db, id, { from, to })) ? to : from;
}

/**
 * The account's session that this very browser holds, by its public id. Sessions of organizations that
 * the password does not open count for nothing: whoever has an identity provider of his own on this
 * server could begin one for anybody.
 */
async function heldSession(
  deps: Deps,
  user: User | null,
  { previousSessionHash }: Visitor,
): Promise<string | null> {
  if (user === null || previousSessionHash === null) return null;
  const { db } = deps.store;
  const session = await loadSession(db, previousSessionHash, deps.now());
  if (session?.userId !== user.id) return null;
  const membership = await loadMembership(db, session.organizationId, user.id);
  return membership?.opensByPassword === true ? session.id : null;
}

/** A password that fits and yet opens nothing leaves its row in the log, nothing else. */
async function refuse(
  deps: Deps,
  {
    user,
    candidates,
    choice,
    visitor,
  }: {
    user: User;
    candidates: readonly PasswordCandidate[];
    choice: Extract<OrganizationChoice, { refusal: ErrorCode }>;
    visitor: Visitor;
  },
): Promise<never> {
  const organizationId = whoseLog(candidates);
  if (organizationId !== undefined) {
    const code = choice.refusal;
    const row = { user, visitor, organizationId, outcome: "refused", code } as const;
    await logSignIn(deps, deps.store.db, row);
  }
  throw new AppError(choice.refusal);
}

/** A wrong password of a known account is for its administrators to see (PRODUCT 8.4). */
async function logFailure(deps: Deps, user: User | null, visitor: Visitor): Promise<void> {
  const code = "password_sign_in_failed";
  deps.log.info({ code, userId: user?.id ?? null, ip: visitor.ip }, "sign-in refused");
  if (user === null) return;
  const organizationId = whoseLog(await loadPasswordCandidates(deps, deps.store.db, user.id));
  if (organizationId === undefined) return;
  await logSignIn(deps, deps.store.db, { user, visitor, organizationId, outcome: "refused", code });
}

/**
 * The organization whose administrators see an attempt that failed: the first that the password
 * opens, else the person's only one. Another one has no business to learn who tries from where.
 */
function whoseLog(candidates: readonly PasswordCandidate[]): number | undefined {
  const opened = candidates.find(({ opensByPassword }) => opensByPassword);
  const only = candidates.length === 1 ? candidates[0] : undefined;
  return (opened ?? only)?.organizationId;
}

interface LoggedSignIn {
  readonly user: User;
  readonly visitor: Visitor;
  readonly organizationId: number;
  readonly outcome: "admitted" | "not_activated" | "refused";
  readonly code: ErrorCode | null;
  /** Changes that the sign-in made. */
  readonly plan?: Plan | null;
}

async function logSignIn(deps: Deps, db: Db, row: LoggedSignIn): Promise<void> {
  const { user, visitor, organizationId, outcome, code, plan = null } = row;
  await recordSignIn(db, {
    reference: newReference(deps),
    organizationId,
    at: deps.now(),
    outcome,
    code,
    signed: null,
    email: user.email,
    userId: user.id,
    requestId: visitor.requestId,
    ip: visitor.ip,
    userAgent: visitor.userAgent,
    evidence: { method: "password" },
    attributeNames: [],
    identity: null,
    changes: plan?.changes ?? [],
    reasons: plan?.reasons ?? [],
  });
}
