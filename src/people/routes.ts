/**
 * The API of one's own account and of the invite link, with the original's methods, paths and codes
 * (PRODUCT 6.6). Addresses answer with and without a trailing slash, which http/ sees to.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Action, authorize, type Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { currentToken, makeAccessToken, refreshAccess, resetApiToken } from "./api-tokens.ts";
import { inviteLink, resetInviteLink } from "./invites.ts";
import { memberRoutes } from "./member-routes.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { userRoutes } from "./user-routes.ts";
import { whoami } from "./whoami.ts";

const refreshBody = z.object({ refresh: z.string().min(1) });

/** Routes under /api/current-user, /api/token and /api/invite. */
export function peopleRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    await app.register(organizationRoutes(deps));
    await app.register(memberRoutes(deps));
    await app.register(userRoutes(deps));

    app.get("/api/current-user/whoami", async (request) => {
      return await whoami(deps, callerOf(request));
    });

    app.get("/api/current-user/token", async (request) => {
      return await shownToken(deps, request);
    });

    app.post("/api/current-user/reset-token", async (request, reply) => {
      const token = await resetApiToken(deps, activeCallerOf(request));
      return await reply.code(201).send({ token });
    });

    app.post("/api/token", async (request, reply) => {
      const made = await makeAccessToken(deps, activeCallerOf(request), { replaces: false });
      return await reply.code(201).send(made);
    });

    app.post("/api/token/refresh", async (request) => {
      const body = refreshBody.safeParse(request.body);
      if (!body.success) {
        const fields = { refresh: ["Send the personal access token as text."] };
        throw new AppError("validation_failed", { fields });
      }
      return await refreshAccess(deps, body.data.refresh);
    });

    app.get("/api/invite", async (request) => {
      return await inviteLink(deps, mayCallerOf(request, "invites:write"));
    });

    app.post("/api/invite/reset-token", async (request, reply) => {
      const caller = mayCallerOf(request, "invites:write");
      return await reply.code(201).send(await resetInviteLink(deps, caller));
    });
  };
}

function callerOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AppError("not_authenticated");
  return request.principal;
}

function mayCallerOf(request: FastifyRequest, action: Action): Principal {
  const decision = authorize(request.principal, action);
  if (decision.code !== null) throw new AppError(decision.code);
  return callerOf(request);
}

/** A caller whose role opens anything: nobody else may make a token (PRODUCT 1.6). */
function activeCallerOf(request: FastifyRequest): Principal {
  return mayCallerOf(request, "own_tokens:write");
}

/**
 * The original shows the token whenever asked. Here only its hash is kept, so it is shown to a
 * caller who sent it, and everybody else is told how to get one; a request that only reads never
 * makes a token.
 */
async function shownToken(deps: Deps, request: FastifyRequest): Promise<{ token: string }> {
  const caller = activeCallerOf(request);
  const { authorization = "", "x-api-key": key = authorization } = request.headers;
  const sent = /\b([0-9a-f]{40})\s*$/i.exec(String(key))?.[1];
  if (caller.via === "token" && sent !== undefined) return { token: sent.toLowerCase() };
  const existing = await currentToken(deps, caller, "legacy");
  const howTo = "POST /api/current-user/reset-token/ makes a new one and shows it once.";
  if (existing === null) {
    throw new AppError("not_found", { detail: `You have no API token. ${howTo}` });
  }
  throw new AppError("conflict", {
    detail: `You have an API token, which is stored hashed and cannot be shown again. ${howTo}`,
  });
}
