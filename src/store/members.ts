/**
 * The members of an organization as a list: search, roles, order, pages. Reads only.
 *
 * Page numbers are the original's way, and counting up to a page costs what stands before it. Three
 * things keep the last page of 100,000 members near the first: the count and the skipping look at an
 * index and at no row, whichever end is nearer is counted from, and only the rows shown are joined.
 */
import { type Expression, expressionBuilder, type RawBuilder, type SqlBool, sql } from "kysely";
import type { OrgRole, Source } from "../access/roles.ts";
import { isInProject, isInWorkspace } from "./member-places.ts";
import { hasAnyTag, type MemberTag, tagsOfMembers } from "./member-tags.ts";
import { shownName } from "./names.ts";
import type { Database } from "./schema.ts";
import { type Db, type Dialect, dialectOf, isListed, isOneOf } from "./statement.ts";

/** One member with the account. */
export interface Member {
  /** Id of the membership. */
  readonly id: number;
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: OrgRole;
  readonly roleSource: Source;
  readonly roleSetAt: number;
  /** The time at which the person joined this organization; epoch milliseconds. */
  readonly joinedAt: number;
  readonly accountCreatedAt: number;
  readonly lastSignInAt: number | null;
  /** The person's password opens this organization, unless password sign-in is off (PRODUCT 9.8). */
  readonly hasPassword: boolean;
  readonly tags: readonly MemberTag[];
}

const columns = [
  "memberships.id",
  "users.id as userId",
  "users.email",
  shownName("first_name").as("firstName"),
  shownName("last_name").as("lastName"),
  "memberships.role",
  "memberships.role_source as roleSource",
  "memberships.role_set_at as roleSetAt",
  "memberships.created_at as joinedAt",
  "users.created_at as accountCreatedAt",
  "memberships.last_sign_in_at as lastSignInAt",
  sql<number>`case when memberships.opens_by_password = 1 and users.password_hash is not null
    then 1 else 0 end`.as("opens"),
] as const;

type Row = Omit<Member, "hasPassword" | "tags"> & { readonly opens: number };

/** The members of the rows, with their tags. */
async function membersFrom(
  db: Db,
  organizationId: number,
  rows: readonly Row[],
): Promise<readonly Member[]> {
  const userIds = rows.map(({ userId }) => userId);
  const tags = await tagsOfMembers(db, organizationId, userIds);
  return rows.map(({ opens, ...row }) => ({
    ...row,
    hasPassword: opens === 1,
    tags: tags.get(row.userId) ?? [],
  }));
}

/** By what members may be put in order. */
export type MemberOrder =
  | "id"
  | "email"
  | "firstName"
  | "lastName"
  | "role"
  | "roleSource"
  | "joinedAt"
  | "lastSignInAt";

const orderColumns = {
  id: "memberships.user_id",
  email: "users.email",
  firstName: shownName("first_name"),
  lastName: shownName("last_name"),
  role: "memberships.role",
  roleSource: "memberships.role_source",
  joinedAt: "memberships.created_at",
  lastSignInAt: "memberships.last_sign_in_at",
} as const satisfies Readonly<Record<MemberOrder, string | RawBuilder<string>>>;

/** The column of an order; the engines disagree about where nothing stands, so it counts as zero. */
function orderOf(order: MemberOrder): Expression<unknown> {
  const ordered = orderColumns[order];
  const column = typeof ordered === "string" ? sql.ref(ordered) : ordered;
  return order === "lastSignInAt" ? sql`coalesce(${column}, 0)` : column;
}

/** Selects members. */
export interface MemberFilter {
  readonly organizationId: number;
  /** Every word must stand in the address or a name, whatever its case. */
  readonly words?: readonly string[];
  /** Any of these; all roles where absent. */
  readonly roles?: readonly OrgRole[];
  /** Members whose role any of these sources set last. */
  readonly roleSources?: readonly Source[];
  /** Those whose password opens the organization, or those whose does not. */
  readonly hasPassword?: boolean;
  readonly userIds?: readonly number[];
  /** Members whose last sign-in was then or later, or then or earlier; epoch milliseconds. */
  readonly signedInFrom?: number;
  readonly signedInUntil?: number;
  /** Without the members of this workspace, or of this project by itself. */
  readonly exceptWorkspaceId?: number;
  readonly exceptProjectId?: number;
  /** Members who have any of these tags. */
  readonly tagIds?: readonly number[];
  /** Members of any of these workspaces, or who were given any of these projects or their workspaces. */
  readonly workspaceIds?: readonly number[];
  readonly projectIds?: readonly number[];
}

