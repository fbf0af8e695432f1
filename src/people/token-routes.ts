/**
 * API tokens by the original's API (PRODUCT 6.6, facts 4.4): the personal API token, and personal
 * access tokens with what is bought for them.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Principal, refuseLastingCredential } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listApiTokens } from "../store/api-tokens.ts";
import {
  currentToken,
  endAccessToken,
  makeAccessToken,
  refreshAccess,
  resetApiToken,
  rotateAccessToken,
} from "./api-tokens.ts";
import { shortListSchema } from "./organization-routes.ts";
import { parseBody, parseQuery } from "./parse.ts";

const refreshSentence = "Send the personal access token as text.";

/** `POST /api/token/refresh/`, `rotate/` and `blacklist/` */
export const refreshSchema = z.object({
  refresh: z.string({ error: refreshSentence }).min(1, refreshSentence),
});

/** Routes of API tokens. Nobody but a caller whose role opens anything makes one (PRODUCT 1.6). */
export function tokenRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/current-user/token", async (request) => await shownToken(deps, request));

    app.post("/api/current-user/reset-token", async (request, reply) => {
      const token = await resetApiToken(deps, creatorOf(request));
      return await reply.code(201).send({ token });
    });

    app.get("/api/token", async (request) => {
      const { userId, organizationId } = request.caller("own_tokens:write");
      parseQuery(shortListSchema, request.query);
      const of = { userId, organizationId, now: deps.now() };
      const tokens = await listApiTokens(deps.store.db, of);
      // The text of a token is nowhere: it was shown when it was made.
      return tokens
        .filter(({ kind }) => kind === "pat")
        .map(({ createdAt, expiresAt, lastUsedAt }) => ({
          token: "",
          created_at: new Date(createdAt).toISOString(),
          expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
          last_used_at: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
        }));
    });

    app.post("/api/token", async (request, reply) => {
      const made = await makeAccessToken(deps, creatorOf(request), { replaces: false });
      return await reply.code(201).send(made);
    });

    app.post("/api/token/refresh", async (request) => {
      return await refreshAccess(deps, parseBody(refreshSchema, request.body).refresh);
    });

    // The token itself is the credential of these two, as of the one above.
    app.post("/api/token/rotate", async (request) => {
      return await rotateAccessToken(deps, parseBody(refreshSchema, request.body).refresh);
    });

    app.post("/api/token/blacklist", async (request, reply) => {
      await endAccessToken(deps, parseBody(refreshSchema, request.body).refresh);
      return await reply.code(204).send();
    });
  };
}

/** The creator of a lasting token. @throws AppError `permission_denied`, also for an access token */
function creatorOf(request: FastifyRequest): Principal {
  const caller = request.caller("own_tokens:write");
  const refusal = refuseLastingCredential(caller);
  if (refusal !== null) throw new AppError("permission_denied", { detail: refusal });
  return caller;
}

/**
 * The original shows the token whenever asked. Here only its hash is kept, so it is shown to a
 * caller who sent it, and everybody else is told how to get one; a request that only reads never
 * makes a token.
 */
async function shownToken(deps: Deps, request: FastifyRequest): Promise<{ token: string }> {
  const caller = request.caller("own_tokens:write");
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
