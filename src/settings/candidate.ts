/**
 * The settings that a patch would give, wholly checked: saving saves them, the preview plans with them,
 * and a test sign-in uses them unsaved (PRODUCT 6.2, 8.1, 8.2). One place for the checks, so that none of
 * the three accepts what another refuses.
 */
import type { SamlPatch, SamlSettings, ScimPatch, ScimSettings } from "../access/settings-table.ts";
import type { Deps } from "../deps.ts";
import type { SavedMetadata } from "../store/saml-save.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { loadScimSettings } from "../store/scim-settings.ts";
import type { Db } from "../store/store.ts";
import { checkDomains, checkProjects, checkWorkspaces } from "./check.ts";
import { takeImported } from "./import-record.ts";
import { mergeSaml, mergeScim } from "./merge.ts";
import {
  decideMetadata,
  type FetchMetadata,
  type MetadataAnswer,
  readMetadataUrl,
} from "./metadata-source.ts";
import type { Parsed } from "./parse.ts";
import { mayDisablePassword } from "./password-guard.ts";
import type { Problems } from "./problems.ts";

/** SAML settings that may be saved, beside the record that they would replace. */
export interface SamlCandidate {
  readonly record: SamlRecord;
  readonly settings: SamlSettings;
  readonly metadata: SavedMetadata;
  /** Projects of an imported record that are not here. */
  readonly skippedProjects: readonly number[];
}

/**
 * Fetches the patch's metadata URL; null where it sets none, or one that cannot be asked, which parsing
 * then tells. Asked outside any transaction, as an identity provider may take seconds.
 */
export async function askMetadataUrl(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  url: string | null | undefined,
): Promise<MetadataAnswer | null> {
  if (url === undefined || url === null || url.trim() === "") return null;
  return await readMetadataUrl(deps, fetchMetadata, url);
}

/** A patch, and the record that it is laid over. */
export interface PatchedRecord {
  readonly record: SamlRecord;
  readonly parsed: Parsed<SamlPatch>;
  /** The answer of the patch's metadata URL. */
  readonly answer: MetadataAnswer | null;
  /** The person who would save; null where turning password sign-in off can shut nobody out. */
  readonly saverId: number | null;
}

/**
 * The patch laid over the record.
 * @throws AppError `validation_failed` with every problem, those of parsing included
 */
export async function samlCandidate(
  deps: Deps,
  tx: Db,
  { record, parsed, answer, saverId }: PatchedRecord,
): Promise<SamlCandidate> {
  const problems = parsed.problems.copy();
  const { patch, skippedProjects } = await takeImported(tx, record.organizationId, parsed);
  const settings = await checkedSaml(deps, tx, { record, patch, problems });
  const metadata = decideMetadata({ record, settings, answer, nowMs: deps.now(), problems });
  const candidate = { record, settings, metadata, skippedProjects };
  if (saverId !== null) await checkPasswordSwitch(deps, tx, { candidate, saverId, problems });
  problems.throwIfAny();
  return candidate;
}

/** Password sign-in goes off only for those who have come in without it (PRODUCT 5, 9.8). */
async function checkPasswordSwitch(
  deps: Deps,
  tx: Db,
  {
    candidate,
    saverId: userId,
    problems,
  }: { candidate: SamlCandidate; saverId: number; problems: Problems },
): Promise<void> {
  const { record, settings } = candidate;
  if (!settings.disablePasswordLogin || record.settings.disablePasswordLogin) return;
  const question = { record: recordOfCandidate(candidate), userId };
  const { may, reason } = await mayDisablePassword(deps, tx, question);
  if (!may) problems.add("disable_password_login", reason);
}

/** The merged settings with canonical domains, once the store has been asked about all they name. */
async function checkedSaml(
  deps: Deps,
  tx: Db,
  { record, patch, problems }: { record: SamlRecord; patch: SamlPatch; problems: Problems },
): Promise<SamlSettings> {
  const { organizationId } = record;
  const merged = mergeSaml(record.settings, patch);
  if (patch.projects_groups !== undefined) {
    await checkProjects({ tx, organizationId, problems }, merged);
  }
  if (patch.domain === undefined) return merged;
  const domains = await checkDomains({ tx, organizationId, problems }, merged.domain, {
    isFirst: record.organization.isFirst,
    trust: deps.config,
  });
  return { ...merged, domain: domains.join(","), domains };
}

/** The record as it would be once the candidate was saved. */
export function recordOfCandidate({ record, settings, metadata }: SamlCandidate): SamlRecord {
  return {
    ...record,
    settings,
    idpMetadata: metadata.xml,
    idpMetadataFetchedAt: metadata.fetchedAt,
    idpMetadataCheckedAt: metadata.checkedAt,
    idpMetadataError: metadata.error,
  };
}

/** SCIM mappings that may be saved, and those that stand. */
export interface ScimCandidate {
  readonly before: ScimSettings;
  readonly settings: ScimSettings;
  readonly skippedProjects: readonly number[];
}

/**
 * As `samlCandidate`, for the mappings of pushed groups.
 * @throws AppError `validation_failed` with every problem, those of parsing included
 */
export async function scimCandidate(
  tx: Db,
  organizationId: number,
  parsed: Parsed<ScimPatch>,
): Promise<ScimCandidate> {
  const problems = parsed.problems.copy();
  const { patch, skippedProjects } = await takeImported(tx, organizationId, parsed);
  const before = await loadScimSettings(tx, organizationId);
  const settings = mergeScim(before, patch);
  const checking = { tx, organizationId, problems };
  if (patch.projects_groups !== undefined) await checkProjects(checking, settings);
  if (patch.workspaces_groups !== undefined) await checkWorkspaces(checking, settings);
  problems.throwIfAny();
  return { before, settings, skippedProjects };
}
