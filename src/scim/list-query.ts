/**
 * Query of a list: filter, order, page and projection, from the address or from a SearchRequest (RFC
 * 7644 3.4.2, 3.4.3; RFC 9865), and the ListResponse around what was found.
 */
import { AppError } from "../errors.ts";
import { type BoundFilter, bindFilter, bindTarget } from "./bind.ts";
import { type Filter, parseFilter } from "./filter.ts";
import { type JsonDraft, type JsonObject, parseObject } from "./json.ts";
import { memberOf } from "./patch.ts";
import { type Projection, parseProjection } from "./projection.ts";
import { parseAttributeName, type Resource, resolveAttribute, typeOf, urns } from "./schema.ts";

/** Results in one page where the client does not say, and at most (scim-clients 5.7). */
export const pageSize = { default: 100, max: 200 } as const;

/** Attribute and direction that the results are sorted by. */
export interface SortKey {
  readonly target: ReturnType<typeof bindTarget>;
  readonly isDescending: boolean;
}

/** Selection of results: by place in the whole list, or those after a cursor. */
export type Page =
  | { readonly kind: "index"; readonly startIndex: number; readonly count: number }
  /** `cursor` is null for the first page. */
  | { readonly kind: "cursor"; readonly cursor: string | null; readonly count: number };

/** A list as asked for. */
export interface ListQuery {
  readonly filter: BoundFilter | null;
  readonly sort: SortKey | null;
  /** The names that the filter asks for, as written: a group of that very name goes before others. */
  readonly names: readonly string[];
  readonly page: Page;
  readonly projection: Projection;
  /** The same text for the same query whatever its page: what a cursor is bound to. */
  readonly fingerprint: string;
}

/**
 * A list from parameters by name; unknown ones are ignored, as Entra puts its own flag among them.
 * @throws AppError `scim_invalid_filter`, `scim_invalid_value`, `scim_invalid_count`
 */
export function parseListQuery(
  parameters: Readonly<Record<string, unknown>>,
  resource: Resource,
): ListQuery {
  const byName = new Map(
    Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value] as const),
  );
  const text = (name: string): string => textOf(byName.get(name), name);
  const filter = text("filter");
  const tree = filter === "" ? null : parseFilter(filter);
  const sortBy = text("sortby");
  const isDescending = text("sortorder").toLowerCase() === "descending";
  return {
    filter: tree === null ? null : bindFilter(tree, resource),
    sort: sortBy === "" ? null : { target: parseSortBy(sortBy, resource), isDescending },
    names: tree === null ? [] : namesIn(tree, resource),
    page: parsePage(byName),
    projection: parseProjection(byName.get("attributes"), byName.get("excludedattributes")),
    fingerprint: JSON.stringify([
      typeOf(resource).name,
      filter,
      sortBy.toLowerCase(),
      isDescending,
    ]),
  };
}

function namesIn(filter: Filter, resource: Resource): readonly string[] {
  if (filter.kind === "and" || filter.kind === "or") {
    return filter.terms.flatMap((term) => namesIn(term, resource));
  }
  if (filter.kind !== "compare" || filter.operator !== "eq") return [];
  const { attribute } = resolveAttribute(resource, filter.name);
  return attribute?.isName === true ? [String(filter.value).trim()] : [];
}

/** A list from the body of `.search`. @throws AppError as `parseListQuery`, `scim_invalid_syntax` */
export function parseSearchRequest(body: unknown, resource: Resource): ListQuery {
  const request = parseObject(body);
  const names = [
    ...["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor"],
    ...["attributes", "excludedAttributes"],
  ];
  const stated = names.map((name) => [name, memberOf(request, name)] as const);
  const parameters = stated.filter(([, value]) => value !== undefined && value !== null);
  return parseListQuery(Object.fromEntries(parameters), resource);
}

/** A parameter as text, the last of several; bodies may hold anything in its place. */
function textOf(value: unknown, name: string): string {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (last === undefined || last === null) return "";
  if (typeof last === "object") throw invalidValue(`${name} must be text or a number.`);
  return String(last).trim();
}

function parseSortBy(text: string, resource: Resource): SortKey["target"] {
  const name = parseAttributeName(text);
  if (name === null || name.name === "") {
    throw invalidValue(`sortBy names no attribute: "${text.slice(0, 100)}".`);
  }
  return bindTarget(name, resource);
}

function parsePage(byName: ReadonlyMap<string, unknown>): Page {
  const cursor = byName.get("cursor");
  const count = parseInteger(byName.get("count"), "count") ?? pageSize.default;
  if (cursor === undefined) {
    const startIndex = parseInteger(byName.get("startindex"), "startIndex") ?? 1;
    return {
      kind: "index",
      startIndex: Math.max(1, startIndex),
      count: Math.min(Math.max(0, count), pageSize.max),
    };
  }
  if (count < 0) {
    throw new AppError("scim_invalid_count", { detail: "count must not be negative." });
  }
  const text = textOf(cursor, "cursor");
  return {
    kind: "cursor",
    cursor: text === "" ? null : text,
    count: Math.min(count, pageSize.max),
  };
}

function parseInteger(value: unknown, name: string): number | null {
  const text = textOf(value, name);
  if (text === "") return null;
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  throw invalidValue(`${name} must be a whole number.`);
}

function invalidValue(detail: string): AppError {
  return new AppError("scim_invalid_value", { detail });
}

/** A page of results. */
export interface ListPage {
  readonly resources: readonly JsonObject[];
  /** null where it was not counted, which cursor paging allows. */
  readonly totalResults: number | null;
  /** For index paging. */
  readonly startIndex?: number;
  /** For cursor paging; absent on the last page. */
  readonly nextCursor?: string | null;
}

/** RFC 7644 3.4.2. Without results there is still a list of none. */
export function renderList(page: ListPage): JsonObject {
  const { resources, totalResults, startIndex, nextCursor } = page;
  const body: JsonDraft = { schemas: [urns.listResponse] };
  if (totalResults !== null) body["totalResults"] = totalResults;
  if (startIndex !== undefined) body["startIndex"] = startIndex;
  body["itemsPerPage"] = resources.length;
  if (nextCursor !== undefined && nextCursor !== null) body["nextCursor"] = nextCursor;
  body["Resources"] = resources;
  return body;
}
