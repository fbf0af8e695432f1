/**
 * Saving and resetting the settings (PRODUCT 6.2, 6.3, 6.5).
 *
 *   fetch the metadata URL ─ transaction { lock → load → merge → check → save, revision, audit row }
 *
 * 1. Nothing is fetched inside a transaction, as an identity provider may take seconds to answer.
 * 2. Every check runs, and every problem is told at once; with any problem nothing is saved.
 * 3. The merge starts from what is stored at that moment, so two partial updates lose nothing.
 */
import { isDeepStrictEqual } from "node:util";
import type { Action, Principal } from "../access/authorize.ts";
import { planReset } from "../access/plan-reset.ts";
import {
  defaultSamlSettings,
  noScimSettings,
  type SamlPatch,
  type ScimPatch,
} from "../access/settings-table.ts";
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { serviceProviderUrls } from "../saml/urls.ts";
import { applyPlan } from "../store/apply.ts";
import { recordAudit } from "../store/audit.ts";
import { listOwners } from "../store/organizations.ts";
import { loadAssignedMembers } from "../store/people.ts";
import { type SavedMetadata, saveSaml as storeSaml } from "../store/saml-save.ts";
import { lockSaml, type SamlRecord } from "../store/saml-settings.ts";
import { loadGroupedPeople } from "../store/scim-members.ts";
import { loadScimSettings, saveScimSettings as storeScim } from "../store/scim-settings.ts";
import { loadScimRules, syncPeople } from "../store/scim-sync.ts";
import type { Db } from "../store/store.ts";
import { renderSamlFields, renderScim } from "./answer.ts";
import {
  askMetadataUrl,
  recordOfCandidate,
  type SamlCandidate,
  type ScimCandidate,
  samlCandidate,
  scimCandidate,
} from "./candidate.ts";
import { importWarnings } from "./import-record.ts";
import type { FetchMetadata } from "./metadata-source.ts";
import { applyOwnerEffect, type Owner, ownerEffect, tellOwners } from "./owner-confirmation.ts";
import type { Parsed } from "./parse.ts";
import type { Warning } from "./warnings.ts";

/** The person who saves, and their request. */
export interface Saver {
  readonly principal: Principal;
  readonly ip: string;
  readonly requestId: string;
  /** The revision whose settings are restored, for the log; absent for any other save. */
  readonly restores?: number;
  /** True for the command line, in the Owner's name: whoever has it gets in by it, whatever is turned off. */
  readonly isOperator?: boolean;
}

const noMetadata: SavedMetadata = { xml: null, fetchedAt: null, checkedAt: null, error: null };

/**
 * Lays the patch over the SAML settings and saves them. A patch that changes nothing leaves no
 * revision. Answers what there is to say of an import.
 *
 * @throws AppError `validation_failed` with every problem, those of parsing included.
 */
export async function saveSaml(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  saver: Saver,
  parsed: Parsed<SamlPatch>,
): Promise<readonly Warning[]> {
  const answer = await askMetadataUrl(deps, fetchMetadata, parsed.patch.metadata_url);
  const { suspended, warnings } = await deps.store.transaction(async (tx) => {
    const record = await lockFor(tx, saver, "saml_settings:write");
    const saverId = saver.isOperator === true ? null : saver.principal.userId;
    const candidate = await samlCandidate(deps, tx, { record, parsed, answer, saverId });
    await writeSaml(tx, { saver, at: deps.now(), action: actionOf("saml", saver) }, candidate);
    const settled = await settleOwner(deps, tx, { saver, candidate, patch: parsed.patch });
    const hasProjects = (parsed.patch.projects_groups ?? []).length > 0;
    const acsUrl = serviceProviderUrls(deps.config.baseUrl, record.token).acs;
    const outcome = { skipped: candidate.skippedProjects, hasProjects, acsUrl };
    return { suspended: settled, warnings: importWarnings(parsed, outcome) };
  });
  // The command saves in a transaction of its own, and tells once that is over.
  if (saver.isOperator !== true) await tellOwners(deps, suspended);
  return warnings;
}

/** The record, locked, for a saver who may save it still: reading metadata may have taken seconds. */
async function lockFor(tx: Db, { principal }: Saver, action: Action): Promise<SamlRecord> {
  const record = await lockSaml(tx, principal.organizationId);
  await callerNow(tx, principal, action);
  return record;
}

/**
 * Settles the save's effect on the Owner's own sign-in (PRODUCT 4.2); returns the Owner whose sign-in it
 * suspends.
 */
async function settleOwner(
  deps: Deps,
  tx: Db,
  { saver, candidate, patch }: { saver: Saver; candidate: SamlCandidate; patch: SamlPatch },
): Promise<readonly Owner[]> {
  const { organizationId, userId } = saver.principal;
  // Whoever runs the command is not seen to be the Owner, and a file may hold what somebody else set.
  const saverId = saver.isOperator === true ? null : userId;
  const before = candidate.record;
  const after = recordOfCandidate(candidate);
  const owners = await listOwners(tx, organizationId);
  const effect = ownerEffect(owners, { before, after, patch, saverId });
  await applyOwnerEffect(deps, tx, { acting: saver, record: before }, effect);
  return effect.suspended;
}

function actionOf(kind: "saml" | "scim", { restores }: Saver): string {
  return `${kind}_settings_${restores === undefined ? "saved" : "restored"}`;
}

