/**
 * Chooses the metadata document that an organization trusts after a save (PRODUCT 2.7, 6.2).
 *
 * Both a URL and a text may be on record. The URL is the living source: what it answers counts and is
 * fetched again on schedule. The text counts while there is no URL, and stands in until the URL was
 * read for the first time. A URL that fails later keeps its last good copy.
 */
import type { SamlSettings } from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import { AppError, errorTable } from "../errors.ts";
import { type IdpMetadata, parseIdpMetadata } from "../saml/metadata.ts";
import type { SavedMetadata } from "../store/saml-save.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import type { Problems } from "./problems.ts";

/** Fetches the document at a metadata URL; refuses with `metadata_*` (fetch-metadata.ts). */
export type FetchMetadata = (url: string) => Promise<string>;

/** The outcome of reading a metadata URL. */
export type MetadataAnswer =
  | { readonly outcome: "read"; readonly xml: string; readonly metadata: IdpMetadata }
  /** Trying again later may help, so the URL may be saved. */
  | { readonly outcome: "unreachable"; readonly code: string; readonly sentence: string }
  /** The answer is no metadata, or the URL may not be fetched. */
  | { readonly outcome: "unusable"; readonly code: string; readonly sentence: string };

/** Fetches and parses; what can go wrong is an outcome here, and its reason in the operator's log. */
export async function readMetadataUrl(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  url: string,
): Promise<MetadataAnswer> {
  try {
    const xml = await fetchMetadata(url);
    return { outcome: "read", xml, metadata: parseIdpMetadata(xml, deps.now()) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, evidence } = error;
    const hostname = URL.parse(url)?.hostname ?? null;
    deps.log.info({ code, hostname, ...evidence }, "metadata was not read");
    const outcome = code === "metadata_unreachable" ? "unreachable" : "unusable";
    return { outcome, code, sentence: refusalSentence(error) };
  }
}

/** The sentence of a metadata refusal that may be shown: its own, else the table's. */
export function refusalSentence(error: AppError): string {
  return error.detail ?? errorTable[error.code].public;
}

interface Deciding {
  readonly record: SamlRecord;
  /** The settings after the merge. */
  readonly settings: SamlSettings;
  /** Null where the request set no URL. */
  readonly answer: MetadataAnswer | null;
  readonly nowMs: number;
  readonly problems: Problems;
}

/** Decides the metadata after a save; what makes the save impossible goes to `problems`. */
export function decideMetadata(deciding: Deciding): SavedMetadata {
  const { record, settings, answer, nowMs, problems } = deciding;
  // A text that is on record may have expired since; posting it back must not keep all else waiting.
  const isNewText = settings.metadataXml !== record.settings.metadataXml;
  if (isNewText) checkText(settings.metadataXml, nowMs, problems);
  if (settings.metadataUrl === "") return textState(settings);
  const copy = keptCopy(record, settings);
  if (answer === null) return copy ?? textState(settings);
  if (answer.outcome === "read") {
    return { xml: answer.xml, fetchedAt: nowMs, checkedAt: nowMs, error: null };
  }
  if (answer.outcome === "unusable" && copy?.fetchedAt == null) {
    problems.add("metadata_url", answer.sentence);
  }
  return { ...(copy ?? textState(settings)), checkedAt: nowMs, error: answer.sentence };
}

function textState({ metadataXml }: SamlSettings): SavedMetadata {
  const xml = metadataXml === "" ? null : metadataXml;
  return { xml, fetchedAt: null, checkedAt: null, error: null };
}

/** The copy read from the URL that stays, or that it could not be read yet. */
function keptCopy(record: SamlRecord, settings: SamlSettings): SavedMetadata | null {
  if (record.settings.metadataUrl !== settings.metadataUrl) return null;
  const { idpMetadataCheckedAt: checkedAt, idpMetadataError: error } = record;
  if (record.idpMetadataFetchedAt === null) return { ...textState(settings), checkedAt, error };
  return { xml: record.idpMetadata, fetchedAt: record.idpMetadataFetchedAt, checkedAt, error };
}

function checkText(xml: string, nowMs: number, problems: Problems): void {
  if (xml === "") return;
  try {
    parseIdpMetadata(xml, nowMs);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    problems.add("metadata_xml", refusalSentence(error));
  }
}
