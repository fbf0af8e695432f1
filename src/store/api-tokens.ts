/**
 * API tokens by the hash of their secret (PRODUCT 6.6). A token belongs to a person in one
 * organization and ends with their access there. Making secrets and JWTs is people/'s business.
 */
import type { OrgRole } from "../access/roles.ts";
import { type Db, statement } from "./statement.ts";

/** The shortest time between two writes of "last used". */
const touchEveryMs = 5 * 60_000;

/** A token as its holder sees it. */
export interface ApiToken {
  readonly id: number;
  readonly userId: number;
  readonly organizationId: number;
  /** `legacy`: 40 hex digits. `pat`: the id of a refresh JWT. */
  readonly kind: "legacy" | "pat";
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** Epoch milliseconds; null where it does not expire. */
  readonly expiresAt: number | null;
}

/** A token with whom it speaks for, as they are now. */
export interface ApiTokenHolder extends ApiToken {
  readonly email: string;
  readonly role: OrgRole;
}

const columns = [
  "api_tokens.id",
  "api_tokens.user_id as userId",
  "api_tokens.organization_id as organizationId",
  "api_tokens.kind",
  "api_tokens.created_at as createdAt",
  "api_tokens.last_used_at as lastUsedAt",
  "api_tokens.expires_at as expiresAt",
] as const;

const byHash = statement<{ tokenHash: string; now: number }, ApiTokenHolder>((db, value) =>
  db
    .selectFrom("api_tokens")
    .innerJoin("users", "users.id", "api_tokens.user_id")
    .innerJoin("memberships", (join) =>
      join
        .onRef("memberships.organization_id", "=", "api_tokens.organization_id")
        .onRef("memberships.user_id", "=", "api_tokens.user_id"),
    )
    .innerJoin("organizations", "organizations.id", "api_tokens.organization_id")
    .where("api_tokens.token_hash", "=", value("tokenHash"))
    // What the organization does not take is worth nothing, and counts again once it is taken.
    .where((eb) =>
      eb.or([
        eb.and([
          eb("api_tokens.kind", "=", "legacy"),
          eb("organizations.legacy_api_tokens_enabled", "=", 1),
        ]),
        eb.and([eb("api_tokens.kind", "=", "pat"), eb("organizations.api_tokens_enabled", "=", 1)]),
      ]),
    )
    .where((eb) =>
      eb.or([
        eb("api_tokens.expires_at", "is", null),
        eb("api_tokens.expires_at", ">", value("now")),
      ]),
    )
    .select([...columns, "users.email", "memberships.role"]),
);

/** The live token with this hash and its holder's present role; null where there is none. */
export async function loadApiToken(
  db: Db,
  tokenHash: string,
  now: number,
): Promise<ApiTokenHolder | null> {
  return await byHash.first(db, { tokenHash, now });
}

/** A token about to be handed out. */
export interface NewApiToken {
  readonly userId: number;
  readonly organizationId: number;
  readonly kind: ApiToken["kind"];
  readonly tokenHash: string;
  readonly at: number;
  readonly expiresAt: number | null;
}

/** Keeps a token; returns its id. */
export async function createApiToken(tx: Db, token: NewApiToken): Promise<number> {
  const row = await tx
    .insertInto("api_tokens")
    .values({
      user_id: token.userId,
      organization_id: token.organizationId,
      kind: token.kind,
      token_hash: token.tokenHash,
      created_at: token.at,
      expires_at: token.expiresAt,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The person's live tokens in one organization, youngest first. */
export async function listApiTokens(
  db: Db,
  { userId, organizationId, now }: { userId: number; organizationId: number; now: number },
): Promise<readonly ApiToken[]> {
  return await db
    .selectFrom("api_tokens")
    .where("user_id", "=", userId)
    .where("organization_id", "=", organizationId)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .orderBy("id", "desc")
    .select(columns)
    .execute();
}

/** Notes that the token was used, at most every five minutes. */
export async function touchApiToken(
  db: Db,
  { id, at, lastUsedAt }: { id: number; at: number; lastUsedAt: number | null },
): Promise<void> {
  if (lastUsedAt !== null && at - lastUsedAt < touchEveryMs) return;
  await db.updateTable("api_tokens").set({ last_used_at: at }).where("id", "=", id).execute();
}

/** Ends the person's tokens, of one organization or one kind only where it is named; returns their ids. */
export async function deleteApiTokens(
  tx: Db,
  of: { userId: number; organizationId?: number; kind?: ApiToken["kind"] },
): Promise<readonly number[]> {
  let tokens = tx.deleteFrom("api_tokens").where("user_id", "=", of.userId);
  if (of.organizationId !== undefined) {
    tokens = tokens.where("organization_id", "=", of.organizationId);
  }
  if (of.kind !== undefined) tokens = tokens.where("kind", "=", of.kind);
  const ended = await tokens.returning("id").execute();
  return ended.map(({ id }) => id);
}
