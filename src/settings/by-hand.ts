/**
 * The identity provider entered by hand, as three fields beside the settings (PRODUCT 2.7). Nothing keeps
 * them: they become the metadata document, which then counts as one that was given as text.
 */
import { z } from "zod";
import type { SamlPatch } from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { readCertificates, renderHandMetadata } from "../saml/hand-metadata.ts";
import { parseIdpMetadata } from "../saml/metadata.ts";
import { line } from "../setting-fields.ts";
import type { ReadBody } from "./form.ts";
import type { Parsed } from "./parse.ts";
import type { Problems } from "./problems.ts";
import { parseSent } from "./project-numbers.ts";
import { samlPatchSchema } from "./schema.ts";

const fields = ["idp_entity_id", "idp_sso_url", "idp_certificate"] as const;

/** What they may hold; the certificate is PEM, or DER in base64. */
const handMadeSchema = z
  .object({
    idp_entity_id: line(1024),
    idp_sso_url: line(2048),
    idp_certificate: z.string().max(65_536),
  })
  .partial();

/** What `POST /api/saml/settings` may hold, those three among it. */
export const samlSentSchema = samlPatchSchema.extend(handMadeSchema.shape);

/**
 * As `parseSent`, for SAML settings that a client sent: what was entered by hand is metadata by then, and
 * metadata without a URL takes the place of the URL on record.
 */
export async function parseSentSaml(
  deps: Pick<Deps, "config" | "store" | "now">,
  body: ReadBody,
): Promise<Parsed<SamlPatch>> {
  return await parseSent(deps, samlPatchSchema, asMetadata(body, deps.now()));
}

function asMetadata(body: ReadBody, nowMs: number): ReadBody {
  const { problems } = body;
  if (typeof body.fields !== "object" || body.fields === null || Array.isArray(body.fields)) {
    return body;
  }
  const sent = new Map(Object.entries(body.fields));
  const made = fields.map((name) => {
    const value: unknown = sent.get(name) ?? "";
    sent.delete(name);
    return value;
  });
  const metadata = sent.get("metadata_xml") ?? "";
  if (made.some((value) => value !== "")) {
    if (metadata !== "") {
      const sentence = "Send either the metadata or what was entered by hand, not both.";
      problems.add("metadata_xml", sentence);
    }
    const xml = documentOf(made, { problems, nowMs });
    if (xml !== null) sent.set("metadata_xml", xml);
  }
  // A URL on record would go before it; the last one given counts (PRODUCT 2.7).
  const isGiven = (sent.get("metadata_xml") ?? "") !== "";
  if (isGiven && !sent.has("metadata_url")) sent.set("metadata_url", null);
  return { fields: Object.fromEntries(sent), problems };
}

/** The document, or null where a field is wrong, which `problems` then tell. */
function documentOf(
  made: readonly unknown[],
  { problems, nowMs }: { readonly problems: Problems; readonly nowMs: number },
): string | null {
  const values: string[] = [];
  for (const [at, name] of fields.entries()) {
    const result = handMadeSchema.shape[name].safeParse(made[at]);
    for (const issue of result.error?.issues ?? []) problems.add(name, issue.message);
    values.push(typeof result.data === "string" ? result.data.trim() : "");
  }
  const [entityId = "", ssoUrl = "", certificate = ""] = values;
  if (entityId === "") problems.add("idp_entity_id", "Enter the provider's entityID (Issuer).");
  const url = URL.parse(ssoUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    problems.add("idp_sso_url", "Enter the provider's single sign-on URL, an http or https URL.");
  }
  const read = readCertificates(certificate);
  if ("problem" in read) problems.add("idp_certificate", read.problem);
  if (fields.some((name) => problems.has(name)) || "problem" in read) return null;
  const xml = renderHandMetadata({ entityId, ssoUrl, certificates: read.certificates });
  try {
    parseIdpMetadata(xml, nowMs);
    return xml;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    problems.add("idp_sso_url", error.message);
    return null;
  }
}