interface Occasion {
  readonly saver: Saver;
  readonly at: number;
  readonly action: string;
}

async function writeSaml(
  tx: Db,
  occasion: Occasion,
  { record, settings, metadata }: SamlCandidate,
): Promise<void> {
  const { organizationId } = record;
  const fields = changedFields(renderSamlFields(record.settings), renderSamlFields(settings));
  if (fields.length === 0 && isDeepStrictEqual(metadataOf(record), metadata)) return;
  await storeSaml(tx, {
    organizationId,
    settings: fields.length === 0 ? record.settings : settings,
    actorUserId: occasion.saver.principal.userId,
    at: occasion.at,
    metadata,
  });
  await writeAudit(tx, occasion, fields);
}

function metadataOf(record: SamlCandidate["record"]): SavedMetadata {
  return {
    xml: record.idpMetadata,
    fetchedAt: record.idpMetadataFetchedAt,
    checkedAt: record.idpMetadataCheckedAt,
    error: record.idpMetadataError,
  };
}

/** The log names the fields; what they were and are stands in the revision. */
async function writeAudit(
  tx: Db,
  { saver, at, action }: Occasion,
  fields: readonly string[],
): Promise<void> {
  if (fields.length === 0) return;
  await recordAudit(tx, {
    organizationId: saver.principal.organizationId,
    at,
    actor: { kind: "person", userId: saver.principal.userId },
    action,
    changes: [
      ...fields.map((field) => ({ kind: "setting_changed", field })),
      ...(saver.restores === undefined
        ? []
        : [{ kind: "revision_restored", revision: saver.restores }]),
    ],
    ip: saver.ip,
    requestId: saver.requestId,
  });
}

function changedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/**
 * Puts every SAML setting back to its default and empties the SCIM mappings (PRODUCT 6.3). The token
 * and the SP keys stay. What SCIM groups gave to people stays too, as given by hand; the assignment
 * records go.
 */
export async function resetSaml(deps: Deps, saver: Saver): Promise<void> {
  const suspended = await deps.store.transaction(async (tx) => {
    const { organizationId, userId: actorUserId } = saver.principal;
    const record = await lockFor(tx, saver, "saml_settings:write");
    const scim = await loadScimSettings(tx, organizationId);
    const plans = planReset(await loadAssignedMembers(tx, organizationId));

    const occasion = { saver, at: deps.now(), action: "saml_settings_reset" };
    const skippedProjects: readonly number[] = [];
    const settings = defaultSamlSettings;
    const candidate = { record, settings, metadata: noMetadata, skippedProjects };
    await writeSaml(tx, occasion, candidate);
    const emptied = { before: scim, settings: noScimSettings, skippedProjects };
    await writeScim(tx, { ...occasion, action: "scim_settings_reset" }, emptied);
    for (const plan of plans) {
      await applyPlan(tx, {
        organizationId,
        plan,
        actor: { kind: "person", userId: actorUserId },
        at: occasion.at,
        action: occasion.action,
        requestId: saver.requestId,
        ip: saver.ip,
      });
    }
    return await settleOwner(deps, tx, { saver, candidate, patch: {} });
  });
  await tellOwners(deps, suspended);
}

/**
 * Lays the patch over the SCIM mappings and saves them, and applies them at once to the groups that a
 * SCIM client pushed earlier, in the same transaction (PRODUCT 6.5).
 *
 * @throws AppError `validation_failed` with every problem, those of parsing included.
 */
export async function saveScim(
  deps: Deps,
  saver: Saver,
  parsed: Parsed<ScimPatch>,
): Promise<readonly Warning[]> {
  const { organizationId } = saver.principal;
  return await deps.store.transaction(async (tx) => {
    const { token } = await lockFor(tx, saver, "scim_settings:write");
    const candidate = await scimCandidate(tx, organizationId, parsed);
    const occasion = { saver, at: deps.now(), action: actionOf("scim", saver) };
    await writeScim(tx, occasion, candidate);
    await applyToPushedGroups(deps, tx, occasion);
    const hasProjects = (parsed.patch.projects_groups ?? []).length > 0;
    const acsUrl = serviceProviderUrls(deps.config.baseUrl, token).acs;
    return importWarnings(parsed, { skipped: candidate.skippedProjects, hasProjects, acsUrl });
  });
}

/** Saving the same mappings once more brings back what was changed beside them meanwhile. */
async function applyToPushedGroups(deps: Deps, tx: Db, occasion: Occasion): Promise<void> {
  const { principal, requestId, ip } = occasion.saver;
  const { organizationId, userId } = principal;
  const userIds = await loadGroupedPeople(tx, organizationId);
  if (userIds.length === 0) return;
  const rules = await loadScimRules(tx, organizationId, deps.config);
  await syncPeople(tx, rules, {
    userIds,
    occasion: {
      actor: { kind: "person", userId },
      at: occasion.at,
      action: occasion.action,
      requestId,
      ip,
    },
  });
}

async function writeScim(
  tx: Db,
  occasion: Occasion,
  { before, settings }: ScimCandidate,
): Promise<void> {
  const fields = changedFields(renderScim(before), renderScim(settings));
  if (fields.length === 0) return;
  const { organizationId, userId } = occasion.saver.principal;
  await storeScim(tx, { organizationId, settings, actorUserId: userId, at: occasion.at });
  await writeAudit(tx, occasion, fields);
}
