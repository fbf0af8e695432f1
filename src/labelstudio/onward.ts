/**
 * Writes what goes on to Label Studio: target and body anew, of the row and the values that were read
 * (GATEWAY 10.4). Decides nothing; decide.ts did.
 */
import { writeForm, writeJsonBody } from "./bodies.ts";
import type { Forward } from "./decision.ts";
import { isObject, type Json } from "./json.ts";
import type { RequestBody, StudioRequest } from "./read.ts";
import { writeTarget } from "./target.ts";
import type { StudioRole } from "./viewer.ts";

/** The project and the role that count for a request. */
export interface Standing {
  readonly project: number | null;
  readonly role: StudioRole;
}

/** The switch by which an export takes files along; left out it is on. */
export const mediaSwitch = "download_resources";

/**
 * Builds the request that goes on in place of the client's.
 * @param dropped names of fields and parameters that are taken out
 * @param edit how the answer is edited; null where an edit would change nothing
 */
export function forwardOf(
  request: StudioRequest,
  { project, role }: Standing,
  { dropped, edit }: { readonly dropped: ReadonlySet<string>; readonly edit: Forward["edit"] },
): Forward {
  const { row, person } = request;
  // An answer that is edited must be there; the server sends no body to HEAD.
  const method = edit === null ? request.method : row.method;
  const target = targetOf(request, dropped);
  const body = bodyOf(request.body, dropped);
  const workspace = workspaceOf(request);
  return { method, target, body, role, project, edit, isSlow: row.isSlow, person, workspace };
}

/** The target in CE's own form, made of the row's path and nothing of the client's but its values. */
function targetOf({ row, values, query }: StudioRequest, dropped: ReadonlySet<string>): string {
  const segments: string[] = [];
  let at = 0;
  for (const part of row.segments) {
    if (part === "{file...}") segments.push(...values.slice(at));
    else if (part.startsWith("{")) segments.push(values[at++] ?? "");
    else segments.push(part);
  }
  const hasSlash = row.path.endsWith("/");
  const hasMedia = Object.hasOwn(row.query, mediaSwitch) && dropped.has(mediaSwitch);
  if (query.length === 0 && row.action === null && !hasMedia) {
    return writeTarget({ segments, hasSlash, query });
  }
  const action: readonly [string, string][] = row.action === null ? [] : [["id", row.action]];
  const kept = query.filter(([name]) => !dropped.has(name));
  // Left out it is on.
  const without: readonly [string, string][] = hasMedia ? [[mediaSwitch, "false"]] : [];
  return writeTarget({ segments, hasSlash, query: [...action, ...kept, ...without] });
}

function bodyOf(body: RequestBody, dropped: ReadonlySet<string>): Forward["body"] {
  if (body.kind === "form") {
    const kept = new Map([...body.fields].filter(([name]) => !dropped.has(name)));
    return { kind: "bytes", ...writeForm(kept) };
  }
  if (body.kind !== "json") return body;
  return { kind: "bytes", ...writeJsonBody(without(body.value, dropped)) };
}

function without(value: Json, dropped: ReadonlySet<string>): Json {
  if (dropped.size === 0 || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !dropped.has(name)));
}

function workspaceOf({ row, body }: StudioRequest): Forward["workspace"] {
  if (row.effect !== "project_created" && row.effect !== "project_changed") return null;
  const value = fieldOf(body, "workspace");
  if (value === undefined) return null;
  return { id: value === null || value === "" ? null : Number(value) };
}

/** The value of a field of the body; undefined where it has none. */
export function fieldOf(body: RequestBody, name: string): unknown {
  if (body.kind === "form") return body.fields.get(name);
  return body.kind === "json" && isObject(body.value) ? body.value[name] : undefined;
}
