/**
 * The activity log by the original's API (facts 6.3), and its export as JSON lines or CSV
 * (PRODUCT 8.8). `extra_data` says what the request changed, with reasons.
 */

import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { soughtEmail } from "../access/email.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  type ActivityFilter,
  type ActivityRow,
  countActivity,
  type Effect,
  listActivity,
  listActivityAfter,
  loadEffects,
} from "../store/activity.ts";
import { personNumber, projectNumber, toWire } from "../store/wire-numbers.ts";
import { csvHead, csvLine } from "./csv.ts";
import { parseQuery, wireId } from "./parse.ts";

const maxAtOnce = 10_000;
const exportBatch = 500;

const timeField = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((time) => Number.isFinite(time), "Send a time such as 2026-01-31T09:30:00Z.")
  .optional();

const whole = (sentence: string) =>
  z
    .string()
    .regex(/^-?\d{1,9}$/, sentence)
    .transform(Number)
    .optional();

const filterFields = {
  user: wireId.optional(),
  // Also finds what somebody did who is no member any more, and whose id nobody knows.
  email: z.string().max(320, "Send one whole e-mail address.").transform(soughtEmail).optional(),
  project: wireId.optional(),
  workspace: wireId.optional(),
  method: z
    .string()
    .transform((text) => text.toUpperCase())
    .refine((text) => /^(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE|ALL)$/.test(text), {
      error: "Send an HTTP method, such as POST, or all.",
    })
    .transform((text) => (text === "ALL" ? undefined : text))
    .optional(),
  start_date: timeField,
  end_date: timeField,
  search: z.string().max(500, "Search for at most 500 characters.").optional(),
};

/** `GET /api/activity-logs/` */
export const activityListSchema = z.object({
  ...filterFields,
  ordering: z
    .enum(["id", "-id", "datetime", "-datetime"], {
      error: "Order by datetime or id; a minus sign before it puts the latest first.",
    })
    .optional(),
  page: whole("Send the number of a page, from 1."),
  page_size: whole("Send a number from 1, or -1 for all."),
  start: whole("Send how many entries to skip."),
  length: whole("Send a number from 1, or -1 for all."),
});

/** `GET /api/activity-logs/export` */
export const activityExportSchema = z.object({
  ...filterFields,
  format: z.enum(["jsonl", "csv"], { error: "Send jsonl or csv." }).default("jsonl"),
});

/** Routes of the activity log. */
export function activityRoutes(deps: Deps): FastifyPluginAsync {
  const { db } = deps.store;
  return async (app) => {
    app.get("/api/activity-logs", async (request) => {
      const { organizationId } = request.caller("activity_log:read");
      const query = parseQuery(activityListSchema, request.query);
      const filter = filterOf(organizationId, query);
      const filteredCount = await countActivity(db, filter);
      const page = partOf(query, filteredCount);
      const isDescending = query.ordering?.startsWith("-") ?? true;
      const rows = await listActivity(db, filter, { ...page, isDescending });
      return {
        data: await answerRows(deps, organizationId, rows),
        recordsTotal: await countActivity(db, { organizationId }),
        recordsFiltered: filteredCount,
      };
    });

    app.get("/api/activity-logs/export", async (request, reply) => {
      const { organizationId } = request.caller("activity_log:read");
      const query = parseQuery(activityExportSchema, request.query);
      const lines = exportLines(deps, filterOf(organizationId, query), query.format);
      const type = query.format === "csv" ? "text/csv" : "application/jsonl";
      reply.header("content-type", `${type}; charset=utf-8`);
      reply.header("content-disposition", `attachment; filename="activity.${query.format}"`);
      return await reply.send(streamOf(lines));
    });
  };
}

function filterOf(
  organizationId: number,
  query: Omit<z.output<typeof activityExportSchema>, "format">,
): ActivityFilter {
  return {
    organizationId,
    userId: query.user,
    email: query.email,
    projectId: query.project,
    workspaceId: query.workspace,
    method: query.method,
    from: query.start_date,
    to: query.end_date,
    search: query.search === undefined ? undefined : searchOf(query.search),
  };
}

