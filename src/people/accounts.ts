/**
 * Accounts as members of the organization: renaming, and making one for somebody who has not come
 * yet. What an account may do is its membership's (members.ts).
 */
import type { Principal } from "../access/authorize.ts";
import type { PersonSnapshot } from "../access/plan.ts";
import { planJoin } from "../access/plan-join.ts";
import { planRename } from "../access/plan-manual.ts";
import { isProven } from "../access/proof.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { accessPolicyOf } from "../store/access-policy.ts";
import { applyPlan } from "../store/apply.ts";
import { admitNewcomer, speaksFor } from "../store/newcomers.ts";
import { loadMembership, loadSnapshot, loadUser, lockAccount } from "../store/people.ts";
import { loadSamlByOrganization, type SamlRecord } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";
import { type Acting, sourceOf } from "./caller.ts";
import { applyDecision, loadActor } from "./members.ts";
import { hashPassword, passwordProblem } from "./password.ts";

/** Names to be; what is absent stays. */
export interface Names {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
}

/**
 * Renames the account of a member, the caller's own or another's.
 * @throws AppError `not_found`, `permission_denied`
 */
export async function renameAccount(
  deps: Deps,
  acting: Acting,
  { userId, names }: { userId: number; names: Names },
): Promise<void> {
  const { principal } = acting;
  await deps.store.transaction(async (tx) => {
    // Locked before the names are read, of which one may stay: the identity provider may be changing them.
    await lockAccount(tx, userId);
    const user = await loadUser(tx, userId);
    if (user === null) throw new AppError("not_found");
    const snapshot = await loadSnapshot(tx, {
      organizationId: principal.organizationId,
      email: user.email,
      workspaceTitles: [],
      projectIds: [],
      lock: true,
    });
    const isSelf = userId === principal.userId;
    if (isSelf) await requireOwnName(deps, tx, { principal, snapshot });
    const actor = isSelf
      ? { userId, role: principal.role, source: sourceOf(principal) }
      : await loadActor(tx, acting);
    const { firstName = user.firstName, lastName = user.lastName } = names;
    const subject = { userId, email: user.email, snapshot };
    const decision = planRename({ actor, subject, to: { firstName, lastName } });
    await applyDecision(deps, tx, { acting, decision, action: "account_renamed" });
  });
}

/**
 * An account is one for all organizations, and whoever another organization's identity provider calls
 * by this address need not be its person. Here they are where the domain is proven to be the
 * organization's, or where they joined by the account's password.
 * @throws AppError `permission_denied`
 */
async function requireOwnName(
  deps: Deps,
  tx: Db,
  { principal, snapshot }: { principal: Principal; snapshot: PersonSnapshot },
): Promise<void> {
  const { organizationId, userId, email } = principal;
  if (!snapshot.belongsElsewhere) return;
  const record = await loadSamlByOrganization(tx, organizationId);
  if (isProven(email, accessPolicyOf(deps.config, record))) return;
  const membership = await loadMembership(tx, organizationId, userId);
  if (membership?.opensByPassword === true) return;
  throw new AppError("permission_denied", {
    detail:
      "This account belongs to another organization too; rename it there, where its e-mail domain is proven.",
  });
}

/** Somebody to be a member. */
export interface NewAccount {
  /** Lower case. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** For a new account alone: an account that exists keeps its password and its names. */
  readonly password: string | null;
}

/**
 * Makes the account, where there is none, and the membership: Not Activated, until an administrator
 * or the person's groups give a role. Takes no seat (PRODUCT 1.7). Returns the user's id.
 * @throws AppError `validation_failed`, also for a password of an address that the organization does not
 * speak for; `conflict` where the person is a member already, `password_login_disabled`,
 * `too_many_requests`
 */
export async function addAccount(deps: Deps, acting: Acting, made: NewAccount): Promise<number> {
  const { organizationId } = acting.principal;
  const { email, firstName, lastName, password } = made;
  const record = await loadSamlByOrganization(deps.store.db, organizationId);
  const mayVouch = speaksFor(deps.config, record, email);
  if (password !== null && !mayVouch) {
    throw new AppError("validation_failed", { fields: { password: [notTheirPassword] } });
  }
  if (!mayVouch) {
    await admitNewcomer(deps.store.db, { ip: acting.ip, organizationId, at: deps.now() });
  }
  const passwordHash = password === null ? null : await newHash(deps, record, made);
  return await deps.store.transaction(async (tx) => {
    const { source, userId: actorId } = await loadActor(tx, acting);
    const snapshot = await loadSnapshot(tx, {
      organizationId,
      email,
      workspaceTitles: [],
      projectIds: [],
      lock: true,
    });
    if (snapshot.membership !== null) {
      throw new AppError("conflict", { detail: `${email} is a member already.` });
    }
    if (snapshot.user !== null && passwordHash !== null) {
      throw new AppError("validation_failed", {
        fields: { password: ["There is an account with this address, which keeps its password."] },
      });
    }
    const setPassword = passwordHash !== null;
    const plan = planJoin({
      email,
      firstName,
      lastName,
      snapshot,
      role: "NO",
      source,
      setPassword,
    });
    const { userId } = await applyPlan(tx, {
      organizationId,
      plan,
      actor: { kind: "person", userId: actorId },
      at: deps.now(),
      action: "account_added",
      requestId: acting.requestId,
      ip: acting.ip,
      ...(passwordHash === null ? {} : { passwordHash }),
    });
    return userId;
  });
}

/** Else whoever founds an organization here takes other people's addresses (PRODUCT 9.6a). */
const notTheirPassword =
  "The domain of this address is not proven to be your organization's, so that only its person chooses a password. Leave it out, or invite the person.";

async function newHash(
  deps: Deps,
  { settings }: SamlRecord,
  { email, password }: NewAccount,
): Promise<string> {
  if (deps.config.disablePasswordLogin || settings.disablePasswordLogin) {
    throw new AppError("password_login_disabled");
  }
  const problem = passwordProblem(password ?? "", email);
  if (problem !== null) {
    throw new AppError("validation_failed", { fields: { password: [problem] } });
  }
  return await hashPassword(password ?? "");
}
