/**
 * Lists and searches (RFC 7644 3.4.2, RFC 9865): from a parsed query to a page of resources. Index
 * paging by default; a cursor where the client begins with one. Nothing of a cursor is kept here.
 */
import { createHmac } from "node:crypto";
import { signingKeys } from "../config-keys.ts";
import type { Deps } from "../deps.ts";
import { type CursorContext, decodeCursor, encodeCursor } from "../scim/cursor.ts";
import type { JsonObject } from "../scim/json.ts";
import { type ListQuery, renderList } from "../scim/list-query.ts";
import type { ScimPage } from "../store/scim-search.ts";
import { scimUrl } from "./answer.ts";
import type { ScimCaller } from "./caller.ts";
import type { ResourceKind } from "./kind.ts";

interface Found {
  readonly resources: readonly JsonObject[];
  /** Place of the last one in the order of creation. */
  readonly lastSeq: number | null;
}

/** The ListResponse of a query about one resource type. */
export async function listResources(
  deps: Deps,
  caller: ScimCaller,
  { kind, query }: { readonly kind: ResourceKind; readonly query: ListQuery },
): Promise<JsonObject> {
  return query.page.kind === "cursor"
    ? await listByCursor(deps, caller, { kind, query, page: query.page })
    : await listByIndex(deps, caller, { kind, query, page: query.page });
}

async function listByIndex(
  deps: Deps,
  caller: ScimCaller,
  asked: { kind: ResourceKind; query: ListQuery; page: ListQuery["page"] & { kind: "index" } },
): Promise<JsonObject> {
  const { kind, query, page } = asked;
  const { startIndex, count } = page;
  const { resources } =
    count === 0
      ? { resources: [] }
      : await load(deps, caller, {
          ...asked,
          page: { offset: startIndex - 1, afterSeq: null, limit: count },
        });
  // A first page that is not full is the whole list, which is what every look-up by name comes to.
  const isWhole = startIndex === 1 && resources.length < count;
  const { organizationId } = caller;
  const totalResults = isWhole
    ? resources.length
    : await kind.count({ organizationId, filter: query.filter, baseUrl: scimUrl(deps) });
  return renderList({ resources, totalResults, startIndex });
}

async function listByCursor(
  deps: Deps,
  caller: ScimCaller,
  asked: { kind: ResourceKind; query: ListQuery; page: ListQuery["page"] & { kind: "cursor" } },
): Promise<JsonObject> {
  const { query, page } = asked;
  const { cursor, count } = page;
  const context = contextOf(deps, caller, query);
  const timing = { count, nowMs: deps.now() };
  const [place] = cursor === null ? [0] : decodeCursor(cursor, timing, context);
  const part = await partFrom(deps, caller, { ...asked, from: Number(place ?? 0), count });
  return renderList({
    resources: part.resources,
    totalResults: null,
    nextCursor: part.next !== null && count > 0 ? encodeCursor([part.next], timing, context) : null,
  });
}

interface Part {
  readonly resources: readonly JsonObject[];
  /** The position at which the list goes on; null where this was all. */
  readonly next: number | null;
}

/** So many resources from a place on that an earlier part told. */
async function partFrom(
  deps: Deps,
  caller: ScimCaller,
  asked: { kind: ResourceKind; query: ListQuery; from: number; count: number },
): Promise<Part> {
  const { kind, query, from, count } = asked;
  // In the order of creation a page starts after a place; sorted by anything else, after so many.
  const isByPlace = query.sort === null && query.names.length === 0;
  const page = {
    offset: isByPlace ? 0 : from,
    afterSeq: isByPlace ? from : null,
    limit: count + 1,
  };
  const found = await load(deps, caller, { kind, query, page });
  const resources = found.resources.slice(0, count);
  const last = isByPlace ? found.lastSeq : from + resources.length;
  const next = resources.length === 0 ? from : last;
  return { resources, next: found.resources.length > count ? next : null };
}

