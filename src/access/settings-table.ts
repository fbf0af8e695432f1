/**
 * The one table of settings (PRODUCT 6.1, 6.5): each SAML setting is a row, and the mapping lists are
 * SCIM's settings too. Parser, answer, document of the API, columns, revisions, warnings and the pages
 * read it, so that a new setting is a row, its column in a migration, and the code that obeys it.
 *
 * The order is that of answers and pages and, of rows that decide sign-ins, of the configuration's name
 * (saml/configuration.ts), which is stored: a new row that decides sign-ins goes last.
 */
import {
  type FieldsOf,
  type PatchOf,
  type SettingRow,
  type SettingRows,
  type SettingsOf,
  settingsFrom,
} from "./setting-rows.ts";

/** As large as a fetched document may be (PRODUCT 2.7). */
const maxMetadata = 1_048_576;

/** Pages tell of every change of these. */
type Titled = Readonly<Record<string, SettingRow & { readonly title: string }>>;

const attribute = { kind: "line", decidesSignOn: true } as const;
const serverSwitch = { kind: "flagOrServer", default: null, decidesSignOn: true } as const;
const weakSwitch = { kind: "flag", default: false, decidesSignOn: true } as const;

/** The mapping lists: of SAML's groups, and in settings of their own of the groups that SCIM pushes. */
export const mappingRows = {
  roles_groups: {
    kind: "roles",
    default: [],
    property: "roles",
    title: "Role mappings",
    decidesSignOn: true,
  },
  workspaces_groups: {
    kind: "workspaces",
    default: [],
    property: "workspaces",
    title: "Workspace mappings",
  },
  projects_groups: {
    kind: "projects",
    default: [],
    property: "projects",
    title: "Project mappings",
  },
  /** Kept for Enterprise's records; seats have one type here, so that they grant nothing. */
  user_type_groups: {
    kind: "seats",
    default: [],
    property: "userTypes",
    title: "Seat type mappings",
  },
} as const satisfies Titled;

/** Every SAML setting. */
export const samlRows = {
  /** As it was entered; in canonical form the domains stand beside the settings. */
  domain: { kind: "lines", default: "", most: 65_536, title: "Domains" },
  metadata_url: { kind: "line", default: "", most: 65_536, title: "Metadata URL" },
  metadata_xml: { kind: "lines", default: "", most: maxMetadata, title: "Metadata document" },
  idp_provider: {
    kind: "word",
    default: null,
    most: 256,
    title: "Identity provider",
    decidesSignOn: true,
  },
  mapping_email: { ...attribute, kind: "name", default: "Email", title: "E-mail attribute" },
  mapping_first_name: { ...attribute, default: "FirstName", title: "First name attribute" },
  mapping_last_name: { ...attribute, default: "LastName", title: "Last name attribute" },
  mapping_groups: { ...attribute, default: "Groups", title: "Groups attribute" },
  nameid_format: {
    kind: "nameIdFormat",
    default: "transient",
    property: "nameIdFormat",
    title: "NameID format",
  },
  manual_role_management: {
    ...serverSwitch,
    variable: "MANUAL_ROLE_MANAGEMENT",
    title: "Manual role management",
    label: "Roles given by hand",
    help: "Where roles come from groups alone, a person in no mapped group is deactivated at the next sign-in, and no page or API changes a role. This counts for SAML and SCIM alike.",
    on: "Allowed beside groups",
    off: "Not allowed; groups alone decide",
  },
  ...mappingRows,
  allow_unsolicited: {
    ...serverSwitch,
    variable: "SAML_ALLOW_UNSOLICITED",
    title: "Sign-in that begins at the identity provider",
    label: "IdP-initiated sign-in",
    help: "A tile on the provider's dashboard needs this. A response that nobody asked for is easier to abuse, so leave it off where nobody uses such a tile.",
    on: "Allowed",
    off: "Refused",
  },
  want_assertions_signed: {
    ...serverSwitch,
    variable: "SAML_WANT_ASSERTIONS_SIGNED",
    title: "Signed assertions required",
    label: "Signature on the assertion",
    help: "Something is always signed. This asks for a signature on the assertion itself, whatever else is signed.",
    on: "Required",
    off: "Not required",
  },
  want_response_signed: {
    ...serverSwitch,
    variable: "SAML_WANT_RESPONSE_SIGNED",
    title: "Signed responses required",
    label: "Signature on the response",
    help: "This asks for a signature on the response itself. Google and Entra ID sign only one of the two unless told.",
    on: "Required",
    off: "Not required",
  },
  allow_sha1: {
    ...weakSwitch,
    title: "SHA-1 allowed",
    label: "Accept SHA-1 signatures",
    help: "SHA-1 can be forged. Choose SHA-256 at the identity provider instead.",
    weakens: {
      code: "sha1_allowed",
      title: "SHA-1 signatures are accepted",
      message:
        "SHA-1 signatures are accepted, and SHA-1 can be forged. Choose SHA-256 at the identity provider and turn this off.",
    },
  },
  allow_cbc: {
    ...weakSwitch,
    title: "CBC encryption allowed",
    label: "Accept AES-CBC encryption without a signed response around it",
    help: "It can be attacked. Choose AES-GCM, or have the response signed, instead.",
    weakens: {
      code: "cbc_allowed",
      title: "AES-CBC encryption is accepted",
      message:
        "AES-CBC encryption is accepted without a signed response around it, which can be attacked. Choose AES-GCM at the identity provider and turn this off.",
    },
  },
  disable_password_login: { kind: "flag", default: false, title: "Password sign-in off" },
} as const satisfies Titled;

