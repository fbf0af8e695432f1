/**
 * Partial update: what the settings become when a patch is laid over them (PRODUCT 6.2). Pure.
 * Absent stays, null becomes the default, and a known preset fills the attribute names that the same
 * request does not set.
 */
import {
  heldOf,
  type PatchOf,
  type SettingRows,
  type SettingsOf,
  settingsFrom,
} from "../access/setting-rows.ts";
import {
  mappingRows,
  type SamlPatch,
  type SamlSettings,
  type ScimPatch,
  type ScimSettings,
  samlRows,
} from "../access/settings-table.ts";
import { presetMapping } from "../saml/presets.ts";

/** The SAML settings after `patch`. The domains are taken as they are; check.ts makes them canonical. */
export function mergeSaml(current: SamlSettings, patch: SamlPatch): SamlSettings {
  const { idp_provider: chosen = current.idpProvider } = patch;
  const idpProvider = canonicalProvider(chosen);
  const isChosen = patch.idp_provider !== undefined;
  const merged = merge(samlRows, isChosen ? withPreset(current, idpProvider) : current, patch);
  return {
    ...merged,
    domains: current.domains,
    idpProvider,
    metadataUrl: merged.metadataUrl.trim(),
    metadataXml: withoutLead(merged.metadataXml),
  };
}

/** The SCIM settings after `patch`. */
export function mergeScim(current: ScimSettings, patch: ScimPatch): ScimSettings {
  return merge(mappingRows, current, patch);
}

function merge<Rows extends SettingRows>(
  rows: Rows,
  current: SettingsOf<Rows>,
  patch: PatchOf<Rows>,
): SettingsOf<Rows> {
  return settingsFrom(rows, (row, field) => {
    const sent = patch[field];
    if (sent === undefined) return heldOf(current, field, row);
    return Array.isArray(sent) ? distinct(sent) : (sent ?? row.default);
  });
}

function withPreset(settings: SamlSettings, idpProvider: string | null): SamlSettings {
  const preset = presetMapping(idpProvider ?? "");
  if (preset === null) return settings;
  const { email, firstName, lastName, groups } = preset;
  return {
    ...settings,
    mappingEmail: email,
    mappingFirstName: firstName,
    mappingLastName: lastName,
    mappingGroups: groups,
  };
}

/** A preset's key in its own spelling where only case or space differ; empty text is no provider. */
function canonicalProvider(text: string | null): string | null {
  const key = text?.trim().toLowerCase() ?? "";
  if (key === "") return null;
  return key === "custom" || presetMapping(key) !== null ? key : text;
}

/** Pasted and saved files often begin with white space or a byte order mark, which XML forbids. */
function withoutLead(xml: string): string {
  return xml.replace(/^[\uFEFF\s]+/, "");
}

/** The list without repeated entries, in its order (PRODUCT 4: order never matters). */
function distinct<Entry>(entries: readonly Entry[]): readonly Entry[] {
  const byText = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
  return byText.size === entries.length ? entries : [...byText.values()];
}
