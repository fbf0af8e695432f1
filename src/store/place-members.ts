/**
 * Members of a workspace or a project, and candidates: locked for a plan, or page by page for a list.
 * Reads only; apply.ts writes what the plans say.
 *
 * Members of a project are those who were given it (explicit), members of its workspace and whoever
 * sees everything, the Owner and Administrators (implicit; PRODUCT 1.4, 1.6). A membership that is
 * only pending is none yet (PRODUCT 4.4).
 */
import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { PlaceGrant, PlacePerson } from "../access/plan-places.ts";
import type { OrgRole, ProjectRole } from "../access/roles.ts";
import { hasAnyTag, type MemberTag, tagsOfMembers } from "./member-tags.ts";
import { shownName } from "./names.ts";
import { isFoundIn } from "./search.ts";
import { type Db, dialectOf, isOneOf } from "./statement.ts";

/** A place of one organization. */
export interface PlaceKey {
  readonly organizationId: number;
  readonly kind: "workspace" | "project";
  readonly id: number;
  /** Of a project: the workspace whose members belong to it too. */
  readonly workspaceId?: number | null;
}

/** A grant with its number, which names a project role; 0 for workspaces. */
export interface NumberedGrant extends PlaceGrant {
  readonly id: number;
}

/** Somebody of the organization, as the lists of a place show them. */
export interface PlaceMember {
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: OrgRole;
  readonly accountCreatedAt: number;
  readonly lastSignInAt: number | null;
  /** The grants of the resource itself. */
  readonly grants: readonly NumberedGrant[];
  readonly tags: readonly MemberTag[];
}

/** Selects people. */
export interface PlaceMemberFilter {
  /** `explicit`: given the place itself. `members`: implicit ones too. `organization`: everybody. */
  readonly among: "explicit" | "implicit" | "members" | "organization";
  readonly userIds?: readonly number[] | undefined;
  readonly exceptUserIds?: readonly number[] | undefined;
  /** Every word must stand in the address or a name. */
  readonly words?: readonly string[] | undefined;
  /** The role that counts in the place: the project role where there is one. */
  readonly roles?: readonly OrgRole[] | undefined;
  readonly exceptRoles?: readonly OrgRole[] | undefined;
  /** People who have any of these tags. */
  readonly tagIds?: readonly number[] | undefined;
  /** People whose last sign-in was then or later, or then or earlier; epoch milliseconds. */
  readonly signedInFrom?: number | undefined;
  readonly signedInUntil?: number | undefined;
  /** A filter that nobody passes. */
  readonly isNobody?: boolean;
}

