/**
 * Projects by Label Studio's numbers (GATEWAY 10.5): what its lists tell is kept here, so that pages of
 * large lists can be picked without it. Who belongs to them is apply.ts's to write.
 */
import { type Expression, type SqlBool, sql } from "kysely";
import { isFoundIn } from "./search.ts";
import { type Db, isOneOf } from "./statement.ts";

/** A project as Label Studio tells of it. */
export interface SeenProject {
  readonly upstreamId: number;
  readonly title: string;
  readonly description: string;
  /** Microseconds since the epoch. */
  readonly createdAt: number;
  /** Microseconds, or null where it is not pinned. */
  readonly pinnedAt: number | null;
  readonly isDraft: boolean;
  /** Label Studio's number of the person who made it; null where that is not known. */
  readonly creatorUpstreamId: number | null;
}

/** A project that is linked to a number. */
export interface LinkedProject {
  readonly id: number;
  readonly upstreamId: number;
  readonly title: string;
  readonly description: string;
  readonly workspaceId: number | null;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly pinnedAt: number | null;
  readonly isDraft: boolean;
  readonly isGone: boolean;
}

const columns = [
  "id",
  "upstream_id",
  "title",
  "description",
  "workspace_id",
  "created_by",
  "upstream_created_at",
  "pinned_at",
  "is_draft",
  "gone_at",
] as const;

/** The organization's linked projects. */
export async function listLinkedProjects(
  db: Db,
  organizationId: number,
): Promise<readonly LinkedProject[]> {
  const rows = await db
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("upstream_id", "is not", null)
    .select(columns)
    .execute();
  return rows.map(linkedOf);
}

/** The project with Label Studio's number, or null. */
export async function loadLinkedProject(
  db: Db,
  organizationId: number,
  upstreamId: number,
): Promise<LinkedProject | null> {
  const row = await db
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("upstream_id", "=", upstreamId)
    .select(columns)
    .executeTakeFirst();
  return row === undefined ? null : linkedOf(row);
}

interface LinkedRow {
  readonly id: number;
  readonly upstream_id: number | null;
  readonly title: string;
  readonly description: string;
  readonly workspace_id: number | null;
  readonly created_by: number | null;
  readonly upstream_created_at: number | null;
  readonly pinned_at: number | null;
  readonly is_draft: number;
  readonly gone_at: number | null;
}

function linkedOf(row: LinkedRow): LinkedProject {
  return {
    id: row.id,
    upstreamId: row.upstream_id ?? 0,
    title: row.title,
    description: row.description,
    workspaceId: row.workspace_id,
    createdBy: row.created_by,
    createdAt: row.upstream_created_at ?? 0,
    pinnedAt: row.pinned_at,
    isDraft: row.is_draft === 1,
    isGone: row.gone_at !== null,
  };
}

/**
 * Makes the row of a project that Label Studio has; returns its id, or null where another process was
 * faster.
 */
