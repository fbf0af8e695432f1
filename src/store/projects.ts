/**
 * Projects and workspaces as things by themselves (PRODUCT 1.4): making and listing them. Who is a
 * member of them is apply.ts's to write; workspaces that a group mapping asks for are made there too.
 * What the organization API asks of a workspace stands in workspaces.ts, of a project in
 * visible-projects.ts.
 */
import type { Db } from "./statement.ts";

/** One project. */
export interface Project {
  readonly id: number;
  readonly title: string;
  readonly workspaceId: number | null;
}

/** One workspace. */
export interface Workspace {
  readonly id: number;
  readonly title: string;
}

/** A project about to be made. */
export interface NewProject {
  readonly organizationId: number;
  readonly title: string;
  readonly workspaceId: number | null;
  readonly description?: string;
  readonly color?: string | null;
  readonly createdBy?: number | null;
  readonly at: number;
}

/** Makes a project; returns its id. */
export async function createProject(tx: Db, project: NewProject): Promise<number> {
  const { id } = await tx
    .insertInto("projects")
    .values({
      organization_id: project.organizationId,
      title: project.title,
      workspace_id: project.workspaceId,
      description: project.description ?? "",
      color: project.color ?? null,
      created_by: project.createdBy ?? null,
      created_at: project.at,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** A workspace about to be made by a person. */
export interface NewWorkspace {
  readonly organizationId: number;
  /** Unique in the organization. */
  readonly title: string;
  readonly description?: string;
  readonly color?: string;
  readonly isArchived?: boolean;
  readonly createdBy: number | null;
  readonly at: number;
}

/** Makes a workspace and returns its id; null where the organization has one of this title. */
export async function createWorkspace(tx: Db, workspace: NewWorkspace): Promise<number | null> {
  const row = await tx
    .insertInto("workspaces")
    .values({
      organization_id: workspace.organizationId,
      title: workspace.title,
      description: workspace.description ?? "",
      color: workspace.color ?? "",
      is_archived: workspace.isArchived === true ? 1 : 0,
      created_by: workspace.createdBy,
      created_at: workspace.at,
    })
    .onConflict((conflict) => conflict.columns(["organization_id", "title"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id ?? null;
}

/** The organization's projects, by id. */
export async function listProjects(db: Db, organizationId: number): Promise<readonly Project[]> {
  return await db
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .orderBy("id")
    .select(["id", "title", "workspace_id as workspaceId"])
    .execute();
}

/** The organization's workspaces, by id. */
export async function listWorkspaces(
  db: Db,
  organizationId: number,
): Promise<readonly Workspace[]> {
  return await db
    .selectFrom("workspaces")
    .where("organization_id", "=", organizationId)
    .orderBy("id")
    .select(["id", "title"])
    .execute();
}
