/** The activity log (PRODUCT 8.8): requests that may change something, by whom, from where, to what end. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { activityAnswer } from "../../../src/http/openapi/answers.ts";
import { get, withQuery } from "./client.ts";

type Answer = z.output<typeof activityAnswer>;

/** One request. */
export type Activity = Answer["data"][number];

/** An effect on people or settings. */
export type Effect = NonNullable<Activity["extra_data"]>[number];

/** Details of an event that is not about access, by names of its own. */
export type OtherChange = Readonly<Record<string, unknown>>;

/** Empty text filters by nothing. */
export interface ActivityFilter {
  readonly email: string;
  readonly method: string;
  /** The first and the last day, as YYYY-MM-DD in the reader's own time zone. */
  readonly from: string;
  readonly to: string;
  /** Words of the path, with AND and OR. */
  readonly search: string;
}

const path = "/api/activity-logs";

/** Entries on one page. */
export const activityPageSize = 50;

/** One numbered page, latest first. */
export function activityQuery(filter: ActivityFilter, page: number) {
  return queryOptions({
    queryKey: ["activity", filter, page],
    queryFn: async ({ signal }) => {
      const query = { ...sent(filter), page, page_size: activityPageSize };
      return await get<Answer>(path, { query, signal });
    },
    placeholderData: keepPreviousData,
  });
}

/** Address from which the browser downloads every entry that the filter lets through. */
export function activityExportPath(filter: ActivityFilter, format: "csv" | "jsonl"): string {
  return withQuery(`${path}/export`, { ...sent(filter), format });
}

/** The API takes moments; a day begins and ends where the reader is. */
function sent({ email, method, from, to, search }: ActivityFilter) {
  const start_date = momentOf(from, "00:00:00.000");
  const end_date = momentOf(to, "23:59:59.999");
  return { email, method, search, start_date, end_date };
}

function momentOf(day: string, time: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return "";
  const moment = new Date(`${day}T${time}`);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString();
}
