/**
 * Projects as the organization API lists, reads and changes them (PRODUCT 1.4). Who belongs to them
 * is place-members.ts's to read and apply.ts's to write; createProject stands in projects.ts.
 */
import { type Creator, type CreatorColumns, creatorOf } from "./creator.ts";
import { nameShownIn } from "./names.ts";
import { isFoundIn } from "./search.ts";
import { type Db, dialectOf } from "./statement.ts";
import { type Viewer, visibleProjects } from "./visibility.ts";

/** One project, with what its lists show of its workspace and its maker. */
export interface ProjectRecord {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly color: string | null;
  readonly workspaceId: number | null;
  readonly workspaceTitle: string | null;
  readonly createdAt: number;
  readonly createdBy: Creator | null;
}

/** Selects visible projects. */
export interface ProjectFilter {
  readonly ids?: readonly number[] | undefined;
  readonly workspaceId?: number | undefined;
  /** Occurs in the title. */
  readonly title?: string | undefined;
  /** Occurs in title or description. */
  readonly search?: string | undefined;
  /** Of archived workspaces, or of all others. */
  readonly isArchived?: boolean | undefined;
}

/** In which order, and which part of it. */
export interface ProjectPage {
  readonly order: "id" | "title" | "created_at";
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** One page of the projects that the viewer sees, and how many there are altogether. */
export async function listVisibleProjects(
  db: Db,
  { viewer, filter, page }: { viewer: Viewer; filter: ProjectFilter; page: ProjectPage },
): Promise<{ readonly count: number; readonly projects: readonly ProjectRecord[] }> {
  const direction = page.isDescending ? "desc" : "asc";
  const matching = filtered(db, viewer, filter);
  const { count } = await matching
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const rows = await recordsOf(matching)
    .orderBy(`projects.${page.order}`, direction)
    .orderBy("projects.id", direction)
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return { count: Number(count), projects: rows.map(recordOf) };
}

function filtered(db: Db, viewer: Viewer, filter: ProjectFilter) {
  const { ids, workspaceId, title, search, isArchived } = filter;
  let query = visibleProjects(db, viewer);
  if (ids !== undefined) query = query.where("projects.id", "in", ids.length === 0 ? [0] : ids);
  if (workspaceId !== undefined) query = query.where("projects.workspace_id", "=", workspaceId);
  if (title !== undefined) query = query.where(isFoundIn(db, ["projects.title"], title));
  if (search !== undefined) {
    query = query.where(isFoundIn(db, ["projects.title", "projects.description"], search));
  }
  if (isArchived === undefined) return query;
  const archived = db
    .selectFrom("workspaces")
    .where("organization_id", "=", viewer.organizationId)
    .where("is_archived", "=", 1)
    .select("id");
  return isArchived
    ? query.where("projects.workspace_id", "in", archived)
    : query.where((eb) =>
        eb.or([
          eb("projects.workspace_id", "is", null),
          eb("projects.workspace_id", "not in", archived),
        ]),
      );
}

/** The project, or null where there is none that the viewer sees. */
export async function loadVisibleProject(
  db: Db,
  viewer: Viewer,
  id: number,
): Promise<ProjectRecord | null> {
  const query = visibleProjects(db, viewer).where("projects.id", "=", id);
  const row = await recordsOf(query).executeTakeFirst();
  return row === undefined ? null : recordOf(row);
}

/** Keeps the project as it is until the transaction ends: nobody joins it (see `lockWorkspace`). */
export async function lockProject(tx: Db, organizationId: number, id: number): Promise<void> {
  if (dialectOf(tx) === "sqlite") return;
  await tx
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .select("id")
    .forUpdate()
    .execute();
}

function recordsOf(query: ReturnType<typeof visibleProjects>) {
  return query
    .leftJoin("workspaces", "workspaces.id", "projects.workspace_id")
    .leftJoin("users", "users.id", "projects.created_by")
    .select(["projects.id", "projects.title", "projects.description", "projects.color"])
    .select(["projects.workspace_id as workspaceId", "workspaces.title as workspaceTitle"])
    .select(["projects.created_at as createdAt", "users.id as creatorId"])
    .select([
      "users.email as creatorEmail",
      nameShownIn("first_name", "projects.organization_id").as("creatorFirstName"),
    ])
    .select(nameShownIn("last_name", "projects.organization_id").as("creatorLastName"));
}

type Row = Omit<ProjectRecord, "createdBy"> & CreatorColumns;

function recordOf(row: Row): ProjectRecord {
  const { id, title, description, color, workspaceId, workspaceTitle, createdAt } = row;
  const createdBy = creatorOf(row);
  return { id, title, description, color, workspaceId, workspaceTitle, createdAt, createdBy };
}

/** Changes to a project; absent fields stay. */
export interface ProjectChanges {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly color?: string | null | undefined;
  /** Null takes it out of any workspace. */
  readonly workspaceId?: number | null | undefined;
}

/** Changes a project. Who sees it through its workspace follows from the workspace (PRODUCT 1.4). */
export async function updateProject(
  tx: Db,
  { organizationId, id }: { readonly organizationId: number; readonly id: number },
  { title, description, color, workspaceId }: ProjectChanges,
): Promise<void> {
  const changed = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(color === undefined ? {} : { color }),
    ...(workspaceId === undefined ? {} : { workspace_id: workspaceId }),
  };
  if (Object.keys(changed).length === 0) return;
  await tx
    .updateTable("projects")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .set(changed)
    .execute();
}

/** Deletes a project whose members are gone. */
export async function deleteProject(tx: Db, organizationId: number, id: number): Promise<void> {
  await tx
    .deleteFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .execute();
}
