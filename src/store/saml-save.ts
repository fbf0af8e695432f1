/**
 * Writing an organization's SAML settings, the domains that they claim, the metadata that was read and what
 * the Owner confirmed. Each raises the version of the record, which saml-settings.ts reads.
 */
import { type SamlSettings, samlRows } from "../access/settings-table.ts";
import type { OwnerConfirmation } from "../access/vouching.ts";
import { AppError } from "../errors.ts";
import { recordRevision } from "./revisions.ts";
import { lockSaml, type SamlRecord } from "./saml-settings.ts";
import { columnsOf } from "./setting-columns.ts";
import type { Db } from "./statement.ts";

/** The metadata columns as a save leaves them. */
export interface SavedMetadata {
  readonly xml: string | null;
  readonly fetchedAt: number | null;
  readonly checkedAt: number | null;
  readonly error: string | null;
}

/** A save of the whole record. */
export interface SamlSave {
  readonly organizationId: number;
  readonly settings: SamlSettings;
  readonly actorUserId: number | null;
  readonly at: number;
  /** The metadata columns; absent leaves them as they are. */
  readonly metadata?: SavedMetadata;
}

/**
 * Saves the settings, the domains that they claim and a revision, and raises the version.
 * @throws AppError `validation_failed` on the field `domain` where another organization claims one
 */
export async function saveSaml(tx: Db, saving: SamlSave): Promise<void> {
  const { organizationId, settings, actorUserId, at, metadata } = saving;
  const { settings: before } = await lockSaml(tx, organizationId);
  await tx
    .updateTable("saml_settings")
    .where("organization_id", "=", organizationId)
    .set((eb) => ({
      ...columnsOf(samlRows, settings),
      version: eb("version", "+", 1),
      ...(metadata === undefined ? {} : metadataColumns(metadata)),
    }))
    .execute();
  await saveDomains(tx, organizationId, settings.domains);
  await recordRevision(tx, {
    organizationId,
    kind: "saml",
    at,
    actorUserId,
    before,
    after: settings,
  });
}

function metadataColumns({ xml, fetchedAt, checkedAt, error }: SavedMetadata) {
  return {
    idp_metadata: xml,
    idp_metadata_fetched_at: fetchedAt,
    idp_metadata_checked_at: checkedAt,
    idp_metadata_error: error,
  };
}

async function saveDomains(
  tx: Db,
  organizationId: number,
  domains: readonly string[],
): Promise<void> {
  await tx.deleteFrom("saml_domains").where("organization_id", "=", organizationId).execute();
  const taken: string[] = [];
  // In one order everywhere, so that two saves that claim the same domains do not deadlock.
  for (const domain of [...new Set(domains)].sort(byCodeUnit)) {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto("saml_domains")
      .values({ domain, organization_id: organizationId })
      .onConflict((conflict) => conflict.column("domain").doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) taken.push(domain);
  }
  if (taken.length === 0) return;
  const sentences = taken.map(
    (domain) => `${domain} is already claimed by another organization on this server.`,
  );
  throw new AppError("validation_failed", { fields: { domain: sentences } });
}

/**
 * Keeps what the Owner confirmed, in place of what was confirmed before. `version` is that of the record
 * as it was locked; a save in the same transaction and the confirmation raise it once.
 */
export async function saveOwnerConfirmation(
  tx: Db,
  { organizationId, version }: Pick<SamlRecord, "organizationId" | "version">,
  confirmation: OwnerConfirmation,
): Promise<void> {
  await tx
    .updateTable("saml_settings")
    .where("organization_id", "=", organizationId)
    .set({ version: version + 1, owner_confirmation: JSON.stringify(confirmation) })
    .execute();
}

/** The outcome of an attempt to read a metadata URL. */
export interface MetadataReading {
  readonly organizationId: number;
  /** The address that was read; nothing is saved where the settings name another by now. */
  readonly metadataUrl: string;
  /** The document, or null where reading failed; the last good copy then stays. */
  readonly xml: string | null;
  readonly at: number;
  readonly error: string | null;
}

/**
 * Notes how an attempt to read the metadata URL came out: `xml` where it could be read, else `error`
 * beside the last good copy. Raises the version, since the record tells when it was tried.
 */
export async function saveIdpMetadata(db: Db, reading: MetadataReading): Promise<void> {
  const { organizationId, metadataUrl, xml, at, error } = reading;
  await db
    .updateTable("saml_settings")
    .where("organization_id", "=", organizationId)
    .where("metadata_url", "=", metadataUrl)
    .set((eb) => ({
      version: eb("version", "+", 1),
      idp_metadata_checked_at: at,
      idp_metadata_error: error,
      ...(xml === null ? {} : { idp_metadata: xml, idp_metadata_fetched_at: at }),
    }))
    .execute();
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : 1;
}
