/**
 * SAML settings between their columns and their domain type, and the copies that each process keeps.
 * Reading and saving them is saml-settings.ts's.
 */
import type { Selectable } from "kysely";
import { nameIdFormatOf } from "../access/nameid-format.ts";
import type { OrgRole } from "../access/roles.ts";
import { flag, flagOrNull, fromFlagOrNull, fromJson } from "./json.ts";
import type { SamlRecord, SamlSettings } from "./saml-settings.ts";
import type { Database } from "./schema.ts";
import type { Db } from "./statement.ts";

/** A row of saml_settings with what it needs of its organization. */
export type SamlRow = Selectable<Database["saml_settings"]> & {
  readonly title: string;
  readonly default_role: OrgRole;
  readonly first_organization_id: number | null;
};

/** The settings that a row holds. */
export function settingsOf(row: SamlRow, domains: readonly string[]): SamlSettings {
  return {
    domain: row.domain,
    domains,
    metadataUrl: row.metadata_url,
    metadataXml: row.metadata_xml,
    idpProvider: row.idp_provider,
    mappingEmail: row.mapping_email,
    mappingFirstName: row.mapping_first_name,
    mappingLastName: row.mapping_last_name,
    mappingGroups: row.mapping_groups,
    nameIdFormat: nameIdFormatOf(row.nameid_format) ?? "transient",
    manualRoleManagement: fromFlagOrNull(row.manual_role_management),
    roles: fromJson(row.roles_groups),
    workspaces: fromJson(row.workspaces_groups),
    projects: fromJson(row.projects_groups),
    userTypes: fromJson(row.user_type_groups),
    allowUnsolicited: fromFlagOrNull(row.allow_unsolicited),
    wantAssertionsSigned: fromFlagOrNull(row.want_assertions_signed),
    wantResponseSigned: fromFlagOrNull(row.want_response_signed),
    allowSha1: row.allow_sha1 === 1,
    allowCbc: row.allow_cbc === 1,
    disablePasswordLogin: row.disable_password_login === 1,
  };
}

/** The columns that hold settings; the domains have a table of their own. */
export function settingsColumns(settings: SamlSettings) {
  return {
    domain: settings.domain,
    metadata_url: settings.metadataUrl,
    metadata_xml: settings.metadataXml,
    idp_provider: settings.idpProvider,
    mapping_email: settings.mappingEmail,
    mapping_first_name: settings.mappingFirstName,
    mapping_last_name: settings.mappingLastName,
    mapping_groups: settings.mappingGroups,
    nameid_format: settings.nameIdFormat,
    manual_role_management: flagOrNull(settings.manualRoleManagement),
    roles_groups: JSON.stringify(settings.roles),
    workspaces_groups: JSON.stringify(settings.workspaces),
    projects_groups: JSON.stringify(settings.projects),
    user_type_groups: JSON.stringify(settings.userTypes),
    allow_unsolicited: flagOrNull(settings.allowUnsolicited),
    want_assertions_signed: flagOrNull(settings.wantAssertionsSigned),
    want_response_signed: flagOrNull(settings.wantResponseSigned),
    allow_sha1: flag(settings.allowSha1),
    allow_cbc: flag(settings.allowCbc),
    disable_password_login: flag(settings.disablePasswordLogin),
  };
}

/** At most this many organizations' records are kept per database and process. */
const maxRecords = 1000;

/** By the database's adapter: it is one object for a database and all its transactions. */
const recordsByDatabase = new WeakMap<object, Map<number, SamlRecord>>();

/**
 * The kept record of this version, else what `load` returns, kept from then on.
 *
 * Inside a transaction nothing is added unless `isCommitted` says that all of it is read as others
 * have committed it: what is not may be rolled back, and the version would then mean something else.
 */
export async function rememberRecord(
  db: Db,
  {
    organizationId,
    version,
    isCommitted = !db.isTransaction,
  }: { organizationId: number; version: number; isCommitted?: boolean },
  load: () => Promise<SamlRecord>,
): Promise<SamlRecord> {
  const records = recordsOf(db);
  const known = records.get(organizationId);
  if (known?.version === version) {
    // Last used goes last, so that the first is the one to drop.
    records.delete(organizationId);
    records.set(organizationId, known);
    return known;
  }
  const loaded = await load();
  return isCommitted ? keep(records, loaded) : loaded;
}

function recordsOf(db: Db): Map<number, SamlRecord> {
  const { adapter } = db.getExecutor();
  let records = recordsByDatabase.get(adapter);
  if (records === undefined) {
    records = new Map();
    recordsByDatabase.set(adapter, records);
  }
  return records;
}

/** Keeps the newer of two: a slow reader must not put an old version back. */
function keep(records: Map<number, SamlRecord>, loaded: SamlRecord): SamlRecord {
  const { organizationId, version } = loaded;
  const known = records.get(organizationId);
  if (known !== undefined && known.version >= version) {
    return known.version === version ? known : loaded;
  }
  records.delete(organizationId);
  records.set(organizationId, loaded);
  const [oldest] = records.keys();
  if (records.size > maxRecords && oldest !== undefined) records.delete(oldest);
  return loaded;
}
