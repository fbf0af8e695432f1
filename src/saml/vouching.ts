/**
 * Reads what decides who vouches (PRODUCT 4.2) out of the settings and the metadata, and tells whose
 * account a configuration may open as Owner. The comparison itself is access/vouching.ts's. Pure.
 */
import {
  type OwnerConfirmation,
  unconfirmedFields,
  type Vouching,
  type VouchingFacts,
} from "../access/vouching.ts";
import { AppError } from "../errors.ts";
import { announcedEmail } from "./detect.ts";
import { parseIdpMetadata } from "./metadata.ts";

/** As much of an organization's record as takes part. */
export interface VouchingRecord {
  readonly settings: Omit<Vouching, "document" | "isFetched">;
  readonly idpMetadata: string | null;
  readonly idpMetadataFetchedAt: number | null;
  readonly ownerConfirmation: OwnerConfirmation | null;
}

/** The part of a record that a confirmation keeps. */
export function vouchingOf(record: Omit<VouchingRecord, "ownerConfirmation">): Vouching {
  const { metadataUrl, idpProvider, mappingEmail, domains, allowSha1 } = record.settings;
  return {
    ...{ metadataUrl, idpProvider, mappingEmail, domains, allowSha1 },
    document: record.idpMetadata,
    isFetched: record.idpMetadataFetchedAt !== null,
  };
}

/**
 * Reads the facts from the metadata; null where the document is no metadata, by which nobody signs in
 * anyway.
 */
export function vouchingFacts(vouching: Vouching): VouchingFacts | null {
  const { document, isFetched, ...settings } = vouching;
  if (document === null) return { ...settings, entityId: null, keys: null, announcedEmail: null };
  try {
    // Whether it has expired is not asked here: a key is the same key then.
    const metadata = parseIdpMetadata(document, Number.NEGATIVE_INFINITY);
    const keys = metadata.signingCertificates.map(({ fingerprintSha256 }) => fingerprintSha256);
    return {
      ...settings,
      entityId: metadata.entityId,
      keys: isFetched ? null : keys,
      announcedEmail: announcedEmail(metadata),
    };
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/**
 * Checks whether the Owner with this account is kept from a sign-in that others have; false where
 * nobody has one.
 */
export function isOwnerSuspended(record: VouchingRecord, ownerId: number): boolean {
  if (record.idpMetadata === null && record.settings.metadataUrl === "") return false;
  return confirmedFor(record) !== ownerId;
}

/** The account whose Owner confirmed the very configuration that stands in the record, or null. */
export function confirmedFor(record: VouchingRecord): number | null {
  const { ownerConfirmation } = record;
  if (ownerConfirmation === null) return null;
  const confirmed = vouchingFacts(ownerConfirmation);
  const present = vouchingFacts(vouchingOf(record));
  if (confirmed === null || present === null) return null;
  return unconfirmedFields(confirmed, present).length === 0 ? ownerConfirmation.by : null;
}
