/** Users over HTTP: what each method and its headers come to. The flows are provision-users.ts's. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { etagOfResource, isUnchanged } from "../scim/etag.ts";
import { parseListQuery } from "../scim/list-query.ts";
import { parsePatch } from "../scim/patch.ts";
import type { Projection } from "../scim/projection.ts";
import { parseUser } from "../scim/resources.ts";
import { findScimUser, type ScimUserRecord } from "../store/scim-users.ts";
import { scimUrl, sendNothing, sendScim, showUsers } from "./answer.ts";
import { listResources } from "./list.ts";
import {
  createUser,
  deleteUser,
  type Named,
  type ProvisionedUser,
  patchUser,
  replaceUser,
} from "./provision-users.ts";
import { callerOf, keyOf, projectionOf, queryOf, refuseMethods } from "./request.ts";

/** A person's resource is small; a photo in it is an address. */
const bodyLimit = 1_048_576;

/** Routes under /Users. */
export function userRoutes(scope: FastifyInstance, deps: Deps): void {
  scope.get("/Users", async (request, reply) => {
    const query = parseListQuery(queryOf(request), "User");
    const body = await listResources(deps, callerOf(request), { resource: "User", query });
    request.scimSummary = "Users listed.";
    return sendScim(reply, 200, body);
  });

  scope.post("/Users", { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const made = await createUser(deps, callerOf(request), parseUser(request.body));
    reply.header("location", `${scimUrl(deps)}/Users/${made.user.id}`);
    return await sendUser(deps, { request, reply, status: 201 }, { ...made, projection });
  });

  scope.get("/Users/:key", async (request, reply) => {
    const { organizationId } = callerOf(request);
    const projection = projectionOf(request);
    const user = await findScimUser(deps.store.db, { organizationId, key: keyOf(request) });
    if (user === null) throw new AppError("not_found", { detail: "There is no such user." });
    const summary = "User read.";
    if (isUnchanged(request.headers["if-none-match"], etagOfResource(user))) {
      request.scimSummary = summary;
      return await reply.code(304).header("etag", etagOfResource(user)).send();
    }
    return await sendUser(deps, { request, reply, status: 200 }, { user, summary, projection });
  });

  scope.put("/Users/:key", { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const wanted = parseUser(request.body);
    const done = await replaceUser(deps, callerOf(request), { ...namedOf(request), wanted });
    return await sendUser(deps, { request, reply, status: 200 }, { ...done, projection });
  });

  scope.patch("/Users/:key", { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const operations = parsePatch(request.body, "User");
    const done = await patchUser(deps, callerOf(request), { ...namedOf(request), operations });
    return await sendUser(deps, { request, reply, status: 200 }, { ...done, projection });
  });

  scope.delete("/Users/:key", async (request, reply) => {
    request.scimSummary = await deleteUser(deps, callerOf(request), namedOf(request));
    return await sendNothing(reply);
  });

  refuseMethods(scope, "/Users", ["GET", "HEAD", "POST"]);
  refuseMethods(scope, "/Users/:key", ["GET", "HEAD", "PUT", "PATCH", "DELETE"]);
}

/** What the address and `If-Match` name. */
export function namedOf(request: FastifyRequest): Named {
  return { key: keyOf(request), ifMatch: request.headers["if-match"] };
}

async function sendUser(
  deps: Deps,
  { request, reply, status }: { request: FastifyRequest; reply: FastifyReply; status: number },
  {
    user,
    summary,
    projection,
  }: ProvisionedUser & { readonly user: ScimUserRecord; readonly projection: Projection },
): Promise<FastifyReply> {
  request.scimSummary = summary;
  const { organizationId } = callerOf(request);
  const [body = {}] = await showUsers(deps, organizationId, {
    users: [user],
    projection,
    areNew: status === 201,
  });
  reply.header("etag", etagOfResource(user));
  return sendScim(reply, status, body);
}
