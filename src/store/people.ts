/**
 * People and their access, read (PRODUCT 1.2 to 1.6): what plans are made from, and what pages show.
 * Writing is apply.ts's alone; when somebody signed in with which groups is noted-sign-ins.ts's, and the
 * hash of a password that stays is passwords.ts's.
 */
import type { PersonSnapshot } from "../access/plan.ts";
import { hasAccess, type OrgRole, type ProjectRole, type Source } from "../access/roles.ts";
import { fromJson } from "./json.ts";
import { isProjectId, projectsAmong, workspacesAmong } from "./mapping-targets.ts";
import { shownName } from "./names.ts";
import {
  assignmentOf,
  grantRows,
  lockAddress,
  lockedAccount,
  lockedSeats,
  type StandingRow,
  standing,
} from "./snapshot-statements.ts";
import { type Db, dialectOf, statement } from "./statement.ts";

/** One account. */
export interface User {
  readonly id: number;
  /** Lower case (PRODUCT 1.2). */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** PHC string, or null where the account has no password. */
  readonly passwordHash: string | null;
  /** True where whoever chose it proved the mailbox, or the operator vouched for them (PRODUCT 9.6a). */
  readonly isPasswordProved: boolean;
  readonly createdAt: number;
}

const userColumns = [
  "id",
  "email",
  "first_name as firstName",
  "last_name as lastName",
  "password_hash as passwordHash",
  "password_proved as passwordProved",
  "created_at as createdAt",
] as const;

const userOf = ({
  passwordProved,
  ...row
}: Omit<User, "isPasswordProved"> & { passwordProved: number }): User => ({
  ...row,
  isPasswordProved: passwordProved === 1,
});

/** Selects the people and the scope of a snapshot. */
export interface SnapshotQuery {
  readonly organizationId: number;
  /** Lower case. */
  readonly email: string;
  /** Titles that the grants name. */
  readonly workspaceTitles: readonly string[];
  /** Project ids that the grants name. */
  readonly projectIds: readonly number[];
  /** True for plan-and-apply: until the transaction ends nobody else plans for this person. */
  readonly lock: boolean;
}

/**
 * The person and their access as they are now; with `lock`, as they stay until the transaction ends.
 * A few indexed statements: the cost grows with the person's own memberships and nothing else.
 */
export async function loadSnapshot(tx: Db, query: SnapshotQuery): Promise<PersonSnapshot> {
  const { organizationId } = query;
  if (query.lock) await lockPerson(tx, query.email);
  const found = await standing.first(tx, query);
  if (found === null) throw new Error(`there is no organization ${organizationId}`);
  const { userId, role, roleSource, awaited, firstName, lastName } = found;
  const membership = role === null || roleSource === null ? null : { role, roleSource, awaited };
  const isMember = userId !== null && membership !== null;
  const grants = await loadGrants(tx, isMember ? { organizationId, userId } : null);
  return {
    user:
      userId === null ? null : { id: userId, firstName: firstName ?? "", lastName: lastName ?? "" },
    membership,
    belongsElsewhere: found.isElsewhere === 1,
    acceptedElsewhere: found.isAcceptedElsewhere === 1,
    ...grants,
    ...(await loadTargets(tx, query, grants)),
    seats: await loadSeats(tx, { query, found }),
  };
}

/**
 * The account, for which nobody else plans until the transaction ends. Before there is one, the
 * address itself is locked, so that of two first sign-ins the second finds what the first made.
 */
export async function lockPerson(tx: Db, email: string): Promise<void> {
  if (dialectOf(tx) !== "postgres") return;
  if ((await lockedAccount.first(tx, { email })) !== null) return;
  await lockAddress.run(tx, { email });
  await lockedAccount.first(tx, { email });
}

type Grants = Pick<PersonSnapshot, "workspaceMembers" | "projectMembers" | "assignments">;

/** Loads the person's grants here; none without a membership, as foreign keys see to. */
async function loadGrants(
  tx: Db,
  person: { organizationId: number; userId: number } | null,
): Promise<Grants> {
  const workspaceMembers: PersonSnapshot["workspaceMembers"][number][] = [];
  const projectMembers: PersonSnapshot["projectMembers"][number][] = [];
  const assignments: PersonSnapshot["assignments"][number][] = [];
  for (const row of person === null ? [] : await grantRows.all(tx, person)) {
    const { kind, id, title, source, role } = row;
    if (kind === "assignment") assignments.push(assignmentOf(row));
    else if (id === null || source === null) throw new Error(`a ${kind} membership lacks its id`);
    else if (kind === "workspace") {
      workspaceMembers.push({ workspaceId: id, title: title ?? "", source });
    } else {
      const isPending = row.isPending === 1;
      projectMembers.push({ projectId: id, role: role as ProjectRole, isPending, source });
    }
  }
  return { workspaceMembers, projectMembers, assignments };
}

/**
 * Of the workspaces and projects that the grants name, those that exist here. What the person belongs
 * to already is known to exist, so that a sign-in which changes nothing asks for none.
 */
