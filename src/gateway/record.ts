/** The activity log's row of a request to Label Studio that may change something (PRODUCT 8.8). */
import { safeMethods } from "../credentials/origin-guard.ts";
import { recordRequest } from "../store/activity.ts";
import type { GatewayParts, Visit } from "./visit.ts";

/** True for what the log keeps: changes by known people. The next task is asked for by POST. */
export function isLogged({ method, who, opened }: Visit): boolean {
  return who !== null && !safeMethods.has(method) && opened?.row.action !== "next_task";
}

/** Writes the row, before the answer goes out. A log that cannot be written stops no answer. */
export async function recordVisit(
  { deps, watch }: GatewayParts,
  visit: Visit,
  status: number,
): Promise<void> {
  const { request, who, method, target, id } = visit;
  if (who === null) return;
  try {
    await recordRequest(deps.store.db, {
      ...{ principal: who.principal, method, status, requestId: id },
      at: deps.now(),
      path: target.split("?", 1)[0] ?? "",
      durationMs: Math.round(performance.now() - visit.startedMs),
      projectId: visit.forward?.project ?? null,
      workspaceId: null,
      ip: watch.ipOf(request),
      userAgent: request.headers["user-agent"] ?? "",
      referer: request.headers.referer ?? "",
    });
  } catch (error) {
    deps.log.error({ err: error, requestId: id }, "the activity log was not written");
  }
}
