/**
 * The SCIM settings: the three mapping lists for pushed groups, apart from SAML's (PRODUCT 6.5).
 */
import { mappingRows, noScimSettings, type ScimSettings } from "../access/settings-table.ts";
import { recordRevision } from "./revisions.ts";
import { columnsOf, settingsIn } from "./setting-columns.ts";
import type { Db } from "./statement.ts";

/** The organization's SCIM settings; empty lists where none were saved. */
export async function loadScimSettings(db: Db, organizationId: number): Promise<ScimSettings> {
  const row = await db
    .selectFrom("scim_settings")
    .where("organization_id", "=", organizationId)
    .selectAll()
    .executeTakeFirst();
  return row === undefined ? noScimSettings : settingsIn(mappingRows, row);
}

/** Saves the lists, with a revision. */
export async function saveScimSettings(
  tx: Db,
  saving: {
    organizationId: number;
    settings: ScimSettings;
    actorUserId: number | null;
    at: number;
  },
): Promise<void> {
  const { organizationId, settings, actorUserId, at } = saving;
  const before = await loadScimSettings(tx, organizationId);
  const lists = columnsOf(mappingRows, settings);
  await tx
    .insertInto("scim_settings")
    .values({ organization_id: organizationId, ...lists })
    .onConflict((conflict) => conflict.column("organization_id").doUpdateSet(lists))
    .execute();
  await recordRevision(tx, {
    organizationId,
    kind: "scim",
    at,
    actorUserId,
    before,
    after: settings,
  });
}
