/**
 * Sessions by API, an addition (PRODUCT 9.6): people see and end their own, administrators anybody's,
 * each in the organization of the credential that asks (PRODUCT 4.10).
 */
import type { FastifyPluginAsync } from "fastify";
import { authorize, type Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import { loadMember } from "../store/members.ts";
import { loadMembership } from "../store/people.ts";
import {
  deleteSessions,
  findSessionPerson,
  listSessions,
  type SessionFilter,
  type SessionRow,
} from "../store/sessions.ts";
import type { Db } from "../store/store.ts";
import { personNumber } from "../store/wire-numbers.ts";
import { type Acting, actingCallerOf, idOf } from "./caller.ts";

/** Routes of sessions. */
export function sessionRoutes(deps: Deps): FastifyPluginAsync {
  const { db } = deps.store;
  return async (app) => {
    app.get("/api/sessions", async (request) => {
      const { userId, organizationId, sessionId } = request.caller("own_account:read");
      const rows = await listSessions(db, { userId, organizationId, now: deps.now() });
      return rows.map((row) => answerSession(row, sessionId));
    });

    app.delete<{ Params: { id: string } }>("/api/sessions/:id", async (request, reply) => {
      const acting = actingCallerOf(request, "own_sessions:write");
      const { principal } = acting;
      const { id } = request.params;
      const userId = await findSessionPerson(db, { organizationId: principal.organizationId, id });
      const isOthers = userId !== principal.userId;
      // Whoever may not end another's session does not learn that there is one.
      if (userId === null || (isOthers && !authorize(principal, "sessions:write").allow)) {
        throw new AppError("not_found");
      }
      if ((await endSessions(deps, acting, { userId, id })) === 0) throw new AppError("not_found");
      return await reply.code(204).send();
    });

    app.get<{ Params: { id: string } }>("/api/users/:id/sessions", async (request) => {
      const { organizationId, sessionId } = request.caller("sessions:read");
      const userId = idOf(request.params.id);
      if ((await loadMember(db, organizationId, userId)) === null) throw new AppError("not_found");
      const rows = await listSessions(db, { userId, organizationId, now: deps.now() });
      return rows.map((row) => answerSession(row, sessionId));
    });

    app.delete<{ Params: { id: string } }>("/api/users/:id/sessions", async (request) => {
      const userId = idOf(request.params.id);
      const isSelf = userId === request.principal?.userId;
      const acting = actingCallerOf(request, isSelf ? "own_sessions:write" : "sessions:write");
      const { organizationId, sessionId } = acting.principal;
      if ((await loadMember(db, organizationId, userId)) === null) throw new AppError("not_found");
      // The session that asks goes on: ending it is what signing out is for.
      const except = isSelf && sessionId !== null ? { exceptId: sessionId } : {};
      return { ended: await endSessions(deps, acting, { userId, ...except }) };
    });
  };
}

async function endSessions(
  deps: Deps,
  { principal, ip, requestId }: Acting,
  filter: Omit<SessionFilter, "organizationId">,
): Promise<number> {
  const { organizationId } = principal;
  return await deps.store.transaction(async (tx) => {
    await refuseOwners(tx, principal, filter.userId);
    const ended = await deleteSessions(tx, { ...filter, organizationId });
    if (ended > 0) {
      await recordAudit(tx, {
        organizationId,
        at: deps.now(),
        actor: { kind: "person", userId: principal.userId },
        subjectUserId: filter.userId,
        action: "sessions_ended",
        changes: [{ ended }],
        ip,
        requestId,
      });
    }
    return ended;
  });
}

/** An Owner is changed by nobody but the Owner, who could not get back in everywhere. */
async function refuseOwners(tx: Db, principal: Principal, userId: number): Promise<void> {
  const { organizationId } = principal;
  if (userId === principal.userId) return;
  const membership = await loadMembership(tx, organizationId, userId);
  if (membership?.role !== "OW") return;
  throw new AppError("permission_denied", {
    detail: "The Owner's sessions are ended by the Owner alone.",
  });
}

function answerSession(row: SessionRow, asking: string | null) {
  return {
    id: row.id,
    user: personNumber(row.userId),
    method: row.method,
    created_at: new Date(row.createdAt).toISOString(),
    last_seen_at: new Date(row.lastSeenAt).toISOString(),
    expires_at: new Date(row.expiresAt).toISOString(),
    ip_address: row.ip,
    user_agent: row.userAgent,
    is_current: row.id === asking,
  };
}
