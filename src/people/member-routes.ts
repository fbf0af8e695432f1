/**
 * Members by the original's API: one, role, removal (facts 4.4), and as additions deactivation, why they
 * have what they have, and the transfer of the organization. The list is member-list.ts's. Every address names the caller's organization, or nothing.
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { loadMember } from "../store/members.ts";
import { actingCallerOf, idOf, organizationOf } from "./caller.ts";
import { roleField } from "./member-list.ts";
import { changeRole, removeMember, transferOrganization } from "./members.ts";
import { parseBody, wireId } from "./parse.ts";
import { answerMember } from "./person-answer.ts";
import { explainMember } from "./why.ts";
import { answerWhy } from "./why-answer.ts";

/** The only seat there is. */
const seatType = z.enum(["standard"], { error: "Labelgate has standard seats only." }).optional();

/** `PATCH /api/organizations/{id}/memberships` */
export const memberPatchSchema = z.object({
  user_id: wireId,
  role: roleField.optional(),
  user_type: seatType,
});

/** `POST …/memberships/{user_pk}/deactivate` and every other body that may say nothing. */
export const emptySchema = z.object({});

/** `POST /api/organizations/{id}/transfer` */
export const transferSchema = z.object({ user_id: wireId });

const base = "/api/organizations/:id/memberships";

/** Routes of members. */
export function memberRoutes(deps: Deps): FastifyPluginAsync {
  const { db } = deps.store;
  return async (app) => {
    app.patch<{ Params: { id: string } }>(base, async (request) => {
      const acting = actingCallerOf(request, "members:write");
      const organizationId = organizationOf(acting.principal, request.params.id);
      const { user_id: userId, role } = parseBody(memberPatchSchema, request.body);
      const member =
        role === undefined
          ? await loadMember(db, organizationId, userId)
          : await changeRole(deps, acting, { userId, role });
      if (member === null) throw new AppError("not_found");
      return answerMember(organizationId, member);
    });

    app.get<{ Params: { id: string; user: string } }>(`${base}/:user`, async (request) => {
      const principal = request.caller("members:read");
      const organizationId = organizationOf(principal, request.params.id);
      const member = await loadMember(db, organizationId, idOf(request.params.user));
      if (member === null) throw new AppError("not_found");
      const { user, ...rest } = answerMember(organizationId, member);
      const counts = { annotations_count: 0, contributed_projects_count: 0 };
      return { ...rest, ...counts, user: user.id, user_detail: user };
    });

    app.get<{ Params: { id: string; user: string } }>(`${base}/:user/why`, async (request) => {
      const principal = request.caller("members:read");
      const organizationId = organizationOf(principal, request.params.id);
      const why = await explainMember(deps, organizationId, idOf(request.params.user));
      if (why === null) throw new AppError("not_found");
      return answerWhy(why);
    });

    app.delete<{ Params: { id: string; user: string } }>(
      `${base}/:user`,
      async (request, reply) => {
        const acting = actingCallerOf(request, "members:write");
        organizationOf(acting.principal, request.params.id);
        await removeMember(deps, acting, idOf(request.params.user));
        return await reply.code(204).send();
      },
    );

    app.post<{ Params: { id: string; user: string } }>(
      `${base}/:user/deactivate`,
      async (request) => {
        const acting = actingCallerOf(request, "members:write");
        const organizationId = organizationOf(acting.principal, request.params.id);
        parseBody(emptySchema, request.body);
        const userId = idOf(request.params.user);
        const member = await changeRole(deps, acting, { userId, role: "DI" });
        return answerMember(organizationId, member);
      },
    );

    app.post<{ Params: { id: string } }>("/api/organizations/:id/transfer", async (request) => {
      const acting = actingCallerOf(request, "organization:transfer");
      const organizationId = organizationOf(acting.principal, request.params.id);
      const { user_id: userId } = parseBody(transferSchema, request.body);
      const member = await transferOrganization(deps, acting, userId);
      return answerMember(organizationId, member);
    });
  };
}
