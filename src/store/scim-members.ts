/**
 * Members of pushed groups, changed by sets: what a request names is resolved, added and removed in a few
 * statements, and no member that it does not name is read (DESIGN invariant 8). Every id is looked up in
 * the organization, so that a foreign one is a missing one.
 */
import { setImmediate as turn } from "node:timers/promises";
import { sql } from "kysely";
import { foldName } from "../scim/search-document.ts";
import { isResourceId } from "./scim-users.ts";
import { type Db, isListed, statement } from "./statement.ts";

/** The group whose members change. The caller holds its lock. */
export interface MembersOf {
  readonly organizationId: number;
  readonly seq: number;
}

/** Ids resolved to people of the directory and groups, and those that are neither. */
export interface ResolvedMembers {
  readonly userIds: readonly number[];
  readonly groupSeqs: readonly number[];
  /** As the request wrote them. */
  readonly unknown: readonly string[];
}

interface Named {
  readonly key: string;
  readonly target: number;
}

const found = (
  table: "scim_users" | "scim_groups",
  { key, target }: { readonly key: string; readonly target: string },
) =>
  statement<{ organizationId: number; keys: string }, Named>((db, value, dialect) =>
    db
      .selectFrom(table)
      .where("organization_id", "=", value("organizationId"))
      .where(isListed(key, value("keys"), { dialect, type: "text" }))
      .select([
        sql<string>`${sql.ref(key)}`.as("key"),
        sql<number>`${sql.ref(target)}`.as("target"),
      ]),
  );

const usersById = found("scim_users", { key: "id", target: "user_id" });
const usersByName = found("scim_users", { key: "user_name_key", target: "user_id" });
const groupsById = found("scim_groups", { key: "id", target: "seq" });

/** So many ids are looked up or written by one statement; others have their turn in between. */
const sliceSize = 1_000;

