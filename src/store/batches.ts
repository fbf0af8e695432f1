/**
 * Members in batches with all that plans are made from, for looking ahead over a whole organization
 * (PRODUCT 8.1). Reads only, locks nothing, and holds no more than one batch.
 *
 * A snapshot of one person costs five statements; a batch costs five together. Where people hold much,
 * batches become smaller, so that none takes long.
 */
import { sql } from "kysely";
import type { Assignment } from "../access/changes.ts";
import type { OrgRole, Source } from "../access/roles.ts";
import type { PersonSnapshot } from "../access/snapshot.ts";
import { fromJson } from "./json.ts";
import { shownName } from "./names.ts";
import { assignmentOf } from "./snapshot-statements.ts";
import { type Db, isListed, isOneOf, statement } from "./statement.ts";

/** A member, what they hold, and what is known of their groups. */
export interface BatchMember {
  readonly userId: number;
  readonly email: string;
  readonly membership: NonNullable<PersonSnapshot["membership"]>;
  readonly snapshot: Pick<
    PersonSnapshot,
    | "user"
    | "membership"
    | "belongsElsewhere"
    | "acceptedElsewhere"
    | "workspaceMembers"
    | "projectMembers"
    | "assignments"
  >;
  /**
   * The groups of the last SAML sign-in, or null before the first. Read when asked for, as thousands of
   * people may have thousands of them.
   */
  readonly samlGroups: readonly string[] | null;
  /** The pushed groups that they belong to, in order of name; none where they were not asked for. */
  readonly scimGroups: readonly string[];
  /** The `active` that the SCIM client sent last; true for somebody whom it does not know. */
  readonly isActive: boolean;
}

/** The organization of a batch; its pushed groups are read too unless told otherwise. */
export interface BatchScope {
  readonly organizationId: number;
  readonly withPushedGroups?: boolean;
}

/** Selects members: those with these ids, or the next ones after an id, in order of id. */
export type BatchQuery = BatchScope &
  (
    | { readonly userIds: readonly number[] }
    | { readonly afterUserId: number; readonly limit: number }
  );

interface PersonRow {
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: OrgRole;
  readonly roleSource: Source;
  readonly awaited: OrgRole | null;
  readonly lastGroups: string | null;
  readonly namedElsewhere: number;
  readonly active: number | null;
}

/** The members of a batch; fewer than asked for where the organization has no more. */
export async function loadBatch(db: Db, query: BatchQuery): Promise<readonly BatchMember[]> {
  const { organizationId } = query;
  const people = await loadPeople(db, query);
  if (people.length === 0) return [];
  const of = { organizationId, list: JSON.stringify(people.map(({ userId }) => userId)) };
  const others = await othersAmong.all(db, of);
  const elsewhere = new Set(others.map(({ userId }) => userId));
  const accepted = new Set(
    others.filter(({ acceptedAt }) => acceptedAt !== null).map(({ userId }) => userId),
  );
  const workspaces = byPerson(await workspacesOf.all(db, of));
  const projects = byPerson(await projectsOf.all(db, of));
  const assignments = byPerson(await assignmentsOf.all(db, of));
  const groups = new Map<number, readonly string[]>();
  for (const { userId, names } of query.withPushedGroups !== false
    ? await groupsOf.all(db, of)
    : []) {
    groups.set(userId, fromJson<string[]>(names).sort(byCodeUnit));
  }
  return people.map((person) => {
    const { userId, email, role, roleSource, awaited, lastGroups, active } = person;
    const membership = { role, roleSource, awaited };
    return {
      userId,
      email,
      membership,
      snapshot: {
        user: { id: userId, firstName: person.firstName, lastName: person.lastName },
        membership,
        belongsElsewhere: elsewhere.has(userId) || person.namedElsewhere === 1,
        acceptedElsewhere: accepted.has(userId),
        workspaceMembers: workspaces.get(userId) ?? [],
        projectMembers: (projects.get(userId) ?? []).map((row) => ({
          ...row,
          isPending: row.isPending === 1,
        })),
        assignments: (assignments.get(userId) ?? []).map(asAssignment),
      },
      get samlGroups() {
        return lastGroups === null ? null : fromJson<string[]>(lastGroups);
      },
      scimGroups: groups.get(userId) ?? [],
      isActive: active !== 0,
    };
  });
}

async function loadPeople(db: Db, query: BatchQuery): Promise<readonly PersonRow[]> {
  const { organizationId } = query;
  const after = "afterUserId" in query ? query.afterUserId : 0;
  const members = db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .leftJoin("scim_users", (join) =>
      join
        .onRef("scim_users.organization_id", "=", "memberships.organization_id")
        .onRef("scim_users.user_id", "=", "memberships.user_id")
        .on("scim_users.user_id", ">", after),
    )
    // Said of each table: PostgreSQL joins by merging, and would begin at the first row of the others.
    .where("users.id", ">", after)
    .where("memberships.user_id", ">", after)
    .where("memberships.organization_id", "=", organizationId)
    .orderBy("memberships.user_id")
    .select([
      "memberships.user_id as userId",
      "users.email",
      shownName("first_name").as("firstName"),
      shownName("last_name").as("lastName"),
      "memberships.role",
      "memberships.role_source as roleSource",
      "memberships.awaited_role as awaited",
      "memberships.last_groups as lastGroups",
      sql<number>`case when users.names_from <> memberships.organization_id then 1 else 0 end`.as(
        "namedElsewhere",
      ),
      "scim_users.active",
    ]);
  if ("userIds" in query) {
    if (query.userIds.length === 0) return [];
    return await members.where(isOneOf(db, "memberships.user_id", query.userIds)).execute();
  }
  return await members.limit(query.limit).execute();
}

