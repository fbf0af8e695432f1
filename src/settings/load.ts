/**
 * Reading the settings with all that an answer says about them (PRODUCT 6.1): addresses, metadata
 * summary, warnings.
 */
import type { Deps } from "../deps.ts";
import { findSimilarWorkspaces } from "../store/mapping-targets.ts";
import { loadSamlByOrganization } from "../store/saml-settings.ts";
import { loadScimSettings } from "../store/scim-settings.ts";
import { readRecordMetadata, renderComputed, renderSaml, renderScim } from "./answer.ts";
import { groupWarnings, namedGroups } from "./mapping-warnings.ts";
import { samlWarnings, type Warning } from "./warnings.ts";

const nothingEchoed: ReadonlyMap<string, unknown> = new Map();

/**
 * The whole record as the API answers it. `echoed` are values that the caller sent for read-only
 * fields; one that differs from what stays is told.
 */
export async function describeSaml(
  deps: Deps,
  organizationId: number,
  echoed: ReadonlyMap<string, unknown> = nothingEchoed,
) {
  const { db } = deps.store;
  const { baseUrl, disableSamlSslValidation: isTlsUnchecked } = deps.config;
  const nowMs = deps.now();
  const record = await loadSamlByOrganization(db, organizationId);
  const scim = await loadScimSettings(db, organizationId);
  const titles = new Set(record.settings.workspaces.map(({ workspace }) => workspace));
  const similarWorkspaces = await findSimilarWorkspaces(db, organizationId, [...titles]);
  const read = readRecordMetadata(record, nowMs);
  const warnings = [
    ...samlWarnings({ record, read, scim, similarWorkspaces, isTlsUnchecked, nowMs }),
    ...readOnlyWarnings(renderComputed(baseUrl, record.token), echoed),
  ];
  return renderSaml({ baseUrl, record, read, warnings, nowMs });
}

/** The SCIM settings as the API answers them. */
export async function describeScim(deps: Deps, organizationId: number) {
  const settings = await loadScimSettings(deps.store.db, organizationId);
  return { ...renderScim(settings), warnings: groupWarnings(namedGroups(settings)) };
}

function readOnlyWarnings(
  computed: Readonly<Record<string, string>>,
  echoed: ReadonlyMap<string, unknown>,
): readonly Warning[] {
  return Object.entries(computed)
    .filter(([field, stays]) => echoed.has(field) && echoed.get(field) !== stays)
    .map(([field]) => ({
      code: "read_only",
      field,
      message: `${field} cannot be set and stays as it is.`,
    }));
}
