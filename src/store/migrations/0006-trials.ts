/** Test sign-ins (PRODUCT 8.2): unsaved settings under trial, and what the identity provider's answer came to. */
import type { Migration } from "../migrate.ts";
import { required } from "./columns.ts";

export const trials: Migration = {
  name: "0006-trials",
  up: async ({ schema }) => {
    await schema
      .createTable("saml_trials")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("organization_id", "integer", required)
      .addColumn("user_id", "integer", required)
      .addColumn("request_id", "text", (column) => column.unique())
      .addColumn("browser_hash", "text")
      .addColumn("settings", "text")
      .addColumn("idp_metadata", "text")
      .addColumn("story", "text")
      .addColumn("created_at", "bigint", required)
      .addColumn("answered_at", "bigint")
      .addColumn("expires_at", "bigint", required)
      .addForeignKeyConstraint(
        "saml_trials_person",
        ["organization_id", "user_id"],
        "memberships",
        ["organization_id", "user_id"],
        (key) => key.onDelete("cascade"),
      )
      .execute();
    await schema
      .createIndex("saml_trials_by_person")
      .on("saml_trials")
      .columns(["organization_id", "user_id", "created_at"])
      .execute();
    await schema
      .createIndex("saml_trials_expired")
      .on("saml_trials")
      .columns(["expires_at"])
      .execute();
  },
};
