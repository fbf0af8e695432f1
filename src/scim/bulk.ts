/**
 * Bulk requests (RFC 7644 3.7): reading them, the order in which references between their operations
 * can be kept, and the answer. Each operation itself is an ordinary request of provisioning/.
 *
 * An operation that refers to another's bulkId runs after it. Where groups refer to each other in a
 * circle, one is made without the members that are not there yet, and a later step links them; so are
 * people whose managers refer to each other.
 */
import { AppError } from "../errors.ts";
import { emptyObject, isList, isObject, type Json, type JsonObject, parseObject } from "./json.ts";
import { memberOf } from "./patch.ts";
import { groupType, type ResourceType, urns, userType } from "./schema.ts";
import { isExtensionKey } from "./search-document.ts";

/** Operations and bytes of one request; more are 413. Discovery says so too. */
export const bulkLimits = { maxOperations: 1000, maxPayloadSize: 1_048_576 } as const;

/** One operation of a bulk request. */
export interface BulkOperation {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** Name of the resource type. */
  readonly resource: string;
  /** null for POST; may be `bulkId:…` of a resource that the same request makes. */
  readonly id: string | null;
  readonly bulkId: string | null;
  /** The ETag that must match, as If-Match. */
  readonly version: string | null;
  /** null for DELETE. */
  readonly data: JsonObject | null;
}

/** An operation that was read, or why it cannot be; the others run all the same. */
export type BulkItem =
  | { readonly kind: "run"; readonly operation: BulkOperation }
  | {
      readonly kind: "refused";
      readonly method: string;
      readonly bulkId: string | null;
      readonly error: AppError;
    };

/** A bulk request. */
export interface BulkRequest {
  /** After how many failures the rest is left undone; null where all of it is tried. */
  readonly failOnErrors: number | null;
  readonly items: readonly BulkItem[];
}

/**
 * A bulk request; one bad operation does not spoil the others.
 * @throws AppError `scim_invalid_syntax` where there is no list of operations, `payload_too_large`
 */
export function parseBulk(
  body: unknown,
  types: readonly ResourceType[] = [userType, groupType],
): BulkRequest {
  const request = parseObject(body);
  const operations = memberOf(request, "Operations");
  if (!isList(operations)) throw syntaxError('"Operations" must be a list.');
  if (operations.length > bulkLimits.maxOperations) {
    const detail = `A bulk request has at most ${bulkLimits.maxOperations} operations.`;
    throw new AppError("payload_too_large", { detail });
  }
  const stated = memberOf(request, "failOnErrors");
  const limit = typeof stated === "object" ? Number.NaN : Number(stated);
  const seen = new Set<string>();
  return {
    failOnErrors: Number.isInteger(limit) && limit > 0 ? limit : null,
    items: operations.map((operation) => parseItem(operation, { seen, types })),
  };
}

interface Reading {
  /** The bulkIds so far. */
  readonly seen: Set<string>;
  readonly types: readonly ResourceType[];
}

function parseItem(operation: Json, reading: Reading): BulkItem {
  const object = isObject(operation) ? operation : emptyObject();
  const method = textOf(memberOf(object, "method"))?.toUpperCase() ?? "";
  const bulkId = textOf(memberOf(object, "bulkId"));
  try {
    return { kind: "run", operation: parseOperation(object, { method, bulkId, ...reading }) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "refused", method, bulkId, error };
  }
}

interface Head extends Reading {
  readonly method: string;
  readonly bulkId: string | null;
}

