/**
 * The SAML settings as the API speaks of them (PRODUCT 6.1 to 6.4), their keys and their reset. The
 * three mapping lists are in the wire's form everywhere in the app.
 */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { SamlFields } from "../../../src/access/settings-table.ts";
import type { spKeysAnswer } from "../../../src/http/openapi/sign-on-answers.ts";
import type {
  computedAnswer,
  metadataVerdictAnswer,
} from "../../../src/settings/answer-schemas.ts";
import { get, post, remove } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** The three mapping lists of SAML or SCIM settings. */
export type MappingLists = Pick<
  SamlFields,
  "roles_groups" | "workspaces_groups" | "projects_groups"
>;

/** A partial update: what is absent stays, null goes back to its default. */
export type SamlPatch = { readonly [Field in keyof SamlFields]?: SamlFields[Field] | null };

/** The whole record. */
export type SamlSettings = SamlFields & z.output<typeof computedAnswer>;

/** Something to look at; `field` is the setting that fixes it. */
export type SettingsWarning = SamlSettings["warnings"][number];

/** Result of checking that a URL answers metadata. */
export type MetadataVerdict = z.output<typeof metadataVerdictAnswer>;

/** Contents of a metadata document; nulls where it could not be read. */
export type MetadataSummary = Omit<Extract<MetadataVerdict, { valid: true }>, "valid">;

/** A signing certificate of the identity provider. */
export type IdpCertificate = MetadataSummary["certificates"][number];

/** The settings of the organization. */
export const samlSettingsQuery = queryOptions({
  queryKey: ["saml-settings"],
  queryFn: async ({ signal }) => await get<SamlSettings>("/api/saml/settings", { signal }),
});

/** Saves what the patch names; the answer takes the place of what was loaded. @throws ApiError */
export async function saveSamlSettings(patch: SamlPatch): Promise<SamlSettings> {
  return keep(await post<SamlSettings>("/api/saml/settings", patch));
}

/**
 * Confirms, as the Owner, who vouches for the Owner by the settings of this version, which were shown.
 * @throws ApiError 409 where they have changed since; what is loaded is then read again
 */
export async function confirmSamlSettings(version: number): Promise<void> {
  try {
    keep(await post<SamlSettings>("/api/saml/settings/confirm", { version }));
  } catch (error) {
    await queryClient.invalidateQueries({ queryKey: samlSettingsQuery.queryKey });
    throw error;
  }
}

/** An identity provider without metadata, as it is entered by hand. */
export interface HandMadeProvider {
  readonly idp_entity_id: string;
  readonly idp_sso_url: string;
  /** PEM, or DER in base64. */
  readonly idp_certificate: string;
}

/** Saves a provider that was entered by hand, in place of a URL and of any text. @throws ApiError */
export async function saveHandMade(made: HandMadeProvider): Promise<SamlSettings> {
  return keep(await post<SamlSettings>("/api/saml/settings", made));
}

/** Saves a metadata document as it was chosen, in place of a URL and of any other text. @throws ApiError */
export async function uploadMetadata(file: File): Promise<SamlSettings> {
  const form = new FormData();
  form.set("metadata_url", "");
  form.set("metadata_xml", file);
  return keep(await post<SamlSettings>("/api/saml/settings", form));
}

function keep(settings: SamlSettings): SamlSettings {
  queryClient.setQueryData(samlSettingsQuery.queryKey, settings);
  return settings;
}

/** Reads a metadata URL and saves nothing. @throws ApiError for what is no URL */
export async function validateMetadataUrl(url: string): Promise<MetadataVerdict> {
  return await post<MetadataVerdict>("/api/saml/settings/validate-metadata-url", {
    metadata_url: url,
  });
}

/** Prepares a test sign-in with the settings and a patch over them; `url` begins it. @throws ApiError */
export async function prepareTest(patch: SamlPatch): Promise<{ id: string; url: string }> {
  return await post("/api/saml/settings/test", patch);
}

/** A key pair of this service provider. */
export type SpKey = z.output<typeof spKeysAnswer>[number];

/** The published keys. */
export const spKeysQuery = queryOptions({
  queryKey: ["saml-sp-keys"],
  queryFn: async ({ signal }) => await get<readonly SpKey[]>("/api/saml/sp-keys", { signal }),
});

/** Makes the next key and publishes it beside the active one. @throws ApiError */
export async function publishNextKey(): Promise<void> {
  const keys = await post<readonly SpKey[]>("/api/saml/sp-keys");
  queryClient.setQueryData(spKeysQuery.queryKey, keys);
}

/** Uses the published next key from now on. @throws ApiError */
export async function activateNextKey(): Promise<void> {
  const keys = await post<readonly SpKey[]>("/api/saml/sp-keys/activate");
  queryClient.setQueryData(spKeysQuery.queryKey, keys);
}

/** Takes a reset back. */
export type UndoReset = () => Promise<void>;

/**
 * Puts every SAML setting back to its default and empties the SCIM mappings (PRODUCT 6.3).
 * Answers how that is undone. @throws ApiError
 */
export async function resetSamlSettings(): Promise<UndoReset> {
  const scimBefore = await latestRevision("scim");
  await remove("/api/saml/settings");
  const saml = await latestRevision("saml");
  const scim = await latestRevision("scim");
  await queryClient.invalidateQueries();
  return async () => {
    if (saml !== null) await restoreBefore(saml);
    if (scim !== null && scim !== scimBefore) await restoreBefore(scim);
    await queryClient.invalidateQueries();
  };
}

async function latestRevision(kind: "saml" | "scim"): Promise<number | null> {
  const { results } = await get<{ readonly results: readonly { readonly id: number }[] }>(
    "/api/saml/settings/revisions",
    { query: { kind, page_size: 1 } },
  );
  return results[0]?.id ?? null;
}

async function restoreBefore(revision: number): Promise<void> {
  const path = `/api/saml/settings/revisions/${revision}/restore`;
  await post(path, {}, { query: { state: "before" } });
}
