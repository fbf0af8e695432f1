/**
 * The SAML configuration that the Owner confirmed (PRODUCT 4.2). What stands at the upgrade counts as
 * confirmed where the Owner, or the server itself, saved last, or where nobody but the Owner could;
 * elsewhere the Owner confirms it, and signs in by password or recovery until then. Either way the
 * organization's activity log says so.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "../migrate.ts";

interface Standing {
  readonly organization_id: number;
  readonly owner_id: number;
  readonly last_saver_id: number | null;
  readonly administrators: number | string;
  readonly metadata_url: string;
  readonly idp_metadata: string | null;
  readonly idp_metadata_fetched_at: number | null;
  readonly idp_provider: string | null;
  readonly mapping_email: string;
}

export const ownerConfirmation: Migration = {
  name: "0013-owner-confirmation",
  up: async (db) => {
    await db.schema.alterTable("saml_settings").addColumn("owner_confirmation", "text").execute();
    const { rows } = await sql<Standing>`
      select s.organization_id, o.user_id as owner_id, s.metadata_url, s.idp_metadata,
        s.idp_metadata_fetched_at, s.idp_provider, s.mapping_email,
        (select r.actor_user_id from settings_revisions r
          where r.organization_id = s.organization_id and r.kind = 'saml'
          order by r.id desc limit 1) as last_saver_id,
        (select count(*) from memberships a
          where a.organization_id = s.organization_id and a.role = 'AD') as administrators
      from saml_settings s
      join memberships o on o.organization_id = s.organization_id and o.role = 'OW'
      where s.metadata_url <> '' or s.idp_metadata is not null
      order by s.organization_id, o.id`.execute(db);
    for (const standing of rows) await decide(db, standing);
  },
};

async function decide(db: Kysely<unknown>, standing: Standing): Promise<void> {
  const { organization_id: organizationId, owner_id: ownerId } = standing;
  const lastSaverId = standing.last_saver_id;
  const isConfirmed =
    lastSaverId === null || lastSaverId === ownerId || Number(standing.administrators) === 0;
  if (isConfirmed) {
    const { rows } = await sql<{ domain: string }>`
      select domain from saml_domains where organization_id = ${organizationId}
      order by domain`.execute(db);
    const confirmation = {
      by: ownerId,
      metadataUrl: standing.metadata_url,
      document: standing.idp_metadata,
      isFetched: standing.idp_metadata_fetched_at !== null,
      idpProvider: standing.idp_provider,
      mappingEmail: standing.mapping_email,
      domains: rows.map(({ domain }) => domain),
    };
    await sql`update saml_settings set owner_confirmation = ${JSON.stringify(confirmation)},
      version = version + 1 where organization_id = ${organizationId}`.execute(db);
  }
  const action = isConfirmed ? "owner_sign_in_confirmed" : "owner_sign_in_suspended";
  await sql`insert into audit_log
    (organization_id, at, actor_kind, subject_user_id, action, changes, reasons)
    values (${organizationId}, ${Date.now()}, 'system', ${ownerId}, ${action},
      '[{"kind":"upgrade"}]', '[]')`.execute(db);
}
