/**
 * Renewing the service provider's key by hand (PRODUCT 2.6): publish the next one, then use it.
 * Owner and Administrators only, each step an audit row.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "../store/audit.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { activateNextKey, prepareNextKey, publishedKeys } from "./keys.ts";

/** Routes under /api/saml/sp-keys. */
export function keyRoutes(deps: Deps): FastifyPluginAsync {
  const shown = async (organizationId: number) => {
    const record = await loadSamlByOrganization(deps.store.db, organizationId);
    const keys = await publishedKeys(deps, record);
    return keys.map(({ id, state, certificatePem }) => ({
      id,
      state,
      certificate: certificatePem,
    }));
  };
  const note = async (request: FastifyRequest, principal: Principal, action: string) => {
    await recordAudit(deps.store.db, {
      organizationId: principal.organizationId,
      at: deps.now(),
      actor: { kind: "person", userId: principal.userId },
      action,
      ip: request.ip,
      requestId: request.id,
    });
  };
  return async (app) => {
    app.get("/api/saml/sp-keys", async (request) => {
      return await shown(request.caller("saml_settings:read").organizationId);
    });

    app.post("/api/saml/sp-keys", async (request, reply) => {
      const principal = request.caller("saml_settings:write");
      const record = await loadSamlByOrganization(deps.store.db, principal.organizationId);
      await prepareNextKey(deps, record);
      await note(request, principal, "sp_key_published");
      return await reply.code(201).send(await shown(principal.organizationId));
    });

    app.post("/api/saml/sp-keys/activate", async (request) => {
      const principal = request.caller("saml_settings:write");
      const record = await loadSamlByOrganization(deps.store.db, principal.organizationId);
      if (!(await activateNextKey(deps, record))) {
        throw new AppError("conflict", {
          detail: "There is no next key. Publish one first: POST /api/saml/sp-keys.",
        });
      }
      await note(request, principal, "sp_key_activated");
      return await shown(principal.organizationId);
    });
  };
}
