/**
 * Workspaces: listed, read and changed (PRODUCT 1.4). Who belongs to them is place-members.ts's to
 * read and apply.ts's to write; createWorkspace stands in projects.ts.
 */
import { sql } from "kysely";
import { type Creator, type CreatorColumns, creatorOf } from "./creator.ts";
import { nameShownIn } from "./names.ts";
import { isFoundIn } from "./search.ts";
import { type Db, dialectOf } from "./statement.ts";
import { type Viewer, visibleWorkspaces } from "./visibility.ts";

/** One workspace. */
export interface WorkspaceRecord {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly color: string;
  readonly isArchived: boolean;
  /** The creator; null for a group mapping, or somebody who is gone. */
  readonly createdBy: Creator | null;
  readonly projectsCount: number;
}

/** Selects visible workspaces. */
export interface WorkspaceFilter {
  readonly isArchived?: boolean | undefined;
  /** Personal workspaces alone, of which there are none. */
  readonly isPersonal?: boolean;
  /** Text that must stand in the title or the description. */
  readonly search?: string | undefined;
  /** A page of the list; all of it where absent. */
  readonly part?: { readonly offset: number; readonly limit: number };
  readonly order: "id" | "title" | "created_at";
  readonly isDescending: boolean;
}

/** The workspaces that the viewer sees, and how many there are in all. */
export async function listVisibleWorkspaces(
  db: Db,
  viewer: Viewer,
  filter: WorkspaceFilter,
): Promise<{ readonly count: number; readonly workspaces: readonly WorkspaceRecord[] }> {
  if (filter.isPersonal === true) return { count: 0, workspaces: [] };
  const { order, isDescending, part } = filter;
  const direction = isDescending ? "desc" : "asc";
  const conditions = conditionsOf(db, filter);
  const ordered = recordsOf(db, viewer)
    .where((eb) => eb.and(conditions))
    .orderBy(`workspaces.${order}`, direction)
    .orderBy("workspaces.id", direction);
  if (part === undefined) {
    const rows = await ordered.execute();
    return { count: rows.length, workspaces: rows.map(recordOf) };
  }
  const { count } = await visibleWorkspaces(db, viewer)
    .where((eb) => eb.and(conditions))
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const rows = await ordered.limit(part.limit).offset(part.offset).execute();
  return { count: Number(count), workspaces: rows.map(recordOf) };
}

function conditionsOf(db: Db, { isArchived, search }: WorkspaceFilter) {
  return [
    ...(isArchived === undefined
      ? []
      : [sql<boolean>`workspaces.is_archived = ${isArchived ? 1 : 0}`]),
    ...(search === undefined
      ? []
      : [isFoundIn(db, ["workspaces.title", "workspaces.description"], search)]),
  ];
}

/** The workspace, or null where there is none that the viewer sees. */
export async function loadVisibleWorkspace(
  db: Db,
  viewer: Viewer,
  id: number,
): Promise<WorkspaceRecord | null> {
  const row = await recordsOf(db, viewer).where("workspaces.id", "=", id).executeTakeFirst();
  return row === undefined ? null : recordOf(row);
}

/**
 * Keeps the workspace as it is until the transaction ends: nobody joins it and no project enters.
 * SQLite has one writer at a time as it is.
 */
export async function lockWorkspace(tx: Db, organizationId: number, id: number): Promise<void> {
  if (dialectOf(tx) === "sqlite") return;
  await tx
    .selectFrom("workspaces")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .select("id")
    .forUpdate()
    .execute();
}

function recordsOf(db: Db, viewer: Viewer) {
  return visibleWorkspaces(db, viewer)
    .leftJoin("users", "users.id", "workspaces.created_by")
    .select(["workspaces.id", "workspaces.title", "workspaces.description", "workspaces.color"])
    .select(["workspaces.is_archived", "users.id as creatorId", "users.email as creatorEmail"])
    .select([
      nameShownIn("first_name", "workspaces.organization_id").as("creatorFirstName"),
      nameShownIn("last_name", "workspaces.organization_id").as("creatorLastName"),
    ])
    .select((eb) =>
      eb
        .selectFrom("projects")
        .whereRef("projects.organization_id", "=", "workspaces.organization_id")
        .whereRef("projects.workspace_id", "=", "workspaces.id")
        .select((count) => count.fn.countAll<number>().as("count"))
        .as("projectsCount"),
    );
}

type Row = Pick<WorkspaceRecord, "id" | "title" | "description" | "color"> &
  CreatorColumns & { readonly is_archived: number; readonly projectsCount: number | null };

function recordOf(row: Row): WorkspaceRecord {
  const { id, title, description, color, is_archived: isArchived, projectsCount } = row;
  return {
    id,
    title,
    description,
    color,
    isArchived: isArchived === 1,
    createdBy: creatorOf(row),
    projectsCount: Number(projectsCount ?? 0),
  };
}

/** Changes to a workspace; absent fields stay. */
export interface WorkspaceChanges {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly color?: string | undefined;
  readonly isArchived?: boolean | undefined;
}

/** Another workspace of the organization that has this title already, or null. */
export async function findWorkspaceByTitle(
  db: Db,
  organizationId: number,
  title: string,
): Promise<number | null> {
  const row = await db
    .selectFrom("workspaces")
    .where("organization_id", "=", organizationId)
    .where("title", "=", title)
    .select("id")
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Changes a workspace, which changes nobody's access. The title is unique in the organization. */
export async function updateWorkspace(
  tx: Db,
  { organizationId, id }: { readonly organizationId: number; readonly id: number },
  { title, description, color, isArchived }: WorkspaceChanges,
): Promise<void> {
  const changed = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(color === undefined ? {} : { color }),
    ...(isArchived === undefined ? {} : { is_archived: isArchived ? 1 : 0 }),
  };
  if (Object.keys(changed).length === 0) return;
  await tx
    .updateTable("workspaces")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .set(changed)
    .execute();
}

/** Deletes a workspace whose members and projects are gone. */
export async function deleteWorkspace(tx: Db, organizationId: number, id: number): Promise<void> {
  await tx
    .deleteFrom("workspaces")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .execute();
}