function parseOperation(object: JsonObject, { method, bulkId, ...reading }: Head): BulkOperation {
  const { seen, types } = reading;
  if (!isMethod(method)) throw syntaxError('"method" must be POST, PUT, PATCH or DELETE.');
  const { resource, id } = parsePathOf(textOf(memberOf(object, "path")) ?? "", types);
  if ((method === "POST") !== (id === null)) {
    throw syntaxError(`${method} needs a path ${method === "POST" ? "without" : "with"} an id.`);
  }
  if (method === "POST" && bulkId === null) throw syntaxError("A POST needs a bulkId.");
  if (method === "POST" && bulkId !== null) {
    if (seen.has(bulkId)) throw syntaxError(`The bulkId "${bulkId}" stands twice.`);
    seen.add(bulkId);
  }
  const data = dataOf(method, memberOf(object, "data"));
  if (method !== "DELETE" && !isObject(data)) throw syntaxError(`A ${method} needs "data".`);
  return {
    method,
    resource,
    id,
    bulkId,
    version: textOf(memberOf(object, "version")),
    data: isObject(data) && method !== "DELETE" ? data : null,
  };
}

/** The data of a PATCH is a PatchOp, or the operations alone, as RFC 7644 3.7.3 itself writes them. */
function dataOf(method: string, data: Json | undefined): Json | undefined {
  if (method !== "PATCH") return data;
  if (isList(data)) return { Operations: data };
  const isOne = isObject(data) && memberOf(data, "op") !== undefined;
  return isOne && memberOf(data, "Operations") === undefined ? { Operations: [data] } : data;
}

function isMethod(method: string): method is BulkOperation["method"] {
  return ["POST", "PUT", "PATCH", "DELETE"].includes(method);
}

function parsePathOf(
  path: string,
  types: readonly ResourceType[],
): Pick<BulkOperation, "resource" | "id"> {
  const [, endpoint = "", id = null, rest = ""] =
    /^\/?(\w+)(?:\/([^/?]+))?\/?(.*)$/.exec(path) ?? [];
  const type = types.find((known) => known.endpoint.toLowerCase() === endpoint.toLowerCase());
  if (type === undefined || rest !== "") {
    throw syntaxError('"path" must be /Users, /Groups, or one of them with an id.');
  }
  return { resource: type.name, id: decodeId(id) };
}

function decodeId(id: string | null): string | null {
  try {
    return id === null ? null : decodeURIComponent(id);
  } catch {
    throw syntaxError('"path" is not validly encoded.');
  }
}

const textOf = (value: Json | undefined): string | null =>
  typeof value === "string" && value !== "" ? value : null;

/** The next step; `index` is the operation's place in the request. */
export type BulkStep =
  /** Run the operation, leaving out what refers to these bulkIds, which are not there yet. */
  | { readonly kind: "run"; readonly index: number; readonly without: readonly string[] }
  /** Add what was left out to the resource that the operation made. */
  | { readonly kind: "link"; readonly index: number; readonly later: readonly string[] };

/**
 * An order in which every reference that can be kept is kept, otherwise that of the request. Items
 * that were refused have no step.
 */
export function planBulk(items: readonly BulkItem[]): readonly BulkStep[] {
  const planner = new Map<number, "planned" | "open">();
  const creators = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    if (item.kind !== "run" || item.operation.method !== "POST") continue;
    if (item.operation.bulkId !== null) creators.set(item.operation.bulkId, index);
  }
  const [steps, links]: [BulkStep[], BulkStep[]] = [[], []];
  const visit = (index: number): void => {
    const item = items[index];
    if (item?.kind !== "run" || planner.has(index)) return;
    planner.set(index, "open");
    const missing: string[] = [];
    for (const bulkId of referencesOf(item.operation)) {
      const creator = creators.get(bulkId);
      if (creator === undefined) continue;
      visit(creator);
      if (planner.get(creator) === "open") missing.push(bulkId);
    }
    planner.set(index, "planned");
    steps.push({ kind: "run", index, without: missing });
    if (missing.length > 0) links.push({ kind: "link", index, later: missing });
  };
  for (const index of items.keys()) visit(index);
  return [...steps, ...links];
}

const prefix = "bulkId:";

function referenceIn(text: string): string | null {
  return text.slice(0, prefix.length) === prefix ? text.slice(prefix.length) : null;
}

/** The bulkIds that an operation refers to, in its path or anywhere in its data. */
export function referencesOf({ id, data }: BulkOperation): readonly string[] {
  const found = new Set<string>();
  collect(id, found);
  collect(data, found);
  return [...found];
}