async function loadTargets(
  tx: Db,
  { organizationId, workspaceTitles, projectIds }: SnapshotQuery,
  { workspaceMembers, projectMembers }: Grants,
): Promise<Pick<PersonSnapshot, "workspaces" | "projectIds">> {
  const named = (list: readonly (string | number)[]) => ({
    organizationId,
    list: JSON.stringify(list),
  });
  const workspaces = new Map(workspaceMembers.map((row) => [row.title, row.workspaceId]));
  const titles = workspaceTitles.filter((title) => !workspaces.has(title));
  if (titles.length > 0) {
    const others = await workspacesAmong.all(tx, named(titles));
    for (const { id, title } of others) workspaces.set(title, id);
  }
  const projects = new Set(projectMembers.map(({ projectId }) => projectId));
  const ids = projectIds.filter((id) => !projects.has(id) && isProjectId(id));
  if (ids.length > 0) {
    for (const { id } of await projectsAmong.all(tx, named(ids))) projects.add(id);
  }
  return {
    workspaces: workspaceTitles.flatMap((title) => {
      const id = workspaces.get(title);
      return id === undefined ? [] : [{ id, title }];
    }),
    projectIds: projectIds.filter((id) => projects.has(id)),
  };
}

/**
 * The seats. Whoever has none and might get one waits for others who do; the many sign-ins of people
 * who are in already wait for nobody (PRODUCT 1.7).
 */
async function loadSeats(
  tx: Db,
  { query, found }: { query: SnapshotQuery; found: StandingRow },
): Promise<PersonSnapshot["seats"]> {
  const { seatLimit: limit, seatsUsed: used, role } = found;
  const mayTakeSeat = role === null || !hasAccess(role);
  if (limit === null || !query.lock || !mayTakeSeat) return { limit, used };
  const locked = await lockedSeats.first(tx, { organizationId: query.organizationId });
  return locked ?? { limit: null, used };
}

/** The account with this lower-case address, or null. */
export async function findUserByEmail(db: Db, email: string): Promise<User | null> {
  const row = await db
    .selectFrom("users")
    .where("email", "=", email)
    .select(userColumns)
    .executeTakeFirst();
  return row === undefined ? null : userOf(row);
}

/** The account with this id, or null. */
export async function loadUser(db: Db, id: number): Promise<User | null> {
  const row = await db
    .selectFrom("users")
    .where("id", "=", id)
    .select(userColumns)
    .executeTakeFirst();
  return row === undefined ? null : userOf(row);
}

/** The account of a member, with its names as the organization sees them (names.ts), or null. */
export async function loadUserIn(
  db: Db,
  organizationId: number,
  userId: number,
): Promise<User | null> {
  const row = await db
    .selectFrom("users")
    .innerJoin("memberships", "memberships.user_id", "users.id")
    .where("memberships.organization_id", "=", organizationId)
    .where("users.id", "=", userId)
    .select(["users.id", "users.email", "users.password_hash as passwordHash"])
    .select(["users.password_proved as passwordProved", "users.created_at as createdAt"])
    .select([shownName("first_name").as("firstName"), shownName("last_name").as("lastName")])
    .executeTakeFirst();
  return row === undefined ? null : userOf(row);
}

const accountById = statement<{ userId: number }, { email: string }>((db, value, dialect) => {
  const found = db.selectFrom("users").where("id", "=", value("userId")).select("email");
  return dialect === "postgres" ? found.forNoKeyUpdate() : found;
});

/**
 * The address of an account, or null. Until the transaction ends nobody else plans for the person: what
 * is read of them from here on is as the former holder of the lock left it, and stays.
 */
export async function lockAccount(tx: Db, userId: number): Promise<string | null> {
  return (await accountById.first(tx, { userId }))?.email ?? null;
}

/** A person's membership of one organization. */
export interface Membership {
  readonly role: OrgRole;
  /** The source that set the role last (PRODUCT 1.3). */
  readonly roleSource: Source;
  readonly roleSetAt: number;
  readonly createdAt: number;
  readonly opensByPassword: boolean;
  /** The groups of the last SAML sign-in, or null before the first. */
  readonly lastGroups: readonly string[] | null;
  readonly lastSignInAt: number | null;
}

/** The person's membership of this organization, or null. */
export async function loadMembership(
  db: Db,
  organizationId: number,
  userId: number,
): Promise<Membership | null> {
  const row = await db
    .selectFrom("memberships")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .select([
      "role",
      "role_source as roleSource",
      "role_set_at as roleSetAt",
      "created_at as createdAt",
      "opens_by_password",
      "last_groups",
      "last_sign_in_at as lastSignInAt",
    ])
    .executeTakeFirst();
  if (row === undefined) return null;
  const { opens_by_password: opens, last_groups: groups, ...rest } = row;
  return {
    ...rest,
    opensByPassword: opens === 1,
    lastGroups: groups === null ? null : fromJson(groups),
  };
}

