/**
 * The organization's permissions by the original's API (facts 4.4): which may be configured, and the
 * overrides, made, changed and taken back. The Owner's alone, as the original's page is.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type ConfigurablePermission,
  configurablePermissions,
} from "../access/organization-permissions.ts";
import type { OrgRole } from "../access/roles.ts";
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import {
  deleteOverride,
  listOverrides,
  loadOverride,
  type PermissionOverride,
  saveOverride,
} from "../store/organization-permissions.ts";
import type { Db } from "../store/store.ts";
import { type Acting, actingCallerOf, organizationOf } from "./caller.ts";
import { roleField } from "./member-list.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { answeredField, orderField } from "./place-fields.ts";

const answered = {
  ...{ id: answeredField, organization: answeredField, default: answeredField },
  ...{ options: answeredField, group: answeredField, label: answeredField, tooltip: answeredField },
};

/** `POST …/permissions`; PUT sends the same. */
export const permissionSchema = z.object({
  permission: z.string(),
  roles: z.array(roleField, { error: "Send a list of roles." }),
  ...answered,
});

/** `PATCH …/permissions/{permission}` */
export const permissionPatchSchema = permissionSchema.partial();

/** `GET …/permissions` and `…/permissions/options` */
export const permissionListSchema = z.object({
  ordering: orderField({ id: "id", permission: "permission" }),
});

interface ById {
  readonly Params: { readonly id: string };
}
interface ByKey {
  readonly Params: { readonly id: string; readonly permission: string };
}

const base = "/api/organizations/:id/permissions";

/** Routes of the organization's permissions. */
export function organizationPermissionRoutes(deps: Deps): FastifyPluginAsync {
  const { db } = deps.store;
  return async (app) => {
    app.get<ById>(`${base}/options`, async (request) => {
      ownerOf(request);
      const query = parseQuery(permissionListSchema, request.query);
      return inOrder(configurablePermissions, query.ordering);
    });

    app.get<ById>(base, async (request) => {
      const { organizationId } = ownerOf(request).principal;
      const query = parseQuery(permissionListSchema, request.query);
      const overrides = await listOverrides(db, organizationId);
      return inOrder(overrides, query.ordering).map((one) => answerOverride(organizationId, one));
    });

    app.get<ByKey>(`${base}/:permission`, async (request) => {
      const { organizationId } = ownerOf(request).principal;
      const override = await loadOverride(db, organizationId, keyOf(request));
      return answerOverride(organizationId, found(override));
    });

    app.post<ById>(base, async (request, reply) => {
      const acting = ownerOf(request);
      const { permission, roles } = parseBody(permissionSchema, request.body);
      const made = await change(deps, acting, permission, (former) => {
        if (former === null) return allowed(permission, roles);
        throw refusal("permission", "There is an override of this permission already; change it.");
      });
      return await reply.code(201).send(made);
    });

    app.put<ByKey>(`${base}/:permission`, async (request) => {
      const acting = ownerOf(request);
      const body = parseBody(permissionSchema, request.body);
      return await rewrite(deps, acting, { key: keyOf(request), ...body });
    });

    app.patch<ByKey>(`${base}/:permission`, async (request) => {
      const acting = ownerOf(request);
      const body = parseBody(permissionPatchSchema, request.body);
      return await rewrite(deps, acting, { key: keyOf(request), ...body });
    });

    app.delete<ByKey>(`${base}/:permission`, async (request, reply) => {
      await change(deps, ownerOf(request), keyOf(request), (former) => {
        found(former);
        return null;
      });
      return await reply.code(204).send();
    });
  };
}

function ownerOf(request: FastifyRequest<ById>): Acting {
  const acting = actingCallerOf(request, "permissions:write");
  organizationOf(acting.principal, request.params.id);
  return acting;
}

const keyOf = ({ params }: FastifyRequest<ByKey>) => params.permission;

function found(override: PermissionOverride | null): PermissionOverride {
  if (override === null) throw new AppError("not_found");
  return override;
}

async function rewrite(
  deps: Deps,
  acting: Acting,
  {
    key,
    permission = key,
    roles,
  }: { key: string; permission?: string | undefined; roles?: readonly OrgRole[] | undefined },
) {
  return await change(deps, acting, key, (former) => {
    const { roles: before } = found(former);
    if (permission === key) return allowed(key, roles ?? before);
    throw refusal("permission", "An override stays that of its permission; make another one.");
  });
}

/** Saves what `decide` makes of the override that is there; null takes it back. */
async function change(
  deps: Deps,
  { principal, ip, requestId }: Acting,
  permission: string,
  decide: (former: PermissionOverride | null) => readonly OrgRole[] | null,
) {
  const { organizationId, userId } = principal;
  return await deps.store.transaction(async (tx) => {
    // Locks the Owner's account: whoever else changes an override waits.
    await callerNow(tx, principal, "permissions:write");
    const former = await loadOverride(tx, organizationId, permission);
    const roles = decide(former);
    await write(tx, organizationId, { permission, roles });
    const change = { permission, roles, before: former?.roles ?? null };
    await recordAudit(tx, {
      organizationId,
      at: deps.now(),
      actor: { kind: "person", userId },
      action: "permission_changed",
      changes: [{ kind: "permission_changed", ...change }],
      ip,
      requestId,
    });
    const override = await loadOverride(tx, organizationId, permission);
    return override === null ? null : answerOverride(organizationId, override);
  });
}

async function write(
  tx: Db,
  organizationId: number,
  { permission, roles }: { permission: string; roles: readonly OrgRole[] | null },
): Promise<void> {
  if (roles === null) await deleteOverride(tx, organizationId, permission);
  else await saveOverride(tx, organizationId, { permission, roles });
}

const kindOf = (key: string): ConfigurablePermission | undefined =>
  configurablePermissions.find(({ permission }) => permission === key);

/** The roles, where they may have the permission. @throws AppError `validation_failed` */
function allowed(permission: string, roles: readonly OrgRole[]): readonly OrgRole[] {
  const kind = kindOf(permission);
  if (kind === undefined) {
    throw refusal(
      "permission",
      "Labelgate has no such permission to configure; …/permissions/options lists those it has.",
    );
  }
  const options: readonly OrgRole[] = kind.options;
  if (roles.every((role) => options.includes(role))) {
    return options.filter((role) => roles.includes(role));
  }
  const sentence = `This is decided of ${options.join(", ")}; the Owner always has it.`;
  throw refusal("roles", sentence);
}

function refusal(field: string, sentence: string): AppError {
  return new AppError("validation_failed", { fields: { [field]: [sentence] } });
}

function answerOverride(organizationId: number, override: PermissionOverride) {
  return { ...kindOf(override.permission), ...override, organization: organizationId };
}

function inOrder<Entry extends { readonly permission: string }>(
  entries: readonly Entry[],
  ordering: z.output<typeof permissionListSchema>["ordering"],
): readonly Entry[] {
  const { order, isDescending } = ordering ?? { order: "id", isDescending: false };
  const sorted =
    order === "id"
      ? [...entries]
      : entries.toSorted((a, b) => (a.permission < b.permission ? -1 : 1));
  return isDescending ? sorted.reverse() : sorted;
}