/** A page of the list, and its order. */
export interface PlaceMemberPage {
  readonly order: "id" | "email" | "firstName" | "lastName" | "role" | "joinedAt" | "lastSignInAt";
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** One page of the people, and how many there are altogether. */
export async function listPlaceMembers(
  db: Db,
  { place, filter, page }: { place: PlaceKey; filter: PlaceMemberFilter; page: PlaceMemberPage },
): Promise<{ readonly count: number; readonly members: readonly PlaceMember[] }> {
  const matching = filtered(db, place, filter);
  const { count } = await matching
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const direction = page.isDescending ? "desc" : "asc";
  const rows = await matching
    .select(["users.id as userId", "users.email", "memberships.role"])
    .select([shownName("first_name").as("firstName"), shownName("last_name").as("lastName")])
    .select(["users.created_at as accountCreatedAt"])
    .select(["memberships.last_sign_in_at as lastSignInAt"])
    .orderBy(orderings[page.order], direction)
    .orderBy("memberships.user_id", direction)
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  const userIds = rows.map(({ userId }) => userId);
  const grants = await loadGrants(db, place, userIds);
  const tags = await tagsOfMembers(db, place.organizationId, userIds);
  const members = rows.map((row) => ({
    ...row,
    grants: grants.get(row.userId) ?? [],
    tags: tags.get(row.userId) ?? [],
  }));
  return { count: Number(count), members };
}

/** The ids of at most `limit` people, lowest first. */
export async function listPlaceMemberIds(
  db: Db,
  { place, filter, limit }: { place: PlaceKey; filter: PlaceMemberFilter; limit: number },
): Promise<readonly number[]> {
  const rows = await filtered(db, place, filter)
    .select("memberships.user_id as userId")
    .orderBy("memberships.user_id")
    .limit(limit)
    .execute();
  return rows.map(({ userId }) => userId);
}

/** Everybody whom any source gave the place, pending ones too: who loses it when it is deleted. */
export async function listHolderIds(tx: Db, place: PlaceKey): Promise<readonly number[]> {
  const rows = await grantRows(tx, place).select("user_id").distinct().orderBy("user_id").execute();
  return rows.map(({ user_id: userId }) => userId);
}

/**
 * The members of the organization among `userIds`, with what they hold of the place. On PostgreSQL
 * nobody else plans for them until the transaction ends; they are locked in the order of their ids,
 * so that two requests about the same people wait for each other and do not block.
 */
export async function loadPlacePeople(
  tx: Db,
  place: PlaceKey,
  userIds: readonly number[],
): Promise<readonly PlacePerson[]> {
  const dialect = dialectOf(tx);
  const listed = (column: string) => isOneOf(tx, column, userIds);
  if (dialect === "postgres") {
    await tx
      .selectFrom("users")
      .where(listed("id"))
      .orderBy("id")
      .select("id")
      .forNoKeyUpdate()
      .execute();
  }
  const rows = await tx
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", place.organizationId)
    .where(listed("memberships.user_id"))
    .orderBy("memberships.user_id")
    .select(["users.id as userId", "users.email", "memberships.role"])
    .execute();
  const grants = await loadGrants(tx, place, userIds);
  return rows.map((row) => ({ ...row, grants: grants.get(row.userId) ?? [] }));
}

/** A project membership by its number, where the organization has it. */
export async function loadProjectGrant(
  db: Db,
  organizationId: number,
  id: number,
): Promise<{ readonly projectId: number; readonly userId: number } | null> {
  const row = await db
    .selectFrom("project_members")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .select(["project_id as projectId", "user_id as userId"])
    .executeTakeFirst();
  return row ?? null;
}

/** Loads one person's grants of the projects named, by project. */
export async function loadProjectGrantsOf(
  db: Db,
  person: { readonly organizationId: number; readonly userId: number },
  projectIds: readonly number[],
): Promise<ReadonlyMap<number, readonly NumberedGrant[]>> {
  const rows = await db
    .selectFrom("project_members")
    .where("organization_id", "=", person.organizationId)
    .where("user_id", "=", person.userId)
    .where(isOneOf(db, "project_id", projectIds))
    .orderBy("id")
    .select(["project_id as key", "id", "source", "role", "is_pending"])
    .execute();
  return grantsByKey(rows);
}

async function loadGrants(
  db: Db,
  place: PlaceKey,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, readonly NumberedGrant[]>> {
  const rows = await grantRows(db, place)
    .where(isOneOf(db, "user_id", userIds))
    .select(["user_id as key", "source", "id", "role", "is_pending"])
    .orderBy("source")
    .execute();
  return grantsByKey(rows);
}

interface GrantRow {
  readonly key: number;
  readonly id: number;
  readonly source: PlaceGrant["source"];
  readonly role: ProjectRole;
  readonly is_pending: number;
}

function grantsByKey(rows: readonly GrantRow[]): ReadonlyMap<number, readonly NumberedGrant[]> {
  const grants = new Map<number, NumberedGrant[]>();
  for (const { key, id, source, role, is_pending: pending } of rows) {
    const list = grants.get(key) ?? [];
    grants.set(key, list);
    list.push({ id, source, role, isPending: pending === 1 });
  }
  return grants;
}

interface GrantTable {
  readonly user_id: number;
  readonly source: PlaceGrant["source"];
  readonly id: number;
  readonly role: ProjectRole;
  readonly is_pending: number;
}

/** The rows of one place; a workspace's read as those of a project where everybody inherits. */
function grantRows(db: Db, { organizationId, kind, id }: PlaceKey) {
  const rows =
    kind === "workspace"
      ? sql<GrantTable>`(select user_id, source, 0 as id, 'IN' as role, 0 as is_pending
          from workspace_members where workspace_id = ${id} and organization_id = ${organizationId})`
      : sql<GrantTable>`(select user_id, source, id, role, is_pending
          from project_members where project_id = ${id} and organization_id = ${organizationId})`;
  return db.selectFrom(rows.as("grants"));
}

/** Reviewer before Inherit before Annotator, as `projectRoleOrder` has it. */
const bestOrder = sql<number>`min(case role when 'RE' then 0 when 'IN' then 1 else 2 end)`;

/** The role that counts in the place, as `ownProjectRole` has it. */
const roleThere = sql<OrgRole>`(case
  when memberships.role in ('AN','RE') and own.best = 0 then 'RE'
  when memberships.role in ('AN','RE') and own.best = 2 then 'AN'
  else memberships.role end)`;

const orderings = {
  id: sql<number>`memberships.user_id`,
  email: sql<string>`users.email`,
  firstName: shownName("first_name"),
  lastName: shownName("last_name"),
  role: roleThere,
  joinedAt: sql<number>`users.created_at`,
  // The engines disagree about where nothing stands.
  lastSignInAt: sql<number>`coalesce(memberships.last_sign_in_at, 0)`,
} as const satisfies Readonly<Record<PlaceMemberPage["order"], RawBuilder<unknown>>>;

function filtered(db: Db, place: PlaceKey, filter: PlaceMemberFilter) {
  const own = grantRows(db, place)
    .where("is_pending", "=", 0)
    .groupBy("user_id")
    .select(["user_id", bestOrder.as("best")]);
  let people = db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .leftJoin(own.as("own"), "own.user_id", "memberships.user_id")
    .where("memberships.organization_id", "=", place.organizationId);
  for (const condition of conditionsOf(db, place, filter)) people = people.where(condition);
  return people;
}

type Condition = RawBuilder<SqlBool>;

function conditionsOf(db: Db, place: PlaceKey, filter: PlaceMemberFilter): readonly Condition[] {
  const { userIds, exceptUserIds = [], words = [], roles, exceptRoles, tagIds } = filter;
  const names = ["users.email", "users.first_name", "users.last_name"];
  const among = amongCondition(place, filter.among);
  return [
    ...(among === null ? [] : [among]),
    ...(userIds === undefined ? [] : [isOneOf(db, "memberships.user_id", userIds)]),
    ...(exceptUserIds.length === 0
      ? []
      : [sql<SqlBool>`not ${isOneOf(db, "memberships.user_id", exceptUserIds)}`]),
    ...words.map((word) => isFoundIn(db, names, word)),
    ...(roles === undefined ? [] : [sql<SqlBool>`${roleThere} in (${sql.join([...roles])})`]),
    ...(exceptRoles === undefined
      ? []
      : [sql<SqlBool>`${roleThere} not in (${sql.join([...exceptRoles])})`]),
    ...(tagIds === undefined ? [] : [hasAnyTag(db, tagIds)]),
    ...seenConditions(filter),
    ...(filter.isNobody === true ? [sql<SqlBool>`1 = 0`] : []),
  ];
}

function seenConditions({ signedInFrom, signedInUntil }: PlaceMemberFilter): readonly Condition[] {
  const last = sql`memberships.last_sign_in_at`;
  return [
    ...(signedInFrom === undefined ? [] : [sql<SqlBool>`${last} >= ${signedInFrom}`]),
    ...(signedInUntil === undefined ? [] : [sql<SqlBool>`${last} <= ${signedInUntil}`]),
  ];
}

/** Null where everybody of the organization is meant. */
function amongCondition(place: PlaceKey, among: PlaceMemberFilter["among"]): Condition | null {
  const explicit = sql<SqlBool>`own.user_id is not null`;
  if (among === "organization") return null;
  if (among === "explicit" || place.kind === "workspace") return explicit;
  const workspaceId = place.workspaceId ?? 0;
  const implied = sql<SqlBool>`(memberships.role in ('OW','AD') or memberships.user_id in
    (select user_id from workspace_members where workspace_id = ${workspaceId}))`;
  return among === "implicit"
    ? sql<SqlBool>`(own.user_id is null and ${implied})`
    : sql<SqlBool>`(own.user_id is not null or ${implied})`;
}
