/**
 * Lists and searches (RFC 7644 3.4.2, RFC 9865): from a parsed query to a page of resources. Index
 * paging by default; a cursor where the client begins with one. Nothing of a cursor is kept here.
 */
import { createHmac, hkdfSync } from "node:crypto";
import type { Config } from "../config.ts";
import type { Deps } from "../deps.ts";
import { type CursorContext, decodeCursor, encodeCursor } from "../scim/cursor.ts";
import type { JsonObject } from "../scim/json.ts";
import { type ListQuery, renderList } from "../scim/list-query.ts";
import type { ResourceName } from "../scim/schema.ts";
import { countScim, listScimGroups, listScimUsers, type ScimPage } from "../store/scim-search.ts";
import { scimUrl, showGroups, showUsers } from "./answer.ts";
import type { ScimCaller } from "./caller.ts";

interface Found {
  readonly resources: readonly JsonObject[];
  /** Place of the last one in the order of creation. */
  readonly lastSeq: number | null;
}

/** The ListResponse of a query about one resource type. */
export async function listResources(
  deps: Deps,
  caller: ScimCaller,
  { resource, query }: { readonly resource: ResourceName; readonly query: ListQuery },
): Promise<JsonObject> {
  return query.page.kind === "cursor"
    ? await listByCursor(deps, caller, { resource, query, page: query.page })
    : await listByIndex(deps, caller, { resource, query, page: query.page });
}

async function listByIndex(
  deps: Deps,
  caller: ScimCaller,
  asked: { resource: ResourceName; query: ListQuery; page: ListQuery["page"] & { kind: "index" } },
): Promise<JsonObject> {
  const { resource, query, page } = asked;
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
    : await countScim(deps.store.db, resource, {
        ...{ organizationId, filter: query.filter, baseUrl: scimUrl(deps) },
      });
  return renderList({ resources, totalResults, startIndex });
}

async function listByCursor(
  deps: Deps,
  caller: ScimCaller,
  asked: { resource: ResourceName; query: ListQuery; page: ListQuery["page"] & { kind: "cursor" } },
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
  /** Where the list goes on; null where this was all. */
  readonly next: number | null;
}

/** So many resources from a place on that an earlier part told. */
async function partFrom(
  deps: Deps,
  caller: ScimCaller,
  asked: { resource: ResourceName; query: ListQuery; from: number; count: number },
): Promise<Part> {
  const { resource, query, from, count } = asked;
  // In the order of creation a page starts after a place; sorted by anything else, after so many.
  const isByPlace = query.sort === null && query.names.length === 0;
  const page = {
    offset: isByPlace ? 0 : from,
    afterSeq: isByPlace ? from : null,
    limit: count + 1,
  };
  const found = await load(deps, caller, { resource, query, page });
  const resources = found.resources.slice(0, count);
  const last = isByPlace ? found.lastSeq : from + resources.length;
  const next = resources.length === 0 ? from : last;
  return { resources, next: found.resources.length > count ? next : null };
}

/** The page; `lastSeq` is of the last but one where one more than the page was asked for. */
async function load(
  deps: Deps,
  { organizationId }: ScimCaller,
  { resource, query, page }: { resource: ResourceName; query: ListQuery; page: ScimPage },
): Promise<Found> {
  const { filter, sort, names, projection } = query;
  const list = { organizationId, filter, sort, names, page, baseUrl: scimUrl(deps) };
  const lastOf = (rows: readonly { readonly seq: number }[]) =>
    rows.at(rows.length === page.limit ? -2 : -1)?.seq ?? null;
  if (resource === "User") {
    const users = await listScimUsers(deps.store.db, list);
    const resources = await showUsers(deps, organizationId, { users, projection });
    return { resources, lastSeq: lastOf(users) };
  }
  const groups = await listScimGroups(deps.store.db, list);
  const resources = await showGroups(deps, organizationId, { groups, projection });
  return { resources, lastSeq: lastOf(groups) };
}

