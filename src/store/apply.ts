/**
 * The one writer of people and access (DESIGN invariant 1): makes a plan's changes true and leaves
 * their audit row, in the caller's transaction.
 *
 * Owns how a change is written, and the count of seats. What changes, and why, the plan has decided.
 * 1. Changes are applied in the plan's order, each by key, so that none depends on what was read.
 * 2. A change that no longer fits (somebody else was faster, on PostgreSQL) ends the transaction,
 *    which `Store.transaction` then runs again from the start: plan and truth never part.
 */
import { rolesThatMay } from "../access/authorize.ts";
import type { Change, Plan } from "../access/changes.ts";
import { hasAccess, type OrgRole } from "../access/roles.ts";
import { type Applying, applyChange } from "./apply-change.ts";
import { applyToMany, listOf, type Many } from "./apply-many.ts";
import { type Actor, recordAudit, recordAudits } from "./audit.ts";
import { TransactionRace } from "./race.ts";
import { type Db, isListed, statement } from "./statement.ts";

/** A plan, and who causes it. */
export interface Application {
  readonly organizationId: number;
  readonly plan: Plan;
  readonly actor: Actor;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The action of the audit log, such as `sign_in`. */
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
   * Whoever chose or gave the password proved the mailbox, or the operator vouches for them (PRODUCT
   * 9.6a): a password that is set is then proved, and the membership is accepted (PRODUCT 4.9).
   */
  readonly isProved?: boolean;
  /**
   * The person was vouched for while they had no access yet: whoever joined before by this address's
   * password may be somebody else, so what it opened here ends (PRODUCT 4.10).
   */
  readonly closesByPassword?: boolean;
  /**
   * Writes the rest of the change, once the person is there and before the seats are counted: the
   * organization's row, for which everybody waits who takes a seat, is locked last.
   */
  readonly alongside?: (userId: number) => Promise<void>;
}

/** An applied plan and the person that it concerned. */
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
    provesPassword: application.isProved === true,
    workspaceIds: new Map(),
  };
  for (const change of plan.changes) await applyChange(applying, change);
  const { userId } = applying;
  if (userId === null)
    throw new Error(`the plan for ${plan.email} neither has nor makes an account`);
  const setsPassword = plan.changes.some(({ kind }) => kind === "password_set");
  if (setsPassword || application.opensByPassword === true) {
    const acceptedAt = application.isProved === true ? at : null;
    await openByPassword(tx, { organizationId, userId, acceptedAt });
  }
  if (application.closesByPassword === true) {
    await closeByPassword(tx, organizationId, [{ userId, email: plan.email }]);
  }
  await endInvitesBy(tx, organizationId, [{ userId, changes: plan.changes }]);
  if (plan.changes.length > 0) await recordChanges(tx, application, userId);
  await application.alongside?.(userId);
  await countSeats(tx, organizationId, plan.changes);
  return { userId, role: roleGiven(plan.changes) };
}

async function recordChanges(tx: Db, application: Application, userId: number): Promise<void> {
  const { plan, organizationId, at } = application;
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
}

/** Plans for members of one organization, made together by what they have in common. */
export interface Batch
  extends Omit<
    Application,
    "plan" | "closesByPassword" | "opensByPassword" | "isProved" | "alongside"
  > {
  /** One for each person, each with changes; `closesByPassword` as in `Application`. */
  readonly plans: readonly { readonly plan: Plan; readonly closesByPassword: boolean }[];
}

/**
 * Makes the changes of many plans true, each kind by one statement for all whom it concerns. Knows
 * what groups make of members, and nothing that makes accounts, memberships or workspaces.
 */
