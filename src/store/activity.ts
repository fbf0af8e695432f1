/**
 * The activity log: requests of people that may change something (PRODUCT 8.8). What a request
 * changed in people, access or settings, the audit log says; both know the request's id.
 */
import { type Expression, type SqlBool, sql } from "kysely";
import type { Principal } from "../access/authorize.ts";
import type { Reason } from "../access/changes.ts";
import type { AuditChange } from "./audit.ts";
import { fromJson } from "./json.ts";
import { type Db, statement } from "./statement.ts";

/** One request. */
export interface Activity {
  readonly organizationId: number;
  readonly at: number;
  readonly userId: number;
  readonly email: string;
  readonly method: string;
  /** Path, at most 256 characters; without the query, which may have secrets. */
  readonly url: string;
  readonly status: number;
  readonly durationMs: number;
  readonly projectId: number | null;
  readonly workspaceId: number | null;
  /** First characters of the session's public id; empty for tokens. */
  readonly session: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly referer: string;
  readonly requestId: string;
}

/** One request as it stands in the log. */
export interface ActivityRow extends Activity {
  readonly id: number;
}

const insertRow = statement<Activity, unknown>((db, value) =>
  db.insertInto("activity_log").values({
    organization_id: value("organizationId"),
    at: value("at"),
    user_id: value("userId"),
    email: value("email"),
    method: value("method"),
    url: value("url"),
    status: value("status"),
    duration_ms: value("durationMs"),
    project_id: value("projectId"),
    workspace_id: value("workspaceId"),
    session: value("session"),
    ip: value("ip"),
    user_agent: value("userAgent"),
    referer: value("referer"),
    request_id: value("requestId"),
  }),
);

/** The lengths that the original keeps (facts 6.3), and what is worth keeping of a browser's words. */
const urlLength = 256;
const sessionLength = 8;
const wordsLength = 512;

/** One answered request of a person, at full length; either server has them. */
export interface AnsweredRequest
  extends Pick<Activity, "at" | "method" | "status" | "durationMs" | "projectId" | "workspaceId"> {
  readonly principal: Pick<Principal, "organizationId" | "userId" | "email" | "sessionId">;
  /** Without the query. */
  readonly path: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly referer: string;
  readonly requestId: string;
}

/** Writes one request to the log, cut to what the log keeps. */
export async function recordRequest(db: Db, request: AnsweredRequest): Promise<void> {
  const { principal, path, userAgent, referer, ...same } = request;
  await insertRow.run(db, {
    ...same,
    organizationId: principal.organizationId,
    userId: principal.userId,
    email: principal.email,
    url: path.slice(0, urlLength),
    session: (principal.sessionId ?? "").slice(0, sessionLength),
    userAgent: userAgent.slice(0, wordsLength),
    // Its query may carry what only that page should know.
    referer: (referer.split("?", 1)[0] ?? "").slice(0, wordsLength),
  });
}

/** Selects requests. Times are epoch milliseconds, both ends included. */
export interface ActivityFilter {
  readonly organizationId: number;
  readonly userId?: number | undefined;
  /** Lower-case address that the person had at the time. */
  readonly email?: string | undefined;
  readonly projectId?: number | undefined;
  readonly workspaceId?: number | undefined;
  readonly method?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Alternatives, each of words that must all stand in the path, whatever their case. */
  readonly search?: readonly (readonly string[])[] | undefined;
}

/** A page of the list. */
export interface ActivityPage {
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Counts the requests that the filter selects. */
export async function countActivity(db: Db, filter: ActivityFilter): Promise<number> {
  const { total } = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

/** One page of requests, in the order in which they were answered or the reverse. */
export async function listActivity(
  db: Db,
  filter: ActivityFilter,
  { isDescending, offset, limit }: ActivityPage,
): Promise<readonly ActivityRow[]> {
  return await filtered(db, filter)
    .orderBy("id", isDescending ? "desc" : "asc")
    .limit(limit)
    .offset(offset)
    .select(columns)
    .execute();
}

/** Up to `limit` requests after the one with this id, oldest first: an export goes on from there. */
export async function listActivityAfter(
  db: Db,
  filter: ActivityFilter,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<readonly ActivityRow[]> {
  return await filtered(db, filter)
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit)
    .select(columns)
    .execute();
}

/** One change that a request made. */
export interface Effect {
  readonly action: string;
  readonly subjectUserId: number | null;
  readonly changes: readonly AuditChange[];
  readonly reasons: readonly Reason[];
}

/** Effects by request id, of those requests that had any in this organization. */
export async function loadEffects(
  db: Db,
  organizationId: number,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Effect[]>> {
  const effects = new Map<string, Effect[]>();
  if (requestIds.length === 0) return effects;
  const rows = await db
    .selectFrom("audit_log")
    .where("request_id", "in", [...requestIds])
    .where("organization_id", "=", organizationId)
    .orderBy("id")
    .select(["request_id", "action", "subject_user_id", "changes", "reasons"])
    .execute();
  for (const row of rows) {
    const effect: Effect = {
      action: row.action,
      subjectUserId: row.subject_user_id,
      changes: fromJson(row.changes),
      reasons: fromJson(row.reasons),
    };
    const of = effects.get(row.request_id ?? "") ?? [];
    effects.set(row.request_id ?? "", [...of, effect]);
  }
  return effects;
}

const columns = [
  "id",
  "organization_id as organizationId",
  "at",
  "user_id as userId",
  "email",
  "method",
  "url",
  "status",
  "duration_ms as durationMs",
  "project_id as projectId",
  "workspace_id as workspaceId",
  "session",
  "ip",
  "user_agent as userAgent",
  "referer",
  "request_id as requestId",
] as const;

function filtered(db: Db, filter: ActivityFilter) {
  const { userId, email, projectId, workspaceId, method, from, to, search } = filter;
  let rows = db.selectFrom("activity_log").where("organization_id", "=", filter.organizationId);
  if (userId !== undefined) rows = rows.where("user_id", "=", userId);
  if (email !== undefined) rows = rows.where("email", "=", email);
  if (projectId !== undefined) rows = rows.where("project_id", "=", projectId);
  if (workspaceId !== undefined) rows = rows.where("workspace_id", "=", workspaceId);
  if (method !== undefined) rows = rows.where("method", "=", method);
  if (from !== undefined) rows = rows.where("at", ">=", from);
  if (to !== undefined) rows = rows.where("at", "<=", to);
  if (search !== undefined && search.length > 0) rows = rows.where(() => matches(search));
  return rows;
}

function matches(search: readonly (readonly string[])[]): Expression<SqlBool> {
  const alternatives = search.map((words) => sql`(${sql.join(words.map(has), sql` and `)})`);
  return sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`;
}

function has(word: string) {
  const pattern = `%${word.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;
  return sql`lower(url) like ${pattern} escape '\\'`;
}
