/**
 * SCIM tokens by the hash of their secret (PRODUCT 7.2). Making secrets, and how many may live at
 * once, is provisioning/'s business.
 */
import type { OrgRole } from "../access/roles.ts";
import { type Db, dialectOf, statement } from "./statement.ts";

/** The shortest time between two writes of "last used". */
const touchEveryMs = 5 * 60_000;

/** A token as administrators see it. */
export interface ScimToken {
  readonly id: number;
  readonly organizationId: number;
  readonly name: string;
  /** The first characters, by which people tell tokens apart. */
  readonly prefix: string;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** Epoch milliseconds; null where it does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** A token with who made it, as they are now; nulls where the server did, and no role for former members. */
export interface ListedScimToken extends ScimToken {
  readonly creatorEmail: string | null;
  readonly creatorRole: OrgRole | null;
}

const columns = [
  "scim_tokens.id",
  "scim_tokens.organization_id as organizationId",
  "scim_tokens.name",
  "scim_tokens.prefix",
  "scim_tokens.created_by as createdBy",
  "scim_tokens.created_at as createdAt",
  "scim_tokens.last_used_at as lastUsedAt",
  "scim_tokens.expires_at as expiresAt",
  "scim_tokens.revoked_at as revokedAt",
] as const;

const byHash = statement<{ tokenHash: string; now: number }, ScimToken>((db, value) =>
  db
    .selectFrom("scim_tokens")
    .where("token_hash", "=", value("tokenHash"))
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", value("now"))]))
    .select(columns),
);

/** The live token with this hash, or null. */
export async function loadScimToken(
  db: Db,
  tokenHash: string,
  now: number,
): Promise<ScimToken | null> {
  return await byHash.first(db, { tokenHash, now });
}

/**
 * The tokens of the organization, dead ones too. Until the transaction ends nobody else makes one, so that they can
 * be counted.
 */
export async function lockScimTokens(
  tx: Db,
  organizationId: number,
): Promise<readonly ScimToken[]> {
  if (dialectOf(tx) === "postgres") {
    await tx
      .selectFrom("organizations")
      .where("id", "=", organizationId)
      .select("id")
      .forNoKeyUpdate()
      .execute();
  }
  return await listScimTokens(tx, organizationId);
}

/** Keeps a token; returns its id. */
export async function createScimToken(
  tx: Db,
  token: {
    readonly organizationId: number;
    readonly name: string;
    readonly tokenHash: string;
    readonly prefix: string;
    readonly createdBy: number | null;
    readonly at: number;
    readonly expiresAt: number | null;
  },
): Promise<number> {
  const row = await tx
    .insertInto("scim_tokens")
    .values({
      organization_id: token.organizationId,
      name: token.name,
      token_hash: token.tokenHash,
      prefix: token.prefix,
      created_by: token.createdBy,
      created_at: token.at,
      expires_at: token.expiresAt,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The organization's tokens, youngest first, those that ended too. */
export async function listScimTokens(
  db: Db,
  organizationId: number,
): Promise<readonly ListedScimToken[]> {
  return await db
    .selectFrom("scim_tokens")
    .leftJoin("users", "users.id", "scim_tokens.created_by")
    .leftJoin("memberships", (join) =>
      join
        .onRef("memberships.organization_id", "=", "scim_tokens.organization_id")
        .onRef("memberships.user_id", "=", "scim_tokens.created_by"),
    )
    .where("scim_tokens.organization_id", "=", organizationId)
    .orderBy("scim_tokens.id", "desc")
    .limit(100)
    .select(columns)
    .select(["users.email as creatorEmail", "memberships.role as creatorRole"])
    .execute();
}

/** Ends a token; false where the organization has no live one of this id. */
export async function revokeScimToken(
  tx: Db,
  { organizationId, id, at }: { organizationId: number; id: number; at: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("scim_tokens")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .set({ revoked_at: at })
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Notes that the token was used, at most every five minutes. */
export async function touchScimToken(
  db: Db,
  { id, lastUsedAt }: Pick<ScimToken, "id" | "lastUsedAt">,
  at: number,
): Promise<void> {
  if (lastUsedAt !== null && at - lastUsedAt < touchEveryMs) return;
  await db.updateTable("scim_tokens").set({ last_used_at: at }).where("id", "=", id).execute();
}