interface Listed {
  readonly organizationId: number;
  /** JSON list of user ids. */
  readonly list: string;
}

const othersAmong = statement<Listed, { userId: number; acceptedAt: number | null }>(
  (db, value, dialect) =>
    db
      .selectFrom("memberships")
      .where(isListed("user_id", value("list"), { dialect, type: "integer" }))
      .where("organization_id", "<>", value("organizationId"))
      .select(["user_id as userId", "accepted_at as acceptedAt"]),
);

const workspacesOf = statement<
  Listed,
  { userId: number; workspaceId: number; title: string; source: Source }
>((db, value, dialect) =>
  db
    .selectFrom("workspace_members")
    .innerJoin("workspaces", "workspaces.id", "workspace_members.workspace_id")
    .where("workspace_members.organization_id", "=", value("organizationId"))
    .where(isListed("workspace_members.user_id", value("list"), { dialect, type: "integer" }))
    .select([
      "workspace_members.user_id as userId",
      "workspace_members.workspace_id as workspaceId",
      "workspaces.title",
      "workspace_members.source",
    ]),
);

const projectsOf = statement<
  Listed,
  Omit<PersonSnapshot["projectMembers"][number], "isPending"> & {
    userId: number;
    isPending: number;
  }
>((db, value, dialect) =>
  db
    .selectFrom("project_members")
    .where("organization_id", "=", value("organizationId"))
    .where(isListed("user_id", value("list"), { dialect, type: "integer" }))
    .select([
      "user_id as userId",
      "project_id as projectId",
      "role",
      "is_pending as isPending",
      "source",
    ]),
);

interface AssignmentRow {
  readonly userId: number;
  readonly scope: Assignment["scope"];
  readonly group: string;
  readonly target: string;
  readonly role: string;
}

const assignmentsOf = statement<Listed, AssignmentRow>((db, value, dialect) =>
  db
    .selectFrom("scim_assignments")
    .where("organization_id", "=", value("organizationId"))
    .where(isListed("user_id", value("list"), { dialect, type: "integer" }))
    .select(["user_id as userId", "scope", "group_name as group", "target", "role"]),
);

const noMembership = { kind: "assignment", id: null, source: null, isPending: null } as const;

function asAssignment(row: AssignmentRow): Assignment {
  return assignmentOf({ ...noMembership, ...row, title: row.target });
}

/** One row for each person, since a row costs more than a name. */
const groupsOf = statement<Listed, { userId: number; names: string }>((db, value, dialect) =>
  db
    .selectFrom("scim_group_members")
    .innerJoin("scim_groups", "scim_groups.seq", "scim_group_members.group_seq")
    .where("scim_group_members.organization_id", "=", value("organizationId"))
    .where(isListed("scim_group_members.user_id", value("list"), { dialect, type: "integer" }))
    .groupBy("scim_group_members.user_id")
    .select([
      "scim_group_members.user_id as userId",
      (dialect === "sqlite"
        ? sql<string>`json_group_array(scim_groups.display_name)`
        : sql<string>`cast(json_agg(scim_groups.display_name) as text)`
      ).as("names"),
    ]),
);

function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function byPerson<Row extends { readonly userId: number }>(
  rows: readonly Row[],
): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.userId);
    if (group === undefined) groups.set(row.userId, [row]);
    else group.push(row);
  }
  return groups;
}

const firstBatch = 50;
const largestBatch = 250;
const smallestBatch = 5;
/** About this many rows of a batch keep it within a few milliseconds. */
const rowsPerBatch = 4000;

/**
 * Every member of the organization, in order of id, batch by batch. Between two batches everything
 * else that the process has to do gets its turn.
 */
export async function* everyBatch(
  db: Db,
  scope: BatchScope,
): AsyncGenerator<readonly BatchMember[]> {
  let afterUserId = 0;
  let limit = firstBatch;
  for (;;) {
    const batch = await loadBatch(db, { ...scope, afterUserId, limit });
    if (batch.length > 0) yield batch;
    const last = batch.at(-1);
    if (last === undefined || batch.length < limit) return;
    afterUserId = last.userId;
    limit = nextLimit(batch, limit);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

function nextLimit(batch: readonly BatchMember[], limit: number): number {
  const rows = batch.reduce(
    (sum, { snapshot, scimGroups }) =>
      sum +
      1 +
      snapshot.workspaceMembers.length +
      snapshot.projectMembers.length +
      snapshot.assignments.length +
      scimGroups.length,
    0,
  );
  const fitting = Math.floor((batch.length * rowsPerBatch) / rows);
  return Math.max(smallestBatch, Math.min(largestBatch, 2 * limit, fitting));
}