export async function applyPlans(tx: Db, { plans, ...occasion }: Batch): Promise<void> {
  const { organizationId, at } = occasion;
  const people = plans.map(({ plan }) => ({ userId: memberOf(plan), email: plan.email }));
  const same = new Map<string, { change: Change; people: Many["people"][number][] }>();
  for (const [index, { plan }] of plans.entries()) {
    for (const change of plan.changes) {
      const key = JSON.stringify(change);
      const entry = same.get(key) ?? { change, people: [] };
      same.set(key, entry);
      const person = people[index];
      if (person !== undefined) entry.people.push(person);
    }
  }
  for (const { change, people: concerned } of same.values()) {
    await applyToMany({ tx, organizationId, at, people: concerned }, change);
  }
  await endInvitesBy(
    tx,
    organizationId,
    plans.map(({ plan }) => ({ userId: memberOf(plan), changes: plan.changes })),
  );
  const closed = people.filter((_, index) => plans[index]?.closesByPassword === true);
  if (closed.length > 0) await closeByPassword(tx, organizationId, closed);
  await recordAudits(
    tx,
    occasion,
    plans.map(({ plan }) => ({ subjectUserId: memberOf(plan), ...plan })),
  );
  await countSeats(
    tx,
    organizationId,
    plans.flatMap(({ plan }) => plan.changes),
  );
}

function memberOf({ userId, email }: Plan): number {
  if (userId === null) throw new Error(`the plan for ${email} has no account`);
  return userId;
}

/** The password opens the organization in which it was set, or proved to join (PRODUCT 4.10). */
async function openByPassword(
  tx: Db,
  {
    organizationId,
    userId,
    acceptedAt,
  }: { organizationId: number; userId: number; acceptedAt: number | null },
): Promise<void> {
  await tx
    .updateTable("memberships")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .set((eb) => ({
      opens_by_password: 1,
      ...(acceptedAt !== null && {
        accepted_at: eb.fn.coalesce("accepted_at", eb.val(acceptedAt)),
      }),
    }))
    .execute();
}

interface Closing {
  readonly organizationId: number;
  readonly list: string;
}

const closings = [
  statement<Closing, unknown>((db, value, dialect) =>
    db
      .updateTable("memberships")
      .where("organization_id", "=", value("organizationId"))
      .where(isListed("user_id", value("list"), { dialect, type: "integer" }))
      .set({ opens_by_password: 0 }),
  ),
  statement<Closing, unknown>((db, value, dialect) =>
    db
      .deleteFrom("sessions")
      .where("organization_id", "=", value("organizationId"))
      .where(isListed("user_id", value("list"), { dialect, type: "integer" }))
      .where("method", "<>", "saml"),
  ),
];

/** The passwords open the organization no more, and the sessions that they began there end. */
async function closeByPassword(
  tx: Db,
  organizationId: number,
  people: Many["people"],
): Promise<void> {
  const list = listOf(people);
  for (const closing of closings) await closing.run(tx, { organizationId, list });
}

const inviteEnding = statement<Closing, unknown>((db, value, dialect) =>
  db
    .deleteFrom("invites")
    .where("organization_id", "=", value("organizationId"))
    .where(isListed("created_by", value("list"), { dialect, type: "integer" })),
);

/** Whoever may invite no more has invited nobody: what they handed out ends, and stays ended. */
async function endInvitesBy(
  tx: Db,
  organizationId: number,
  people: readonly { readonly userId: number; readonly changes: readonly Change[] }[],
): Promise<void> {
  const creators = people.filter(({ changes }) => changes.some(endsInviting));
  if (creators.length === 0) return;
  const list = JSON.stringify(creators.map(({ userId }) => userId));
  await inviteEnding.run(tx, { organizationId, list });
}

function endsInviting(change: Change): boolean {
  const inviters = rolesThatMay("invites:write");
  if (change.kind === "membership_removed") return inviters.includes(change.role);
  return (
    change.kind === "role_changed" &&
    inviters.includes(change.from) &&
    !inviters.includes(change.to)
  );
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
async function countSeats(
  tx: Db,
  organizationId: number,
  changes: readonly Change[],
): Promise<void> {
  const delta = seatsTaken(changes);
  if (delta === 0) return;
  const seats = await addSeats.first(tx, { organizationId, delta });
  if (seats === null) throw new Error(`there is no organization ${organizationId}`);
  const isOver = seats.limit !== null && seats.used > seats.limit;
  if (delta > 0 && isOver && roleGiven(changes) !== "OW") {
    throw new TransactionRace("the last seat was taken meanwhile");
  }
}

/** By how many seats these changes raise the organization's count; below zero where they free some. */
export function seatsTaken(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + seatDelta(change), 0);
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
