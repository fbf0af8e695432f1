/** Warnings about the metadata on record: unread, failing, superseded, expiring (PRODUCT 2.7, 3.2). Pure. */
import type { SamlSettings } from "../access/settings-table.ts";
import { type Detection, detectNames } from "../saml/detect.ts";
import type { IdpMetadata } from "../saml/metadata.ts";
import { presetMapping, proposePreset } from "../saml/presets.ts";
import type { Situation, Warning } from "./warnings.ts";

const dayMs = 86_400_000;
/** Days before its end at which a certificate is warned about, nearest first. */
const expiryDays = [1, 7, 14, 30, 60] as const;

/** Warns about the metadata on record. */
export function metadataWarnings(situation: Situation): readonly Warning[] {
  const { record, read, nowMs } = situation;
  const found = sourceWarnings(situation);
  if (read.metadata === null) return found;
  return [
    ...found,
    ...certificateWarnings(read.metadata, nowMs),
    ...validityWarnings(read.metadata, nowMs),
    ...presetWarnings(read.metadata, record.settings),
  ];
}

function sourceWarnings({ record, read }: Situation): readonly Warning[] {
  const { settings, idpMetadata, idpMetadataError, idpMetadataFetchedAt } = record;
  const field = settings.metadataUrl === "" ? "metadata_xml" : "metadata_url";
  const found: Warning[] = [];
  if (settings.metadataUrl !== "" && idpMetadataError !== null) {
    found.push({
      code: "metadata_unread",
      field,
      message: unreadSentence(idpMetadata, idpMetadataError),
    });
  }
  if (read.metadata === null && idpMetadata !== null && read.problem !== null) {
    found.push({
      code: "metadata_unusable",
      field,
      message: `The metadata on record cannot be used, so nobody can sign in: ${read.problem}`,
    });
  }
  if (settings.metadataUrl !== "" && settings.metadataXml !== "" && idpMetadataFetchedAt !== null) {
    found.push({
      code: "metadata_xml_superseded",
      field: "metadata_xml",
      message:
        "Both metadata_url and metadata_xml are set. The URL is what counts, and is read again on schedule; set it to null to use the text.",
    });
  }
  return found;
}

function unreadSentence(idpMetadata: string | null, error: string): string {
  const consequence =
    idpMetadata === null
      ? "Sign-on answers that it is not configured until the URL can be read; it is tried again in the background."
      : "The last good metadata stays in use; the URL is tried again in the background.";
  return `${error} ${consequence}`;
}

function certificateWarnings(metadata: IdpMetadata, nowMs: number): readonly Warning[] {
  return metadata.signingCertificates.flatMap(({ subject, notAfterMs, isUsable, problem }) => {
    if (!isUsable) {
      const message = `The signing certificate ${subject} cannot be used${problem === null ? "." : `: ${problem}`}`;
      return [{ code: "certificate_unusable", field: "metadata", message }];
    }
    const days = Math.floor((notAfterMs - nowMs) / dayMs);
    const date = new Date(notAfterMs).toISOString().slice(0, 10);
    if (notAfterMs <= nowMs) {
      const message = `The signing certificate ${subject} expired on ${date}. Sign-in still works; renew it at the identity provider.`;
      return [{ code: "certificate_expired", field: "metadata", message }];
    }
    const threshold = expiryDays.find((limit) => days < limit);
    if (threshold === undefined) return [];
    const message = `The signing certificate ${subject} expires on ${date}, within ${threshold === 1 ? "a day" : `${threshold} days`}.`;
    return [{ code: "certificate_expiring", field: "metadata", message }];
  });
}

function validityWarnings({ validUntilMs }: IdpMetadata, nowMs: number): readonly Warning[] {
  if (validUntilMs === null || validUntilMs - nowMs > 7 * dayMs) return [];
  const date = new Date(validUntilMs).toISOString();
  const message = `The metadata calls itself valid only until ${date}; sign-in stops then unless a newer copy is read.`;
  return [{ code: "metadata_ends", field: "metadata", message }];
}

const nameWords = {
  email: "e-mail",
  firstName: "first name",
  lastName: "last name",
  groups: "groups",
} as const;

/** Tells which names are read though nobody chose them, and why (PRODUCT 3.2). */
function detectedWarnings({ names, because }: Detection): readonly Warning[] {
  if (because === null) return [];
  const list = Object.entries(nameWords).flatMap(([kind, word]) => {
    const name = Object.entries(names).find(([own]) => own === kind)?.[1];
    return name === undefined ? [] : [`${word} "${name}"`];
  });
  const message = `Nobody has chosen a preset or attribute names, so they are detected: ${list.join(", ")}, since ${because}. Choose a preset or names to keep them.`;
  return [{ code: "names_detected", field: "idp_provider", message }];
}

/** Proposes the preset whose names the identity provider announces, where others are configured. */
function presetWarnings(metadata: IdpMetadata, settings: SamlSettings): readonly Warning[] {
  const detection = detectNames(settings, metadata);
  if (detection !== null) return detectedWarnings(detection);
  const key = proposePreset(metadata.attributeNames);
  const mapping = key === null ? null : presetMapping(key);
  if (key === null || mapping === null) return [];
  const isConfigured =
    settings.mappingEmail === mapping.email &&
    settings.mappingFirstName === mapping.firstName &&
    settings.mappingLastName === mapping.lastName &&
    settings.mappingGroups === mapping.groups;
  if (isConfigured) return [];
  const message = `The metadata announces the attribute names of the preset "${key}", but others are configured. Set idp_provider to "${key}" to use them.`;
  return [{ code: "preset_proposed", field: "idp_provider", message }];
}