/** A page of the list, and its order. */
export interface MemberPage {
  readonly order: MemberOrder;
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** One page of the members, and how many there are in all. */
export async function listMembers(
  db: Db,
  filter: MemberFilter,
  page: MemberPage,
): Promise<{ readonly count: number; readonly members: readonly Member[] }> {
  if ((filter.words ?? []).length > 0) return await searchMembers(db, filter, page);
  const count = await countMembers(db, filter);
  const limit = Math.min(page.limit, count - page.offset);
  if (limit <= 0) return { count, members: [] };
  const isFromEnd = page.offset > count / 2;
  const offset = isFromEnd ? count - page.offset - limit : page.offset;
  const direction = page.isDescending === isFromEnd ? "asc" : "desc";
  const ids = shownIds(db, filter, { order: page.order, direction, limit, offset });
  const isShown = expressionBuilder<Database, "memberships">()("memberships.user_id", "in", ids);
  return { count, members: await membersOf(db, { isShown, filter, page }) };
}

/** As `listMembers`. Looking for words reads every account, so that counting does it along the way. */
async function searchMembers(
  db: Db,
  filter: MemberFilter,
  page: MemberPage,
): Promise<{ readonly count: number; readonly members: readonly Member[] }> {
  const { order, offset, limit } = page;
  const direction = page.isDescending ? "desc" : "asc";
  const found = await shownIds(db, filter, { order, direction, limit, offset })
    .select((eb) => eb.fn.countAll<number>().over().as("total"))
    .execute();
  const [first] = found;
  if (first === undefined) {
    return { count: offset === 0 ? 0 : await countMembers(db, filter), members: [] };
  }
  const ids = JSON.stringify(found.map(({ user_id: id }) => id));
  const kind = { dialect: dialectOf(db), type: "integer" } as const;
  const isShown = isListed("memberships.user_id", sql`${ids}`, kind);
  return { count: Number(first.total), members: await membersOf(db, { isShown, filter, page }) };
}

/** The members that a page shows, in its order. */
async function membersOf(
  db: Db,
  {
    isShown,
    filter,
    page,
  }: { isShown: Expression<SqlBool>; filter: MemberFilter; page: MemberPage },
): Promise<readonly Member[]> {
  const members = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", filter.organizationId)
    .where(isShown)
    .orderBy(orderOf(page.order), page.isDescending ? "desc" : "asc")
    .orderBy("memberships.user_id", page.isDescending ? "desc" : "asc")
    .select(columns)
    .execute();
  return await membersFrom(db, filter.organizationId, members);
}

/** The ids of at most `limit` of these members, lowest first. */
export async function listMemberIds(
  db: Db,
  filter: MemberFilter,
  limit: number,
): Promise<readonly number[]> {
  const rows = await filtered(db, filter)
    .orderBy("memberships.user_id")
    .limit(limit)
    .select("memberships.user_id as userId")
    .execute();
  return rows.map(({ userId }) => userId);
}

/** Counts the members that the filter selects. */
export async function countMembers(db: Db, filter: MemberFilter): Promise<number> {
  const { total } = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

/** Counts the people, deactivated ones aside, who may sign in with a password (PRODUCT 9.8). */
export async function countPasswordUsers(db: Db, organizationId: number): Promise<number> {
  const { total } = await ofStanding(db, { organizationId, hasPassword: true })
    // Not by a list of roles: the few with a password are found by their own index.
    .where("memberships.role", "<>", "DI")
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

/** The member, or null where the organization has none with this user id. */
export async function loadMember(
  db: Db,
  organizationId: number,
  userId: number,
): Promise<Member | null> {
  const rows = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", organizationId)
    .where("memberships.user_id", "=", userId)
    .select(columns)
    .execute();
  const [member = null] = await membersFrom(db, organizationId, rows);
  return member;
}

/**
 * Counts the Owners and Administrators that the organization has beside this person. On PostgreSQL nobody
 * else asks until the transaction ends, so that two Administrators cannot leave one another behind.
 */
export async function loadAdministration(
  tx: Db,
  { organizationId, exceptUserId }: { organizationId: number; exceptUserId: number },
): Promise<{ readonly otherOwners: number; readonly otherAdministrators: number }> {
  if (dialectOf(tx) === "postgres") {
    await tx
      .selectFrom("organizations")
      .where("id", "=", organizationId)
      .select("id")
      .forNoKeyUpdate()
      .execute();
  }
  const rows = await tx
    .selectFrom("memberships")
    .where("organization_id", "=", organizationId)
    .where("role", "in", ["OW", "AD"])
    .where("user_id", "<>", exceptUserId)
    .groupBy("role")
    .select((eb) => ["role", eb.fn.countAll<number>().as("people")])
    .execute();
  const people = (role: OrgRole) => Number(rows.find((row) => row.role === role)?.people ?? 0);
  return { otherOwners: people("OW"), otherAdministrators: people("AD") };
}

/** Counts the present Owners and Administrators of the organization. */
export async function countAdministration(
  db: Db,
  organizationId: number,
): Promise<{ readonly owners: number; readonly administrators: number }> {
  const rows = await db
    .selectFrom("memberships")
    .where("organization_id", "=", organizationId)
    .where("role", "in", ["OW", "AD"])
    .groupBy("role")
    .select((eb) => ["role", eb.fn.countAll<number>().as("people")])
    .execute();
  const people = (role: OrgRole) => Number(rows.find((row) => row.role === role)?.people ?? 0);
  return { owners: people("OW"), administrators: people("AD") };
}

/** The ids of the members on the page. Accounts are joined only where their columns make the order. */
function shownIds(
  db: Db,
  filter: MemberFilter,
  {
    order,
    direction,
    limit,
    offset,
  }: { order: MemberOrder; direction: "asc" | "desc"; limit: number; offset: number },
) {
  const members = filtered(db, filter);
  if (order === "id") {
    const byId = members.orderBy("memberships.user_id", direction);
    return byId.limit(limit).offset(offset).select("memberships.user_id");
  }
  const column = orderOf(order);
  const ordering = orderColumns[order];
  if (typeof ordering === "string" && ordering.startsWith("memberships.")) {
    const ordered = members.orderBy(column, direction).orderBy("memberships.user_id", direction);
    return ordered.limit(limit).offset(offset).select("memberships.user_id");
  }
  return members
    .innerJoin("users", "users.id", "memberships.user_id")
    .orderBy(column, direction)
    .orderBy("memberships.user_id", direction)
    .limit(limit)
    .offset(offset)
    .select("memberships.user_id");
}

function filtered(db: Db, filter: MemberFilter) {
  const { words = [], exceptWorkspaceId, exceptProjectId, workspaceIds, projectIds } = filter;
  let members = ofStanding(db, filter);
  if (workspaceIds !== undefined) members = members.where(isInWorkspace(db, workspaceIds));
  if (projectIds !== undefined) members = members.where(isInProject(db, projectIds));
  for (const word of words) {
    members = members.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("users")
          .whereRef("users.id", "=", "memberships.user_id")
          .where(() => named(dialectOf(db), word))
          .select("users.id"),
      ),
    );
  }
  if (exceptWorkspaceId !== undefined) {
    members = members.where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("workspace_members")
            .whereRef("workspace_members.user_id", "=", "memberships.user_id")
            .where("workspace_members.workspace_id", "=", exceptWorkspaceId)
            .select("workspace_members.user_id"),
        ),
      ),
    );
  }
  if (exceptProjectId !== undefined) {
    members = members.where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("project_members")
            .whereRef("project_members.user_id", "=", "memberships.user_id")
            .where("project_members.project_id", "=", exceptProjectId)
            .select("project_members.user_id"),
        ),
      ),
    );
  }
  return members;
}

