/**
 * Changes that Owner and Administrators make to members: role, deactivation, removal, transfer of
 * the organization (PRODUCT 1.3, 5).
 *
 *   transaction ─ caller as they are now ─ person locked ─ plan-manual.ts ─ apply ─ the member
 */
import {
  type ManualActor,
  type ManualDecision,
  type ManualFacts,
  type ManualSubject,
  planManualRemoval,
  planManualRole,
  planTransfer,
} from "../access/plan-manual.ts";
import type { OrgRole } from "../access/roles.ts";
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { confirmedFor } from "../saml/vouching.ts";
import { applyPlan } from "../store/apply.ts";
import { loadAdministration, loadMember, type Member } from "../store/members.ts";
import { loadMembership, loadSnapshot, loadUser, lockAccount } from "../store/people.ts";
import { saveOwnerConfirmation } from "../store/saml-save.ts";
import { lockSaml } from "../store/saml-settings.ts";
import type { Db } from "../store/store.ts";
import { type Acting, sourceOf } from "./caller.ts";
import { loadManualPolicy } from "./manual-policy.ts";

/**
 * Gives a member a role. Deactivated ends everything that opens the organization to them.
 * @throws AppError `not_found`, `permission_denied`, `role_managed_by_groups`, `conflict` (no seat)
 */
export async function changeRole(
  deps: Deps,
  acting: Acting,
  { userId, role }: { userId: number; role: OrgRole },
): Promise<Member> {
  return await deps.store.transaction(async (tx) => {
    const facts = await loadFacts(deps, tx, { acting, userId });
    const decision = planManualRole({ ...facts, to: role });
    await applyDecision(deps, tx, {
      acting,
      decision,
      action: role === "DI" ? "member_deactivated" : "role_set",
    });
    return await memberNow(tx, acting, userId);
  });
}

/**
 * Ends a membership: everything that the person was given here goes with it, the account stays.
 * @throws AppError as `changeRole`, and `method_not_allowed` for oneself
 */
export async function removeMember(deps: Deps, acting: Acting, userId: number): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const decision = planManualRemoval(await loadFacts(deps, tx, { acting, userId }));
    await applyDecision(deps, tx, { acting, decision, action: "member_removed" });
  });
}

/**
 * Makes another active member the Owner, and the caller Administrator. What opens the organization to the
 * successor ends: an Administrator who pointed the settings elsewhere may hold it. They sign in anew, by
 * SAML where the former Owner had confirmed what stands, which counts on for them (PRODUCT 4.2); then a
 * password that somebody else may have chosen opens the organization no more.
 * @throws AppError `not_found`, `permission_denied`, `conflict`
 */
export async function transferOrganization(
  deps: Deps,
  acting: Acting,
  userId: number,
): Promise<Member> {
  const { principal } = acting;
  return await deps.store.transaction(async (tx) => {
    const record = await lockSaml(tx, principal.organizationId);
    await lockAccounts(tx, [principal.userId, userId]);
    await callerNow(tx, principal, "organization:transfer");
    const owner = await loadSubject(tx, principal.organizationId, principal.userId);
    const successor = await loadSubject(tx, principal.organizationId, userId);
    const decision = planTransfer({ owner, successor, source: sourceOf(principal) });
    const { ownerConfirmation } = record;
    const isConfirmed = confirmedFor(record) === principal.userId;
    const closesByPassword = isConfirmed && (await hasDoubtfulPassword(tx, record, userId));
    await applyDecision(deps, tx, {
      ...{ acting, decision, action: "organization_transferred" },
      closesByPasswordOf: closesByPassword ? userId : null,
    });
    if (isConfirmed && ownerConfirmation !== null) {
      await saveOwnerConfirmation(tx, record, { ...ownerConfirmation, by: userId });
    }
    return await memberNow(tx, acting, userId);
  });
}

/**
 * Checks whether the successor, who has signed in by SAML, has a password that nobody proved: an
 * Administrator may have chosen it, by the API or by an invite's link (PRODUCT 9.6a).
 */
async function hasDoubtfulPassword(
  tx: Db,
  { organizationId }: { readonly organizationId: number },
  userId: number,
): Promise<boolean> {
  const membership = await loadMembership(tx, organizationId, userId);
  if (membership?.lastSignInAt == null) return false;
  return (await loadUser(tx, userId))?.isPasswordProved === false;
}

/** The caller as `callerNow` has them. @throws AppError `not_authenticated`, `permission_denied` */
export async function loadActor(tx: Db, { principal }: Acting): Promise<ManualActor> {
  const { userId, role } = await callerNow(tx, principal, "members:write");
  return { userId, role, source: sourceOf(principal) };
}

/** In one order, so that two who change one another wait and do not block. */
async function lockAccounts(tx: Db, userIds: readonly number[]): Promise<void> {
  for (const userId of userIds.toSorted((left, right) => left - right)) {
    await lockAccount(tx, userId);
  }
}

/** Writes what was decided, or says why not. */
export async function applyDecision(
  deps: Deps,
  tx: Db,
  {
    acting,
    decision,
    action,
    closesByPasswordOf = null,
  }: {
    acting: Acting;
    decision: ManualDecision;
    action: string;
    closesByPasswordOf?: number | null;
  },
): Promise<void> {
  if (decision.outcome === "refused") {
    throw new AppError(decision.code, { detail: decision.detail });
  }
  const { principal, requestId, ip } = acting;
  for (const plan of decision.plans) {
    await applyPlan(tx, {
      organizationId: principal.organizationId,
      plan,
      actor: { kind: "person", userId: principal.userId },
      at: deps.now(),
      action,
      requestId,
      ip,
      closesByPassword: closesByPasswordOf !== null && plan.userId === closesByPasswordOf,
    });
  }
}

async function loadFacts(
  deps: Deps,
  tx: Db,
  { acting, userId }: { acting: Acting; userId: number },
): Promise<ManualFacts> {
  const { organizationId } = acting.principal;
  await lockAccounts(tx, [acting.principal.userId, userId]);
  const subject = await loadSubject(tx, organizationId, userId);
  const isAdministrator = subject.snapshot.membership?.role === "AD";
  return {
    subject,
    actor: await loadActor(tx, acting),
    policy: await loadManualPolicy(deps.config, tx, organizationId),
    // Only an Administrator's going can leave nobody behind; for others it is not worth the lock.
    administration: isAdministrator
      ? await loadAdministration(tx, { organizationId, exceptUserId: userId })
      : { otherOwners: 1, otherAdministrators: 0 },
  };
}

/** The person, for whom nobody else plans until the transaction ends. @throws AppError `not_found` */
async function loadSubject(tx: Db, organizationId: number, userId: number): Promise<ManualSubject> {
  // Locked by id: a SCIM client may be changing the address at this moment.
  const email = await lockAccount(tx, userId);
  if (email === null) throw new AppError("not_found");
  const snapshot = await loadSnapshot(tx, {
    organizationId,
    email,
    workspaceTitles: [],
    projectIds: [],
    lock: true,
  });
  if (snapshot.membership === null) throw new AppError("not_found");
  return { userId, email, snapshot };
}

async function memberNow(tx: Db, { principal }: Acting, userId: number): Promise<Member> {
  const member = await loadMember(tx, principal.organizationId, userId);
  if (member === null) throw new AppError("not_found");
  return member;
}
