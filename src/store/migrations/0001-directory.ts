/**
 * People, organizations, access and settings. Constraints carry the truth: what they forbid cannot be
 * stored by any bug.
 *
 * Every row names its organization, and rows that belong together prove by a foreign key over both
 * that they belong to the same one. Indexes serve exactly the look-ups of this folder.
 */
import { type ColumnDefinitionBuilder, sql } from "kysely";
import type { Migration, MigrationDialect } from "../migrate.ts";
import { id, isFlag, oneOf, organization, required, type Schema } from "./columns.ts";

const orgRoles = "'OW','AD','MA','RE','AN','NO','DI'";
const sources = "'manual','saml','scim','api'";
const projectRoles = "'AN','RE','IN'";

export const directory: Migration = {
  name: "0001-directory",
  up: async ({ schema }, dialect) => {
    await createDirectory(schema, dialect);
    await createPlaces(schema, dialect);
    await createSettings(schema, dialect);
  },
};

async function createDirectory(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("organizations")
    .addColumn("id", "integer", id(dialect))
    .addColumn("title", "text", required)
    .addColumn("default_role", "text", required)
    .addColumn("seat_limit", "integer")
    .addColumn("seats_used", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("invite_token", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", required)
    // A default role is never Owner (PRODUCT 1.3).
    .addCheckConstraint(
      "organizations_default_role",
      oneOf("default_role", "'AD','MA','RE','AN','NO','DI'"),
    )
    .addCheckConstraint("organizations_seats", sql`seats_used >= 0 and seat_limit >= 0`)
    .execute();
  // One address is one person, whatever its case (PRODUCT 1.2). Only ASCII is compared, since the
  // engines disagree about the rest.
  const lower = sql.raw(dialect === "sqlite" ? "lower(email)" : 'lower(email collate "C")');
  await schema
    .createTable("users")
    .addColumn("id", "integer", id(dialect))
    .addColumn("email", "text", (column) => column.notNull().unique())
    .addColumn("first_name", "text", required)
    .addColumn("last_name", "text", required)
    .addColumn("password_hash", "text")
    .addColumn("created_at", "bigint", required)
    .addCheckConstraint("users_email", sql`email = ${lower} and email like '_%@_%'`)
    .execute();
  await schema
    .createTable("memberships")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("user_id", "integer", (column) =>
      column.notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("role", "text", required)
    .addColumn("role_source", "text", required)
    .addColumn("role_set_at", "bigint", required)
    .addColumn("created_at", "bigint", required)
    .addColumn("opens_by_password", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("last_sign_in_at", "bigint")
    .addColumn("last_groups", "text")
    .addUniqueConstraint("memberships_person", ["organization_id", "user_id"])
    .addCheckConstraint("memberships_role", oneOf("role", orgRoles))
    .addCheckConstraint("memberships_role_source", oneOf("role_source", sources))
    .addCheckConstraint("memberships_opens_by_password", isFlag("opens_by_password"))
    .execute();
  await schema
    .createIndex("memberships_user")
    .on("memberships")
    .columns(["user_id", "organization_id"])
    .execute();
  // "The Owner" is one person, and becomes another only as the former steps down (PRODUCT 1.3).
  await schema
    .createIndex("memberships_owner")
    .unique()
    .on("memberships")
    .column("organization_id")
    .where(sql.ref("role"), "=", sql.lit("OW"))
    .execute();
}

async function createPlaces(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("workspaces")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("title", "text", required)
    .addColumn("description", "text", (column) => column.notNull().defaultTo(""))
    .addColumn("color", "text", (column) => column.notNull().defaultTo(""))
    .addColumn("is_archived", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_by", "integer", (column) =>
      column.references("users.id").onDelete("set null"),
    )
    .addColumn("created_at", "bigint", required)
    .addUniqueConstraint("workspaces_title", ["organization_id", "title"])
    .addUniqueConstraint("workspaces_organization", ["id", "organization_id"])
    .addCheckConstraint("workspaces_is_archived", isFlag("is_archived"))
    .execute();
  await schema
    .createTable("projects")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("title", "text", required)
    .addColumn("workspace_id", "integer")
    .addColumn("created_at", "bigint", required)
    .addUniqueConstraint("projects_organization", ["id", "organization_id"])
    .addForeignKeyConstraint(
      "projects_workspace",
      ["workspace_id", "organization_id"],
      "workspaces",
      ["id", "organization_id"],
    )
    .execute();
  await schema
    .createIndex("projects_by_workspace")
    .on("projects")
    .columns(["organization_id", "workspace_id"])
    .execute();
  await createMembers(schema, "workspace");
  await createMembers(schema, "project");
  await createAssignments(schema, dialect);
}

async function createMembers(schema: Schema, place: "workspace" | "project"): Promise<void> {
  const table = `${place}_members`;
  const placeId = `${place}_id`;
  let members = schema
    .createTable(table)
    .addColumn(placeId, "integer", required)
    .addColumn("user_id", "integer", required)
    .addColumn("source", "text", required)
    .addColumn("organization_id", "integer", required)
    .addColumn("granted_at", "bigint", required)
    .addPrimaryKeyConstraint(`${table}_pk`, [placeId, "user_id", "source"] as never[])
    .addForeignKeyConstraint(
      `${table}_place`,
      [placeId, "organization_id"] as never[],
      `${place}s`,
      ["id", "organization_id"],
      (key) => key.onDelete("cascade"),
    )
    // Only members of the organization, and only while they are.
    .addForeignKeyConstraint(
      `${table}_person`,
      ["organization_id", "user_id"] as never[],
      "memberships",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    )
    .addCheckConstraint(`${table}_source`, oneOf("source", sources));
  if (place === "project") {
    members = members
      .addColumn("role", "text", required)
      .addColumn("is_pending", "integer", (column) => column.notNull().defaultTo(0))
      .addCheckConstraint(`${table}_role`, oneOf("role", projectRoles))
      .addCheckConstraint(`${table}_is_pending`, isFlag("is_pending"));
  }
  await members.execute();
  await schema
    .createIndex(`${table}_by_person`)
    .on(table)
    .columns(["organization_id", "user_id"])
    .execute();
}

async function createAssignments(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("scim_assignments")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", required)
    .addColumn("user_id", "integer", required)
    .addColumn("scope", "text", required)
    .addColumn("group_name", "text", required)
    .addColumn("target", "text", required)
    .addColumn("role", "text", required)
    .addUniqueConstraint("scim_assignments_all", [
      "organization_id",
      "user_id",
      "scope",
      "target",
      "role",
      "group_name",
    ])
    .addForeignKeyConstraint(
      "scim_assignments_person",
      ["organization_id", "user_id"],
      "memberships",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    )
    .addCheckConstraint(
      "scim_assignments_scope",
      sql`(scope = 'organization' and target = '' and role in ('AD','MA','RE','AN'))
        or (scope = 'workspace' and target <> '' and role = '')
        or (scope = 'project' and target <> '' and role in (${sql.raw(projectRoles)}))`,
    )
    .execute();
}

async function createSettings(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await createSamlSettings(schema);
  await schema
    .createTable("saml_domains")
    .addColumn("domain", "text", (column) => column.primaryKey().notNull())
    .addColumn("organization_id", "integer", organization)
    .execute();
  await schema
    .createIndex("saml_domains_organization")
    .on("saml_domains")
    .column("organization_id")
    .execute();
  await schema
    .createTable("scim_settings")
    .addColumn("organization_id", "integer", (column) => organization(column).primaryKey())
    .addColumn("roles_groups", "text", required)
    .addColumn("workspaces_groups", "text", required)
    .addColumn("projects_groups", "text", required)
    .execute();
  await schema
    .createTable("settings_revisions")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("kind", "text", required)
    .addColumn("at", "bigint", required)
    .addColumn("actor_user_id", "integer")
    .addColumn("before", "text", required)
    .addColumn("after", "text", required)
    .addCheckConstraint("settings_revisions_kind", oneOf("kind", "'saml','scim'"))
    .execute();
  await schema
    .createIndex("settings_revisions_latest")
    .on("settings_revisions")
    .columns(["organization_id", "kind", "id"])
    .execute();
}

async function createSamlSettings(schema: Schema): Promise<void> {
  const text = (value: string) => (column: ColumnDefinitionBuilder) =>
    column.notNull().defaultTo(value);
  const off = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0);
  await schema
    .createTable("saml_settings")
    .addColumn("organization_id", "integer", (column) => organization(column).primaryKey())
    .addColumn("token", "text", (column) => column.notNull().unique())
    .addColumn("version", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("domain", "text", text(""))
    .addColumn("metadata_url", "text", text(""))
    .addColumn("idp_provider", "text")
    .addColumn("mapping_email", "text", text("Email"))
    .addColumn("mapping_first_name", "text", text("FirstName"))
    .addColumn("mapping_last_name", "text", text("LastName"))
    .addColumn("mapping_groups", "text", text("Groups"))
    .addColumn("manual_role_management", "integer")
    .addColumn("allow_unsolicited", "integer")
    .addColumn("want_assertions_signed", "integer")
    .addColumn("want_response_signed", "integer")
    .addColumn("allow_sha1", "integer", off)
    .addColumn("allow_cbc", "integer", off)
    .addColumn("disable_password_login", "integer", off)
    .addColumn("idp_metadata_fetched_at", "bigint")
    .addColumn("idp_metadata_checked_at", "bigint")
    .addColumn("idp_metadata_error", "text")
    .addColumn("roles_groups", "text", text("[]"))
    .addColumn("workspaces_groups", "text", text("[]"))
    .addColumn("projects_groups", "text", text("[]"))
    .addColumn("metadata_xml", "text", text(""))
    .addColumn("idp_metadata", "text")
    .addCheckConstraint(
      "saml_settings_switches",
      sql`${isFlag("manual_role_management")} and ${isFlag("allow_unsolicited")}
        and ${isFlag("want_assertions_signed")} and ${isFlag("want_response_signed")}
        and ${isFlag("allow_sha1")} and ${isFlag("allow_cbc")}
        and ${isFlag("disable_password_login")}`,
    )
    .execute();
}