interface Queries {
  readonly User: ListQuery;
  readonly Group: ListQuery;
}

/** A list over both types: people, then groups. What only one type has, a filter finds there. */
export async function listEverything(
  deps: Deps,
  caller: ScimCaller,
  queries: Queries,
): Promise<JsonObject> {
  const { page } = queries.User;
  return page.kind === "cursor"
    ? await everythingByCursor(deps, caller, { queries, page })
    : await everythingByIndex(deps, caller, { queries, page });
}

async function everythingByIndex(
  deps: Deps,
  caller: ScimCaller,
  { queries, page }: { queries: Queries; page: ListQuery["page"] & { kind: "index" } },
): Promise<JsonObject> {
  const { count, startIndex } = page;
  const { organizationId } = caller;
  const total = async (resource: ResourceName) =>
    await countScim(deps.store.db, resource, {
      ...{ organizationId, filter: queries[resource].filter, baseUrl: scimUrl(deps) },
    });
  const people = await total("User");
  const groups = await total("Group");
  const part = async (resource: ResourceName, offset: number, limit: number) => {
    if (limit <= 0) return [];
    const asked = { resource, query: queries[resource], page: { offset, afterSeq: null, limit } };
    return (await load(deps, caller, asked)).resources;
  };
  const users = await part("User", startIndex - 1, Math.min(count, people - startIndex + 1));
  const offset = Math.max(0, startIndex - 1 - people);
  const rest = await part("Group", offset, Math.min(count - users.length, groups - offset));
  return renderList({ resources: [...users, ...rest], totalResults: people + groups, startIndex });
}

/** The place in a cursor is the type, and where in its list the page begins. */
async function everythingByCursor(
  deps: Deps,
  caller: ScimCaller,
  { queries, page }: { queries: Queries; page: ListQuery["page"] & { kind: "cursor" } },
): Promise<JsonObject> {
  const { cursor, count } = page;
  const { User: people, Group: groups } = queries;
  const fingerprint = JSON.stringify([people.fingerprint, groups.fingerprint]);
  const context = contextOf(deps, caller, { fingerprint });
  const timing = { count, nowMs: deps.now() };
  const [place, from] = cursor === null ? ["User", 0] : decodeCursor(cursor, timing, context);
  const isFromGroups = place === "Group";
  const none: Part = { resources: [], next: null };
  const users = isFromGroups
    ? none
    : await partFrom(deps, caller, {
        ...{ resource: "User", query: people, from: Number(from ?? 0), count },
      });
  const groupsFrom = isFromGroups ? Number(from ?? 0) : 0;
  const rest =
    users.next === null
      ? await partFrom(deps, caller, {
          ...{
            resource: "Group",
            query: groups,
            from: groupsFrom,
            count: count - users.resources.length,
          },
        })
      : none;
  const following = rest.next === null ? null : (["Group", rest.next] as const);
  const next = users.next === null ? following : (["User", users.next] as const);
  return renderList({
    resources: [...users.resources, ...rest.resources],
    totalResults: null,
    nextCursor: next !== null && count > 0 ? encodeCursor(next, timing, context) : null,
  });
}

const keys = new WeakMap<Config, Uint8Array>();

function contextOf(
  { config }: Deps,
  { organizationId, tokenId }: ScimCaller,
  { fingerprint }: Pick<ListQuery, "fingerprint">,
): CursorContext {
  return {
    owner: `${organizationId}/${tokenId ?? "owner"}`,
    fingerprint,
    sign: (text) => createHmac("sha256", keyOf(config)).update(text).digest("base64url"),
  };
}

function keyOf(config: Config): Uint8Array {
  let key = keys.get(config);
  if (key === undefined) {
    key = new Uint8Array(hkdfSync("sha256", config.secretKey, "", "labelgate scim cursors", 32));
    keys.set(config, key);
  }
  return key;
}
