/** Searches by POST (RFC 7644 3.4.3), for each type and for all at once; and Bulk. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { bulkLimits, parseBulk } from "../scim/bulk.ts";
import { type ListQuery, parseListQuery, parseSearchRequest } from "../scim/list-query.ts";
import type { ResourceType } from "../scim/schema.ts";
import { sendScim } from "./answer.ts";
import { runBulk } from "./bulk.ts";
import type { ResourceKind } from "./kind.ts";
import { listEverything, listResources } from "./list.ts";
import { callerOf, queryOf, refuseMethods } from "./request.ts";

const bodyLimit = 131_072;

/** `.search` at the root and under every type, the root itself, and /Bulk. */
export function searchRoutes(
  scope: FastifyInstance,
  deps: Deps,
  kinds: readonly ResourceKind[],
): void {
  for (const kind of kinds) {
    const url = `/${kind.type.endpoint}/.search`;
    scope.post(url, { bodyLimit }, async (request, reply) => {
      const query = parseSearchRequest(request.body, kind.type);
      request.scimSummary = `${kind.type.endpoint} searched.`;
      return sendScim(reply, 200, await listResources(deps, callerOf(request), { kind, query }));
    });
    refuseMethods(scope, url, ["POST"]);
  }

  const everything = async (request: FastifyRequest, parse: (type: ResourceType) => ListQuery) => {
    request.scimSummary = "All resources searched.";
    const asked = kinds.map((kind) => ({ kind, query: parse(kind.type) }));
    return await listEverything(deps, callerOf(request), asked);
  };

  scope.post("/.search", { bodyLimit }, async (request, reply) => {
    const found = everything(request, (type) => parseSearchRequest(request.body, type));
    return sendScim(reply, 200, await found);
  });
  refuseMethods(scope, "/.search", ["POST"]);

  scope.post("/Bulk", { bodyLimit: bulkLimits.maxPayloadSize }, async (request, reply) => {
    const types = kinds.map(({ type }) => type);
    const bulk = parseBulk(request.body, types);
    request.scimSummary = `Bulk of ${bulk.items.length} operations.`;
    return sendScim(reply, 200, await runBulk(deps, callerOf(request), { ...bulk, kinds }));
  });
  refuseMethods(scope, "/Bulk", ["POST"]);

  scope.get("/", async (request, reply) => {
    const found = everything(request, (type) => parseListQuery(queryOf(request), type));
    return sendScim(reply, 200, await found);
  });
  refuseMethods(scope, "/", ["GET", "HEAD"]);
}
