/**
 * Sessions by the hash of their secret (PRODUCT 9.6). A session opens one organization (PRODUCT 4.10)
 * and ends with the person's access there. Cookies are http/'s business.
 */
import { hash } from "node:crypto";
import { sql } from "kysely";
import type { OrgRole } from "../access/roles.ts";
import { sessionRows } from "../access/settings-table.ts";
import { shownName } from "./names.ts";
import { isWithinRules, ruledIdleMs, ruledMaxMs } from "./organization-rules.ts";
import { type Db, statement } from "./statement.ts";

/** A session that nobody used for this long is over in every organization (PRODUCT 9.6). */
export const sessionIdleMs = sessionRows.max_time_between_activity.most * 60_000;
/**
 * The shortest time between two writes of "last seen", unless the organization ends idle sessions soon.
 */
const touchEveryMs = 5 * 60_000;

/** A session as its owner and administrators see it. */
export interface SessionRow {
  /** Public name of the session; not its secret. */
  readonly id: string;
  readonly userId: number;
  readonly organizationId: number;
  readonly method: "saml" | "password" | "link";
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly ip: string;
  readonly userAgent: string;
}

/** A live session with whom it speaks for, as they are now. */
export interface Session extends SessionRow {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: OrgRole;
  /** The time for which it may lie unused by the organization's rules. */
  readonly idleMs: number;
}

/** A live session as its statements read it. */
export interface LiveRow extends Session {
  readonly maxMs: number;
}

/** The session, whose end is the organization's where that comes first. */
export function sessionOf({ maxMs, ...session }: LiveRow): Session {
  return { ...session, expiresAt: Math.min(session.expiresAt, session.createdAt + maxMs) };
}

/** The time after which the use of a session is noted again. */
export function touchAfterMs({ idleMs }: Pick<Session, "idleMs">): number {
  return Math.min(touchEveryMs, idleMs / 4);
}

/** A session about to begin. */
export interface NewSession {
  readonly tokenHash: string;
  readonly id: string;
  readonly userId: number;
  readonly organizationId: number;
  readonly method: SessionRow["method"];
  readonly at: number;
  /** Absolute end, epoch milliseconds. */
  readonly expiresAt: number;
  readonly ip: string;
  readonly userAgent: string;
}

/** Of a session; for the statements of its relations too. */
export const sessionColumns = [
  "sessions.id",
  "sessions.user_id as userId",
  "sessions.organization_id as organizationId",
  "sessions.method",
  "sessions.created_at as createdAt",
  "sessions.last_seen_at as lastSeenAt",
  "sessions.expires_at as expiresAt",
  "sessions.ip",
  "sessions.user_agent as userAgent",
] as const;

/** Of a `LiveRow`, beside its person, membership and organization. */
export const liveColumns = [
  ...sessionColumns,
  "users.email",
  shownName("first_name").as("firstName"),
  shownName("last_name").as("lastName"),
  "memberships.role",
  ruledMaxMs.as("maxMs"),
  ruledIdleMs.as("idleMs"),
] as const;

const insertRow = statement<NewSession, unknown>((db, value) =>
  db.insertInto("sessions").values({
    token_hash: value("tokenHash"),
    id: value("id"),
    user_id: value("userId"),
    organization_id: value("organizationId"),
    method: value("method"),
    created_at: value("at"),
    last_seen_at: value("at"),
    expires_at: value("expiresAt"),
    ip: value("ip"),
    user_agent: value("userAgent"),
  }),
);

/** The statement behind `loadSession`. */
export const liveSession = statement<{ tokenHash: string; now: number }, LiveRow>((db, value) =>
  db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .innerJoin("memberships", (join) =>
      join
        .onRef("memberships.organization_id", "=", "sessions.organization_id")
        .onRef("memberships.user_id", "=", "sessions.user_id"),
    )
    .innerJoin("organizations", "organizations.id", "sessions.organization_id")
    .where("sessions.token_hash", "=", value("tokenHash"))
    .where("sessions.expires_at", ">", value("now"))
    .where(isWithinRules(value("now")))
    .select(liveColumns),
);

