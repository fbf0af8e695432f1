/**
 * One-time links: the Owner's set-up, recovery and password reset (PRODUCT 9.2, 9.4, 9.7). Only the
 * hash of a link's secret is kept. What a link opens is people/'s business.
 */
import { fromJson } from "./json.ts";
import type { Db } from "./statement.ts";

/** A link that was handed out and not used yet. */
export interface OneTimeLink {
  readonly tokenHash: string;
  readonly kind: "setup" | "recover" | "password_reset";
  readonly userId: number | null;
  readonly organizationId: number | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly expiresAt: number;
}

/** Keeps a link. Former links of the same kind for the same person end: the newest is the one. */
export async function insertLink(tx: Db, link: OneTimeLink): Promise<void> {
  const { tokenHash, kind, userId, organizationId, data, expiresAt } = link;
  let former = tx.deleteFrom("one_time_links").where("kind", "=", kind);
  former =
    userId === null ? former.where("user_id", "is", null) : former.where("user_id", "=", userId);
  await former.execute();
  await tx
    .insertInto("one_time_links")
    .values({
      token_hash: tokenHash,
      kind,
      user_id: userId,
      organization_id: organizationId,
      data: JSON.stringify(data),
      expires_at: expiresAt,
    })
    .execute();
}

/** The link without using it up, to show its form; null where it was used or has expired. */
export async function loadLink(
  db: Db,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<OneTimeLink | null> {
  const row = await db
    .selectFrom("one_time_links")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", now)
    .selectAll()
    .executeTakeFirst();
  return row === undefined ? null : linkOf(row);
}

/** Uses the link up: of two takers one gets it. Null where it was used before or has expired. */
export async function takeLink(
  tx: Db,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<OneTimeLink | null> {
  const row = await tx
    .deleteFrom("one_time_links")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : linkOf(row);
}

function linkOf(row: {
  token_hash: string;
  kind: OneTimeLink["kind"];
  user_id: number | null;
  organization_id: number | null;
  data: string;
  expires_at: number;
}): OneTimeLink {
  return {
    tokenHash: row.token_hash,
    kind: row.kind,
    userId: row.user_id,
    organizationId: row.organization_id,
    data: fromJson(row.data),
    expiresAt: row.expires_at,
  };
}
