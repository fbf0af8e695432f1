/**
 * The SAML settings of each organization, with the identity provider's metadata (PRODUCT 2, 6).
 *
 * Every sign-in reads them. One indexed look-up tells the version; the parsed record of that version
 * is kept per process, so that a thousand mappings cost nothing. Whatever changes the record raises
 * the version, on whichever replica, so no copy is ever stale. Saving is saml-save.ts's, checks and
 * merging are settings/'s.
 */
import { setImmediate as turnsEnd } from "node:timers/promises";
import type { Selectable } from "kysely";
import type { OrgRole } from "../access/roles.ts";
import { type SamlSettings, samlRows } from "../access/settings-table.ts";
import type { OwnerConfirmation } from "../access/vouching.ts";
import { fromJson } from "./json.ts";
import { rememberRecord } from "./saml-record.ts";
import type { Database } from "./schema.ts";
import { settingsIn } from "./setting-columns.ts";
import { type Db, dialectOf, statement } from "./statement.ts";

/** Everything that sign-in needs to know of an organization. */
export interface SamlRecord {
  readonly organizationId: number;
  /** The unguessable part of the organization's SAML addresses (PRODUCT 2.1). */
  readonly token: string;
  /** Raised by every change; the same version of an organization is the same object. */
  readonly version: number;
  readonly settings: SamlSettings;
  /** The metadata that sign-in trusts, or null before there is any. */
  readonly idpMetadata: string | null;
  /** The time at which it was read from the URL; null where it is the text on record. */
  readonly idpMetadataFetchedAt: number | null;
  /** The time at which the URL was last tried. */
  readonly idpMetadataCheckedAt: number | null;
  /** Why the last try failed; null where it did not. */
  readonly idpMetadataError: string | null;
  /** The configuration by which the Owner may sign in, and which Owner said so (PRODUCT 4.2). */
  readonly ownerConfirmation: OwnerConfirmation | null;
  readonly organization: {
    readonly title: string;
    readonly defaultRole: OrgRole;
    /**
     * True for the server's first organization, which on a closed server is the operator's (PRODUCT
     * 4.9a).
     */
    readonly isFirst: boolean;
  };
}

/** A row of saml_settings with what it needs of its organization. */
type SamlRow = Selectable<Database["saml_settings"]> & {
  readonly title: string;
  readonly default_role: OrgRole;
  readonly first_organization_id: number | null;
};

interface Version {
  readonly organizationId: number;
  readonly version: number;
}

/** The hot look-up of a sign-in. */
export const versionByToken = statement<{ token: string }, Version>((db, value) =>
  db
    .selectFrom("saml_settings")
    .where("token", "=", value("token"))
    .select(["organization_id as organizationId", "version"]),
);

/** Look-ups that wait for the end of the event loop's turn, by database and token. */
const waiting = new WeakMap<Db, Map<string, Promise<Version | null>>>();

/**
 * The version, read once for all who ask for it in one turn of the event loop, and after the last of
 * them has asked, so that it is as fresh as if each had read it alone.
 */
async function versionThisTurn(db: Db, token: string): Promise<Version | null> {
  if (db.isTransaction) return await versionByToken.first(db, { token });
  const asked = waiting.get(db) ?? new Map<string, Promise<Version | null>>();
  waiting.set(db, asked);
  let answer = asked.get(token);
  if (answer === undefined) {
    answer = turnsEnd().then(async () => {
      asked.delete(token);
      return await versionByToken.first(db, { token });
    });
    asked.set(token, answer);
  }
  return await answer;
}

const versionByOrganization = statement<{ organizationId: number }, Version>((db, value) =>
  db
    .selectFrom("saml_settings")
    .where("organization_id", "=", value("organizationId"))
    .select(["organization_id as organizationId", "version"]),
);

const rowByOrganization = statement<{ organizationId: number }, SamlRow>((db, value) =>
  db
    .selectFrom("saml_settings")
    .innerJoin("organizations", "organizations.id", "saml_settings.organization_id")
    .where("saml_settings.organization_id", "=", value("organizationId"))
    .selectAll("saml_settings")
    .select(["organizations.title", "organizations.default_role"])
    .select((eb) =>
      eb
        .selectFrom("organizations as first")
        .select((first) => first.fn.min<number>("first.id").as("id"))
        .as("first_organization_id"),
    ),
);

/** The record behind a SAML address, or null where no organization has this token. */
export async function loadSamlByToken(db: Db, token: string): Promise<SamlRecord | null> {
  const found = await versionThisTurn(db, token);
  return found === null ? null : await recordOf(db, found);
}