export async function insertSeenProject(
  tx: Db,
  seen: SeenProject & {
    readonly organizationId: number;
    readonly workspaceId: number | null;
    readonly createdBy: number | null;
  },
): Promise<number | null> {
  const row = await tx
    .insertInto("projects")
    .values({
      organization_id: seen.organizationId,
      workspace_id: seen.workspaceId,
      created_by: seen.createdBy,
      created_at: Math.floor(seen.createdAt / 1000),
      upstream_id: seen.upstreamId,
      upstream_created_at: seen.createdAt,
      ...changeable(seen),
    })
    .onConflict((conflict) => conflict.column("upstream_id").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id ?? null;
}

function changeable(seen: SeenProject) {
  return {
    title: seen.title,
    description: seen.description,
    pinned_at: seen.pinnedAt,
    is_draft: seen.isDraft ? 1 : 0,
    gone_at: null,
  };
}

/** Takes over what Label Studio changed of a project; the creator where none was known. */
export async function updateSeenProject(
  tx: Db,
  id: number,
  { seen, createdBy }: { seen: SeenProject; createdBy: number | null },
): Promise<void> {
  await tx
    .updateTable("projects")
    .where("id", "=", id)
    .set({ ...changeable(seen), created_by: createdBy })
    .execute();
}

/** Label Studio has these no more. Their members are kept: it may be another database for a while. */
export async function markProjectsGone(tx: Db, ids: readonly number[], at: number): Promise<void> {
  await tx
    .updateTable("projects")
    .where(isOneOf(tx, "id", ids))
    .set({ gone_at: at })
    .execute();
}

/** Takes the numbers of these rows, and with them whatever they opened in Label Studio. */
export async function unlinkProjects(tx: Db, ids: readonly number[]): Promise<void> {
  await tx
    .updateTable("projects")
    .where(isOneOf(tx, "id", ids))
    .set({ upstream_id: null, upstream_created_at: null, pinned_at: null, gone_at: null })
    .execute();
}

/** Gives a row from before attaching the number of a project, which keeps none of its own row. */
export async function linkProjectRow(
  tx: Db,
  { id, seen }: { id: number; seen: SeenProject },
): Promise<void> {
  await tx
    .updateTable("projects")
    .where("id", "=", id)
    .set({ upstream_id: seen.upstreamId, upstream_created_at: seen.createdAt, ...changeable(seen) })
    .execute();
}

/** Rows that are linked to no project of Label Studio. */
export async function listUnlinkedProjects(db: Db, organizationId: number, limit: number) {
  return await db
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("upstream_id", "is", null)
    .orderBy("title")
    .orderBy("id")
    .limit(limit)
    .select(["id", "title", "workspace_id as workspaceId"])
    .execute();
}

/** Puts linked projects into a workspace, or out of any; returns how many there were. */
export async function assignProjects(
  tx: Db,
  assigned: {
    readonly organizationId: number;
    readonly upstreamIds: readonly number[];
    readonly workspaceId: number | null;
  },
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable("projects")
    .where("organization_id", "=", assigned.organizationId)
    .where(isOneOf(tx, "upstream_id", assigned.upstreamIds))
    .set({ workspace_id: assigned.workspaceId })
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Internal numbers and workspaces of linked projects, by Label Studio's numbers. */
export async function loadProjectPlaces(
  db: Db,
  organizationId: number,
  upstreamIds: readonly number[],
) {
  const rows = await db
    .selectFrom("projects")
    .leftJoin("workspaces", "workspaces.id", "projects.workspace_id")
    .where("projects.organization_id", "=", organizationId)
    .where(isOneOf(db, "projects.upstream_id", upstreamIds))
    .select(["projects.upstream_id as upstreamId", "projects.id as labelgateId"])
    .select(["projects.workspace_id as workspaceId", "workspaces.title as workspaceTitle"])
    .execute();
  return new Map(rows.map(({ upstreamId, ...place }) => [upstreamId ?? 0, place] as const));
}

/** Counts the projects that are linked, unlinked, gone and in no workspace. */
export async function countProjects(db: Db, organizationId: number) {
  const { linked, gone, unlinked, unassigned } = await db
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .select((eb) => [
      eb.fn.count<number>("upstream_id").as("linked"),
      eb.fn.count<number>("gone_at").as("gone"),
      sql<number>`count(*) - count(upstream_id)`.as("unlinked"),
      sql<number>`count(upstream_id) - count(workspace_id)`.as("unassigned"),
    ])
    .executeTakeFirstOrThrow();
  return {
    linked: Number(linked),
    gone: Number(gone),
    unlinked: Number(unlinked),
    unassigned: Math.max(0, Number(unassigned)),
  };
}

/** Selects projects of an organization's list. */
export interface ProjectSelection {
  readonly organizationId: number;
  readonly userId: number;
  /** Label Studio's numbers that the person was granted; null for all. */
  readonly granted: readonly number[] | null;
  readonly asked: readonly number[] | null;
  readonly workspaceId: number | null;
  readonly isArchived: boolean | null;
  /** Occurs in title or description. */
  readonly search: string | null;
  readonly title: string | null;
  readonly pinned: boolean | null;
}

/** By which column a page is picked; `default` is Label Studio's own: pinned, then newest, first. */
export interface ProjectOrder {
  readonly by: "default" | "id" | "title" | "created_at";
  readonly isDescending: boolean;
}

/** Label Studio's numbers of the selected projects, in order; at most `limit` after `offset`. */
export async function selectProjects(
  db: Db,
  selection: ProjectSelection,
  page: ProjectOrder & { readonly limit: number; readonly offset: number },
): Promise<readonly number[]> {
  const direction = page.isDescending ? "desc" : "asc";
  let query = selected(db, selection).select("projects.upstream_id as upstreamId");
  if (page.by === "default") {
    query = query
      .orderBy(sql`case when projects.pinned_at is null then 1 else 0 end`)
      .orderBy("projects.pinned_at", "desc")
      .orderBy("projects.upstream_created_at", "desc");
  } else if (page.by !== "id") {
    const column = page.by === "title" ? "projects.title" : "projects.upstream_created_at";
    query = query.orderBy(column, direction);
  }
  const idDirection = page.by === "default" ? "desc" : direction;
  const rows = await query
    .orderBy("projects.upstream_id", idDirection)
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.flatMap(({ upstreamId }) => upstreamId ?? []);
}

/** Counts the selected projects. */
export async function countSelected(db: Db, selection: ProjectSelection): Promise<number> {
  const { count } = await selected(db, selection)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** True where the organization has an unsaved project of somebody else. */
export async function hasOthersDrafts(
  db: Db,
  { organizationId, userId }: Pick<ProjectSelection, "organizationId" | "userId">,
): Promise<boolean> {
  const row = await db
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("upstream_id", "is not", null)
    .where("is_draft", "=", 1)
    .where((eb) => eb.or([eb("created_by", "is", null), eb("created_by", "<>", userId)]))
    .select("id")
    .executeTakeFirst();
  return row !== undefined;
}

function selected(db: Db, selection: ProjectSelection) {
  const { organizationId, userId, granted, asked, workspaceId, isArchived, pinned } = selection;
  const conditions: Expression<SqlBool>[] = [];
  if (granted !== null) conditions.push(isOneOf(db, "projects.upstream_id", granted));
  if (asked !== null) conditions.push(isOneOf(db, "projects.upstream_id", asked));
  if (selection.search !== null) {
    const names = ["projects.title", "projects.description"];
    conditions.push(isFoundIn(db, names, selection.search));
  }
  if (selection.title !== null) {
    conditions.push(isFoundIn(db, ["projects.title"], selection.title));
  }
  if (pinned !== null) {
    conditions.push(sql<SqlBool>`projects.pinned_at is ${sql.raw(pinned ? "not null" : "null")}`);
  }
  if (isArchived !== null) {
    const archived = sql`(select id from workspaces
      where organization_id = ${organizationId} and is_archived = 1)`;
    conditions.push(
      isArchived
        ? sql<SqlBool>`projects.workspace_id in ${archived}`
        : sql<SqlBool>`(projects.workspace_id is null or projects.workspace_id not in ${archived})`,
    );
  }
  let query = db
    .selectFrom("projects")
    .where("projects.organization_id", "=", organizationId)
    .where("projects.upstream_id", "is not", null)
    .where("projects.gone_at", "is", null)
    .where((eb) =>
      eb.or([eb("projects.is_draft", "=", 0), eb("projects.created_by", "=", userId)]),
    );
  if (workspaceId !== null) query = query.where("projects.workspace_id", "=", workspaceId);
  for (const condition of conditions) query = query.where(condition);
  return query;
}

/** The row of that internal number that is linked to no project of Label Studio, or null. */
export async function loadUnlinkedProject(tx: Db, organizationId: number, id: number) {
  const row = await tx
    .selectFrom("projects")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("upstream_id", "is", null)
    .select(["id", "title"])
    .executeTakeFirst();
  return row ?? null;
}
