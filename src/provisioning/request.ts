/** Parts shared by SCIM routes: the caller, the key in the address, the query, and methods refused. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "../errors.ts";
import { type Projection, parseProjection } from "../scim/projection.ts";
import type { ScimCaller } from "./caller.ts";

/** The client, whose credential was checked before any guarded route runs. */
export function callerOf({ scimCaller }: FastifyRequest): ScimCaller {
  if (scimCaller === null) throw new Error("a SCIM route runs without its caller");
  return scimCaller;
}

/** The id, e-mail address or group name in the address. */
export function keyOf({ params }: FastifyRequest): string {
  return (params as { readonly key: string }).key;
}

/** The query as parameters by name; one that was sent twice is a list. */
export function queryOf({ query }: FastifyRequest): Readonly<Record<string, unknown>> {
  return query as Readonly<Record<string, unknown>>;
}

/**
 * An address of SCIM with single slashes: a base address that ends with one, and a client that begins its
 * paths with one, make two. Other addresses stay as they are.
 */
export function tidyScimUrl(url: string): string {
  const end = url.includes("?") ? url.indexOf("?") : url.length;
  const path = url.slice(0, end);
  return path.startsWith("/scim/") ? path.replaceAll(/\/{2,}/g, "/") + url.slice(end) : url;
}

/** The attributes that the answer shall show. @throws AppError `scim_invalid_value` */
export function projectionOf(request: FastifyRequest): Projection {
  const byName = new Map(
    Object.entries(queryOf(request)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return parseProjection(byName.get("attributes"), byName.get("excludedattributes"));
}

/** Answers 405 with `Allow` to every method of an address that it does not have. */
export function refuseMethods(
  scope: FastifyInstance,
  url: string,
  allowed: readonly string[],
): void {
  const all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;
  const refused = all.filter((method) => !allowed.includes(method));
  scope.route({
    method: [...refused],
    url,
    handler: async (_request, reply) => {
      reply.header("allow", allowed.join(", "));
      throw new AppError("method_not_allowed");
    },
  });
}
