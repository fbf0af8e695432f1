/**
 * Partial update: what the settings become when a patch is laid over them (PRODUCT 6.2). Pure.
 * Absent stays, null becomes the default, and a known preset fills the attribute names that the same
 * request does not set.
 */
import { presetMapping } from "../saml/presets.ts";
import { defaultSamlSettings, type SamlSettings } from "../store/saml-settings.ts";
import type { ScimSettings } from "../store/scim-settings.ts";
import type { SamlPatch, ScimPatch } from "./schema.ts";

const defaults = defaultSamlSettings;

/** The SAML settings after `patch`. The domains are taken as they are; check.ts makes them canonical. */
export function mergeSaml(current: SamlSettings, patch: SamlPatch): SamlSettings {
  const idpProvider = choose(patch.idp_provider, current.idpProvider, null);
  const provider = canonicalProvider(idpProvider);
  const preset = patch.idp_provider === undefined ? null : presetMapping(provider ?? "");
  return {
    domain: choose(patch.domain, current.domain, defaults.domain),
    domains: current.domains,
    metadataUrl: choose(patch.metadata_url, current.metadataUrl, defaults.metadataUrl).trim(),
    metadataXml: withoutLead(choose(patch.metadata_xml, current.metadataXml, defaults.metadataXml)),
    idpProvider: provider,
    mappingEmail: choose(
      patch.mapping_email,
      preset?.email ?? current.mappingEmail,
      defaults.mappingEmail,
    ),
    mappingFirstName: choose(
      patch.mapping_first_name,
      preset?.firstName ?? current.mappingFirstName,
      defaults.mappingFirstName,
    ),
    mappingLastName: choose(
      patch.mapping_last_name,
      preset?.lastName ?? current.mappingLastName,
      defaults.mappingLastName,
    ),
    mappingGroups: choose(
      patch.mapping_groups,
      preset?.groups ?? current.mappingGroups,
      defaults.mappingGroups,
    ),
    nameIdFormat: choose(patch.nameid_format, current.nameIdFormat, defaults.nameIdFormat),
    ...mergeMappings(current, patch),
    ...mergeSwitches(current, patch),
  };
}

/** The SCIM settings after `patch`. */
export function mergeScim(current: ScimSettings, patch: ScimPatch): ScimSettings {
  return mergeMappings(current, patch);
}

function mergeMappings(current: ScimSettings, patch: ScimPatch): ScimSettings {
  return {
    roles: distinct(choose(patch.roles_groups, current.roles, defaults.roles)),
    workspaces: distinct(choose(patch.workspaces_groups, current.workspaces, defaults.workspaces)),
    projects: distinct(choose(patch.projects_groups, current.projects, defaults.projects)),
    userTypes: distinct(choose(patch.user_type_groups, current.userTypes, defaults.userTypes)),
  };
}

type Switches = Pick<
  SamlSettings,
  | "manualRoleManagement"
  | "allowUnsolicited"
  | "wantAssertionsSigned"
  | "wantResponseSigned"
  | "allowSha1"
  | "allowCbc"
  | "disablePasswordLogin"
>;

function mergeSwitches(current: SamlSettings, patch: SamlPatch): Switches {
  return {
    manualRoleManagement: choose(
      patch.manual_role_management,
      current.manualRoleManagement,
      defaults.manualRoleManagement,
    ),
    allowUnsolicited: choose(
      patch.allow_unsolicited,
      current.allowUnsolicited,
      defaults.allowUnsolicited,
    ),
    wantAssertionsSigned: choose(
      patch.want_assertions_signed,
      current.wantAssertionsSigned,
      defaults.wantAssertionsSigned,
    ),
    wantResponseSigned: choose(
      patch.want_response_signed,
      current.wantResponseSigned,
      defaults.wantResponseSigned,
    ),
    allowSha1: choose(patch.allow_sha1, current.allowSha1, defaults.allowSha1),
    allowCbc: choose(patch.allow_cbc, current.allowCbc, defaults.allowCbc),
    disablePasswordLogin: choose(
      patch.disable_password_login,
      current.disablePasswordLogin,
      defaults.disablePasswordLogin,
    ),
  };
}

/** Absent keeps, null resets, anything else is the new value. */
function choose<Value>(sent: Value | null | undefined, current: Value, defaultValue: Value): Value {
  if (sent === undefined) return current;
  return sent ?? defaultValue;
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