/**
 * An organization's rules about API tokens: which kinds are taken, and how long one lives (PRODUCT
 * 6.6).
 */
export const tokenRows = {
  api_tokens_enabled: { kind: "flag", default: true, property: "areAccessTokensTaken" },
  legacy_api_tokens_enabled: { kind: "flag", default: true, property: "areLegacyTokensTaken" },
  api_token_ttl_days: {
    kind: "whole",
    default: 365,
    most: 365,
    unit: "days",
    property: "ttlDays",
  },
} as const satisfies SettingRows;

const maxMinutes = 14 * 24 * 60;
const idleMinutes = 5 * 24 * 60;

/** Lifetime and idle time of sessions: the server's own limits unless lowered (PRODUCT 9.6). */
export const sessionRows = {
  max_session_age: {
    kind: "whole",
    default: maxMinutes,
    most: maxMinutes,
    unit: "minutes",
    property: "maxMinutes",
    column: "session_max_minutes",
  },
  max_time_between_activity: {
    kind: "whole",
    default: idleMinutes,
    most: idleMinutes,
    unit: "minutes",
    property: "idleMinutes",
    column: "session_idle_minutes",
  },
} as const satisfies SettingRows;

/** Every SAML setting, by field. */
export const samlRowByField: ReadonlyMap<string, SettingRow> = new Map(Object.entries(samlRows));

/** The mapping lists of one organization: the whole of the SCIM settings. */
export type ScimSettings = SettingsOf<typeof mappingRows>;

/**
 * SAML settings of an organization (PRODUCT 6.1); null in a switch follows the server's environment.
 */
export type SamlSettings = SettingsOf<typeof samlRows> & {
  /** The domain list in canonical form; each belongs to one organization of the server. */
  readonly domains: readonly string[];
};

/** The same as the API spells it. */
export type SamlFields = FieldsOf<typeof samlRows>;

/** Fields that are set, with role names turned into codes; absent ones stay as they are. */
export type SamlPatch = PatchOf<typeof samlRows>;

/** As `SamlPatch`, for the lists of the SCIM settings. */
export type ScimPatch = PatchOf<typeof mappingRows>;

/** The settings of an organization that set nothing (PRODUCT 2.4, 3.1). */
export const defaultSamlSettings: SamlSettings = {
  ...settingsFrom(samlRows, (row) => row.default),
  domains: [],
};

/** The SCIM settings of an organization that mapped nothing. */
export const noScimSettings: ScimSettings = settingsFrom(mappingRows, (row) => row.default);
