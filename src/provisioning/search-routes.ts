/** Searches by POST (RFC 7644 3.4.3), for people, for groups, and for both at once; and Bulk. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { bulkLimits, parseBulk } from "../scim/bulk.ts";
import { parseListQuery, parseSearchRequest } from "../scim/list-query.ts";
import { sendScim } from "./answer.ts";
import { runBulk } from "./bulk.ts";
import { listEverything, listResources } from "./list.ts";
import { callerOf, queryOf, refuseMethods } from "./request.ts";

const bodyLimit = 131_072;

/** `.search` at the root and under both types, the root itself, and /Bulk. */
export function searchRoutes(scope: FastifyInstance, deps: Deps): void {
  for (const resource of ["User", "Group"] as const) {
    const url = `/${resource}s/.search`;
    scope.post(url, { bodyLimit }, async (request, reply) => {
      const query = parseSearchRequest(request.body, resource);
      request.scimSummary = `${resource}s searched.`;
      return sendScim(
        reply,
        200,
        await listResources(deps, callerOf(request), { resource, query }),
      );
    });
    refuseMethods(scope, url, ["POST"]);
  }

  const everything = async (request: FastifyRequest, parse: typeof parseSearchRequest) => {
    request.scimSummary = "Users and groups searched.";
    const { body } = request;
    const queries = { User: parse(body, "User"), Group: parse(body, "Group") };
    return await listEverything(deps, callerOf(request), queries);
  };

  scope.post("/.search", { bodyLimit }, async (request, reply) =>
    sendScim(reply, 200, await everything(request, parseSearchRequest)),
  );
  refuseMethods(scope, "/.search", ["POST"]);

  scope.post("/Bulk", { bodyLimit: bulkLimits.maxPayloadSize }, async (request, reply) => {
    const bulk = parseBulk(request.body);
    request.scimSummary = `Bulk of ${bulk.items.length} operations.`;
    return sendScim(reply, 200, await runBulk(deps, callerOf(request), bulk));
  });
  refuseMethods(scope, "/Bulk", ["POST"]);

  scope.get("/", async (request, reply) =>
    sendScim(
      reply,
      200,
      await everything(request, (_body, resource) => parseListQuery(queryOf(request), resource)),
    ),
  );
  refuseMethods(scope, "/", ["GET", "HEAD"]);
}
