/**
 * Bulk requests (RFC 7644 3.7): each operation is the flow that its own request would be, in a
 * transaction of its own, one after the other. The order, and what refers to what, scim/bulk.ts knows.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  type BulkItem,
  type BulkOperation,
  type BulkRequest,
  type BulkResult,
  planBulk,
  renderBulkResponse,
  resolveReferences,
} from "../scim/bulk.ts";
import { etagOf } from "../scim/etag.ts";
import type { JsonObject } from "../scim/json.ts";
import { parsePatch } from "../scim/patch.ts";
import { compileGroupPatch } from "../scim/patch-group.ts";
import { parseGroup, parseUser, renderError } from "../scim/resources.ts";
import { scimUrl } from "./answer.ts";
import type { ScimCaller } from "./caller.ts";
import { createGroup, deleteGroup, patchGroup, replaceGroup } from "./provision-groups.ts";
import { createUser, deleteUser, patchUser, replaceUser } from "./provision-users.ts";

/** What an operation made or changed; null after DELETE. */
type Outcome = { readonly id: string; readonly version: number } | null;

/** A bulk request under way. */
interface Run {
  readonly deps: Deps;
  readonly caller: ScimCaller;
  readonly items: readonly BulkItem[];
  /** bulkId → id of what was made for it. */
  readonly ids: Map<string, string>;
  readonly results: Map<number, BulkResult>;
}

/** Runs the operations; answers the BulkResponse. One that fails does not undo the others. */
export async function runBulk(
  deps: Deps,
  caller: ScimCaller,
  { items, failOnErrors }: BulkRequest,
): Promise<JsonObject> {
  const run: Run = { deps, caller, items, ids: new Map(), results: new Map() };
  let failures = 0;
  const isOver = () => failOnErrors !== null && failures >= failOnErrors;
  for (const [index, item] of items.entries()) {
    if (item.kind !== "refused" || isOver()) continue;
    const { method, bulkId, error } = item;
    run.results.set(index, failed({ method, bulkId, location: null }, error));
    failures += 1;
  }
  for (const step of planBulk(items)) {
    if (isOver()) break;
    const isDone = await runStep(run, step);
    if (!isDone) failures += 1;
  }
  const inOrder = [...run.results].sort(([left], [right]) => left - right);
  return renderBulkResponse(inOrder.map(([, result]) => result));
}

/** False where the operation failed, which its result says. */
async function runStep(run: Run, step: ReturnType<typeof planBulk>[number]): Promise<boolean> {
  const item = run.items[step.index];
  if (item?.kind !== "run") throw new Error("a bulk step without its operation");
  if (step.kind === "link") return await link(run, item.operation, step);
  const { operation } = item;
  const { method, bulkId } = operation;
  try {
    const resolved = resolveReferences(operation, run.ids, step.withoutMembers);
    const outcome = await execute(run, resolved);
    if (outcome !== null && bulkId !== null) run.ids.set(bulkId, outcome.id);
    const location = locationOf(run, operation, outcome === null ? resolved.id : outcome.id);
    const status = statusOf(operation);
    const etag = outcome === null ? null : etagOf(outcome.version);
    run.results.set(step.index, { method, bulkId, status, location, etag, response: null });
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const location = method === "POST" ? null : locationOf(run, operation, operation.id);
    run.results.set(step.index, failed({ method, bulkId, location }, error));
    return false;
  }
}

/** Adds the members that were not there yet; a failure becomes that of the group's own operation. */
async function link(
  run: Run,
  operation: BulkOperation,
  { index, members }: { readonly index: number; readonly members: readonly string[] },
): Promise<boolean> {
  const { method, bulkId } = operation;
  const key = bulkId === null ? operation.id : (run.ids.get(bulkId) ?? null);
  // The group itself was not made, which its result says already.
  if (key === null) return true;
  try {
    const value = members.map((member) => ({ value: `bulkId:${member}` }));
    const data = { Operations: [{ op: "add", path: "members", value }] };
    const resolved = resolveReferences(
      { ...operation, method: "PATCH", id: key, version: null, data },
      run.ids,
    );
    const outcome = await execute(run, resolved);
    const before = run.results.get(index);
    if (before !== undefined && outcome !== null) {
      run.results.set(index, { ...before, etag: etagOf(outcome.version) });
    }
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const location = locationOf(run, operation, key);
    run.results.set(index, failed({ method, bulkId, location }, error));
    return false;
  }
}

async function execute({ deps, caller }: Run, operation: BulkOperation): Promise<Outcome> {
  const { method, resource, data } = operation;
  const named = { key: operation.id ?? "", ifMatch: operation.version ?? undefined };
  if (resource === "User") {
    if (method === "DELETE") await deleteUser(deps, caller, named);
    if (method === "DELETE") return null;
    if (method === "POST") return (await createUser(deps, caller, parseUser(data))).user;
    if (method === "PUT") {
      return (await replaceUser(deps, caller, { ...named, wanted: parseUser(data) })).user;
    }
    const operations = parsePatch(data, "User");
    return (await patchUser(deps, caller, { ...named, operations })).user;
  }
  if (method === "DELETE") await deleteGroup(deps, caller, named);
  if (method === "DELETE") return null;
  if (method === "POST") return (await createGroup(deps, caller, parseGroup(data))).group;
  if (method === "PUT") {
    return (await replaceGroup(deps, caller, { ...named, wanted: parseGroup(data) })).group;
  }
  const patch = compileGroupPatch(parsePatch(data, "Group"));
  return (await patchGroup(deps, caller, { ...named, patch })).group;
}

function statusOf({ method, resource }: BulkOperation): number {
  if (method === "POST") return 201;
  if (method === "DELETE") return 204;
  return method === "PATCH" && resource === "Group" ? 204 : 200;
}

function locationOf({ deps }: Run, { resource }: BulkOperation, id: string | null): string | null {
  return id === null ? null : `${scimUrl(deps)}/${resource}s/${encodeURIComponent(id)}`;
}

function failed(
  about: Pick<BulkResult, "method" | "bulkId" | "location">,
  error: AppError,
): BulkResult {
  return { ...about, status: error.status, etag: null, response: renderError(error) };
}
