/**
 * What an organization rules about API tokens and sessions (PRODUCT 6.6, 9.6). api-tokens.ts and sessions.ts
 * ask it in their own statements, so that a rule holds from the next request on and for what was there before.
 */
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { flag } from "./json.ts";
import type { Db } from "./statement.ts";

/** Which kinds of tokens are taken, and how long a personal access token lives when it is made. */
export interface TokenRules {
  readonly areAccessTokensTaken: boolean;
  readonly areLegacyTokensTaken: boolean;
  /** 1 to 365. */
  readonly ttlDays: number;
}

/** How long a session lives, and how long it may lie unused; minutes. */
export interface SessionRules {
  readonly maxMinutes: number;
  readonly idleMinutes: number;
}

/** The server's own limits, which an organization may lower (PRODUCT 9.6). */
export const sessionLimits: SessionRules = {
  maxMinutes: 14 * 24 * 60,
  idleMinutes: 5 * 24 * 60,
};

/** The rules for tokens, or null where there is no such organization. */
export async function loadTokenRules(db: Db, organizationId: number): Promise<TokenRules | null> {
  const row = await db
    .selectFrom("organizations")
    .where("id", "=", organizationId)
    .select(["api_tokens_enabled", "legacy_api_tokens_enabled", "api_token_ttl_days"])
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    areAccessTokensTaken: row.api_tokens_enabled === 1,
    areLegacyTokensTaken: row.legacy_api_tokens_enabled === 1,
    ttlDays: row.api_token_ttl_days,
  };
}

/** Saves the rules for tokens. */
export async function saveTokenRules(tx: Db, id: number, rules: TokenRules): Promise<void> {
  await tx
    .updateTable("organizations")
    .where("id", "=", id)
    .set({
      api_tokens_enabled: flag(rules.areAccessTokensTaken),
      legacy_api_tokens_enabled: flag(rules.areLegacyTokensTaken),
      api_token_ttl_days: rules.ttlDays,
    })
    .execute();
}

/** The rules for sessions, or null where there is no such organization. */
export async function loadSessionRules(
  db: Db,
  organizationId: number,
): Promise<SessionRules | null> {
  const row = await db
    .selectFrom("organizations")
    .where("id", "=", organizationId)
    .select(["session_max_minutes", "session_idle_minutes"])
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    maxMinutes: row.session_max_minutes ?? sessionLimits.maxMinutes,
    idleMinutes: row.session_idle_minutes ?? sessionLimits.idleMinutes,
  };
}

/** Saves the rules for sessions. */
export async function saveSessionRules(tx: Db, id: number, rules: SessionRules): Promise<void> {
  await tx
    .updateTable("organizations")
    .where("id", "=", id)
    .set({ session_max_minutes: rules.maxMinutes, session_idle_minutes: rules.idleMinutes })
    .execute();
}

/** Milliseconds of a session's life and of its idling, of the organization that is joined. */
export const ruledMaxMs = limitMs("organizations.session_max_minutes", sessionLimits.maxMinutes);
export const ruledIdleMs = limitMs("organizations.session_idle_minutes", sessionLimits.idleMinutes);

function limitMs(column: string, serverMinutes: number): RawBuilder<number> {
  return sql<number>`coalesce(${sql.ref(column)}, ${sql.lit(serverMinutes)}) * 60000`;
}

/** True while a session is neither too old nor idle by the rules of the organization that is joined. */
export const isWithinRules = (now: Expression<number>): Expression<SqlBool> =>
  sql<SqlBool>`sessions.created_at + ${ruledMaxMs} > ${now}
    and sessions.last_seen_at + ${ruledIdleMs} > ${now}`;
