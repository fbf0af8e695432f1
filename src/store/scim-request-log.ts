/**
 * Log of SCIM requests: what clients asked, what was understood and done (PRODUCT 7; kept 30 days by
 * cleanup.ts). Never secrets: no header, no body, no value of an attribute.
 */
import { fromJson } from "./json.ts";
import type { Db } from "./statement.ts";

/** One request. */
export interface ScimRequest {
  readonly organizationId: number;
  readonly at: number;
  /** The SCIM token that it came with; null for the Owner's own. */
  readonly tokenId: number | null;
  readonly method: string;
  /** Without the query, which carries filters and so addresses. */
  readonly path: string;
  readonly status: number;
  /** Plain words for administrators. */
  readonly summary: string;
  /** The deviations of the client that were tolerated. */
  readonly quirks: readonly string[];
  readonly requestId: string;
}

/** A request as it stands in the log. */
export interface LoggedScimRequest extends ScimRequest {
  readonly id: number;
}

/** Writes requests to the log. */
export async function recordScimRequests(db: Db, requests: readonly ScimRequest[]): Promise<void> {
  if (requests.length === 0) return;
  await db
    .insertInto("scim_request_log")
    .values(
      requests.map((request) => ({
        organization_id: request.organizationId,
        at: request.at,
        token_id: request.tokenId,
        method: request.method,
        path: request.path,
        status: request.status,
        summary: request.summary,
        quirks: JSON.stringify(request.quirks),
        request_id: request.requestId,
      })),
    )
    .execute();
}

/** Selects entries of the log. */
export interface ScimRequestFilter {
  readonly organizationId: number;
  /** Older than the row with this id: the last of the page before. */
  readonly beforeId?: number;
  readonly method?: string;
  /** True for answers from 400 up, false for those below. */
  readonly isRefused?: boolean;
  readonly limit: number;
}

/** The organization's requests, latest first. */
export async function listScimRequests(
  db: Db,
  { organizationId, beforeId, method, isRefused, limit }: ScimRequestFilter,
): Promise<readonly LoggedScimRequest[]> {
  let rows = db.selectFrom("scim_request_log").where("organization_id", "=", organizationId);
  if (beforeId !== undefined) rows = rows.where("id", "<", beforeId);
  if (method !== undefined) rows = rows.where("method", "=", method);
  if (isRefused !== undefined) rows = rows.where("status", isRefused ? ">=" : "<", 400);
  const found = await rows
    .orderBy("id", "desc")
    .limit(limit)
    .select(["id", "organization_id as organizationId", "at", "token_id as tokenId", "method"])
    .select(["path", "status", "summary", "quirks", "request_id as requestId"])
    .execute();
  return found.map((row) => ({ ...row, quirks: fromJson(row.quirks) }));
}
