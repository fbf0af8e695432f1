/**
 * Links people to their accounts in Label Studio (GATEWAY 10.5). A number is linked to one person;
 * whoever had it once is remembered, and it goes to nobody else, until an administrator accepts another
 * database. What the person may do follows from their membership alone, which apply.ts writes.
 */

import { sql } from "kysely";
import { type Db, isOneOf } from "./statement.ts";

/** A person, as far as their account in Label Studio is concerned. */
export interface LinkablePerson {
  readonly userId: number;
  /** Lower case. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly upstreamId: number | null;
  /** The address by which Label Studio knows the account. */
  readonly upstreamEmail: string | null;
}

const personColumns = [
  "users.id as userId",
  "users.email",
  "users.first_name as firstName",
  "users.last_name as lastName",
  "users.upstream_id as upstreamId",
  "users.upstream_email as upstreamEmail",
] as const;

/** The person, or null. */
export async function loadLinkable(db: Db, userId: number): Promise<LinkablePerson | null> {
  const row = await db
    .selectFrom("users")
    .where("users.id", "=", userId)
    .select(personColumns)
    .executeTakeFirst();
  return row ?? null;
}

/** Everybody who is linked, by Label Studio's number. */
export async function listLinked(db: Db): Promise<readonly LinkablePerson[]> {
  return await db
    .selectFrom("users")
    .where("users.upstream_id", "is not", null)
    .orderBy("users.upstream_id")
    .select(personColumns)
    .execute();
}

/** Label Studio's numbers → internal numbers of the people who are linked to them now. */
export async function loadLinkedPeople(
  db: Db,
  upstreamIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom("users")
    .where(isOneOf(db, "upstream_id", upstreamIds))
    .select(["upstream_id as upstreamId", "id as userId"])
    .execute();
  return new Map(rows.map(({ upstreamId, userId }) => [upstreamId ?? 0, userId]));
}

/** Loads the person to whom each number was ever linked. */
export async function loadLinkHolders(db: Db): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom("upstream_links")
    .select(["upstream_id as upstreamId", "user_id as userId"])
    .execute();
  return new Map(rows.map(({ upstreamId, userId }) => [upstreamId, userId]));
}

/** Loads the person to whom the number was ever linked, or null. */
export async function loadLinkHolder(db: Db, upstreamId: number): Promise<number | null> {
  const row = await db
    .selectFrom("upstream_links")
    .where("upstream_id", "=", upstreamId)
    .select("user_id as userId")
    .executeTakeFirst();
  return row?.userId ?? null;
}

/** True where the person was linked to some number before. */
export async function wasLinked(db: Db, userId: number): Promise<boolean> {
  const row = await db
    .selectFrom("upstream_links")
    .where("user_id", "=", userId)
    .select("upstream_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** A link about to be made. */
export interface NewLink {
  readonly userId: number;
  readonly upstreamId: number;
  readonly upstreamEmail: string;
  readonly at: number;
}

/**
 * Links the person to the number; false where it is, or was, somebody else's. Runs in a transaction of
 * the caller: the row of `upstream_links` is what two who ask at once meet at.
 */
export async function linkAccount(tx: Db, link: NewLink): Promise<boolean> {
  const { userId, upstreamId, upstreamEmail, at } = link;
  await tx
    .insertInto("upstream_links")
    .values({ upstream_id: upstreamId, user_id: userId, linked_at: at })
    .onConflict((conflict) => conflict.column("upstream_id").doNothing())
    .execute();
  if ((await loadLinkHolder(tx, upstreamId)) !== userId) return false;
  await tx
    .updateTable("users")
    .where("id", "=", userId)
    .set({ upstream_id: upstreamId, upstream_email: upstreamEmail })
    .execute();
  return true;
}

/** Takes the links of these people; that they had them stays known, so that nobody else gets them. */
export async function unlinkAccounts(tx: Db, userIds: readonly number[]): Promise<void> {
  await tx
    .updateTable("users")
    .where(isOneOf(tx, "id", userIds))
    .set({ upstream_id: null, upstream_email: null })
    .execute();
}

/** Forgets who had which number: behind the address there is another database now. */
export async function forgetLinks(tx: Db, userIds: readonly number[]): Promise<void> {
  await tx
    .deleteFrom("upstream_links")
    .where(isOneOf(tx, "user_id", userIds))
    .execute();
}

/** Counts people, linked people, and those whose address differs from theirs in Label Studio. */
export async function countLinked(db: Db) {
  const { people, linked } = await db
    .selectFrom("users")
    .select((eb) => [
      eb.fn.countAll<number>().as("people"),
      eb.fn.count<number>("upstream_id").as("linked"),
    ])
    .executeTakeFirstOrThrow();
  return { people: Number(people), linked: Number(linked) };
}

/** At most `limit` people whom Label Studio knows by a former address, which it never changes. */
export async function listFormerAddresses(db: Db, limit: number) {
  return await db
    .selectFrom("users")
    .where("users.upstream_id", "is not", null)
    .where(sql<boolean>`lower(users.upstream_email) <> users.email`)
    .orderBy("users.email")
    .limit(limit)
    .select(personColumns)
    .execute();
}
