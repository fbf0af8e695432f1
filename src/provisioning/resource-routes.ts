/** Resources of one type over HTTP: what each method and its headers come to, whatever the type. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { etagOfResource, isUnchanged } from "../scim/etag.ts";
import { parseListQuery } from "../scim/list-query.ts";
import type { Projection } from "../scim/projection.ts";
import { scimUrl, sendNothing, sendScim } from "./answer.ts";
import type { Done, KeptResource, Named, ResourceKind } from "./kind.ts";
import { listResources } from "./list.ts";
import { callerOf, keyOf, projectionOf, queryOf, refuseMethods } from "./request.ts";

/** Routes under the type's endpoint. */
export function resourceRoutes(scope: FastifyInstance, deps: Deps, kind: ResourceKind): void {
  const { bodyLimit, noun } = kind;
  const all = `/${kind.type.endpoint}`;
  const one = `${all}/:key`;
  const name = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;

  scope.get(all, async (request, reply) => {
    const query = parseListQuery(queryOf(request), kind.type);
    const body = await listResources(deps, callerOf(request), { kind, query });
    request.scimSummary = `${name}s listed.`;
    return sendScim(reply, 200, body);
  });

  scope.post(all, { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const done = await kind.create(callerOf(request), request.body);
    reply.header("location", `${scimUrl(deps)}${all}/${done.resource.id}`);
    return await send(kind, { request, reply, status: 201 }, { ...done, projection });
  });

  scope.get(one, async (request, reply) => {
    const projection = projectionOf(request);
    const resource = await kind.find(callerOf(request).organizationId, keyOf(request));
    if (resource === null) throw new AppError("not_found", { detail: `There is no such ${noun}.` });
    const summary = `${name} read.`;
    const etag = etagOfResource(resource);
    const isKnown = isUnchanged(request.headers["if-none-match"], etag);
    if (isKnown && !kind.showsMoreThanTag(projection)) {
      request.scimSummary = summary;
      return await reply.code(304).header("etag", etag).send();
    }
    const done = { resource, summary, projection };
    return await send(kind, { request, reply, status: 200 }, done);
  });

  scope.put(one, { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const done = await kind.replace(callerOf(request), namedOf(request), request.body);
    return await send(kind, { request, reply, status: 200 }, { ...done, projection });
  });

  scope.patch(one, { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const done = await kind.patch(callerOf(request), namedOf(request), request.body);
    // With attributes asked for there is an answer (RFC 7644 3.5.2).
    if (kind.showsPatched || projection.kind !== "all") {
      return await send(kind, { request, reply, status: 200 }, { ...done, projection });
    }
    request.scimSummary = done.summary;
    reply.header("etag", etagOfResource(done.resource));
    return await sendNothing(reply);
  });

  scope.delete(one, async (request, reply) => {
    request.scimSummary = await kind.remove(callerOf(request), namedOf(request));
    return await sendNothing(reply);
  });

  refuseMethods(scope, all, ["GET", "HEAD", "POST"]);
  refuseMethods(scope, one, ["GET", "HEAD", "PUT", "PATCH", "DELETE"]);
}

/** Reads the address and `If-Match`. */
function namedOf(request: FastifyRequest): Named {
  return { key: keyOf(request), ifMatch: request.headers["if-match"] };
}

async function send(
  kind: ResourceKind,
  { request, reply, status }: { request: FastifyRequest; reply: FastifyReply; status: number },
  { resource, summary, projection }: Done<KeptResource> & { readonly projection: Projection },
): Promise<FastifyReply> {
  request.scimSummary = summary;
  const { organizationId } = callerOf(request);
  const areNew = status === 201;
  const shown = { resources: [resource], projection, areNew };
  const [body = {}] = await kind.show(organizationId, shown);
  reply.header("etag", etagOfResource(resource));
  return sendScim(reply, status, body);
}