/** The rows of a statement that runs for one slice of a long list after the other. */
async function bySlices<Item, Row>(
  items: readonly Item[],
  run: (slice: readonly Item[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  if (items.length <= sliceSize) return items.length === 0 ? [] : await run(items);
  const rows: Row[] = [];
  for (let from = 0; from < items.length; from += sliceSize) {
    await turn();
    rows.push(...(await run(items.slice(from, from + sliceSize))));
  }
  await turn();
  return rows;
}

/**
 * Resolves the ids of this organization. People may also be named by userName, as the original's clients
 * do.
 */
export async function resolveMembers(
  db: Db,
  organizationId: number,
  written: readonly string[],
): Promise<ResolvedMembers> {
  const keys = new Map(
    written.map((text) => [isResourceId(text) ? text.toLowerCase() : foldName(text), text]),
  );
  const look = async (by: typeof usersById): Promise<number[]> => {
    const rows = await bySlices([...keys.keys()], (slice) =>
      by.all(db, { organizationId, keys: JSON.stringify(slice) }),
    );
    for (const row of rows) keys.delete(row.key);
    return rows.map(({ target }) => target);
  };
  const byId = await look(usersById);
  const byName = await look(usersByName);
  const groupSeqs = await look(groupsById);
  return {
    userIds: [...new Set([...byId, ...byName])],
    groupSeqs,
    unknown: [...keys.values()],
  };
}

interface Rows {
  readonly organizationId: number;
  readonly seq: number;
  /** A JSON list of numbers. */
  readonly list: string;
}

type Column = "user_id" | "child_seq";
type Deletion = (db: Db) => ReturnType<typeof fromPeople>;
type Insertion = (db: Db) => ReturnType<typeof intoPeople>;

const fromPeople = (db: Db) => db.deleteFrom("scim_group_members");
const intoPeople = (db: Db) => db.insertInto("scim_group_members");
// The two tables differ by the name of one column, which the statements below write by themselves.
const fromSubgroups = ((db: Db) => db.deleteFrom("scim_subgroups")) as unknown as Deletion;
const intoSubgroups = ((db: Db) => db.insertInto("scim_subgroups")) as unknown as Insertion;

const removal = (from: Deletion, column: Column, isOthers: boolean) =>
  statement<Rows, { target: number }>((db, value, dialect) => {
    const listed = isListed(column, value("list"), { dialect, type: "integer" });
    return from(db)
      .where("group_seq", "=", value("seq"))
      .where("organization_id", "=", value("organizationId"))
      .where(isOthers ? sql<boolean>`not (${listed})` : listed)
      .returning(sql<number>`${sql.ref(column)}`.as("target"));
  });

const addition = (into: Insertion, column: Column) =>
  statement<Rows, { target: number }>((db, value, dialect) => {
    const isSqlite = dialect === "sqlite";
    const entry = isSqlite ? sql<number>`entry.value` : sql<number>`cast(entry.value as integer)`;
    const entries = isSqlite
      ? sql<{ value: number }>`json_each(${value("list")})`
      : sql<{ value: number }>`json_array_elements_text(cast(${value("list")} as json))`;
    return into(db)
      .columns(["group_seq", "organization_id", column as "user_id"])
      .expression((eb) =>
        eb
          .selectFrom(entries.as("entry"))
          // Without a where, SQLite would take "on conflict" for the beginning of a join.
          .where(sql<boolean>`true`)
          .select([
            sql<number>`cast(${value("seq")} as integer)`.as("group_seq"),
            sql<number>`cast(${value("organizationId")} as integer)`.as("organization_id"),
            entry.as(column),
          ]),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning(sql<number>`${sql.ref(column)}`.as("target"));
  });

const people = {
  add: addition(intoPeople, "user_id"),
  remove: removal(fromPeople, "user_id", false),
  removeOthers: removal(fromPeople, "user_id", true),
};
const subgroups = {
  add: addition(intoSubgroups, "child_seq"),
  remove: removal(fromSubgroups, "child_seq", false),
  removeOthers: removal(fromSubgroups, "child_seq", true),
};

/** A change of the set of members, resolved. */
export interface ResolvedDelta {
  readonly replacesAll: boolean;
  readonly add: ResolvedMembers;
  readonly remove: ResolvedMembers;
}

/** The members that a change added and removed. */
export interface ChangedMembers {
  /** People of the directory who joined or left, each once. */
  readonly userIds: readonly number[];
  /** False where the group has the very members that it had. */
  readonly isChanged: boolean;
}

/** Makes the change. Adding who is in and removing who is not changes nothing. */
export async function changeMembers(
  tx: Db,
  group: MembersOf,
  delta: ResolvedDelta,
): Promise<ChangedMembers> {
  const run = async (
    statements: typeof people,
    add: readonly number[],
    gone: readonly number[],
  ) => {
    const rows = (list: readonly number[]): Rows => ({ ...group, list: JSON.stringify(list) });
    const removed = delta.replacesAll
      ? await statements.removeOthers.all(tx, rows(add))
      : await bySlices(gone, (slice) => statements.remove.all(tx, rows(slice)));
    const added = await bySlices(add, (slice) => statements.add.all(tx, rows(slice)));
    return [...removed, ...added].map(({ target }) => target);
  };
  const touched = await run(people, delta.add.userIds, delta.remove.userIds);
  const nested = await run(subgroups, delta.add.groupSeqs, delta.remove.groupSeqs);
  return {
    userIds: [...new Set(touched)],
    isChanged: touched.length > 0 || nested.length > 0,
  };
}

/** The people of the directory in this group. */
export async function loadMemberIds(db: Db, group: MembersOf): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("scim_group_members")
    .where("organization_id", "=", group.organizationId)
    .where("group_seq", "=", group.seq)
    .orderBy("user_id")
    .select("user_id as userId")
    .execute();
  return rows.map(({ userId }) => userId);
}

/** A member as answers show it. */
export interface ShownMember {
  readonly groupSeq: number;
  readonly id: string;
  readonly display: string;
  readonly type: "User" | "Group";
}

const shownPeople = statement<{ organizationId: number; list: string }, Omit<ShownMember, "type">>(
  (db, value, dialect) =>
    db
      .selectFrom("scim_group_members")
      .innerJoin("scim_users", (join) =>
        join
          .onRef("scim_users.organization_id", "=", "scim_group_members.organization_id")
          .onRef("scim_users.user_id", "=", "scim_group_members.user_id"),
      )
      .where("scim_group_members.organization_id", "=", value("organizationId"))
      .where(isListed("scim_group_members.group_seq", value("list"), { dialect, type: "integer" }))
      .orderBy("scim_users.seq")
      .select([
        "scim_group_members.group_seq as groupSeq",
        "scim_users.id",
        "scim_users.user_name as display",
      ]),
);

const shownGroups = statement<{ organizationId: number; list: string }, Omit<ShownMember, "type">>(
  (db, value, dialect) =>
    db
      .selectFrom("scim_subgroups")
      .innerJoin("scim_groups", "scim_groups.seq", "scim_subgroups.child_seq")
      .where("scim_subgroups.organization_id", "=", value("organizationId"))
      .where(isListed("scim_subgroups.group_seq", value("list"), { dialect, type: "integer" }))
      .orderBy("scim_groups.seq")
      .select([
        "scim_subgroups.group_seq as groupSeq",
        "scim_groups.id",
        "scim_groups.display_name as display",
      ]),
);

/** The members of these groups, people first. */
export async function loadMembers(
  db: Db,
  organizationId: number,
  groupSeqs: readonly number[],
): Promise<readonly ShownMember[]> {
  const values = { organizationId, list: JSON.stringify(groupSeqs) };
  const persons = await shownPeople.all(db, values);
  const nested = await shownGroups.all(db, values);
  return [
    ...persons.map((row) => ({ ...row, type: "User" as const })),
    ...nested.map((row) => ({ ...row, type: "Group" as const })),
  ];
}

/** Everybody who belongs to any pushed group, or has an assignment from one (PRODUCT 6.5). */
export async function loadGroupedPeople(
  db: Db,
  organizationId: number,
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("scim_group_members")
    .where("organization_id", "=", organizationId)
    .select("user_id as userId")
    .union(
      db
        .selectFrom("scim_assignments")
        .where("organization_id", "=", organizationId)
        .select("user_id as userId"),
    )
    .execute();
  return rows.map(({ userId }) => userId).sort((left, right) => left - right);
}
