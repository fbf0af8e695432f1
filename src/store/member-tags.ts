/**
 * Tags of members: words by which an organization finds its people. They give nobody anything, so that
 * they are no change of access. Every statement names its organization, and so do the keys between tags
 * and members: no tag meets another organization's member.
 */
import { type SqlBool, sql } from "kysely";
import { foldName } from "../scim/search-document.ts";
import { type Creator, type CreatorColumns, creatorOf } from "./creator.ts";
import { nameShownIn } from "./names.ts";
import { isFoundIn } from "./search.ts";
import { type Db, dialectOf, isListed, isOneOf } from "./statement.ts";

/** A tag as a member has it. */
export interface MemberTag {
  readonly id: number;
  readonly label: string;
}

/** A tag by itself. */
export interface TagRecord extends MemberTag {
  /** The creator; null once their account is gone. */
  readonly createdBy: Creator | null;
  readonly memberCount: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * A label as people read it: tags whose labels have one key are one tag. Letters are compared as names are
 * (RFC 8265 3.3), and what cannot be seen counts for nothing.
 */
export function tagKey(label: string): string {
  return foldName(label.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ""))
    .replaceAll(/\s+/gu, " ")
    .trim();
}

/** A page of the list, and its order. */
export interface TagPage {
  readonly search?: string | undefined;
  readonly order: "id" | "label" | "memberCount" | "createdAt" | "updatedAt";
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

const orders = {
  id: "member_tags.id",
  label: "member_tags.label_key",
  memberCount: "memberCount",
  createdAt: "member_tags.created_at",
  updatedAt: "member_tags.updated_at",
} as const satisfies Readonly<Record<TagPage["order"], string>>;

/** One page of the organization's tags, and how many there are in all. */
export async function listTags(
  db: Db,
  organizationId: number,
  { search = "", order, isDescending, offset, limit }: TagPage,
): Promise<{ readonly count: number; readonly tags: readonly TagRecord[] }> {
  const found = isFoundIn(db, ["member_tags.label_key"], tagKey(search));
  const { count } = await db
    .selectFrom("member_tags")
    .where("organization_id", "=", organizationId)
    .where(found)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const direction = isDescending ? "desc" : "asc";
  const rows = await recordsOf(db, organizationId)
    .where(found)
    .orderBy(sql.ref(orders[order]), direction)
    .orderBy("member_tags.id", direction)
    .limit(limit)
    .offset(offset)
    .execute();
  return { count: Number(count), tags: rows.map(recordOf) };
}

/** The tag, or null where the organization has none with this id. */
export async function loadTag(
  db: Db,
  organizationId: number,
  id: number,
): Promise<TagRecord | null> {
  const row = await recordsOf(db, organizationId)
    .where("member_tags.id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : recordOf(row);
}

function recordsOf(db: Db, organizationId: number) {
  return db
    .selectFrom("member_tags")
    .leftJoin("users", "users.id", "member_tags.created_by")
    .where("member_tags.organization_id", "=", organizationId)
    .select(["member_tags.id", "member_tags.label", "member_tags.label_key"])
    .select(["member_tags.created_at", "member_tags.updated_at"])
    .select(["users.id as creatorId", "users.email as creatorEmail"])
    .select([
      nameShownIn("first_name", "member_tags.organization_id").as("creatorFirstName"),
      nameShownIn("last_name", "member_tags.organization_id").as("creatorLastName"),
      sql<number>`(select count(*) from member_taggings
        where member_taggings.tag_id = member_tags.id)`.as("memberCount"),
    ]);
}

type Row = MemberTag &
  CreatorColumns & {
    readonly created_at: number;
    readonly updated_at: number;
    readonly memberCount: number;
  };

function recordOf(row: Row): TagRecord {
  return {
    id: row.id,
    label: row.label,
    createdBy: creatorOf(row),
    memberCount: Number(row.memberCount),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Counts the tags of the organization. */
export async function countTags(db: Db, organizationId: number): Promise<number> {
  const { count } = await db
    .selectFrom("member_tags")
    .where("organization_id", "=", organizationId)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The organization's tags among these, by id or by key. */
export async function findTags(
  db: Db,
  organizationId: number,
  by: { readonly ids: readonly number[] } | { readonly keys: readonly string[] },
): Promise<readonly (MemberTag & { readonly key: string })[]> {
  const [column, type, values] =
    "ids" in by ? (["id", "integer", by.ids] as const) : (["label_key", "text", by.keys] as const);
  const list = sql<string>`${JSON.stringify(values)}`;
  return await db
    .selectFrom("member_tags")
    .where("organization_id", "=", organizationId)
    .where(isListed(column, list, { dialect: dialectOf(db), type }))
    .orderBy("id")
    .select(["id", "label", "label_key as key"])
    .execute();
}

/** Makes tags of labels that have different keys; those that are there already are left. */
export async function makeTags(
  tx: Db,
  labels: readonly string[],
  of: { readonly organizationId: number; readonly createdBy: number; readonly at: number },
): Promise<readonly MemberTag[]> {
  if (labels.length === 0) return [];
  const rows = labels.map((label) => ({
    organization_id: of.organizationId,
    label,
    label_key: tagKey(label),
    created_by: of.createdBy,
    created_at: of.at,
    updated_at: of.at,
  }));
  return await tx
    .insertInto("member_tags")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["organization_id", "label_key"]).doNothing())
    .returning(["id", "label"])
    .execute();
}

/** Calls the tag something else. */
export async function renameTag(
  tx: Db,
  { organizationId, id }: { organizationId: number; id: number },
  { label, at }: { label: string; at: number },
): Promise<void> {
  await tx
    .updateTable("member_tags")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .set({ label, label_key: tagKey(label), updated_at: at })
    .execute();
}

/** Deletes these tags of the organization; members lose them. */
export async function deleteTags(
  tx: Db,
  organizationId: number,
  ids: readonly number[],
): Promise<readonly MemberTag[]> {
  return await tx
    .deleteFrom("member_tags")
    .where("organization_id", "=", organizationId)
    .where(isOneOf(tx, "id", ids))
    .returning(["id", "label"])
    .execute();
}

/** The tags of each of these members, in the order of their labels; who has none is absent. */
export async function tagsOfMembers(
  db: Db,
  organizationId: number,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, readonly MemberTag[]>> {
  const rows = await db
    .selectFrom("member_taggings")
    .innerJoin("member_tags", "member_tags.id", "member_taggings.tag_id")
    .where("member_taggings.organization_id", "=", organizationId)
    .where(isOneOf(db, "member_taggings.user_id", userIds))
    .orderBy("member_tags.label_key")
    .select(["member_taggings.user_id as userId", "member_tags.id", "member_tags.label"])
    .execute();
  const tags = new Map<number, MemberTag[]>();
  for (const { userId, ...tag } of rows) {
    const own = tags.get(userId) ?? [];
    tags.set(userId, own);
    own.push(tag);
  }
  return tags;
}

/** The condition that the member of `memberships` has any of these tags. */
export function hasAnyTag(db: Db, tagIds: readonly number[]) {
  return sql<SqlBool>`exists (select 1 from member_taggings
    where member_taggings.organization_id = memberships.organization_id
    and member_taggings.user_id = memberships.user_id and ${isOneOf(db, "tag_id", tagIds)})`;
}

/** Some of the members of an organization, and some of its tags, by id. */
export interface Tagging {
  readonly organizationId: number;
  readonly userIds: readonly number[];
  readonly tagIds: readonly number[];
}

/** Gives each of the members each of the tags; returns how many of these are new. */
export async function tagMembers(tx: Db, tagging: Tagging): Promise<number> {
  const { organizationId, userIds, tagIds } = tagging;
  const given = await tx
    .insertInto("member_taggings")
    .columns(["organization_id", "user_id", "tag_id"])
    .expression(
      tx
        .selectFrom("memberships")
        .innerJoin("member_tags", "member_tags.organization_id", "memberships.organization_id")
        .where("memberships.organization_id", "=", organizationId)
        .where(isOneOf(tx, "memberships.user_id", userIds))
        .where(isOneOf(tx, "member_tags.id", tagIds))
        .select(["memberships.organization_id", "memberships.user_id", "member_tags.id"]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(given.numInsertedOrUpdatedRows ?? 0);
}

/** Takes every tag but these from the members; returns how many went. */
export async function untagMembers(
  tx: Db,
  { organizationId, userIds, tagIds }: Tagging,
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom("member_taggings")
    .where("organization_id", "=", organizationId)
    .where(isOneOf(tx, "user_id", userIds))
    .where(sql<SqlBool>`not ${isOneOf(tx, "tag_id", tagIds)}`)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