const deleteRow = statement<{ tokenHash: string }, unknown>((db, value) =>
  db.deleteFrom("sessions").where("token_hash", "=", value("tokenHash")),
);

/** The bytes of a token that tell the time: 40 bits, of which 36 fill whole characters. */
const timeBytes = 5;
const timeLength = 6;
const tokenBytes = 32;

/**
 * A session's secret in base64url: the time in milliseconds, and 216 random bits. New sessions then
 * stand together in the table, and a sign-in dirties no page of old ones.
 */
export function newSessionToken({
  now,
  randomToken,
}: {
  readonly now: () => number;
  readonly randomToken: (bytes: number) => string;
}): string {
  const token = Buffer.from(randomToken(tokenBytes), "base64url");
  token.writeUIntBE(now() % 2 ** (8 * timeBytes), 0, timeBytes);
  return token.toString("base64url");
}

/** Hashes a session's secret; the store keeps only the hash and finds the session by it. */
export function hashSessionToken(token: string): string {
  return token.slice(0, timeLength) + hash("sha256", token);
}

/** Begins a session. */
export async function createSession(tx: Db, session: NewSession): Promise<void> {
  await insertRow.run(tx, session);
}

/** The live session with this hash and the person's present role; null where it ended or idled out. */
export async function loadSession(
  db: Db,
  tokenHash: string,
  nowMs: number,
): Promise<Session | null> {
  const row = await liveSession.first(db, { tokenHash, now: nowMs });
  return row === null ? null : sessionOf(row);
}

/** Notes that the session is in use, at most every `touchAfterMs`. */
export async function touchSession(
  db: Db,
  { id, userId, lastSeenAt, idleMs }: Pick<Session, "id" | "userId" | "lastSeenAt" | "idleMs">,
  nowMs: number,
): Promise<void> {
  if (nowMs - lastSeenAt < touchAfterMs({ idleMs })) return;
  await db
    .updateTable("sessions")
    .where("user_id", "=", userId)
    .where("id", "=", id)
    .set({ last_seen_at: nowMs })
    .execute();
}

/** Ends the session with this secret, if there is one. */
export async function deleteSession(db: Db, tokenHash: string): Promise<void> {
  await deleteRow.run(db, { tokenHash });
}

/** Selects sessions to end or list: a person's, narrowed by the other fields. */
export interface SessionFilter {
  readonly userId: number;
  readonly organizationId?: number;
  readonly id?: string;
  /** This one stays. */
  readonly exceptId?: string;
}

/** Ends sessions of one person; returns how many ended. */
export async function deleteSessions(db: Db, filter: SessionFilter): Promise<number> {
  let sessions = db.deleteFrom("sessions").where("user_id", "=", filter.userId);
  if (filter.organizationId !== undefined) {
    sessions = sessions.where("organization_id", "=", filter.organizationId);
  }
  if (filter.id !== undefined) sessions = sessions.where("id", "=", filter.id);
  if (filter.exceptId !== undefined) sessions = sessions.where("id", "<>", filter.exceptId);
  const { numDeletedRows } = await sessions.executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** The person's live sessions, last used first; of one organization only where it is named. */
export async function listSessions(
  db: Db,
  of: { userId: number; organizationId?: number; now: number },
): Promise<readonly SessionRow[]> {
  let sessions = db
    .selectFrom("sessions")
    .innerJoin("organizations", "organizations.id", "sessions.organization_id")
    .where("sessions.user_id", "=", of.userId)
    .where("sessions.expires_at", ">", of.now)
    .where(isWithinRules(sql.lit(of.now)));
  if (of.organizationId !== undefined) {
    sessions = sessions.where("sessions.organization_id", "=", of.organizationId);
  }
  return await sessions.orderBy("sessions.last_seen_at", "desc").select(sessionColumns).execute();
}

/** Finds the person whose session of this organization has this public id; null where none does. */
export async function findSessionPerson(
  db: Db,
  { organizationId, id }: { organizationId: number; id: string },
): Promise<number | null> {
  const row = await db
    .selectFrom("sessions")
    .where("id", "=", id)
    .where("organization_id", "=", organizationId)
    .select("user_id as userId")
    .executeTakeFirst();
  return row?.userId ?? null;
}
