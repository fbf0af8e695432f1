/**
 * A person as the gateway needs to know them: their number in Label Studio and the projects that they may
 * open, by Label Studio's numbers (GATEWAY 10.4, PRODUCT 1.4 to 1.6). Unlinked projects are none.
 */

import { sql } from "kysely";
import { type OrgRole, ownProjectRole, type ProjectRole, roleRank } from "../access/roles.ts";
import { type Db, statement } from "./statement.ts";

/** A person in one organization. */
export interface StudioPerson {
  readonly userId: number;
  readonly organizationId: number;
  readonly role: OrgRole;
}

/** The person as Label Studio's side needs them. */
export interface StudioAccess {
  /** Label Studio's number of the account; null until it has one. */
  readonly upstreamUserId: number | null;
  /** By which Label Studio knows the account. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** The effective role by Label Studio's number of the project; `all` for Owner and Administrators. */
  readonly projects: ReadonlyMap<number, OrgRole> | "all";
}

const personById = statement<{ userId: number }, Omit<StudioAccess, "projects">>((db, value) =>
  db
    .selectFrom("users")
    .where("id", "=", value("userId"))
    .select("upstream_id as upstreamUserId")
    .select(sql<string>`coalesce(upstream_email, email)`.as("email"))
    .select(["first_name as firstName", "last_name as lastName"]),
);

interface OpenProject {
  readonly project: number | null;
  /** Given for this project itself; null where it is open by its workspace. */
  readonly role: ProjectRole | null;
}

type Whose = Pick<StudioPerson, "userId" | "organizationId">;

/** Given by any source, pending ones not; or by a workspace. */
const joined = statement<Whose, OpenProject>((db, value) =>
  db
    .selectFrom("project_members")
    .innerJoin("projects", "projects.id", "project_members.project_id")
    .where("project_members.organization_id", "=", value("organizationId"))
    .where("project_members.user_id", "=", value("userId"))
    .where("project_members.is_pending", "=", 0)
    .where("projects.upstream_id", "is not", null)
    .select("projects.upstream_id as project")
    .select(sql<ProjectRole | null>`project_members.role`.as("role"))
    .unionAll((eb) =>
      eb
        .selectFrom("workspace_members")
        .innerJoin("projects", (join) =>
          join
            .onRef("projects.organization_id", "=", "workspace_members.organization_id")
            .onRef("projects.workspace_id", "=", "workspace_members.workspace_id"),
        )
        .where("workspace_members.organization_id", "=", value("organizationId"))
        .where("workspace_members.user_id", "=", value("userId"))
        .where("projects.upstream_id", "is not", null)
        .select("projects.upstream_id as project")
        .select(sql<ProjectRole | null>`null`.as("role")),
    ),
);

/** A Manager's own making: projects, and those of workspaces (visibility.ts). */
const made = statement<Whose, { project: number | null }>((db, value) =>
  db
    .selectFrom("projects")
    .where("organization_id", "=", value("organizationId"))
    .where("created_by", "=", value("userId"))
    .where("upstream_id", "is not", null)
    .select("upstream_id as project")
    .unionAll((eb) =>
      eb
        .selectFrom("workspaces")
        .innerJoin("projects", (join) =>
          join
            .onRef("projects.organization_id", "=", "workspaces.organization_id")
            .onRef("projects.workspace_id", "=", "workspaces.id"),
        )
        .where("workspaces.organization_id", "=", value("organizationId"))
        .where("workspaces.created_by", "=", value("userId"))
        .where("projects.upstream_id", "is not", null)
        .select("projects.upstream_id as project"),
    ),
);

/** The person's account and projects; null where the account is gone. */
export async function loadStudioAccess(db: Db, person: StudioPerson): Promise<StudioAccess | null> {
  const account = await personById.first(db, { userId: person.userId });
  if (account === null) return null;
  return { ...account, projects: await openProjects(db, person) };
}

async function openProjects(
  db: Db,
  { userId, organizationId, role }: StudioPerson,
): Promise<StudioAccess["projects"]> {
  if (roleRank(role) >= roleRank("AD")) return "all";
  if (roleRank(role) === 0) return new Map();
  const whose = { userId, organizationId };
  const projects = rolesIn(role, await joined.all(db, whose));
  if (role !== "MA") return projects;
  for (const { project } of await made.all(db, whose)) {
    if (project !== null) projects.set(project, role);
  }
  return projects;
}

function rolesIn(role: OrgRole, rows: readonly OpenProject[]): Map<number, OrgRole> {
  const grants = new Map<number, { role: ProjectRole; isPending: false }[]>();
  for (const { project, role: given } of rows) {
    if (project === null) continue;
    const list = grants.get(project) ?? [];
    grants.set(project, list);
    if (given !== null) list.push({ role: given, isPending: false });
  }
  const projects = new Map<number, OrgRole>();
  for (const [project, list] of grants) {
    const own = ownProjectRole(role, list)?.role ?? "IN";
    projects.set(project, own === "IN" ? role : own);
  }
  return projects;
}

const standing = statement<Whose, { role: OrgRole }>((db, value) =>
  db
    .selectFrom("memberships")
    .where("organization_id", "=", value("organizationId"))
    .where("user_id", "=", value("userId"))
    .select("role"),
);

/** The person's present role in the organization; null where they are no member any more. */
export async function loadStanding(db: Db, whose: Whose): Promise<OrgRole | null> {
  return (await standing.first(db, whose))?.role ?? null;
}

/** The tables of credentials; a studio session stands for as long as its parent. */
const credentialTables = {
  session: "sessions",
  studio: "studio_sessions",
  token: "api_tokens",
} as const;

/** True while the row of a credential is there, whether or not its time is up. */
export async function holdsCredential(
  db: Db,
  { kind, hash }: { readonly kind: keyof typeof credentialTables; readonly hash: string },
): Promise<boolean> {
  const row = await db
    .selectFrom(credentialTables[kind])
    .where("token_hash", "=", hash)
    .select("token_hash")
    .executeTakeFirst();
  return row !== undefined;
}
