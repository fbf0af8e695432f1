/**
 * People whose account in Label Studio is still to be created, linked or renamed (GATEWAY 10.5). The
 * writer of people (apply.ts) puts a person here in its own transaction, so that nothing is forgotten
 * while Label Studio is away; `gateway/people.ts` does what is due and takes them out.
 */
import { type Db, statement } from "./statement.ts";

const newWish = statement<{ userId: number; at: number }, unknown>((db, value) =>
  db
    .insertInto("upstream_outbox")
    .values({ user_id: value("userId"), due_at: value("at"), problem: null })
    .onConflict((conflict) =>
      conflict.column("user_id").doUpdateSet((eb) => ({
        wish: eb("upstream_outbox.wish", "+", 1),
        due_at: value("at"),
        attempts: 0,
        is_undecided: 0,
      })),
    ),
);

/** The person's account in Label Studio follows what was written here, in its own time. */
export async function wishForAccount(tx: Db, userId: number, at: number): Promise<void> {
  await newWish.run(tx, { userId, at });
}

/** One wish; `wish` tells it from a later one of the same person. */
export interface DueWish {
  readonly userId: number;
  readonly wish: number;
  readonly attempts: number;
}

/** Wishes that are due, those who waited longest first. */
export async function listDueWishes(
  db: Db,
  { at, limit }: { at: number; limit: number },
): Promise<readonly DueWish[]> {
  return await db
    .selectFrom("upstream_outbox")
    .where("is_undecided", "=", 0)
    .where("due_at", "<=", at)
    .orderBy("due_at")
    .orderBy("user_id")
    .limit(limit)
    .select(["user_id as userId", "wish", "attempts"])
    .execute();
}

/** The person's wish, or null where nothing is to be done for them. */
export async function loadWish(db: Db, userId: number): Promise<DueWish | null> {
  const row = await db
    .selectFrom("upstream_outbox")
    .where("user_id", "=", userId)
    .select(["user_id as userId", "wish", "attempts"])
    .executeTakeFirst();
  return row ?? null;
}

/** The wish is done; one that came meanwhile stays. */
export async function settleWish(db: Db, { userId, wish }: DueWish): Promise<void> {
  await db
    .deleteFrom("upstream_outbox")
    .where("user_id", "=", userId)
    .where("wish", "=", wish)
    .execute();
}

/** The wish failed and is due again later. */
export async function postponeWish(
  db: Db,
  { userId, wish, attempts }: DueWish,
  { dueAt, problem }: { dueAt: number; problem: string },
): Promise<void> {
  await db
    .updateTable("upstream_outbox")
    .where("user_id", "=", userId)
    .where("wish", "=", wish)
    .set({ due_at: dueAt, attempts: attempts + 1, problem })
    .execute();
}

/** An administrator must decide; nothing happens for the person by itself until then. */
export async function leaveUndecided(
  db: Db,
  { userId, at, problem }: { userId: number; at: number; problem: string },
): Promise<void> {
  await db
    .insertInto("upstream_outbox")
    .values({ user_id: userId, due_at: at, is_undecided: 1, problem })
    .onConflict((conflict) =>
      conflict.column("user_id").doUpdateSet({ due_at: at, is_undecided: 1, problem }),
    )
    .execute();
}

/** Somebody who waits for an account, and what stands in the way. */
export interface WaitingPerson {
  readonly userId: number;
  readonly email: string;
  readonly isUndecided: boolean;
  readonly problem: string | null;
  readonly dueAt: number;
}

/** At most `limit` of those who wait with a problem, the undecided first; and how many wait at all. */
export async function listWaiting(
  db: Db,
  limit: number,
): Promise<{ readonly count: number; readonly people: readonly WaitingPerson[] }> {
  const { count } = await db
    .selectFrom("upstream_outbox")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const rows = await db
    .selectFrom("upstream_outbox")
    .innerJoin("users", "users.id", "upstream_outbox.user_id")
    .where("upstream_outbox.problem", "is not", null)
    .orderBy("upstream_outbox.is_undecided", "desc")
    .orderBy("users.email")
    .limit(limit)
    .select(["users.id as userId", "users.email", "upstream_outbox.problem"])
    .select(["upstream_outbox.is_undecided as undecided", "upstream_outbox.due_at as dueAt"])
    .execute();
  const people = rows.map(({ undecided, ...row }) => ({ ...row, isUndecided: undecided === 1 }));
  return { count: Number(count), people };
}

/** About whom an administrator must decide. */
export async function listUndecided(db: Db): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("upstream_outbox")
    .where("is_undecided", "=", 1)
    .select("user_id as userId")
    .execute();
  return rows.map(({ userId }) => userId);
}