function collect(value: Json, found: Set<string>): void {
  if (typeof value === "string") {
    const bulkId = referenceIn(value);
    if (bulkId !== null) found.add(bulkId);
  } else if (isList(value)) {
    for (const item of value) collect(item, found);
  } else if (isObject(value)) {
    for (const item of Object.values(value)) collect(item, found);
  }
}

/**
 * The operation with ids in place of bulkIds, and without what refers to those that come later.
 * @throws AppError `conflict` for a reference to something that was not made (RFC 7644 3.7.1)
 */
export function resolveReferences(
  operation: BulkOperation,
  ids: ReadonlyMap<string, string>,
  without: readonly string[] = [],
): BulkOperation {
  const { data } = operation;
  const [now] = data === null ? [null] : partition(data, new Set(without));
  return withIds({ ...operation, data: now }, ids);
}

/**
 * The PATCH that adds to the resource `id` what was left out of its POST.
 * @throws AppError `conflict` as `resolveReferences`
 */
export function linkingPatch(
  { operation, id, later }: { operation: BulkOperation; id: string; later: readonly string[] },
  ids: ReadonlyMap<string, string>,
): BulkOperation {
  const [, value] = partition(operation.data ?? emptyObject(), new Set(later));
  const data = { Operations: [{ op: "add", value }] };
  return withIds({ ...operation, method: "PATCH", id, version: null, data }, ids);
}

function withIds(operation: BulkOperation, ids: ReadonlyMap<string, string>): BulkOperation {
  const id = substitute(operation.id, ids);
  const data = substitute(operation.data, ids);
  return {
    ...operation,
    id: typeof id === "string" ? id : null,
    data: isObject(data) ? data : null,
  };
}

/** The data without the values that refer to these bulkIds, and those values at their places. */
function partition(
  data: JsonObject,
  bulkIds: ReadonlySet<string>,
): readonly [now: JsonObject, later: JsonObject] {
  const refers = (value: Json): boolean => {
    const found = new Set<string>();
    collect(value, found);
    return [...found].some((bulkId) => bulkIds.has(bulkId));
  };
  const [now, later] = [emptyObject(), emptyObject()];
  for (const [key, value] of Object.entries(data)) {
    if (!refers(value)) {
      now[key] = value;
    } else if (isList(value)) {
      now[key] = value.filter((item) => !refers(item));
      later[key] = value.filter(refers);
    } else if (isExtensionKey(key) && isObject(value)) {
      [now[key], later[key]] = partition(value, bulkIds);
    } else {
      later[key] = value;
    }
  }
  return [now, later];
}

function substitute(value: Json, ids: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") {
    const bulkId = referenceIn(value);
    if (bulkId === null) return value;
    const id = ids.get(bulkId);
    if (id === undefined) {
      throw new AppError("conflict", { detail: `Nothing was made for "${value}".` });
    }
    return id;
  }
  if (isList(value)) return value.map((item) => substitute(item, ids));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substitute(item, ids)]),
  );
}

/** Result of one operation. */
export interface BulkResult {
  readonly method: string;
  readonly bulkId: string | null;
  readonly status: number;
  /** The resource's address; null for a POST that failed. */
  readonly location: string | null;
  readonly etag: string | null;
  /** The error's body, where it failed. */
  readonly response: JsonObject | null;
}

/** The answer to a bulk request, in the order of the request. */
export function renderBulkResponse(results: readonly BulkResult[]): JsonObject {
  return { schemas: [urns.bulkResponse], Operations: results.map(renderResult) };
}

function renderResult({
  method,
  bulkId,
  status,
  location,
  etag,
  response,
}: BulkResult): JsonObject {
  return {
    method,
    ...(bulkId === null ? {} : { bulkId }),
    ...(location === null ? {} : { location }),
    ...(etag === null ? {} : { version: etag }),
    status: String(status),
    ...(response === null ? {} : { response }),
  };
}

function syntaxError(detail: string): AppError {
  return new AppError("scim_invalid_syntax", { detail });
}
