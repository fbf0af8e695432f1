/**
 * Writes the activity log (PRODUCT 8.8): every request of a signed-in person or a token that may
 * change something, written before its answer goes out. Reading changes nothing and is not kept;
 * sign-ins have a log of their own (PRODUCT 8.4).
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { recordRequest } from "../store/activity.ts";
import { numberOfNothing } from "../store/wire-numbers.ts";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Logs the requests of `app`'s routes. A log that cannot be written stops no answer. */
export function logActivity(app: FastifyInstance, deps: Deps): void {
  app.addHook("onSend", async (request, reply) => {
    const { principal } = request;
    if (principal === null || safeMethods.has(request.method)) return;
    try {
      await recordRequest(deps.store.db, {
        ...describe(request, principal),
        at: deps.now(),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      });
    } catch (error) {
      request.log.error({ err: error }, "the activity log was not written");
    }
  });
}

function describe(request: FastifyRequest, principal: Principal) {
  const path = request.url.split("?", 1)[0] ?? "";
  // Whatever Fastify's type says: of a connection that broke off there is none any more.
  const { ip = "" }: { readonly ip?: string } = request;
  return {
    ...{ principal, ip, path, method: request.method, requestId: request.id },
    projectId: projectOf(request),
    workspaceId: workspaceOf(path),
    userAgent: request.headers["user-agent"] ?? "",
    referer: request.headers.referer ?? "",
  };
}

/** The log keeps internal numbers; http/numbers.ts has put them in place of those of the address. */
function projectOf({ routeOptions, params }: FastifyRequest): number | null {
  if (!/^\/api\/projects\/:id(?:\/|$)/.test(routeOptions.url ?? "")) return null;
  const id = Number(Reflect.get(Object(params), "id"));
  return Number.isInteger(id) && id > 0 && id < numberOfNothing ? id : null;
}

function workspaceOf(path: string): number | null {
  const [, text = ""] = /^\/api\/workspaces\/(\d{1,9})(?:\/|$)/.exec(path) ?? [];
  return text === "" ? null : Number(text);
}
