/**
 * The SCIM settings: the three mapping lists for pushed groups, apart from SAML's (PRODUCT 6.5).
 */
import type { GroupMappings } from "../access/mappings.ts";
import { fromJson } from "./json.ts";
import { recordRevision } from "./revisions.ts";
import type { Db } from "./statement.ts";

/** One group mapped to a seat type, in Enterprise's own spelling. */
export interface SeatMapping {
  readonly seatType: string;
  readonly group: string;
}

/** The mapping lists of one organization. */
export interface ScimSettings extends GroupMappings {
  /** Kept for Enterprise's records; seats have one type here, so that they grant nothing. */
  readonly userTypes: readonly SeatMapping[];
}

/** The settings of an organization that mapped nothing. */
export const noScimSettings: ScimSettings = {
  ...{ roles: [], workspaces: [], projects: [] },
  userTypes: [],
};

/** The organization's SCIM settings; empty lists where none were saved. */
export async function loadScimSettings(db: Db, organizationId: number): Promise<ScimSettings> {
  const row = await db
    .selectFrom("scim_settings")
    .where("organization_id", "=", organizationId)
    .select(["roles_groups", "workspaces_groups", "projects_groups", "user_type_groups"])
    .executeTakeFirst();
  if (row === undefined) return noScimSettings;
  return {
    roles: fromJson(row.roles_groups),
    workspaces: fromJson(row.workspaces_groups),
    projects: fromJson(row.projects_groups),
    userTypes: fromJson(row.user_type_groups),
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
    user_type_groups: JSON.stringify(settings.userTypes),
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
