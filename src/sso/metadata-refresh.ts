/**
 * Keeps identity provider metadata fresh (PRODUCT 2.7): on schedule, once when a response is signed
 * by an unknown key, and again soon where a URL was never read. A refresh that fails keeps the last
 * good copy and leaves a sentence for the administrator. Fetching itself is settings/'s, and is
 * handed in, since features do not import one another.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type IdpMetadata, parseIdpMetadata } from "../saml/metadata.ts";
import { takeLease } from "../store/leases.ts";
import { saveIdpMetadata } from "../store/saml-save.ts";
import {
  listSamlDueForRefresh,
  loadSamlByOrganization,
  type SamlRecord,
} from "../store/saml-settings.ts";

/** Fetches the document at a metadata URL under the rules of PRODUCT 2.7; refuses with `metadata_*`. */
export type FetchMetadata = (url: string) => Promise<string>;

/** An unknown key may start a refresh at most this often, so that forged signatures cost nothing. */
export const unknownKeyRefreshMs = 5 * 60_000;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Days before a certificate's end at which administrators are warned (PRODUCT 2.7). */
const warningDays = [1, 7, 14, 30, 60];

/**
 * Fetches the organization's metadata URL and stores what it answers, if it is metadata.
 * Failure is an outcome here: the last good copy stays, with the reason beside it.
 */
export async function refreshMetadata(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  record: SamlRecord,
): Promise<"read" | "failed"> {
  const { organizationId, settings } = record;
  const at = deps.now();
  try {
    const xml = await fetchMetadata(settings.metadataUrl);
    parseIdpMetadata(xml, at);
    await saveIdpMetadata(deps.store.db, {
      organizationId,
      metadataUrl: settings.metadataUrl,
      xml,
      at,
      error: null,
    });
    return "read";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await saveIdpMetadata(deps.store.db, {
      organizationId,
      metadataUrl: settings.metadataUrl,
      xml: null,
      at,
      error: error.message,
    });
    deps.log.warn(
      { organizationId, code: error.code, reason: error.message, ...error.evidence },
      "metadata refresh failed; the last good copy stays in use",
    );
    return "failed";
  }
}

/**
 * The record after one attempt to learn an unknown key, or null where that brought nothing new: no
 * metadata URL, an attempt for the same reason less than five minutes ago, or the same document.
 */
export async function refreshForUnknownKey(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  record: SamlRecord,
): Promise<SamlRecord | null> {
  const { organizationId, settings } = record;
  if (settings.metadataUrl === "") return null;
  let attempt = running.get(organizationId);
  if (attempt === undefined) {
    attempt = refreshOnce(deps, fetchMetadata, record).finally(() =>
      running.delete(organizationId),
    );
    running.set(organizationId, attempt);
  }
  await attempt;
  // Another replica may have had the turn and be done with it.
  const fresh = await loadSamlByOrganization(deps.store.db, organizationId);
  return fresh.idpMetadata === record.idpMetadata ? null : fresh;
}

/**
 * The record with what its metadata URL answers now, saved nowhere; null where that is nothing new or
 * cannot be had. For test sign-ins, which write nothing: a sign-in would go by `refreshForUnknownKey`.
 */
export async function readNewerMetadata(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  record: SamlRecord,
): Promise<SamlRecord | null> {
  const { metadataUrl } = record.settings;
  if (metadataUrl === "") return null;
  try {
    const idpMetadata = await fetchMetadata(metadataUrl);
    parseIdpMetadata(idpMetadata, deps.now());
    return idpMetadata === record.idpMetadata ? null : { ...record, idpMetadata };
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Refreshes under way in this process: everybody who signs in meanwhile waits for the one fetch. */
const running = new Map<number, Promise<void>>();

/**
 * One fetch, if nobody met an unknown key in the last five minutes.
 * Refreshes for other reasons do not count: a key may be changed right after one.
 */
async function refreshOnce(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  record: SamlRecord,
): Promise<void> {
  const now = deps.now();
  const isOurTurn = await takeLease(deps.store.db, {
    name: `unknown-key:${record.organizationId}`,
    holder: deps.randomToken(8),
    now,
    until: now + unknownKeyRefreshMs,
  });
  if (isOurTurn) await refreshMetadata(deps, fetchMetadata, record);
}

/** Refreshes every record whose turn it is; meant for the replica that holds the lease. */
export async function refreshDueMetadata(deps: Deps, fetchMetadata: FetchMetadata): Promise<void> {
  const now = deps.now();
  const due = await listSamlDueForRefresh(deps.store.db, {
    readBefore: now - deps.config.samlMetadataRefreshHours * hourMs,
    neverReadBefore: now - unknownKeyRefreshMs,
  });
  for (const record of due) await refreshMetadata(deps, fetchMetadata, record);
}

/** Days until the first usable signing certificate ends, or null where there is none. */
export function daysToCertificateEnd(metadata: IdpMetadata, nowMs: number): number | null {
  const ends = metadata.signingCertificates
    .filter((certificate) => certificate.isUsable)
    .map((certificate) => certificate.notAfterMs);
  if (ends.length === 0) return null;
  return Math.floor((Math.min(...ends) - nowMs) / dayMs);
}

/** The warning threshold that `days` has reached (60, 30, 14, 7, 1), or null where it is far off. */
export function expiryThreshold(days: number): number | null {
  return warningDays.find((threshold) => days <= threshold) ?? null;
}
