/**
 * Invitations by the original's API (facts 4.4): the organization's link, invites by e-mail, their
 * revocation; the list of open invites is an addition.
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { listInvites } from "../store/invites.ts";
import { projectNumber } from "../store/wire-numbers.ts";
import { actingCallerOf } from "./caller.ts";
import { emailField } from "./fields.ts";
import { invitePeople, type MadeInvite, revokeInvite } from "./invite-people.ts";
import { inviteLink, resetInviteLink } from "./invites.ts";
import { parseBody, wireId } from "./parse.ts";

const maxEmails = 100;
const maxPlaces = 200;

const placesField = z
  .array(wireId, { error: "Send a list of ids." })
  .max(maxPlaces, `Send at most ${maxPlaces} ids.`)
  .transform((ids) => [...new Set(ids)])
  .default([]);

/** `POST /api/invite/send-email` */
export const inviteSchema = z.object({
  emails: z
    .array(emailField)
    .min(1, "Send at least one address.")
    .max(maxEmails, `Send at most ${maxEmails} addresses at once.`)
    .transform((emails) => [...new Set(emails)]),
  role: z
    .enum(["OW", "AD", "MA", "RE", "AN", "NO"], {
      error: "Send a role: one of AD, MA, RE, AN, NO.",
    })
    .optional(),
  user_type: z.enum(["standard"], { error: "Labelgate has standard seats only." }).optional(),
  workspaces: placesField,
  projects: placesField,
});

/** `POST /api/invite/revoke` */
export const revokeSchema = z.object({ email: emailField });

/** Routes of invitations. */
export function inviteRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/invite", async (request) => {
      return await inviteLink(deps, request.caller("invites:write"));
    });

    app.post("/api/invite/reset-token", async (request, reply) => {
      const caller = request.caller("invites:write");
      return await reply.code(201).send(await resetInviteLink(deps, caller));
    });

    app.post("/api/invite/send-email", async (request) => {
      const acting = actingCallerOf(request, "invites:write");
      const { emails, role, workspaces, projects } = parseBody(inviteSchema, request.body);
      const places = { workspaces, projects };
      const made = await invitePeople(deps, acting, { emails, role, places });
      return { invites: made.map(answerInvite) };
    });

    app.post("/api/invite/revoke", async (request, reply) => {
      const acting = actingCallerOf(request, "invites:write");
      await revokeInvite(deps, acting, parseBody(revokeSchema, request.body).email);
      return await reply.code(204).send();
    });

    app.get("/api/invites", async (request) => {
      const { organizationId } = request.caller("invites:read");
      const invites = await listInvites(deps.store.db, { organizationId, now: deps.now() });
      return invites.map(({ email, role, createdBy, createdAt, expiresAt, ...places }) => ({
        email,
        role,
        workspaces: places.workspaces,
        projects: places.projects.map(projectNumber),
        created_by: createdBy,
        created_at: new Date(createdAt).toISOString(),
        expires_at: new Date(expiresAt).toISOString(),
      }));
    });
  };
}

function answerInvite({ email, role, isSent, url, expiresAt }: MadeInvite) {
  const expires = new Date(expiresAt).toISOString();
  return { email, role, is_sent: isSent, invite_url: url, expires_at: expires };
}
