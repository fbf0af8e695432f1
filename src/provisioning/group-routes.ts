/** Groups over HTTP: what each method and its headers come to. The flows are provision-groups.ts's. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { etagOfResource, isUnchanged } from "../scim/etag.ts";
import { parseListQuery } from "../scim/list-query.ts";
import { parsePatch } from "../scim/patch.ts";
import { compileGroupPatch } from "../scim/patch-group.ts";
import type { Projection } from "../scim/projection.ts";
import { parseGroup } from "../scim/resources.ts";
import { findScimGroup } from "../store/scim-groups.ts";
import { scimUrl, sendNothing, sendScim, showGroups, showsDisplay } from "./answer.ts";
import { listResources } from "./list.ts";
import {
  createGroup,
  deleteGroup,
  type ProvisionedGroup,
  patchGroup,
  replaceGroup,
} from "./provision-groups.ts";
import { callerOf, keyOf, projectionOf, queryOf, refuseMethods } from "./request.ts";
import { namedOf } from "./user-routes.ts";

/** 50,000 members are some 4 MB. */
const bodyLimit = 16 * 1_048_576;

/** Routes under /Groups. */
export function groupRoutes(scope: FastifyInstance, deps: Deps): void {
  scope.get("/Groups", async (request, reply) => {
    const query = parseListQuery(queryOf(request), "Group");
    const body = await listResources(deps, callerOf(request), { resource: "Group", query });
    request.scimSummary = "Groups listed.";
    return sendScim(reply, 200, body);
  });

  scope.post("/Groups", { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const made = await createGroup(deps, callerOf(request), parseGroup(request.body));
    reply.header("location", `${scimUrl(deps)}/Groups/${made.group.id}`);
    return await sendGroup(deps, { request, reply, status: 201 }, { ...made, projection });
  });

  scope.get("/Groups/:key", async (request, reply) => {
    const { organizationId } = callerOf(request);
    const projection = projectionOf(request);
    const group = await findScimGroup(deps.store.db, { organizationId, key: keyOf(request) });
    if (group === null) throw new AppError("not_found", { detail: "There is no such group." });
    const summary = "Group read.";
    const isKnown = isUnchanged(request.headers["if-none-match"], etagOfResource(group));
    if (isKnown && !showsDisplay(projection)) {
      request.scimSummary = summary;
      return await reply.code(304).header("etag", etagOfResource(group)).send();
    }
    return await sendGroup(deps, { request, reply, status: 200 }, { group, summary, projection });
  });

  scope.put("/Groups/:key", { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const wanted = parseGroup(request.body);
    const done = await replaceGroup(deps, callerOf(request), { ...namedOf(request), wanted });
    return await sendGroup(deps, { request, reply, status: 200 }, { ...done, projection });
  });

  scope.patch("/Groups/:key", { bodyLimit }, async (request, reply) => {
    const projection = projectionOf(request);
    const patch = compileGroupPatch(parsePatch(request.body, "Group"));
    const done = await patchGroup(deps, callerOf(request), { ...namedOf(request), patch });
    // With attributes asked for there is an answer (RFC 7644 3.5.2); else members are not read for it.
    if (projection.kind !== "all") {
      return await sendGroup(deps, { request, reply, status: 200 }, { ...done, projection });
    }
    request.scimSummary = done.summary;
    reply.header("etag", etagOfResource(done.group));
    return await sendNothing(reply);
  });

  scope.delete("/Groups/:key", async (request, reply) => {
    request.scimSummary = await deleteGroup(deps, callerOf(request), namedOf(request));
    return await sendNothing(reply);
  });

  refuseMethods(scope, "/Groups", ["GET", "HEAD", "POST"]);
  refuseMethods(scope, "/Groups/:key", ["GET", "HEAD", "PUT", "PATCH", "DELETE"]);
}

async function sendGroup(
  deps: Deps,
  { request, reply, status }: { request: FastifyRequest; reply: FastifyReply; status: number },
  { group, summary, projection }: ProvisionedGroup & { readonly projection: Projection },
): Promise<FastifyReply> {
  request.scimSummary = summary;
  const { organizationId } = callerOf(request);
  const [body = {}] = await showGroups(deps, organizationId, { groups: [group], projection });
  reply.header("etag", etagOfResource(group));
  return sendScim(reply, status, body);
}
