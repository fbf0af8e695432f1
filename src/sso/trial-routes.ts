/**
 * The API of trying things out (PRODUCT 8.2, 8.3): decode, authorize, call, answer. Owner and
 * Administrators only. Reading settings that are not saved is settings/'s, and is handed in.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { inspectResponse } from "./inspect.ts";
import { createTestSignIn, describeTestSignIn, type TriedSettings } from "./trial.ts";

/** Readers of requests that try settings without saving them (settings/unsaved.ts). */
export interface UnsavedSettings {
  readonly readPatch: (request: FastifyRequest, organizationId: number) => Promise<TriedSettings>;
  readonly readInspection: (
    request: FastifyRequest,
    organizationId: number,
  ) => Promise<TriedSettings & { readonly samlResponse: string; readonly isTimeIgnored: boolean }>;
}

/** Routes under /api/saml/inspect and /api/saml/settings/test. */
export function testSignInRoutes(deps: Deps, unsaved: UnsavedSettings): FastifyPluginAsync {
  // As the ACS takes them; URL encoding makes up to three characters of one.
  const bodyLimit = deps.config.samlMaxResponseBytes * 4 + 131_072;
  return async (app) => {
    app.post("/api/saml/inspect", { bodyLimit }, async (request) => {
      const { organizationId, userId } = request.caller("saml_settings:write");
      const inspected = await unsaved.readInspection(request, organizationId);
      const confirmer = inspected.isSaved ? null : userId;
      return await inspectResponse(deps, { ...inspected, confirmer });
    });

    app.post("/api/saml/settings/test", async (request) => {
      const principal = request.caller("saml_settings:write");
      const tried = await unsaved.readPatch(request, principal.organizationId);
      return await createTestSignIn(deps, principal, tried);
    });

    app.get<{ Params: { id: string } }>("/api/saml/settings/test/:id", async (request) => {
      const { organizationId } = request.caller("saml_settings:read");
      return await describeTestSignIn(deps, organizationId, request.params.id);
    });
  };
}
