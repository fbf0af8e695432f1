/**
 * Tags of members: words of an organization's own, which give nobody anything. A tag's label is unique by
 * how people read it. Tags and members meet within one organization by their keys alone; whoever leaves it
 * leaves their tags.
 */
import type { Kysely } from "kysely";
import type { Migration, MigrationDialect } from "../migrate.ts";
import { id, keyedTable, oneOf, organization, required } from "./columns.ts";

export const memberTags: Migration = {
  name: "0022-member-tags",
  up: async (db, dialect) => {
    await createTags(db, dialect);
    await createTaggings(db, dialect);
    await db.schema
      .createTable("member_tag_imports")
      .addColumn("id", "integer", id(dialect))
      .addColumn("organization_id", "integer", organization)
      .addColumn("status", "text", required)
      .addColumn("created_at", "bigint", required)
      .addColumn("finished_at", "bigint", required)
      .addColumn("tags_created", "integer", required)
      .addColumn("assignments_created", "integer", required)
      .addColumn("users_skipped", "text", required)
      .addCheckConstraint("member_tag_imports_status", oneOf("status", "'completed'"))
      .execute();
    await db.schema
      .createIndex("member_tag_imports_organization")
      .on("member_tag_imports")
      .columns(["organization_id", "id"])
      .execute();
  },
};

async function createTags(db: Kysely<unknown>, dialect: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("member_tags")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("label", "text", required)
    .addColumn("label_key", "text", required)
    .addColumn("created_by", "integer", (column) =>
      column.references("users.id").onDelete("set null"),
    )
    .addColumn("created_at", "bigint", required)
    .addColumn("updated_at", "bigint", required)
    .addUniqueConstraint("member_tags_label", ["organization_id", "label_key"])
    .addUniqueConstraint("member_tags_organization", ["id", "organization_id"])
    .execute();
}

async function createTaggings(db: Kysely<unknown>, dialect: MigrationDialect): Promise<void> {
  const taggings = db.schema
    .createTable("member_taggings")
    .addColumn("organization_id", "integer", required)
    .addColumn("user_id", "integer", required)
    .addColumn("tag_id", "integer", required)
    .addPrimaryKeyConstraint("member_taggings_key", ["organization_id", "user_id", "tag_id"])
    .addForeignKeyConstraint(
      "member_taggings_tag",
      ["tag_id", "organization_id"],
      "member_tags",
      ["id", "organization_id"],
      (key) => key.onDelete("cascade"),
    )
    .addForeignKeyConstraint(
      "member_taggings_person",
      ["organization_id", "user_id"],
      "memberships",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    );
  await keyedTable(taggings, dialect).execute();
  await db.schema
    .createIndex("member_taggings_by_tag")
    .on("member_taggings")
    .columns(["tag_id", "user_id"])
    .execute();
}
