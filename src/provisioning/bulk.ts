/**
 * Bulk requests (RFC 7644 3.7): each operation is the flow that its own request would be, in a
 * transaction of its own, one after the other. The order, and what refers to what, scim/bulk.ts knows.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { scimErrorOf } from "../errors-answer.ts";
import {
  type BulkItem,
  type BulkOperation,
  type BulkRequest,
  type BulkResult,
  linkingPatch,
  planBulk,
  renderBulkResponse,
  resolveReferences,
} from "../scim/bulk.ts";
import { invalidValue } from "../scim/coerce.ts";
import { etagOfResource } from "../scim/etag.ts";
import type { JsonObject } from "../scim/json.ts";
import { scimUrl } from "./answer.ts";
import type { ScimCaller } from "./caller.ts";
import type { KeptResource, ResourceKind } from "./kind.ts";

/** The resource that an operation created or changed; null after DELETE. */
type Outcome = KeptResource | null;

/** A bulk request under way. */
interface Run {
  readonly deps: Deps;
  readonly caller: ScimCaller;
  readonly kinds: readonly ResourceKind[];
  readonly items: readonly BulkItem[];
  /** bulkId → id of what was made for it. */
  readonly ids: Map<string, string>;
  readonly results: Map<number, BulkResult>;
}

/** Runs the operations; answers the BulkResponse. One that fails does not undo the others. */
export async function runBulk(
  deps: Deps,
  caller: ScimCaller,
  { items, failOnErrors, kinds }: BulkRequest & { readonly kinds: readonly ResourceKind[] },
): Promise<JsonObject> {
  const run: Run = { deps, caller, kinds, items, ids: new Map(), results: new Map() };
  const [steps, links] = [[], []] as [RunStep[], LinkStep[]];
  for (const step of planBulk(items)) {
    if (step.kind === "run") steps.push(step);
    else links.push(step);
  }
  const limit = failOnErrors ?? Number.POSITIVE_INFINITY;
  let failures = 0;
  for (const step of inTurn(items, steps)) {
    if (failures >= limit) break;
    const isDone = "error" in step ? refuse(run, step) : await runStep(run, step);
    if (!isDone) failures += 1;
  }
  // Also where the rest is left undone: what was made is made whole, or not at all.
  for (const step of links) await link(run, step);
  const inOrder = [...run.results].sort(([left], [right]) => left - right);
  return renderBulkResponse(inOrder.map(([, result]) => result));
}

type RunStep = ReturnType<typeof planBulk>[number] & { readonly kind: "run" };
type LinkStep = ReturnType<typeof planBulk>[number] & { readonly kind: "link" };
type Refused = BulkItem & { readonly kind: "refused"; readonly index: number };

/** The steps, and at their places in the request what could not be read: failures count in order. */
function inTurn(items: readonly BulkItem[], steps: readonly RunStep[]): (RunStep | Refused)[] {
  const refused = items.flatMap((item, index) =>
    item.kind === "refused" ? [{ ...item, index }] : [],
  );
  const all: (RunStep | Refused)[] = [];
  for (const step of steps) {
    while (refused[0] !== undefined && refused[0].index < step.index)
      all.push(...refused.splice(0, 1));
    all.push(step);
  }
  return [...all, ...refused];
}

function refuse(run: Run, { index, method, bulkId, error }: Refused): false {
  run.results.set(index, failed({ method, bulkId, location: null }, error));
  return false;
}

/** False where the operation failed, which its result says. */
async function runStep(run: Run, { index, without }: RunStep): Promise<boolean> {
  const operation = operationAt(run, index);
  const { method, bulkId, resource } = operation;
  try {
    if (resource === "Group" && bulkId !== null && without.includes(bulkId)) {
      throw invalidValue("A group cannot be in itself.");
    }
    const resolved = resolveReferences(operation, run.ids, without);
    const outcome = await execute(run, resolved);
    if (outcome !== null && bulkId !== null) run.ids.set(bulkId, outcome.id);
    const location = locationOf(run, operation, outcome === null ? resolved.id : outcome.id);
    const status = statusOf(run, operation);
    const etag = outcome === null ? null : etagOfResource(outcome);
    run.results.set(index, { method, bulkId, status, location, etag, response: null });
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.results.set(index, failed({ method, bulkId, location: failedAt(run, operation) }, error));
    return false;
  }
}

function operationAt({ items }: Run, index: number): BulkOperation {
  const item = items[index];
  if (item?.kind !== "run") throw new Error("a bulk step without its operation");
  return item.operation;
}

/** Adds what was not there yet. Where that fails, so does the operation, and the group that it made goes. */
async function link(run: Run, { index, later }: LinkStep): Promise<void> {
  const operation = operationAt(run, index);
  const { method, bulkId } = operation;
  const id = bulkId === null ? undefined : run.ids.get(bulkId);
  const before = run.results.get(index);
  // The resource itself was not made, which its result says already.
  if (id === undefined || before === undefined || bulkId === null) return;
  try {
    const outcome = await execute(run, linkingPatch({ operation, id, later }, run.ids));
    if (outcome !== null) run.results.set(index, { ...before, etag: etagOfResource(outcome) });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // A group leaves nothing behind; a person may have been somebody here before, and is not put out.
    const isGroup = operation.resource === "Group";
    if (isGroup)
      await execute(run, { ...operation, method: "DELETE", id, version: null, data: null });
    const location = isGroup ? null : locationOf(run, operation, id);
    run.results.set(index, failed({ method, bulkId, location }, error));
  }
}

function kindOf({ kinds }: Run, { resource }: BulkOperation): ResourceKind {
  const kind = kinds.find(({ type }) => type.name === resource);
  if (kind === undefined) throw new Error(`a bulk operation on ${resource}, which nobody serves`);
  return kind;
}

async function execute(run: Run, operation: BulkOperation): Promise<Outcome> {
  const { caller } = run;
  const { method, data } = operation;
  const kind = kindOf(run, operation);
  const named = { key: operation.id ?? "", ifMatch: operation.version ?? undefined };
  switch (method) {
    case "POST":
      return (await kind.create(caller, data)).resource;
    case "PUT":
      return (await kind.replace(caller, named, data)).resource;
    case "PATCH":
      return (await kind.patch(caller, named, data)).resource;
    case "DELETE":
      await kind.remove(caller, named);
      return null;
  }
}

function statusOf(run: Run, operation: BulkOperation): number {
  const { method } = operation;
  if (method === "POST") return 201;
  if (method === "DELETE") return 204;
  return method === "PATCH" && !kindOf(run, operation).showsPatched ? 204 : 200;
}

function locationOf(run: Run, operation: BulkOperation, id: string | null): string | null {
  const { endpoint } = kindOf(run, operation).type;
  return id === null ? null : `${scimUrl(run.deps)}/${endpoint}/${encodeURIComponent(id)}`;
}

/** The address of a failed operation, as far as there is one (RFC 7644 3.7). */
function failedAt(run: Run, operation: BulkOperation): string | null {
  const { method, id } = operation;
  const made = id?.startsWith("bulkId:") ? (run.ids.get(id.slice("bulkId:".length)) ?? null) : id;
  return method === "POST" ? null : locationOf(run, operation, made);
}

function failed(
  about: Pick<BulkResult, "method" | "bulkId" | "location">,
  error: AppError,
): BulkResult {
  return { ...about, status: error.status, etag: null, response: scimErrorOf(error) };
}
