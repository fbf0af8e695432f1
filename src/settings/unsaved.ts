/**
 * Settings that an administrator tries without saving them: what a test sign-in and an inspection are
 * judged by (PRODUCT 8.2, 8.3). Owns reading such requests; the checks are candidate.ts's, which are
 * those of saving. http/ hands these readers to sso/, since features do not import one another.
 */
import { isDeepStrictEqual } from "node:util";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { SamlPatch } from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import { loadSamlByOrganization, type SamlRecord } from "../store/saml-settings.ts";
import { parseSentSaml } from "./by-hand.ts";
import { askMetadataUrl, recordOfCandidate, samlCandidate } from "./candidate.ts";
import { readBody } from "./form.ts";
import type { FetchMetadata } from "./metadata-source.ts";
import { type Parsed, parseFields } from "./parse.ts";
import type { Problems } from "./problems.ts";
import { samlPatchSchema } from "./schema.ts";

/** The body of `POST /api/saml/inspect`; `patch` is read by the schema of the settings. */
export const inspectionSchema = z.object({
  saml_response: z
    .string({ error: "Paste a SAMLResponse: base64, deflated, URL-encoded or XML." })
    .refine((text) => text.trim() !== "", { error: "Paste a SAMLResponse." }),
  patch: samlPatchSchema.optional(),
  ignore_time: z.boolean({ error: "Send true or false." }).optional(),
});

const ownFields = inspectionSchema.omit({ patch: true });

/** A record as it would be once the patch was saved. */
export interface TriedSettings {
  readonly record: SamlRecord;
  /** True where that is what is on record anyway. */
  readonly isSaved: boolean;
}

/** A pasted message and the settings to judge it by. */
export interface Inspection extends TriedSettings {
  readonly samlResponse: string;
  readonly isTimeIgnored: boolean;
}

/**
 * Readers of requests that try settings. Each throws AppError `validation_failed` with every problem,
 * as saving would, and fetches a metadata URL by the very rules of saving (PRODUCT 2.7).
 */
export function unsavedSettings(deps: Deps, fetchMetadata: FetchMetadata) {
  const tryPatch = async (organizationId: number, parsed: Parsed<SamlPatch>) =>
    await triedSettings(deps, fetchMetadata, { organizationId, parsed });
  return {
    /** The body is a patch, as saving takes it: JSON, a form or a multipart form with a file. */
    readPatch: async (request: FastifyRequest, organizationId: number): Promise<TriedSettings> => {
      const { fields, problems } = await readBody(request);
      return await tryPatch(organizationId, await parseSentSaml(deps, { fields, problems }));
    },
    /** The body is that of `inspectionSchema`. */
    readInspection: async (
      request: FastifyRequest,
      organizationId: number,
    ): Promise<Inspection> => {
      const { fields, problems } = await readBody(request);
      const { own, patch } = withoutPatch(fields);
      const { patch: sent } = parseFields(ownFields, own, problems);
      requireResponse(sent.saml_response, problems);
      const tried = await tryPatch(
        organizationId,
        await parseSentSaml(deps, { fields: patch, problems }),
      );
      const { saml_response: samlResponse = "", ignore_time: isTimeIgnored = false } = sent;
      return { ...tried, samlResponse, isTimeIgnored };
    },
  };
}

function requireResponse(text: string | undefined, problems: Problems): void {
  if (text !== undefined || problems.has("saml_response")) return;
  problems.add("saml_response", "This field is required.");
}

/** The patch apart from the rest; what is no object of fields is left for parsing to refuse. */
function withoutPatch(fields: unknown): { own: unknown; patch: unknown } {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    return { own: fields, patch: undefined };
  }
  const { patch, ...own } = { ...fields } as Readonly<Record<string, unknown>>;
  return { own, patch };
}

async function triedSettings(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  { organizationId, parsed }: { organizationId: number; parsed: Parsed<SamlPatch> },
): Promise<TriedSettings> {
  // Nobody's server is asked on behalf of a request that is refused anyway.
  const url = parsed.problems.isEmpty ? parsed.patch.metadata_url : null;
  const answer = await askMetadataUrl(deps, fetchMetadata, url);
  const { db } = deps.store;
  const record = await loadSamlByOrganization(db, organizationId);
  const tried = recordOfCandidate(
    await samlCandidate(deps, db, { record, parsed, answer, saverId: null }),
  );
  const isSaved =
    isDeepStrictEqual(tried.settings, record.settings) && tried.idpMetadata === record.idpMetadata;
  return isSaved ? { record, isSaved } : { record: tried, isSaved };
}
