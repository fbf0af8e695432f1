/**
 * Pushed groups as SCIM clients know them (PRODUCT 7.5): the resource and its small document. Who
 * belongs to a group is scim-members.ts's; what it gives is scim-sync.ts's.
 */
import type { JsonObject } from "../scim/json.ts";
import { foldName, toSearchDocument } from "../scim/search-document.ts";
import { fromJson } from "./json.ts";
import { TransactionRace } from "./race.ts";
import { isResourceId } from "./scim-users.ts";
import { type Db, type Dialect, statement } from "./statement.ts";

/** A pushed group, without its members. */
export interface ScimGroupRecord {
  /** Counted up: the order of lists. */
  readonly seq: number;
  /** UUID, never given twice. */
  readonly id: string;
  /** The name that mappings refer to, case included (PRODUCT 4.1). */
  readonly displayName: string;
  readonly externalId: string | null;
  readonly version: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly document: JsonObject;
}

/** A row as the database gives it. */
export interface ScimGroupRow extends Omit<ScimGroupRecord, "document"> {
  readonly document: string;
}

/** The columns of a `ScimGroupRow`, of a table called scim_groups. */
export const scimGroupColumns = [
  "scim_groups.seq",
  "scim_groups.id",
  "scim_groups.display_name as displayName",
  "scim_groups.external_id as externalId",
  "scim_groups.version",
  "scim_groups.created_at as createdAt",
  "scim_groups.modified_at as modifiedAt",
  "scim_groups.document",
] as const;

/** The record of a row. */
export function scimGroupOf({ document, ...row }: ScimGroupRow): ScimGroupRecord {
  return { ...row, document: fromJson(document) };
}

interface Key {
  readonly organizationId: number;
  readonly key: string;
}

type KeyColumn = "id" | "display_name" | "display_name_key";

const byColumn = (column: KeyColumn, isLocked: (dialect: Dialect) => boolean) =>
  statement<Key, ScimGroupRow>((db, value, dialect) => {
    const group = db
      .selectFrom("scim_groups")
      .where("organization_id", "=", value("organizationId"))
      .where(column, "=", value("key"))
      .orderBy("seq")
      .select(scimGroupColumns);
    return isLocked(dialect) ? group.forNoKeyUpdate() : group;
  });

const statements = (isLocked: (dialect: Dialect) => boolean) => ({
  id: byColumn("id", isLocked),
  name: byColumn("display_name", isLocked),
  folded: byColumn("display_name_key", isLocked),
});
const reading = statements(() => false);
const locking = statements((dialect) => dialect === "postgres");

/**
 * The group by id or, as the original's clients ask, by name (PRODUCT 7.3), or null; the name in its
 * very case goes before one in another case. With `lock` nobody else writes it, nor its members, until
 * the transaction ends.
 */
export async function findScimGroup(
  db: Db,
  { organizationId, key, lock = false }: Key & { readonly lock?: boolean },
): Promise<ScimGroupRecord | null> {
  const by = lock ? locking : reading;
  const row = isResourceId(key)
    ? await by.id.first(db, { organizationId, key: key.toLowerCase() })
    : ((await by.name.first(db, { organizationId, key: key.trim() })) ??
      (await by.folded.first(db, { organizationId, key: foldName(key) })));
  return row === null ? null : scimGroupOf(row);
}

/** True where a group other than `exceptSeq` has this very name. */
export async function isGroupNameTaken(
  db: Db,
  { organizationId, key }: Key,
  exceptSeq: number | null,
): Promise<boolean> {
  const row = await reading.name.first(db, { organizationId, key });
  return row !== null && row.seq !== exceptSeq;
}

/** The attributes of a group that a client may change, its members aside. */
export interface ScimGroupContent {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly document: JsonObject;
}

function columnsOf({ displayName, externalId, document }: ScimGroupContent) {
  return {
    display_name: displayName,
    display_name_key: foldName(displayName),
    external_id: externalId,
    document: JSON.stringify(document),
    search: JSON.stringify(toSearchDocument("Group", document)),
  };
}

/** Keeps a new group. The caller has seen to it that nobody has its name yet. */
export async function insertScimGroup(
  tx: Db,
  made: ScimGroupContent & {
    readonly id: string;
    readonly organizationId: number;
    readonly at: number;
  },
): Promise<ScimGroupRecord> {
  const { id, organizationId, at, ...content } = made;
  const row = await tx
    .insertInto("scim_groups")
    .values({
      id,
      organization_id: organizationId,
      created_at: at,
      modified_at: at,
      ...columnsOf(content),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("seq")
    .executeTakeFirst();
  if (row === undefined) throw new TransactionRace("a group of that name was pushed meanwhile");
  return { seq: row.seq, id, ...content, version: 1, createdAt: at, modifiedAt: at };
}

/** Replaces the content, and notes that members changed; returns the record with its new version. */
export async function updateScimGroup(
  tx: Db,
  before: ScimGroupRecord,
  { at, ...content }: ScimGroupContent & { readonly at: number },
): Promise<ScimGroupRecord> {
  const version = before.version + 1;
  await tx
    .updateTable("scim_groups")
    .where("seq", "=", before.seq)
    .set({ ...columnsOf(content), version, modified_at: at })
    .execute();
  return { ...before, ...content, version, modifiedAt: at };
}

/** Ends the group; the rows of its members go with it. */
export async function deleteScimGroup(tx: Db, { seq }: ScimGroupRecord): Promise<void> {
  await tx.deleteFrom("scim_groups").where("seq", "=", seq).execute();
}

/** Raises the version of every group that this group is about to leave. */
export async function noteSubgroupLeft(
  tx: Db,
  { seq }: ScimGroupRecord,
  at: number,
): Promise<void> {
  await tx
    .updateTable("scim_groups")
    .where("seq", "in", (eb) =>
      eb.selectFrom("scim_subgroups").where("child_seq", "=", seq).select("group_seq"),
    )
    .set((eb) => ({ version: eb("version", "+", 1), modified_at: at }))
    .execute();
}

/** Raises the version of every group that this person is about to leave. */
export async function noteMemberLeft(
  tx: Db,
  { organizationId, userId, at }: { organizationId: number; userId: number; at: number },
): Promise<void> {
  await tx
    .updateTable("scim_groups")
    .where("organization_id", "=", organizationId)
    .where("seq", "in", (eb) =>
      eb
        .selectFrom("scim_group_members")
        .where("organization_id", "=", organizationId)
        .where("user_id", "=", userId)
        .select("group_seq"),
    )
    .set((eb) => ({ version: eb("version", "+", 1), modified_at: at }))
    .execute();
}
