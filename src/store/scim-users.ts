/**
 * Provisioned people as SCIM clients know them (PRODUCT 7.3): the resource, beside the person whom
 * apply.ts writes. The document is kept as the client wrote it; columns are copies of what is looked
 * up, and the search document serves every other filter.
 */
import { sql } from "kysely";
import type { JsonObject } from "../scim/json.ts";
import { foldName, toSearchDocument } from "../scim/search-document.ts";
import { fromJson } from "./json.ts";
import { TransactionRace } from "./race.ts";
import { type Db, isListed, statement } from "./statement.ts";

/** A provisioned person. */
export interface ScimUserRecord {
  /** Counted up: the order of lists. */
  readonly seq: number;
  /** UUID, never given twice. */
  readonly id: string;
  /** The person in the directory. */
  readonly userId: number;
  readonly userName: string;
  readonly externalId: string | null;
  /** The value that the client sent last; the role in the directory is what counts. */
  readonly active: boolean;
  readonly version: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly document: JsonObject;
  /** Another text for every other list of pushed groups, part of the ETag; empty where there are none. */
  readonly groupsTag: string;
}

/** A row as the database gives it. */
export interface ScimUserRow extends Omit<ScimUserRecord, "active" | "document"> {
  readonly active: number;
  readonly document: string;
}

/** The groups that a row of scim_users is shown with, in short: trusted SQL of both engines. */
export const groupsTagSql = `coalesce((
  select '.' || substr(md5(string_agg(tagged.id || ' ' || tagged.display_name, ',' order by tagged.seq)), 1, 12)
  from scim_group_members tag join scim_groups tagged on tagged.seq = tag.group_seq
  where tag.organization_id = scim_users.organization_id and tag.user_id = scim_users.user_id), '')`;

/** The columns of a `ScimUserRow`, of a table called scim_users. */
export const scimUserColumns = [
  "scim_users.seq",
  "scim_users.id",
  "scim_users.user_id as userId",
  "scim_users.user_name as userName",
  "scim_users.external_id as externalId",
  "scim_users.active",
  "scim_users.version",
  "scim_users.created_at as createdAt",
  "scim_users.modified_at as modifiedAt",
  "scim_users.document",
  sql<string>`${sql.raw(groupsTagSql)}`.as("groupsTag"),
] as const;

/** The record of a row. */
export function scimUserOf({ active, document, ...row }: ScimUserRow): ScimUserRecord {
  return { ...row, active: active === 1, document: fromJson(document) };
}

interface Key {
  readonly organizationId: number;
  readonly key: string;
}

/** `write` lets others refer to the row, as members of groups do; `end` lets nobody. */
type Lock = "none" | "write" | "end";

const byColumn = (column: "id" | "user_name_key", lock: Lock) =>
  statement<Key, ScimUserRow>((db, value, dialect) => {
    const user = db
      .selectFrom("scim_users")
      .where("organization_id", "=", value("organizationId"))
      .where(column, "=", value("key"))
      .select(scimUserColumns);
    if (dialect === "sqlite" || lock === "none") return user;
    return lock === "write" ? user.forNoKeyUpdate() : user.forUpdate();
  });

const both = (lock: Lock) => ({ id: byColumn("id", lock), name: byColumn("user_name_key", lock) });
const finders = { none: both("none"), write: both("write"), end: both("end") };

/** True for text that can be the id of a resource. */
export function isResourceId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/**
 * The person by id or, as the original's clients ask, by userName (PRODUCT 7.3), or null. With `lock`
 * nobody else writes the resource until the transaction ends; with `end`, nobody puts the person into a
 * group either, so that a resource which goes takes all its places with it.
 */
export async function findScimUser(
  db: Db,
  { organizationId, key, lock = "none" }: Key & { readonly lock?: Lock },
): Promise<ScimUserRecord | null> {
  const { id, name } = finders[lock];
  const row = isResourceId(key)
    ? await id.first(db, { organizationId, key: key.toLowerCase() })
    : await name.first(db, { organizationId, key: foldName(key) });
  return row === null ? null : scimUserOf(row);
}

const byPerson = statement<{ organizationId: number; userId: number }, { id: string }>(
  (db, value) =>
    db
      .selectFrom("scim_users")
      .where("organization_id", "=", value("organizationId"))
      .where("user_id", "=", value("userId"))
      .select("id"),
);

