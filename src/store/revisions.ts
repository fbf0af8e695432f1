/**
 * Former settings (PRODUCT 6.3, 8.6): what they were before and after each save, by whom and when.
 * Written by whoever saves settings, in the same transaction.
 */
import { fromJson } from "./json.ts";
import type { Db } from "./statement.ts";

/** One save of settings. */
export interface Revision {
  readonly id: number;
  readonly kind: "saml" | "scim";
  readonly at: number;
  /** Null where the server itself saved. */
  readonly actorUserId: number | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** Keeps a save, unless it changed nothing. */
export async function recordRevision(
  tx: Db,
  revision: Omit<Revision, "id"> & { readonly organizationId: number },
): Promise<void> {
  const before = JSON.stringify(revision.before);
  const after = JSON.stringify(revision.after);
  if (before === after) return;
  await tx
    .insertInto("settings_revisions")
    .values({
      organization_id: revision.organizationId,
      kind: revision.kind,
      at: revision.at,
      actor_user_id: revision.actorUserId,
      before,
      after,
    })
    .execute();
}

/** The organization's saves of one kind, latest first; 50 unless told. */
export async function listRevisions(
  db: Db,
  of: { organizationId: number; kind: Revision["kind"]; limit?: number },
): Promise<readonly Revision[]> {
  const rows = await db
    .selectFrom("settings_revisions")
    .where("organization_id", "=", of.organizationId)
    .where("kind", "=", of.kind)
    .orderBy("id", "desc")
    .limit(of.limit ?? 50)
    .select(["id", "kind", "at", "actor_user_id as actorUserId", "before", "after"])
    .execute();
  return rows.map((row) => ({
    ...row,
    before: fromJson<unknown>(row.before),
    after: fromJson<unknown>(row.after),
  }));
}
