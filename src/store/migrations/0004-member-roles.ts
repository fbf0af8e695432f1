/**
 * Members by role: who administers an organization, and lists of one role, without looking at every
 * member (DESIGN invariant 8).
 */
import type { Migration } from "../migrate.ts";

export const memberRoles: Migration = {
  name: "0004-member-roles",
  up: async ({ schema }) => {
    await schema
      .createIndex("memberships_by_role")
      .on("memberships")
      .columns(["organization_id", "role", "user_id"])
      .execute();
  },
};