/** True where the person of the directory is provisioned already. */
export async function isProvisioned(
  db: Db,
  organizationId: number,
  userId: number,
): Promise<boolean> {
  return (await byPerson.first(db, { organizationId, userId })) !== null;
}

/** The attributes of a provisioned person that a client may change. */
export interface ScimUserContent {
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  readonly document: JsonObject;
}

function columnsOf({ userName, externalId, active, document }: ScimUserContent) {
  return {
    userName,
    userNameKey: foldName(userName),
    externalId,
    active: active ? 1 : 0,
    document: JSON.stringify(document),
    search: JSON.stringify(toSearchDocument("User", document)),
  };
}

type Columns = ReturnType<typeof columnsOf>;

const insertion = statement<
  Columns & { id: string; organizationId: number; userId: number; at: number },
  { seq: number }
>((db, value) =>
  db
    .insertInto("scim_users")
    .values({
      id: value("id"),
      organization_id: value("organizationId"),
      user_id: value("userId"),
      user_name: value("userName"),
      user_name_key: value("userNameKey"),
      external_id: value("externalId"),
      active: value("active"),
      created_at: value("at"),
      modified_at: value("at"),
      document: value("document"),
      search: value("search"),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("seq"),
);

/** Keeps a new resource for a member. The caller has seen to it that nobody has its names yet. */
export async function insertScimUser(
  tx: Db,
  made: ScimUserContent & {
    readonly id: string;
    readonly organizationId: number;
    readonly userId: number;
    readonly at: number;
  },
): Promise<ScimUserRecord> {
  const { id, organizationId, userId, at, ...content } = made;
  const row = await insertion.first(tx, {
    ...columnsOf(content),
    id,
    organizationId,
    userId,
    at,
  });
  if (row === null) throw new TransactionRace("the person was provisioned meanwhile");
  const stamps = { version: 1, createdAt: at, modifiedAt: at, groupsTag: "" };
  return { seq: row.seq, id, userId, ...content, ...stamps };
}

const update = statement<Columns & { seq: number; version: number; at: number }, unknown>(
  (db, value) =>
    db
      .updateTable("scim_users")
      .where("seq", "=", value("seq"))
      .set({
        user_name: value("userName"),
        user_name_key: value("userNameKey"),
        external_id: value("externalId"),
        active: value("active"),
        version: value("version"),
        modified_at: value("at"),
        document: value("document"),
        search: value("search"),
      }),
);

/** Replaces the content; returns the record with its new version. The caller holds the lock. */
export async function updateScimUser(
  tx: Db,
  before: ScimUserRecord,
  { at, ...content }: ScimUserContent & { readonly at: number },
): Promise<ScimUserRecord> {
  const version = before.version + 1;
  await update.run(tx, { ...columnsOf(content), seq: before.seq, version, at });
  return { ...before, ...content, version, modifiedAt: at };
}

/** Ends the resource, and its place in every group; the person stays (PRODUCT 7.4). */
export async function deleteScimUser(tx: Db, { seq }: ScimUserRecord): Promise<void> {
  await tx.deleteFrom("scim_users").where("seq", "=", seq).execute();
}

/** A group that a person belongs to. */
export interface GroupOfUser {
  readonly userId: number;
  readonly id: string;
  readonly displayName: string;
}

const groups = statement<{ organizationId: number; userIds: string }, GroupOfUser>(
  (db, value, dialect) =>
    db
      .selectFrom("scim_group_members")
      .innerJoin("scim_groups", "scim_groups.seq", "scim_group_members.group_seq")
      .where("scim_group_members.organization_id", "=", value("organizationId"))
      .where(isListed("scim_group_members.user_id", value("userIds"), { dialect, type: "integer" }))
      .orderBy("scim_groups.seq")
      .select([
        "scim_group_members.user_id as userId",
        "scim_groups.id",
        "scim_groups.display_name as displayName",
      ]),
);

/** The pushed groups of these people of the directory, oldest group first. */
export async function loadGroupsOfUsers(
  db: Db,
  organizationId: number,
  userIds: readonly number[],
): Promise<readonly GroupOfUser[]> {
  return await groups.all(db, { organizationId, userIds: JSON.stringify(userIds) });
}
