/**
 * The one writer of people and access (DESIGN invariant 1): makes a plan's changes true and leaves
 * their audit row, in the caller's transaction.
 *
 * Owns how a change is written, and the count of seats. What changes, and why, the plan has decided.
 * 1. Changes are applied in the plan's order, each by key, so that none depends on what was read.
 * 2. A change that no longer fits (somebody else was faster, on PostgreSQL) ends the transaction,
 *    which `Store.transaction` then runs again from the start: plan and truth never part.
 */
import type { Change, Plan } from "../access/changes.ts";
import { hasAccess, type OrgRole } from "../access/roles.ts";
import { type Applying, applyChange } from "./apply-change.ts";
import { type Actor, recordAudit } from "./audit.ts";
import { TransactionRace } from "./race.ts";
import { type Db, statement } from "./statement.ts";

/** A plan, and who causes it. */
export interface Application {
  readonly organizationId: number;
  readonly plan: Plan;
  readonly actor: Actor;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What was done, for the audit log, such as `sign_in`. */
  readonly action: string;
  readonly requestId?: string | null;
  readonly ip?: string | null;
  /** Goes with a `password_set` change; stands in no log. */
  readonly passwordHash?: string;
  /**
   * The person proved this account's password while joining here, so that it may open this
   * organization (PRODUCT 4.10). A `password_set` change says so by itself.
   */
  readonly opensByPassword?: boolean;
  /**
   * The person was vouched for while they had no access yet: whoever joined before by this address's
   * password may be somebody else, so what it opened here ends (PRODUCT 4.10).
   */
  readonly closesByPassword?: boolean;
}

/** Whom the plan concerned. */
export interface Applied {
  readonly userId: number;
  /** The role that the plan gave, or null where it left the role alone. */
  readonly role: OrgRole | null;
}

/** Makes the plan's changes true. A plan without changes writes nothing. */
export async function applyPlan(tx: Db, application: Application): Promise<Applied> {
  const { plan, organizationId, at } = application;
  const applying: Applying = {
    tx,
    organizationId,
    at,
    email: plan.email,
    userId: plan.userId,
    passwordHash: application.passwordHash ?? null,
    workspaceIds: new Map(),
  };
  for (const change of plan.changes) await applyChange(applying, change);
  const { userId } = applying;
  if (userId === null)
    throw new Error(`the plan for ${plan.email} neither has nor makes an account`);
  const setsPassword = plan.changes.some(({ kind }) => kind === "password_set");
  if (setsPassword || application.opensByPassword === true) {
    await openByPassword(tx, organizationId, userId);
  }
  if (application.closesByPassword === true) await closeByPassword(tx, organizationId, userId);
  if (plan.changes.length === 0) return { userId, role: null };
  await countSeats(applying, plan.changes);
  await recordAudit(tx, {
    organizationId,
    at,
    actor: application.actor,
    subjectUserId: userId,
    action: application.action,
    changes: plan.changes,
    reasons: plan.reasons,
    ip: application.ip ?? null,
    requestId: application.requestId ?? null,
  });
  return { userId, role: roleGiven(plan.changes) };
}

/** The password opens the organization in which it was set, or proved to join (PRODUCT 4.10). */
async function openByPassword(tx: Db, organizationId: number, userId: number): Promise<void> {
  await tx
    .updateTable("memberships")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .set({ opens_by_password: 1 })
    .execute();
}

/** The password opens the organization no more, and the sessions that it began there end. */
async function closeByPassword(tx: Db, organizationId: number, userId: number): Promise<void> {
  await tx
    .updateTable("memberships")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .set({ opens_by_password: 0 })
    .execute();
  await tx
    .deleteFrom("sessions")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .where("method", "<>", "saml")
    .execute();
}

function roleGiven(changes: readonly Change[]): OrgRole | null {
  let role: OrgRole | null = null;
  for (const change of changes) {
    if (change.kind === "membership_created") role = change.role;
    if (change.kind === "role_changed") role = change.to;
  }
  return role;
}

const addSeats = statement<
  { organizationId: number; delta: number },
  { used: number; limit: number | null }
>((db, value) =>
  db
    .updateTable("organizations")
    .where("id", "=", value("organizationId"))
    .set((eb) => ({ seats_used: eb("seats_used", "+", value("delta")) }))
    .returning(["seats_used as used", "seat_limit as limit"]),
);

/**
 * Keeps the organization's count of taken seats (PRODUCT 1.7). The plan decided under a lock whether
 * there was one; a count beyond the limit means that it decided without, and it decides again. The
 * Owner is never kept out.
 */
async function countSeats(applying: Applying, changes: readonly Change[]): Promise<void> {
  const delta = changes.reduce((sum, change) => sum + seatDelta(change), 0);
  if (delta === 0) return;
  const { tx, organizationId } = applying;
  const seats = await addSeats.first(tx, { organizationId, delta });
  if (seats === null) throw new Error(`there is no organization ${organizationId}`);
  const isOver = seats.limit !== null && seats.used > seats.limit;
  if (delta > 0 && isOver && roleGiven(changes) !== "OW") {
    throw new TransactionRace("the last seat was taken meanwhile");
  }
}

function seatDelta(change: Change): number {
  const seat = (role: OrgRole): number => (hasAccess(role) ? 1 : 0);
  switch (change.kind) {
    case "membership_created":
      return seat(change.role);
    case "membership_removed":
      return -seat(change.role);
    case "role_changed":
      return seat(change.to) - seat(change.from);
    default:
      return 0;
  }
}