/** A workspace that somebody belongs to, and who gave it to them. */
export interface WorkspaceAccess {
  readonly id: number;
  readonly title: string;
  readonly sources: readonly Source[];
}

/** A project that somebody belongs to, by itself or through its workspace. */
export interface ProjectAccess {
  readonly id: number;
  readonly title: string;
  /** Label Studio's number of it (GATEWAY 10.5), or null where it is not, or no longer, there. */
  readonly upstreamId: number | null;
  /** Title of the workspace whose members are implicitly the project's (PRODUCT 1.4), or null. */
  readonly throughWorkspace: string | null;
  readonly grants: readonly {
    readonly source: Source;
    readonly role: ProjectRole;
    readonly isPending: boolean;
  }[];
}

/** A person's memberships in one organization, with sources (PRODUCT 8.5). */
export interface Access {
  readonly workspaces: readonly WorkspaceAccess[];
  readonly projects: readonly ProjectAccess[];
}

/** Loads the person's memberships in this organization, by title. */
export async function loadAccess(db: Db, organizationId: number, userId: number): Promise<Access> {
  const workspaceRows = await db
    .selectFrom("workspace_members")
    .innerJoin("workspaces", "workspaces.id", "workspace_members.workspace_id")
    .where("workspace_members.organization_id", "=", organizationId)
    .where("workspace_members.user_id", "=", userId)
    .orderBy("workspace_members.source")
    .select(["workspaces.id", "workspaces.title", "workspace_members.source"])
    .execute();
  const workspaces = [...byId(workspaceRows)].map(([id, rows]) => ({
    id,
    title: rows[0]?.title ?? "",
    sources: rows.map(({ source }) => source),
  }));
  const projects = await loadProjectAccess(db, { organizationId, userId }, workspaces);
  return { workspaces: byTitle(workspaces), projects: byTitle(projects) };
}

async function loadProjectAccess(
  db: Db,
  { organizationId, userId }: { organizationId: number; userId: number },
  workspaces: readonly WorkspaceAccess[],
): Promise<readonly ProjectAccess[]> {
  const granted = await db
    .selectFrom("project_members")
    .innerJoin("projects", "projects.id", "project_members.project_id")
    .where("project_members.organization_id", "=", organizationId)
    .where("project_members.user_id", "=", userId)
    .orderBy("project_members.source")
    .select(["projects.id", "projects.title", "projects.workspace_id as workspaceId"])
    .select(["projects.upstream_id as upstreamId", "projects.gone_at as goneAt"])
    .select(["project_members.source", "project_members.role", "project_members.is_pending"])
    .execute();
  const implied =
    workspaces.length === 0
      ? []
      : await db
          .selectFrom("projects")
          .where("organization_id", "=", organizationId)
          .where(
            "workspace_id",
            "in",
            workspaces.map(({ id }) => id),
          )
          .select(["id", "title", "workspace_id as workspaceId"])
          .select(["upstream_id as upstreamId", "gone_at as goneAt"])
          .execute();
  const titles = new Map(workspaces.map(({ id, title }) => [id, title]));
  const grants = byId(granted);
  const projects = new Map([...implied, ...granted].map((project) => [project.id, project]));
  return [...projects.values()].map(({ id, title, workspaceId, upstreamId, goneAt }) => ({
    id,
    title,
    upstreamId: goneAt === null ? upstreamId : null,
    throughWorkspace: (workspaceId === null ? undefined : titles.get(workspaceId)) ?? null,
    grants: (grants.get(id) ?? []).map(({ source, role, is_pending: pending }) => ({
      source,
      role,
      isPending: pending === 1,
    })),
  }));
}

/** Rows of the same place together: one place may come from several sources. */
function byId<Row extends { readonly id: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.id);
    if (group === undefined) groups.set(row.id, [row]);
    else group.push(row);
  }
  return groups;
}

function byTitle<Titled extends { readonly title: string }>(
  entries: readonly Titled[],
): readonly Titled[] {
  return entries.toSorted((left, right) => left.title.localeCompare(right.title, "en"));
}

/** A member with a snapshot, as `planReset` takes them. */
export interface MemberSnapshot {
  readonly userId: number;
  readonly email: string;
  readonly snapshot: PersonSnapshot;
}

/** Everybody in the organization whom pushed SCIM groups give something, locked (PRODUCT 6.3). */
export async function loadAssignedMembers(
  tx: Db,
  organizationId: number,
): Promise<readonly MemberSnapshot[]> {
  const people = await tx
    .selectFrom("scim_assignments")
    .innerJoin("users", "users.id", "scim_assignments.user_id")
    .where("scim_assignments.organization_id", "=", organizationId)
    .distinct()
    .orderBy("users.id")
    .select(["users.id as userId", "users.email"])
    .execute();
  const members: MemberSnapshot[] = [];
  for (const person of people) {
    const snapshot = await loadSnapshot(tx, {
      organizationId,
      email: person.email,
      workspaceTitles: [],
      projectIds: [],
      lock: true,
    });
    members.push({ ...person, snapshot });
  }
  return members;
}
