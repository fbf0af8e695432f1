/**
 * The organization by the original's API (facts 4.4): list, read, title, default role; seats are an
 * addition (PRODUCT 1.7). A credential opens one organization, so the list has one entry
 * (PRODUCT 4.10).
 */
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { type Action, authorize, type Principal } from "../access/authorize.ts";
import { type OrgRole, roleName, roleRank } from "../access/roles.ts";
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import {
  loadOrganization,
  type Organization,
  type OrganizationChanges,
  updateOrganization,
} from "../store/organizations.ts";
import { type Acting, actingCallerOf, organizationOf } from "./caller.ts";
import { titleField } from "./fields.ts";
import { loadManualPolicy } from "./manual-policy.ts";
import { notKept, parseBody, parseQuery } from "./parse.ts";

/** A list that is too short to be put in order takes the parameter all the same. */
export const shortListSchema = z.object({ ordering: z.string().max(100).optional() });

const seatSentence = "Send a whole number from 1, or null for no limit.";

/** `PATCH /api/organizations/{id}` */
export const organizationPatchSchema = z.object({
  title: titleField.optional(),
  seat_limit: z
    .number({ error: seatSentence })
    .int({ error: seatSentence })
    .min(1, { error: seatSentence })
    .max(1_000_000_000, { error: "Send at most 1000000000, or null for no limit." })
    .nullable()
    .optional(),
  contact_info: notKept(null),
});

/** `PATCH /api/organizations/{id}/set-default-role` */
export const defaultRoleSchema = z.object({
  default_role: z.enum(["AD", "MA", "RE", "AN", "NO"], {
    error: "Send a role: one of AD, MA, RE, AN, NO. Owner is given by transfer alone.",
  }),
  organization: z.number({ error: "Send a whole number." }).optional(),
});

/** Routes of the organization itself. */
export function organizationRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/organizations", async (request) => {
      const principal = request.caller("own_organizations:read");
      parseQuery(shortListSchema, request.query);
      const { id, title, createdAt } = await organizationNow(deps, principal.organizationId);
      const created = new Date(createdAt).toISOString();
      return [{ id, title, contact_info: null, created_at: created }];
    });

    app.get<{ Params: { id: string } }>("/api/organizations/:id", async (request) => {
      const principal = request.caller("own_organizations:read");
      organizationOf(principal, request.params.id);
      return await describe(deps, principal);
    });

    app.patch<{ Params: { id: string } }>("/api/organizations/:id", async (request) => {
      const acting = actingCallerOf(request, "organization:write");
      organizationOf(acting.principal, request.params.id);
      const { title, seat_limit: seatLimit } = parseBody(organizationPatchSchema, request.body);
      await change(deps, acting, "organization:write", {
        ...(title === undefined ? {} : { title }),
        ...(seatLimit === undefined ? {} : { seatLimit }),
      });
      return await describe(deps, acting.principal);
    });

    app.patch<{ Params: { id: string } }>(
      "/api/organizations/:id/set-default-role",
      async (request) => {
        const acting = actingCallerOf(request, "default_role:write");
        const organization = organizationOf(acting.principal, request.params.id);
        const body = parseBody(defaultRoleSchema, request.body);
        if (body.organization !== undefined && body.organization !== organization) {
          throw new AppError("not_found");
        }
        refuseAbove(acting.principal, body.default_role);
        await change(deps, acting, "default_role:write", { defaultRole: body.default_role });
        return { organization, default_role: body.default_role };
      },
    );
  };
}

/** A role that the caller could not give to one person is no default for all. */
function refuseAbove({ role }: Principal, wanted: OrgRole): void {
  if (roleRank(wanted) <= roleRank(role)) return;
  throw new AppError("permission_denied", {
    detail: `Somebody with the role ${roleName(role)} may not make ${roleName(wanted)} the default.`,
  });
}

async function change(
  deps: Deps,
  acting: Acting,
  action: Action,
  changes: OrganizationChanges,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  const { organizationId, userId } = acting.principal;
  await deps.store.transaction(async (tx) => {
    await callerNow(tx, acting.principal, action);
    await updateOrganization(tx, organizationId, changes);
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor: { kind: "person", userId },
      action: "organization_changed",
      changes: [{ ...changes }],
      ip: acting.ip,
      requestId: acting.requestId,
    });
  });
}

async function organizationNow(deps: Deps, id: number): Promise<Organization> {
  const organization = await loadOrganization(deps.store.db, id);
  if (organization === null) throw new AppError("not_found");
  return organization;
}

/** Seats are for those who see the organization page. */
async function describe(deps: Deps, principal: Principal) {
  const organization = await organizationNow(deps, principal.organizationId);
  const policy = await loadManualPolicy(deps.config, deps.store.db, organization.id);
  const seats = { seat_limit: organization.seatLimit, seats_used: organization.seatsUsed };
  return {
    id: organization.id,
    title: organization.title,
    contact_info: null,
    created_at: new Date(organization.createdAt).toISOString(),
    default_role: organization.defaultRole,
    billing: {
      manual_role_management: policy.manualRoleManagement,
      manual_workspace_management: policy.manualWorkspaceManagement,
      manual_project_member_management: policy.manualProjectMemberManagement,
      allow_sso: true,
    },
    ...(authorize(principal, "organization:read").allow ? seats : {}),
  };
}
