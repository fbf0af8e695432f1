/**
 * SCIM for administrators (PRODUCT 7.2): tokens made, listed and revoked, and the request log. Part of
 * the site's API, behind its credentials; SCIM clients never come here.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Principal, refuseLastingCredential } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { listScimRequests, type ScimRequestFilter } from "../store/scim-request-log.ts";
import { listScimTokens, type ScimToken } from "../store/scim-tokens.ts";
import type { RequestLog } from "./request-log.ts";
import { endScimToken, isAlive, makeScimToken, reviewOf, type TokenHolder } from "./tokens.ts";

/** A token as it is asked for. */
export const scimTokenSchema = z.object({
  name: z.string("Give a name."),
  expires_in_days: z.number("Give whole days, or null.").nullish(),
});

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Selects rows of the log older than `before`; of one method, of one result. */
export const scimRequestsQuerySchema = z.object({
  before: z.coerce.number().int().positive().optional(),
  method: z.enum(methods, { error: `Choose one of ${methods.join(", ")}.` }).optional(),
  result: z
    .enum(["accepted", "refused"], { error: "Choose accepted, or refused (a status from 400)." })
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Routes under /api/scim/tokens and /api/scim/requests. */
export function scimAdminRoutes(
  deps: Deps,
  { requestLog }: { readonly requestLog: RequestLog },
): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/scim/tokens", async (request) => {
      const { organizationId } = request.caller("scim_settings:read");
      const tokens = await listScimTokens(deps.store.db, organizationId);
      const now = deps.now();
      return tokens.map((token) => ({
        ...render(token, now),
        made_by: token.creatorEmail,
        review: reviewOf(token, now),
      }));
    });

    app.post("/api/scim/tokens", async (request, reply) => {
      const holder = holderOf(request);
      const refusal = refuseLastingCredential(holder.caller);
      if (refusal !== null) throw new AppError("permission_denied", { detail: refusal });
      const { token, record } = await makeScimToken(deps, holder, wantedOf(request.body));
      return await reply.code(201).send({ ...render(record, deps.now()), token });
    });

    app.delete<{ Params: { id: string } }>("/api/scim/tokens/:id", async (request, reply) => {
      const holder = holderOf(request);
      await endScimToken(deps, holder, idOf(request.params.id));
      return await reply.code(204).send();
    });

    app.get("/api/scim/requests", async (request) => {
      const { organizationId } = request.caller("scim_settings:read");
      const asked = read(scimRequestsQuerySchema, request.query);
      await requestLog.flush();
      const found = await listScimRequests(deps.store.db, requestFilter(organizationId, asked));
      const page = found.slice(0, asked.limit);
      const hasMore = found.length > page.length;
      const next_before = hasMore ? (page.at(-1)?.id ?? null) : null;
      return { results: page.map(renderRequest), next_before };
    });
  };
}

/** One row more than the page holds tells whether there is another page. */
function requestFilter(
  organizationId: number,
  { before, method, result, limit }: z.output<typeof scimRequestsQuerySchema>,
): ScimRequestFilter {
  return {
    organizationId,
    limit: limit + 1,
    ...(before !== undefined && { beforeId: before }),
    ...(method !== undefined && { method }),
    ...(result !== undefined && { isRefused: result === "refused" }),
  };
}

function wantedOf(body: unknown): { readonly name: string; readonly days: number | null } {
  const { name, expires_in_days: days } = read(scimTokenSchema, body ?? {});
  return { name, days: days ?? null };
}

/** @throws AppError `validation_failed` with every problem by its field */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string[]> = {};
  for (const { path, message } of parsed.error.issues) {
    const name = String(path[0] ?? "body");
    fields[name] = [...(fields[name] ?? []), message];
  }
  throw new AppError("validation_failed", { fields });
}

function holderOf(request: FastifyRequest): TokenHolder & { readonly caller: Principal } {
  const caller = request.caller("scim_settings:write");
  const { organizationId, userId } = caller;
  const { ip, id: requestId } = request;
  return { organizationId, actor: { kind: "person", userId }, caller, ip, requestId };
}

function idOf(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  // Beyond what a 32-bit column holds there is nothing, and PostgreSQL would refuse to look.
  if (id < 1 || id > 2_147_483_647) throw new AppError("not_found");
  return id;
}

const time = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

function render(token: ScimToken, now: number) {
  return {
    id: token.id,
    name: token.name,
    prefix: token.prefix,
    is_active: isAlive(token, now),
    created_by: token.createdBy,
    created_at: time(token.createdAt),
    last_used_at: time(token.lastUsedAt),
    expires_at: time(token.expiresAt),
    revoked_at: time(token.revokedAt),
  };
}

function renderRequest(request: Awaited<ReturnType<typeof listScimRequests>>[number]) {
  return {
    id: request.id,
    at: time(request.at),
    token_id: request.tokenId,
    method: request.method,
    path: request.path,
    status: request.status,
    summary: request.summary,
    quirks: request.quirks,
    request_id: request.requestId,
  };
}
