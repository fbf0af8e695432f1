/**
 * Sessions of Label Studio's own host (GATEWAY 10.2): children of the first host's, made by a code that
 * is good once and only beside the state that the same browser was given. Only hashes are kept.
 */
import { isWithinRules } from "./organization-rules.ts";
import { type LiveRow, liveColumns, type Session, sessionOf } from "./sessions.ts";
import { type Db, statement } from "./statement.ts";

/** The statement behind `loadStudioSession`. */
const liveSession = statement<{ tokenHash: string; now: number }, LiveRow>((db, value) =>
  db
    .selectFrom("studio_sessions")
    .innerJoin("sessions", "sessions.token_hash", "studio_sessions.session_hash")
    .innerJoin("users", "users.id", "sessions.user_id")
    .innerJoin("memberships", (join) =>
      join
        .onRef("memberships.organization_id", "=", "sessions.organization_id")
        .onRef("memberships.user_id", "=", "sessions.user_id"),
    )
    .innerJoin("organizations", "organizations.id", "sessions.organization_id")
    .where("studio_sessions.token_hash", "=", value("tokenHash"))
    .where("sessions.expires_at", ">", value("now"))
    .where(isWithinRules(value("now")))
    .select(liveColumns),
);

/** The first host's live session behind a studio session with this hash; null where there is none. */
export async function loadStudioSession(
  db: Db,
  tokenHash: string,
  nowMs: number,
): Promise<Session | null> {
  const row = await liveSession.first(db, { tokenHash, now: nowMs });
  return row === null ? null : sessionOf(row);
}

/** A code for one browser's state and session. */
export interface StudioCode {
  readonly codeHash: string;
  readonly sessionHash: string;
  readonly stateHash: string;
  /** A path of the studio host. */
  readonly next: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Keeps a code; false where the session has ended meanwhile. */
export async function createStudioCode(tx: Db, code: StudioCode): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("studio_codes")
    .columns(["code_hash", "session_hash", "state_hash", "next", "expires_at"])
    .expression((eb) =>
      eb
        .selectFrom("sessions")
        .where("token_hash", "=", code.sessionHash)
        .select((of) => [
          of.val(code.codeHash).as("code_hash"),
          "token_hash",
          of.val(code.stateHash).as("state_hash"),
          of.val(code.next).as("next"),
          of.cast<number>(of.val(code.expiresAt), "bigint").as("expires_at"),
        ]),
    )
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/**
 * Takes a code, which is then worth nothing, whoever comes with it; null where it is unknown, used,
 * expired, or another state's.
 */
export async function takeStudioCode(
  tx: Db,
  { codeHash, stateHashes, now }: { codeHash: string; stateHashes: readonly string[]; now: number },
): Promise<Pick<StudioCode, "sessionHash" | "next"> | null> {
  const code = await tx
    .deleteFrom("studio_codes")
    .where("code_hash", "=", codeHash)
    .returning(["session_hash as sessionHash", "state_hash as stateHash", "next"])
    .returning("expires_at as expiresAt")
    .executeTakeFirst();
  if (code === undefined || !stateHashes.includes(code.stateHash)) return null;
  if (code.expiresAt <= now) return null;
  return { sessionHash: code.sessionHash, next: code.next };
}

/** Begins a studio session in place of the former one of the same session. */
export async function createStudioSession(
  tx: Db,
  { tokenHash, sessionHash, at }: { tokenHash: string; sessionHash: string; at: number },
): Promise<void> {
  await tx.deleteFrom("studio_sessions").where("session_hash", "=", sessionHash).execute();
  await tx
    .insertInto("studio_sessions")
    .values({ token_hash: tokenHash, session_hash: sessionHash, created_at: at })
    .execute();
}