/** Conditions on the membership itself. */
function ofStanding(db: Db, filter: MemberFilter) {
  const { organizationId, roles, roleSources, hasPassword, userIds } = filter;
  let members = db
    .selectFrom("memberships")
    .where("memberships.organization_id", "=", organizationId);
  // PostgreSQL takes no empty list.
  if ([roles, roleSources].some((list) => list?.length === 0)) {
    members = members.where(sql<SqlBool>`1 = 0`);
  }
  if (roles?.length) members = members.where("memberships.role", "in", [...roles]);
  if (roleSources?.length) {
    members = members.where("memberships.role_source", "in", [...roleSources]);
  }
  if (userIds !== undefined) members = members.where(isOneOf(db, "memberships.user_id", userIds));
  const { signedInFrom, signedInUntil, tagIds } = filter;
  if (tagIds !== undefined) members = members.where(hasAnyTag(db, tagIds));
  if (signedInFrom !== undefined) {
    members = members.where("memberships.last_sign_in_at", ">=", signedInFrom);
  }
  if (signedInUntil !== undefined) {
    members = members.where("memberships.last_sign_in_at", "<=", signedInUntil);
  }
  if (hasPassword === undefined) return members;
  const opens = sql<SqlBool>`memberships.opens_by_password = 1 and exists (select users.id from users
    where users.id = memberships.user_id and users.password_hash is not null)`;
  return members.where(hasPassword ? opens : sql<SqlBool>`not (${opens})`);
}

/**
 * The word stands in the address or a name, whatever its case. Letters beyond ASCII have no case for
 * SQLite's lower(); the word with these as they were typed finds them.
 */
function named(dialect: Dialect, word: string): Expression<SqlBool> {
  const position = sql.raw(dialect === "sqlite" ? "instr" : "strpos");
  const asTyped = word.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const spellings = [...new Set([word.toLowerCase(), asTyped])];
  const columns = [
    sql`users.email`,
    sql`lower(${shownName("first_name")})`,
    sql`lower(${shownName("last_name")})`,
  ];
  const found = columns.flatMap((column) =>
    spellings.map((spelling) => sql`${position}(${column}, ${spelling}) > 0`),
  );
  return sql<SqlBool>`(${sql.join(found, sql` or `)})`;
}
