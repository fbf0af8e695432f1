/** Lists the organizations to look after; their records are saml-settings.ts's. */
import type { Db } from "./statement.ts";

/** The ids of all organizations that have identity provider metadata, or are to have it by URL. */
export async function listSamlOrganizations(db: Db): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("saml_settings")
    .where((eb) => eb.or([eb("idp_metadata", "is not", null), eb("metadata_url", "<>", "")]))
    .orderBy("organization_id")
    .select("organization_id")
    .execute();
  return rows.map((row) => row.organization_id);
}

/** The ids and titles of all organizations. */
export async function listOrganizations(
  db: Db,
): Promise<readonly { readonly id: number; readonly title: string }[]> {
  return await db.selectFrom("organizations").orderBy("id").select(["id", "title"]).execute();
}
