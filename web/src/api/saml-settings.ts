/**
 * The SAML settings as the API speaks of them (PRODUCT 6.1 to 6.4), their keys and their reset. The
 * three mapping lists are in the wire's form everywhere in the app.
 */
import { queryOptions } from "@tanstack/react-query";
import type { SamlFields } from "../../../src/access/settings-table.ts";
import { get, post, remove } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** The three mapping lists of SAML or SCIM settings. */
export type MappingLists = Pick<
  SamlFields,
  "roles_groups" | "workspaces_groups" | "projects_groups"
>;

/** A partial update: what is absent stays, null goes back to its default. */
export type SamlPatch = { readonly [Field in keyof SamlFields]?: SamlFields[Field] | null };

/** Something to look at; `field` is the setting that mends it. */
export interface SettingsWarning {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** A signing certificate of the identity provider. */
export interface IdpCertificate {
  readonly subject: string;
  readonly fingerprint_sha256: string;
  readonly key_type: string;
  readonly not_before: string | null;
  readonly not_after: string | null;
  readonly days_left: number;
  readonly is_usable: boolean;
  readonly problem: string | null;
}

/** What a metadata document says; nulls where it could not be read. */
export interface MetadataSummary {
  readonly entity_id: string | null;
  readonly sso_redirect_url: string | null;
  readonly sso_post_url: string | null;
  readonly certificates: readonly IdpCertificate[];
  readonly want_authn_requests_signed: boolean | null;
  readonly valid_until: string | null;
  readonly attribute_names: readonly string[];
}

/** The metadata on record, and how it came there. */
export interface RecordMetadata extends MetadataSummary {
  readonly source: "metadata_url" | "metadata_xml" | null;
  readonly fetched_at: string | null;
  readonly checked_at: string | null;
  readonly last_error: string | null;
}

/** The whole record. */
export interface SamlSettings extends SamlFields {
  /** Also the service provider's entity ID. */
  readonly acs_url: string;
  readonly login_url: string;
  readonly logout_url: string;
  readonly metadata_xml_url: string;
  readonly sp_metadata_url: string;
  readonly token: string;
  /** Null while neither a URL nor a text is set. */
  readonly metadata: RecordMetadata | null;
  readonly warnings: readonly SettingsWarning[];
  /** Whether whoever asks may turn password sign-in off, why, and how many people use a password. */
  readonly password_login: {
    readonly may_disable: boolean;
    readonly reason: string;
    readonly used_by: number;
  };
  /** Whether the Owner may sign in by SAML, and whether whoever asks is the Owner who can say so. */
  readonly owner_sign_in: { readonly is_confirmed: boolean; readonly may_confirm: boolean };
  /** Goes up with every change of the record. */
  readonly version: number;
}

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

/** Whether a URL answers metadata. */
export type MetadataVerdict =
  | ({ readonly valid: true } & MetadataSummary)
  | { readonly valid: false; readonly error: string; readonly code: string };

/** Reads a metadata URL and saves nothing. @throws ApiError for what is no URL */
export async function validateMetadataUrl(url: string): Promise<MetadataVerdict> {
  return await post<MetadataVerdict>("/api/saml/settings/validate-metadata-url", {
    metadata_url: url,
  });
}

/** Prepares a test sign-on with the settings and a patch over them; `url` begins it. @throws ApiError */
export async function prepareTest(patch: SamlPatch): Promise<{ id: string; url: string }> {
  return await post("/api/saml/settings/test", patch);
}

/** A key pair of this service provider. */
export interface SpKey {
  readonly id: number;
  readonly state: "active" | "next";
  /** PEM. */
  readonly certificate: string;
}

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
