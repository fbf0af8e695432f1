/**
 * SCIM 2.0 under /scim/v2 and /scim (PRODUCT 7.1): decode, authenticate, call the flow, answer.
 *
 *   request → credential → body → parse (scim/) → flow → project → answer, or a SCIM error → log row
 *
 * Stands apart from the rest of the site: other credentials, other content type, other errors. Query
 * parameters that nobody knows are ignored, as Entra's own flag is part of its base address.
 */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  renderResourceTypeOf,
  renderResourceTypes,
  renderSchemaOf,
  renderSchemas,
  renderServiceProviderConfig,
} from "../scim/discovery.ts";
import { urns } from "../scim/schema.ts";
import { scimUrl, sendScim, sendScimError } from "./answer.ts";
import { type AuthenticatePerson, authenticateCaller, type ScimCaller } from "./caller.ts";
import { groupKind } from "./group-kind.ts";
import type { ResourceKind } from "./kind.ts";
import { RateLimit } from "./rate-limit.ts";
import { refuseMethods } from "./request.ts";
import { quirksOf, type RequestLog } from "./request-log.ts";
import { resourceRoutes } from "./resource-routes.ts";
import { searchRoutes } from "./search-routes.ts";
import { userKind } from "./user-kind.ts";

/**
 * The parts of other features that http/ gives to provisioning, since features do not import one another.
 */
export interface ProvisioningWiring {
  readonly authenticatePerson: AuthenticatePerson;
  /** Any error as a refusal; what is none becomes `internal_error`. */
  readonly refusalOf: (thrown: unknown, request: FastifyRequest) => AppError;
  readonly requestLog: RequestLog;
  /** Types beside people and groups. */
  readonly furtherKinds?: readonly ResourceKind[];
}

declare module "fastify" {
  interface FastifyRequest {
    /** The SCIM client, once its credential was checked; null elsewhere. */
    scimCaller: ScimCaller | null;
    /** The action, for the request log. */
    scimSummary: string;
  }
}

/** All addresses of SCIM. */
export function provisioningRoutes(deps: Deps, wiring: ProvisioningWiring): FastifyPluginAsync {
  return async (app) => {
    app.decorateRequest("scimCaller", null);
    app.decorateRequest("scimSummary", "");
    app.addHook("onClose", async () => await wiring.requestLog.flush());
    const limit = new RateLimit(deps.config.scimRequestsPerSecond);
    for (const prefix of ["/scim/v2", "/scim"]) {
      await app.register(scimRoutes(deps, wiring, limit), { prefix });
    }
  };
}

function scimRoutes(deps: Deps, wiring: ProvisioningWiring, limit: RateLimit): FastifyPluginAsync {
  return async (scope) => {
    readScimBodies(scope);
    answerScimErrors(scope, wiring);
    refuseForeignBytes(scope);
    scope.addHook("onResponse", async (request, reply) => logRequest(deps, wiring, request, reply));
    const kinds = [userKind(deps), groupKind(deps), ...(wiring.furtherKinds ?? [])];
    discoveryRoutes(scope, deps, kinds);
    await scope.register(async (guarded) => {
      guarded.addHook("onRequest", async (request, reply) => {
        const caller = await authenticateCaller(deps, wiring.authenticatePerson, request);
        const { organizationId, tokenId } = caller;
        const early = limit.take(`${organizationId} ${tokenId}`, deps.now());
        // The request log has a row of what was refused so, but not one for each.
        if (early === null || early.isNews) request.scimCaller = caller;
        if (early === null) return;
        reply.header("retry-after", String(early.waitSeconds));
        throw new AppError("too_many_requests", { detail: tooManySentence(deps) });
      });
      for (const kind of kinds) resourceRoutes(guarded, deps, kind);
      searchRoutes(guarded, deps, kinds);
      guarded.all("/Me", async (request, reply) => {
        request.scimSummary = "A SCIM token is nobody, so there is no /Me.";
        const detail = "A SCIM token speaks for no person, so that /Me means nobody.";
        return sendScim(reply, 501, { schemas: [urns.error], status: "501", detail });
      });
    });
  };
}

