/**
 * The SCIM settings: the three mapping lists for pushed groups, apart from SAML's (PRODUCT 6.5).
 */
import type { GroupMappings } from "../access/mappings.ts";
import { fromJson } from "./json.ts";
import { recordRevision } from "./revisions.ts";
import type { Db } from "./statement.ts";

/** The mapping lists of one organization. */
export type ScimSettings = GroupMappings;

/** The organization's SCIM settings; empty lists where none were saved. */
export async function loadScimSettings(db: Db, organizationId: number): Promise<ScimSettings> {
  const row = await db
    .selectFrom("scim_settings")
    .where("organization_id", "=", organizationId)
    .select(["roles_groups", "workspaces_groups", "projects_groups"])
    .executeTakeFirst();
  if (row === undefined) return { roles: [], workspaces: [], projects: [] };
  return {
    roles: fromJson(row.roles_groups),
    workspaces: fromJson(row.workspaces_groups),
    projects: fromJson(row.projects_groups),
  };
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
  const lists = {
    roles_groups: JSON.stringify(settings.roles),
    workspaces_groups: JSON.stringify(settings.workspaces),
    projects_groups: JSON.stringify(settings.projects),
  };
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
