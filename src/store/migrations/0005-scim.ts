/**
 * SCIM provisioning (PRODUCT 7): people and groups as the identity provider's client knows them, who
 * belongs to which group, the tokens that clients bring, and the log of what they asked.
 *
 * A provisioned person hangs on their membership and goes with it. Members of groups are rows of
 * their own, found from both sides, so that adding one costs the same in every group (DESIGN
 * invariant 8). Keys that carry the organization keep two organizations apart by themselves.
 */
import type { Kysely } from "kysely";
import type { Migration, MigrationDialect } from "../migrate.ts";
import { id, isFlag, keyedTable, logId, logIdType, organization, required } from "./columns.ts";

export const scim: Migration = {
  name: "0005-scim",
  up: async (db, dialect) => {
    await createUsers(db, dialect);
    await createGroups(db, dialect);
    await createMembers(db, dialect);
    await createSubgroups(db, dialect);
    await createTokens(db, dialect);
    await createRequestLog(db, dialect);
  },
};

async function createUsers({ schema }: Kysely<unknown>, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("scim_users")
    .addColumn("seq", "integer", id(dialect))
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("organization_id", "integer", required)
    .addColumn("user_id", "integer", required)
    .addColumn("user_name", "text", required)
    .addColumn("user_name_key", "text", required)
    .addColumn("external_id", "text")
    .addColumn("active", "integer", required)
    .addColumn("version", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("created_at", "bigint", required)
    .addColumn("modified_at", "bigint", required)
    .addColumn("document", "text", required)
    .addColumn("search", "text", required)
    .addUniqueConstraint("scim_users_name", ["organization_id", "user_name_key"])
    .addUniqueConstraint("scim_users_person", ["organization_id", "user_id"])
    .addForeignKeyConstraint(
      "scim_users_membership",
      ["organization_id", "user_id"],
      "memberships",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    )
    .addCheckConstraint("scim_users_active", isFlag("active"))
    .execute();
  await schema
    .createIndex("scim_users_external")
    .on("scim_users")
    .columns(["organization_id", "external_id"])
    .execute();
  await schema
    .createIndex("scim_users_order")
    .on("scim_users")
    .columns(["organization_id", "seq"])
    .execute();
}

async function createGroups({ schema }: Kysely<unknown>, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("scim_groups")
    .addColumn("seq", "integer", id(dialect))
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("organization_id", "integer", organization)
    .addColumn("display_name", "text", required)
    .addColumn("display_name_key", "text", required)
    .addColumn("external_id", "text")
    .addColumn("version", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("created_at", "bigint", required)
    .addColumn("modified_at", "bigint", required)
    .addColumn("document", "text", required)
    .addColumn("search", "text", required)
    .addUniqueConstraint("scim_groups_name", ["organization_id", "display_name"])
    .addUniqueConstraint("scim_groups_here", ["seq", "organization_id"])
    .execute();
  for (const [name, column] of [
    ["scim_groups_key", "display_name_key"],
    ["scim_groups_external", "external_id"],
    ["scim_groups_order", "seq"],
  ] as const) {
    await schema.createIndex(name).on("scim_groups").columns(["organization_id", column]).execute();
  }
}

async function createMembers(
  { schema }: Kysely<unknown>,
  dialect: MigrationDialect,
): Promise<void> {
  const members = schema
    .createTable("scim_group_members")
    .addColumn("group_seq", "integer", required)
    .addColumn("user_id", "integer", required)
    .addColumn("organization_id", "integer", required)
    .addPrimaryKeyConstraint("scim_group_members_key", ["group_seq", "user_id"])
    .addForeignKeyConstraint(
      "scim_group_members_group",
      ["group_seq", "organization_id"],
      "scim_groups",
      ["seq", "organization_id"],
      (key) => key.onDelete("cascade"),
    )
    .addForeignKeyConstraint(
      "scim_group_members_person",
      ["organization_id", "user_id"],
      "scim_users",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    );
  await keyedTable(members, dialect).execute();
  await schema
    .createIndex("scim_group_members_by_person")
    .on("scim_group_members")
    .columns(["organization_id", "user_id", "group_seq"])
    .execute();
}

/** Groups inside groups are kept and shown; they give nothing, as no identity provider sends them. */
async function createSubgroups(
  { schema }: Kysely<unknown>,
  dialect: MigrationDialect,
): Promise<void> {
  let subgroups = schema
    .createTable("scim_subgroups")
    .addColumn("group_seq", "integer", required)
    .addColumn("child_seq", "integer", required)
    .addColumn("organization_id", "integer", required)
    .addPrimaryKeyConstraint("scim_subgroups_key", ["group_seq", "child_seq"]);
  for (const [name, column] of [
    ["scim_subgroups_group", "group_seq"],
    ["scim_subgroups_child", "child_seq"],
  ] as const) {
    subgroups = subgroups.addForeignKeyConstraint(
      name,
      [column, "organization_id"],
      "scim_groups",
      ["seq", "organization_id"],
      (key) => key.onDelete("cascade"),
    );
  }
  await keyedTable(subgroups, dialect).execute();
  await schema
    .createIndex("scim_subgroups_by_child")
    .on("scim_subgroups")
    .columns(["child_seq", "organization_id"])
    .execute();
}

async function createTokens({ schema }: Kysely<unknown>, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("scim_tokens")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("name", "text", required)
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("prefix", "text", required)
    .addColumn("created_by", "integer")
    .addColumn("created_at", "bigint", required)
    .addColumn("last_used_at", "bigint")
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .execute();
  await schema
    .createIndex("scim_tokens_organization")
    .on("scim_tokens")
    .columns(["organization_id", "id"])
    .execute();
}

async function createRequestLog(
  { schema }: Kysely<unknown>,
  dialect: MigrationDialect,
): Promise<void> {
  await schema
    .createTable("scim_request_log")
    .addColumn("id", logIdType(dialect), logId(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("at", "bigint", required)
    .addColumn("token_id", "integer")
    .addColumn("method", "text", required)
    .addColumn("path", "text", required)
    .addColumn("status", "integer", required)
    .addColumn("summary", "text", required)
    .addColumn("quirks", "text", required)
    .addColumn("request_id", "text", required)
    .execute();
  await schema
    .createIndex("scim_request_log_latest")
    .on("scim_request_log")
    .columns(["organization_id", "id"])
    .execute();
}