/** The page; `lastSeq` is of the last but one where one more than the page was asked for. */
async function load(
  deps: Deps,
  { organizationId }: ScimCaller,
  { kind, query, page }: { kind: ResourceKind; query: ListQuery; page: ScimPage },
): Promise<Found> {
  const { filter, sort, names, projection } = query;
  const list = { organizationId, filter, sort, names, page, baseUrl: scimUrl(deps) };
  const rows = await kind.list(list);
  return {
    resources: await kind.show(organizationId, { resources: rows, projection, areNew: false }),
    lastSeq: rows.at(rows.length === page.limit ? -2 : -1)?.seq ?? null,
  };
}

/** One type, and what is asked of it. */
export interface AskedKind {
  readonly kind: ResourceKind;
  readonly query: ListQuery;
}

/** A list over all types, one after the other. What only one type has, a filter finds there. */
export async function listEverything(
  deps: Deps,
  caller: ScimCaller,
  asked: readonly AskedKind[],
): Promise<JsonObject> {
  const page = asked[0]?.query.page;
  if (page === undefined) throw new Error("a list of no type");
  return page.kind === "cursor"
    ? await everythingByCursor(deps, caller, { asked, page })
    : await everythingByIndex(deps, caller, { asked, page });
}

async function everythingByIndex(
  deps: Deps,
  caller: ScimCaller,
  { asked, page }: { asked: readonly AskedKind[]; page: ListQuery["page"] & { kind: "index" } },
): Promise<JsonObject> {
  const { count, startIndex } = page;
  const { organizationId } = caller;
  const resources: JsonObject[] = [];
  let total = 0;
  for (const { kind, query } of asked) {
    const { filter } = query;
    const found = await kind.count({ organizationId, filter, baseUrl: scimUrl(deps) });
    const offset = Math.max(0, startIndex - 1 - total);
    const limit = Math.min(count - resources.length, found - offset);
    total += found;
    if (limit <= 0) continue;
    const part = await load(deps, caller, { kind, query, page: { offset, afterSeq: null, limit } });
    resources.push(...part.resources);
  }
  return renderList({ resources, totalResults: total, startIndex });
}

/** The place in a cursor is the type, and where in its list the page begins. */
async function everythingByCursor(
  deps: Deps,
  caller: ScimCaller,
  { asked, page }: { asked: readonly AskedKind[]; page: ListQuery["page"] & { kind: "cursor" } },
): Promise<JsonObject> {
  const { cursor, count } = page;
  const fingerprint = JSON.stringify(asked.map(({ query }) => query.fingerprint));
  const context = contextOf(deps, caller, { fingerprint });
  const timing = { count, nowMs: deps.now() };
  const [place, from] = cursor === null ? [0, 0] : decodeCursor(cursor, timing, context);
  const resources: JsonObject[] = [];
  let next: readonly [place: number, from: number] | null = null;
  for (const [at, one] of asked.entries()) {
    if (at < Number(place)) continue;
    const start = at === Number(place) ? Number(from) : 0;
    const left = count - resources.length;
    // Once the page is full this tells whether anything follows.
    const part = await partFrom(deps, caller, { ...one, from: start, count: left });
    resources.push(...part.resources);
    if (part.next === null) continue;
    next = [at, part.next];
    break;
  }
  return renderList({
    resources,
    totalResults: null,
    nextCursor: next !== null && count > 0 ? encodeCursor(next, timing, context) : null,
  });
}

function contextOf(
  { config }: Deps,
  { organizationId, tokenId }: ScimCaller,
  { fingerprint }: Pick<ListQuery, "fingerprint">,
): CursorContext {
  return {
    owner: `${organizationId}/${tokenId ?? "owner"}`,
    fingerprint,
    sign: (text) => {
      const [current, ...former] = signingKeys(config, "scim cursors");
      const signed = (key: Uint8Array) =>
        createHmac("sha256", key).update(text).digest("base64url");
      return [signed(current), ...former.map(signed)];
    },
  };
}
