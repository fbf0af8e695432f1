/**
 * Targets of group mappings: tells whether the workspaces and projects that they name exist in the
 * organization (PRODUCT 6.2, 6.5). Another organization's project reads as a missing one.
 */
import { listWorkspaces } from "./projects.ts";
import { type Db, isListed, statement } from "./statement.ts";

interface Named {
  readonly organizationId: number;
  /** JSON list. */
  readonly list: string;
}

/** The organization's projects among a list of ids. */
export const projectsAmong = statement<Named, { id: number }>((db, value, dialect) =>
  db
    .selectFrom("projects")
    .where("organization_id", "=", value("organizationId"))
    .where(isListed("id", value("list"), { dialect, type: "integer" }))
    .select("id"),
);

/** The organization's workspaces among a list of titles. */
export const workspacesAmong = statement<Named, { id: number; title: string }>(
  (db, value, dialect) =>
    db
      .selectFrom("workspaces")
      .where("organization_id", "=", value("organizationId"))
      .where(isListed("title", value("list"), { dialect, type: "text" }))
      .select(["id", "title"]),
);

/** The workspaces and projects that mappings name and that exist. */
export interface MappingTargets {
  /** By title. */
  readonly workspaceIds: ReadonlyMap<string, number>;
  readonly projectIds: ReadonlySet<number>;
}

/** Of the titles and project ids, those that the organization has. */
export async function loadTargets(
  db: Db,
  organizationId: number,
  { titles, projectIds }: { titles: readonly string[]; projectIds: readonly number[] },
): Promise<MappingTargets> {
  const named = (list: readonly unknown[]) => ({
    organizationId,
    list: JSON.stringify([...new Set(list)]),
  });
  const workspaces = await workspacesAmong.all(db, named(titles));
  const projects = await projectsAmong.all(db, named(projectIds.filter(isProjectId)));
  return {
    workspaceIds: new Map(workspaces.map(({ id, title }) => [title, id])),
    projectIds: new Set(projects.map(({ id }) => id)),
  };
}

/** Those of `projectIds` that the organization does not have, in the order given. */
export async function findMissingProjects(
  db: Db,
  organizationId: number,
  projectIds: readonly number[],
): Promise<readonly number[]> {
  const list = JSON.stringify(projectIds.filter(isProjectId));
  const found = new Set(
    (await projectsAmong.all(db, { organizationId, list })).map(({ id }) => id),
  );
  return projectIds.filter((id) => !found.has(id));
}

/** PostgreSQL's ids have 32 bits and it refuses to compare them with more. */
export function isProjectId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id < 2 ** 31;
}

/** Those of `titles` that no workspace of the organization has, in the order given. */
export async function findMissingWorkspaces(
  db: Db,
  organizationId: number,
  titles: readonly string[],
): Promise<readonly string[]> {
  const list = JSON.stringify(titles);
  const rows = await workspacesAmong.all(db, { organizationId, list });
  const found = new Set(rows.map(({ title }) => title));
  return titles.filter((title) => !found.has(title));
}

/**
 * For those of `titles` that do not exist, the existing title that differs only by case or by white
 * space around it, where there is one (PRODUCT 8.7). Reads all titles: for settings pages only.
 */
export async function findSimilarWorkspaces(
  db: Db,
  organizationId: number,
  titles: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const fold = (title: string): string => title.trim().toLowerCase();
  const existing = await listWorkspaces(db, organizationId);
  const exact = new Set(existing.map(({ title }) => title));
  const byFold = new Map(existing.map(({ title }) => [fold(title), title]));
  const similar = new Map<string, string>();
  for (const title of titles) {
    const near = exact.has(title) ? undefined : byFold.get(fold(title));
    if (near !== undefined) similar.set(title, near);
  }
  return similar;
}