function tooManySentence({ config }: Deps): string {
  return `This credential may send ${config.scimRequestsPerSecond} requests a second (SCIM_REQUESTS_PER_SECOND). Go on after the time in Retry-After.`;
}

/** Takes a byte order mark off, as it stands before what some clients write. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Refuses an address that is not UTF-8: its filter or name would be looked for as something else, and
 * silently not be found. A lone percent sign is what clients write that escape nothing.
 */
function refuseForeignBytes(scope: FastifyInstance): void {
  scope.addHook("onRequest", async ({ raw: { url = "" } }) => {
    const escaped = url.match(/(?:%[\da-f]{2})+/gi) ?? [];
    // Node gives bytes beyond ASCII as characters of Latin-1, whatever they were.
    if (!/[^\0-\x7f]/.test(url) && escaped.every(isUtf8)) return;
    const detail = "The address is not UTF-8 with each byte beyond ASCII percent-encoded.";
    throw new AppError("scim_invalid_syntax", { detail });
  });
}

function isUtf8(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}

/** Either JSON type, with or without parameters; an empty body is none. */
function readScimBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    ["application/scim+json", "application/json"],
    { parseAs: "buffer" },
    ({ headers }, body, done) => {
      const encoding = headers["content-encoding"] ?? "identity";
      if (encoding.toLowerCase() !== "identity") {
        const detail = `Send the body as it is, without Content-Encoding: ${encoding.slice(0, 50)}.`;
        return done(new AppError("unsupported_media_type", { detail }));
      }
      let detail = "The body is not valid UTF-8.";
      try {
        const text = utf8.decode(Buffer.from(body));
        if (text.trim() === "") return done(null, undefined);
        detail = "The body is not valid JSON.";
        done(null, JSON.parse(text));
      } catch (cause) {
        done(new AppError("scim_invalid_syntax", { detail, cause }));
      }
    },
  );
}

function answerScimErrors(scope: FastifyInstance, { refusalOf }: ProvisioningWiring): void {
  scope.setErrorHandler((thrown, request, reply) => {
    const error = refusalOf(thrown, request);
    if (error.code === "internal_error") {
      request.log.error({ err: error.cause }, "request failed");
    }
    request.scimSummary = error.detail ?? error.hint;
    return sendScimError(reply, error);
  });
  scope.setNotFoundHandler((_request, reply) => {
    const detail = "There is nothing at this address of SCIM.";
    return sendScimError(reply, new AppError("not_found", { detail }));
  });
}

/** Open to everybody: clients read them before they have a credential (RFC 7644 4). */
function discoveryRoutes(scope: FastifyInstance, deps: Deps, kinds: readonly ResourceKind[]): void {
  const types = kinds.map(({ type }) => type);
  const base = scimUrl(deps);
  const documentation = `${deps.config.baseUrl}/docs/api`;
  const documents: Readonly<Record<string, (name: string) => ReturnType<typeof renderSchemas>>> = {
    "/ServiceProviderConfig": () => renderServiceProviderConfig(base, documentation),
    "/ResourceTypes": () => renderResourceTypes(base, types),
    "/ResourceTypes/:name": (name) => renderResourceTypeOf(name, base, types),
    "/Schemas": () => renderSchemas(base, types),
    "/Schemas/:name": (name) => renderSchemaOf(name, base, types),
  };
  for (const [url, render] of Object.entries(documents)) {
    scope.get<{ Params: { name?: string } }>(url, async ({ params }, reply) =>
      sendScim(reply, 200, render(params.name ?? "")),
    );
    refuseMethods(scope, url, ["GET", "HEAD"]);
  }
}

function logRequest(
  deps: Deps,
  { requestLog }: ProvisioningWiring,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { scimCaller: caller } = request;
  if (caller === null) return;
  requestLog.add({
    organizationId: caller.organizationId,
    at: deps.now(),
    tokenId: caller.tokenId,
    method: request.method,
    path: (request.url.split("?", 1)[0] ?? "").slice(0, 300),
    status: reply.statusCode,
    summary: request.scimSummary.slice(0, 500),
    quirks: quirksOf(request.body),
    requestId: request.id,
  });
}