/** "a AND b OR c": alternatives of words that must all be there; words by themselves count as AND. */
function searchOf(text: string): readonly (readonly string[])[] {
  return text
    .split(/\s+OR\s+/)
    .map((part) => part.split(/\s+AND\s+|\s+/).filter((word) => word !== ""))
    .filter((words) => words.length > 0)
    .slice(0, 20);
}

/** The original knows `page` and `page_size`, and `start` and `length` for the same. */
function partOf(
  query: z.output<typeof activityListSchema>,
  count: number,
): { offset: number; limit: number } {
  const size = query.page_size ?? query.length ?? 100;
  const limit = size === -1 ? count : size;
  if (limit > maxAtOnce || (limit < 1 && size !== -1)) {
    const sentence = `Ask for 1 to ${maxAtOnce} entries; /api/activity-logs/export gives all.`;
    throw new AppError("validation_failed", { fields: { page_size: [sentence] } });
  }
  const offset = query.start ?? ((query.page ?? 1) - 1) * limit;
  if (offset < 0) {
    throw new AppError("validation_failed", { fields: { page: ["Pages are counted from 1."] } });
  }
  return { offset, limit };
}

async function answerRows(deps: Deps, organizationId: number, rows: readonly ActivityRow[]) {
  const effects = new Map<string, readonly Effect[]>();
  for (let at = 0; at < rows.length; at += exportBatch) {
    const ids = rows.slice(at, at + exportBatch).map(({ requestId }) => requestId);
    for (const [id, found] of await loadEffects(deps.store.db, organizationId, ids)) {
      effects.set(id, found);
    }
  }
  return rows.map((row) => answerRow(row, effects.get(row.requestId) ?? []));
}

function answerRow(row: ActivityRow, effects: readonly Effect[]) {
  return {
    id: row.id,
    datetime: new Date(row.at).toISOString(),
    user_id: personNumber(row.userId),
    email: row.email,
    ip_address: row.ip,
    user_session: row.session,
    organization_id: row.organizationId,
    project_id: row.projectId === null ? null : projectNumber(row.projectId),
    workspace_owner_id: null,
    request_method: row.method,
    request_url: row.url,
    response_code: String(row.status),
    duration: row.durationMs,
    http_referer: row.referer,
    user_agent: row.userAgent,
    extra_data:
      effects.length === 0
        ? null
        : effects.map(({ action, subjectUserId, changes, reasons }) => ({
            action,
            subject_user_id: subjectUserId,
            changes,
            reasons: reasons.map(({ text }) => text),
          })),
  };
}

/** A body that is read from the store as fast as the client takes it, and no further if it goes. */
function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await parts.return(undefined);
    },
  });
}

type Entry = ReturnType<typeof answerRow>;

/** Oldest first, batch by batch, so that no export holds the log in memory. */
async function* exportLines(
  deps: Deps,
  filter: ActivityFilter,
  format: "jsonl" | "csv",
): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder();
  const render = (entry: Entry) =>
    format === "csv" ? csvLine(csvColumns, entry) : `${JSON.stringify(entry)}\n`;
  const isConnected = deps.config.upstreamUrl !== "";
  if (format === "csv") yield bytes.encode(csvHead(csvColumns));
  let afterId = 0;
  for (;;) {
    const rows = await listActivityAfter(deps.store.db, filter, { afterId, limit: exportBatch });
    const last = rows.at(-1);
    if (last === undefined) return;
    const answers = await answerRows(deps, filter.organizationId, rows);
    // What streams is written here, so that the numbers are put in here too.
    const entries = isConnected ? ((await toWire(deps.store.db, answers)) as Entry[]) : answers;
    yield bytes.encode(entries.map(render).join(""));
    afterId = last.id;
  }
}

const csvColumns = [
  "id",
  "datetime",
  "user_id",
  "email",
  "ip_address",
  "user_session",
  "project_id",
  "request_method",
  "request_url",
  "response_code",
  "duration",
  "http_referer",
  "user_agent",
  "extra_data",
] as const satisfies readonly (keyof Entry)[];