/** The organization's record; a plain error where there is no such organization. */
export async function loadSamlByOrganization(db: Db, id: number): Promise<SamlRecord> {
  const found = await versionByOrganization.first(db, { organizationId: id });
  if (found === null) throw new Error(`organization ${id} has no SAML settings`);
  return await recordOf(db, found);
}

/** True where these are the organization's settings still. */
export async function isCurrent(
  db: Db,
  { organizationId, version }: Pick<SamlRecord, "organizationId" | "version">,
): Promise<boolean> {
  return (await versionByOrganization.first(db, { organizationId }))?.version === version;
}

/**
 * As `loadSamlByOrganization`, for who has read the version already, under a lock; on PostgreSQL and
 * before the transaction writes settings, so that whatever it reads of them is committed.
 */
export async function loadLockedSaml(
  tx: Db,
  found: { readonly organizationId: number; readonly version: number },
): Promise<SamlRecord> {
  return await recordOf(tx, { ...found, isCommitted: true });
}

/** As `loadSamlByOrganization`; until the transaction ends, nobody else saves these settings. */
export async function lockSaml(tx: Db, organizationId: number): Promise<SamlRecord> {
  if (dialectOf(tx) === "postgres") {
    await tx
      .selectFrom("saml_settings")
      .where("organization_id", "=", organizationId)
      .select("version")
      .forUpdate()
      .execute();
  }
  return await loadSamlByOrganization(tx, organizationId);
}

async function recordOf(
  db: Db,
  found: Version & { readonly isCommitted?: boolean },
): Promise<SamlRecord> {
  const { organizationId } = found;
  return await rememberRecord(db, found, async () => {
    const row = await rowByOrganization.first(db, { organizationId });
    if (row === null) throw new Error(`organization ${organizationId} has no SAML settings`);
    const domains = await db
      .selectFrom("saml_domains")
      .where("organization_id", "=", organizationId)
      .orderBy("domain")
      .select("domain")
      .execute();
    return {
      organizationId,
      token: row.token,
      version: row.version,
      settings: {
        ...settingsIn(samlRows, row),
        domains: domains.map(({ domain }) => domain),
      },
      idpMetadata: row.idp_metadata,
      idpMetadataFetchedAt: row.idp_metadata_fetched_at,
      idpMetadataCheckedAt: row.idp_metadata_checked_at,
      idpMetadataError: row.idp_metadata_error,
      ownerConfirmation:
        row.owner_confirmation === null ? null : confirmationOf(row.owner_confirmation),
      organization: {
        title: row.title,
        defaultRole: row.default_role,
        isFirst: row.first_organization_id === organizationId,
      },
    };
  });
}

/** A confirmation that is older than `allowSha1` was of settings with or without it: nobody confirmed it. */
function confirmationOf(json: string): OwnerConfirmation {
  const kept = fromJson<Omit<OwnerConfirmation, "allowSha1"> & { readonly allowSha1?: boolean }>(
    json,
  );
  return { ...kept, allowSha1: kept.allowSha1 ?? false };
}

/** The organization that claims a canonical domain, and the token of its SAML addresses, or null. */
export async function findOrganizationByDomain(
  db: Db,
  domain: string,
): Promise<{ readonly organizationId: number; readonly token: string } | null> {
  const row = await db
    .selectFrom("saml_domains")
    .innerJoin("saml_settings", "saml_settings.organization_id", "saml_domains.organization_id")
    .where("saml_domains.domain", "=", domain)
    .select(["saml_settings.organization_id as organizationId", "saml_settings.token"])
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Records with a metadata URL whose copy was read before `readBefore`, or never; those that were
 * tried since `neverReadBefore` wait for their next turn.
 */
export async function listSamlDueForRefresh(
  db: Db,
  { readBefore, neverReadBefore }: { readBefore: number; neverReadBefore: number },
): Promise<readonly SamlRecord[]> {
  const due = await db
    .selectFrom("saml_settings")
    .where("metadata_url", "<>", "")
    .where((eb) =>
      eb.and([
        eb.or([
          eb("idp_metadata_fetched_at", "is", null),
          eb("idp_metadata_fetched_at", "<", readBefore),
        ]),
        eb.or([
          eb("idp_metadata_checked_at", "is", null),
          eb("idp_metadata_checked_at", "<", neverReadBefore),
        ]),
      ]),
    )
    .orderBy("organization_id")
    .select(["organization_id as organizationId", "version"])
    .execute();
  const records: SamlRecord[] = [];
  for (const found of due) records.push(await recordOf(db, found));
  return records;
}
