/**
 * The settings API (PRODUCT 6): decode, authorize, call the flow, answer. Owner and Administrators
 * only. Addresses answer with and without a trailing slash, which http/ sees to.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { renderSummary } from "./answer.ts";
import { parseSentSaml } from "./by-hand.ts";
import { parseTarget } from "./fetch-metadata.ts";
import { readBody } from "./form.ts";
import { describeGroups } from "./groups.ts";
import { describeSaml, describeScim } from "./load.ts";
import { type FetchMetadata, readMetadataUrl, refusalSentence } from "./metadata-source.ts";
import { confirmForOwner } from "./owner-confirmation.ts";
import { parseFields } from "./parse.ts";
import { previewSaml, previewScim } from "./preview.ts";
import { parseSent } from "./project-numbers.ts";
import { rowId } from "./query.ts";
import { describeRevisions, restoreRevision } from "./revisions.ts";
import { resetSaml, type Saver, saveSaml, saveScim } from "./save.ts";
import { confirmationSchema, metadataUrlSchema, scimPatchSchema } from "./schema.ts";
import { describeSignIns } from "./sign-ins.ts";

/** Routes under /api/saml and /api/scim/settings. */
export function settingsRoutes(
  deps: Deps,
  { fetchMetadata }: { readonly fetchMetadata: FetchMetadata },
): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/saml/settings", async (request) => {
      return await describeSaml(deps, request.caller("saml_settings:read"));
    });

    app.post("/api/saml/settings", async (request) => {
      const principal = request.caller("saml_settings:write");
      const body = await readBody(request);
      const parsed = await parseSentSaml(deps, body);
      const more = await saveSaml(deps, fetchMetadata, saverOf(request, principal), parsed);
      return await describeSaml(deps, principal, { echoed: parsed.echoed, more });
    });

    app.post("/api/saml/settings/preview", async (request) => {
      const { organizationId, userId } = request.caller("saml_settings:write");
      const body = await readBody(request);
      const parsed = await parseSentSaml(deps, body);
      const asked = { organizationId, userId, query: request.query };
      return await previewSaml(deps, fetchMetadata, asked, parsed);
    });

    app.post("/api/saml/settings/confirm", async (request) => {
      const principal = request.caller("saml_settings:write");
      const body = await readBody(request);
      const { patch, problems } = parseFields(confirmationSchema, body.fields, body.problems);
      if (patch.version === undefined && !problems.has("version")) {
        problems.add("version", "This field is required.");
      }
      problems.throwIfAny();
      await confirmForOwner(deps, saverOf(request, principal), patch.version ?? 0);
      return await describeSaml(deps, principal);
    });

    app.delete("/api/saml/settings", async (request, reply) => {
      const principal = request.caller("saml_settings:write");
      await resetSaml(deps, saverOf(request, principal));
      return await reply.code(204).send();
    });

    await app.register(revisionRoutes(deps, { fetchMetadata }));

    app.post("/api/saml/settings/validate-metadata-url", async (request) => {
      request.caller("saml_settings:write");
      return await describeMetadataUrl(deps, fetchMetadata, await metadataUrlOf(request));
    });

    app.get("/api/saml/sign-ins", async (request) => {
      const { organizationId } = request.caller("sign_in_log:read");
      return await describeSignIns(deps, organizationId, request.query);
    });

    app.get("/api/saml/groups", async (request) => {
      const { organizationId } = request.caller("saml_settings:read");
      return await describeGroups(deps, organizationId, request.query);
    });

    app.get("/api/scim/settings", async (request) => {
      const { organizationId } = request.caller("scim_settings:read");
      return await describeScim(deps, organizationId);
    });

    app.post("/api/scim/settings/preview", async (request) => {
      const { organizationId } = request.caller("scim_settings:write");
      const body = await readBody(request);
      const parsed = await parseSent(deps, scimPatchSchema, body);
      return await previewScim(deps, { organizationId, query: request.query }, parsed);
    });

    app.post("/api/scim/settings", async (request) => {
      const principal = request.caller("scim_settings:write");
      const body = await readBody(request);
      const parsed = await parseSent(deps, scimPatchSchema, body);
      const more = await saveScim(deps, saverOf(request, principal), parsed);
      return await describeScim(deps, principal.organizationId, more);
    });
  };
}

/** Former settings of both kinds (PRODUCT 8.6). */
function revisionRoutes(
  deps: Deps,
  { fetchMetadata }: { readonly fetchMetadata: FetchMetadata },
): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/saml/settings/revisions", async (request) => {
      const { organizationId } = request.caller("saml_settings:read");
      return await describeRevisions(deps, organizationId, request.query);
    });

    app.post<{ Params: { id: string } }>(
      "/api/saml/settings/revisions/:id/restore",
      async (request) => {
        const principal = request.caller("saml_settings:write");
        const id = rowId.safeParse(request.params.id).data;
        if (id === undefined) throw new AppError("not_found");
        const saver = saverOf(request, principal);
        const restoring = { id, query: request.query };
        return await restoreRevision(deps, fetchMetadata, saver, restoring);
      },
    );
  };
}

function saverOf(request: FastifyRequest, principal: Principal): Saver {
  return { principal, ip: request.ip, requestId: request.id };
}

/** A URL that can be asked; a body without one is a bad request and no verdict (PRODUCT 6.4). */
async function metadataUrlOf(request: FastifyRequest): Promise<string> {
  const body = await readBody(request);
  const { patch, problems } = parseFields(metadataUrlSchema, body.fields, body.problems);
  const { metadata_url: url } = patch;
  if (url === undefined) {
    if (!problems.has("metadata_url")) problems.add("metadata_url", "This field is required.");
    throw problems.toError();
  }
  problems.throwIfAny();
  try {
    return parseTarget(url).href;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("validation_failed", { fields: { metadata_url: [refusalSentence(error)] } });
  }
}

/** Tells whether the URL answers metadata, and its contents. Nothing is saved (PRODUCT 6.4). */
async function describeMetadataUrl(deps: Deps, fetchMetadata: FetchMetadata, url: string) {
  const answer = await readMetadataUrl(deps, fetchMetadata, url);
  if (answer.outcome === "read") {
    return { valid: true, ...renderSummary(answer.metadata, deps.now()) };
  }
  return { valid: false, error: answer.sentence, code: answer.code };
}
