/**
 * Writes a grant that outlives the source which gave it (PRODUCT 6.3, 1.3). A part of apply-change.ts,
 * which alone imports this file.
 */
import type { Change } from "../access/changes.ts";
import type { Db } from "./statement.ts";

/** The grant stays, with another source; the plan has seen to it that this source gave none yet. */
export async function changeGrantSource(
  { tx, organizationId }: { readonly tx: Db; readonly organizationId: number },
  userId: number,
  { grant, from, to }: Extract<Change, { readonly kind: "grant_source_changed" }>,
): Promise<void> {
  if (grant.scope === "organization") {
    await tx
      .updateTable("memberships")
      .where("organization_id", "=", organizationId)
      .where("user_id", "=", userId)
      .where("role_source", "=", from)
      .set({ role_source: to, awaited_role: null })
      .execute();
  } else if (grant.scope === "workspace") {
    await tx
      .updateTable("workspace_members")
      .where("workspace_id", "=", grant.workspaceId)
      .where("user_id", "=", userId)
      .where("source", "=", from)
      .where("organization_id", "=", organizationId)
      .set({ source: to })
      .execute();
  } else {
    await tx
      .updateTable("project_members")
      .where("project_id", "=", grant.projectId)
      .where("user_id", "=", userId)
      .where("source", "=", from)
      .where("organization_id", "=", organizationId)
      .set({ source: to })
      .execute();
  }
}
