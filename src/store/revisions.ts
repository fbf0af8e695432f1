/**
 * Former settings (PRODUCT 6.3, 8.6): what they were before and after each save, by whom and when.
 * Written by whoever saves settings, in the same transaction.
 */
import { isDeepStrictEqual } from "node:util";
import { fromJson } from "./json.ts";
import { nameShownIn } from "./names.ts";
import type { Db } from "./statement.ts";

/** The settings that a revision holds: SAML's, or the mappings of pushed groups. */
export type SettingsKind = "saml" | "scim";

/** One save of settings. */
export interface Revision {
  readonly id: number;
  readonly kind: SettingsKind;
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
  if (isDeepStrictEqual(revision.before, revision.after)) return;
  await tx
    .insertInto("settings_revisions")
    .values({
      organization_id: revision.organizationId,
      kind: revision.kind,
      at: revision.at,
      actor_user_id: revision.actorUserId,
      before: JSON.stringify(revision.before),
      after: JSON.stringify(revision.after),
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

/** A save, and who saved; what it changed is read one by one, since settings may be large. */
export interface RevisionHead {
  readonly id: number;
  readonly kind: SettingsKind;
  readonly at: number;
  /** Null where the server itself saved, or the account is gone. */
  readonly actor: {
    readonly id: number;
    readonly email: string;
    readonly firstName: string;
    readonly lastName: string;
  } | null;
}

/** Selects revisions of one kind or both, older than one. */
export interface RevisionFilter {
  readonly organizationId: number;
  readonly kind?: SettingsKind | undefined;
  /** Older than the save with this id: the last of the page before. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

/** The organization's saves, latest first. */
export async function listRevisionHeads(
  db: Db,
  { organizationId, kind, beforeId, limit }: RevisionFilter,
): Promise<readonly RevisionHead[]> {
  let saves = db
    .selectFrom("settings_revisions")
    .leftJoin("users", "users.id", "settings_revisions.actor_user_id")
    .where("settings_revisions.organization_id", "=", organizationId);
  if (kind !== undefined) saves = saves.where("settings_revisions.kind", "=", kind);
  if (beforeId !== undefined) saves = saves.where("settings_revisions.id", "<", beforeId);
  const rows = await saves
    .orderBy("settings_revisions.id", "desc")
    .limit(limit)
    .select(["settings_revisions.id", "settings_revisions.kind", "settings_revisions.at"])
    .select(["users.id as userId", "users.email"])
    .select([
      nameShownIn("first_name", "settings_revisions.organization_id").as("firstName"),
      nameShownIn("last_name", "settings_revisions.organization_id").as("lastName"),
    ])
    .execute();
  return rows.map(({ id, kind: of, at, userId, email, firstName, lastName }) => ({
    id,
    kind: of,
    at,
    actor:
      userId === null || email === null
        ? null
        : { id: userId, email, firstName: firstName ?? "", lastName: lastName ?? "" },
  }));
}

/** The save with this id, or null where this organization has none. */
export async function loadRevision(
  db: Db,
  { organizationId, id }: { organizationId: number; id: number },
): Promise<Revision | null> {
  const row = await db
    .selectFrom("settings_revisions")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .select(["id", "kind", "at", "actor_user_id as actorUserId", "before", "after"])
    .executeTakeFirst();
  if (row === undefined) return null;
  return { ...row, before: fromJson<unknown>(row.before), after: fromJson<unknown>(row.after) };
}

/** The latest save of each kind, which left the settings as they are. */
export async function latestRevisionIds(
  db: Db,
  organizationId: number,
): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom("settings_revisions")
    .where("organization_id", "=", organizationId)
    .groupBy("kind")
    .select((eb) => eb.fn.max("id").as("id"))
    .execute();
  return new Set(rows.map(({ id }) => id));
}
