/**
 * The settings as the API answers them (PRODUCT 6.1, 6.5): the wire form of every field, the
 * addresses to copy into the identity provider, and what the metadata on record says. Pure.
 */
import {
  mappingRows,
  type SamlSettings,
  type ScimSettings,
  samlRows,
} from "../access/settings-table.ts";
import { AppError } from "../errors.ts";
import { type IdpMetadata, parseIdpMetadata } from "../saml/metadata.ts";
import { serviceProviderUrls } from "../saml/urls.ts";
import { renderFields } from "../setting-fields.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { refusalSentence } from "./metadata-source.ts";
import type { Warning } from "./warnings.ts";

/** The contents of the metadata on record, or the reason why it could not be read. */
export type ReadMetadata =
  | { readonly metadata: IdpMetadata; readonly problem: null }
  | { readonly metadata: null; readonly problem: string | null };

const dayMs = 86_400_000;

/** Parses the record's metadata; a document that no longer parses, or has expired, is an outcome. */
export function readRecordMetadata(record: SamlRecord, nowMs: number): ReadMetadata {
  if (record.idpMetadata === null) return { metadata: null, problem: record.idpMetadataError };
  try {
    return { metadata: parseIdpMetadata(record.idpMetadata, nowMs), problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { metadata: null, problem: refusalSentence(error) };
  }
}

interface Answering {
  readonly baseUrl: string;
  readonly record: SamlRecord;
  readonly read: ReadMetadata;
  readonly warnings: readonly Warning[];
  readonly nowMs: number;
}

/** The whole record, as `GET` and `POST /api/saml/settings` answer it. */
export function renderSaml({ baseUrl, record, read, warnings, nowMs }: Answering) {
  return {
    ...renderSamlFields(record.settings),
    ...renderComputed(baseUrl, record.token),
    metadata: renderMetadata(record, read, nowMs),
    warnings,
  };
}

/** The fields that can be set, in the wire spelling. */
export function renderSamlFields(settings: SamlSettings) {
  return renderFields(samlRows, settings);
}

/** The mapping lists, in the wire spelling; the whole of the SCIM settings. */
export function renderScim(settings: ScimSettings) {
  return renderFields(mappingRows, settings);
}

/** The fields that follow from the organization's token. */
export function renderComputed(baseUrl: string, token: string) {
  const urls = serviceProviderUrls(baseUrl, token);
  return {
    acs_url: urls.acs,
    login_url: urls.login,
    logout_url: urls.logout,
    metadata_xml_url: urls.xml,
    sp_metadata_url: urls.metadata,
    token,
  };
}

function renderMetadata(record: SamlRecord, { metadata, problem }: ReadMetadata, nowMs: number) {
  const { settings } = record;
  if (settings.metadataUrl === "" && settings.metadataXml === "") return null;
  return {
    ...renderSummary(metadata, nowMs),
    source: metadataSource(record),
    fetched_at: isoTime(record.idpMetadataFetchedAt),
    checked_at: isoTime(record.idpMetadataCheckedAt),
    last_error: record.idpMetadataError ?? problem,
  };
}

function metadataSource(record: SamlRecord): "metadata_url" | "metadata_xml" | null {
  if (record.idpMetadata === null) return null;
  return record.idpMetadataFetchedAt === null ? "metadata_xml" : "metadata_url";
}

/** Renders a metadata document's identity provider; nulls where there is none. */
export function renderSummary(metadata: IdpMetadata | null, nowMs: number) {
  return {
    entity_id: metadata?.entityId ?? null,
    sso_redirect_url: metadata?.ssoRedirectUrl ?? null,
    sso_post_url: metadata?.ssoPostUrl ?? null,
    certificates: (metadata?.signingCertificates ?? []).map((certificate) => ({
      subject: certificate.subject,
      fingerprint_sha256: certificate.fingerprintSha256,
      key_type: certificate.keyType,
      not_before: isoTime(certificate.notBeforeMs),
      not_after: isoTime(certificate.notAfterMs),
      days_left: Math.floor((certificate.notAfterMs - nowMs) / dayMs),
      is_usable: certificate.isUsable,
      problem: certificate.problem,
    })),
    want_authn_requests_signed: metadata?.wantAuthnRequestsSigned ?? null,
    valid_until: isoTime(metadata?.validUntilMs ?? null),
    attribute_names: metadata?.attributeNames ?? [],
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
