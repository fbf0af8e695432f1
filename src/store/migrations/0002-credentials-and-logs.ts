/**
 * Keys, sessions, tokens and links, the two logs, and what replicas agree on through the database.
 * No secret is here as it is: tokens are hashes, private keys are sealed.
 */
import { sql } from "kysely";
import type { Migration, MigrationDialect } from "../migrate.ts";
import {
  id,
  keyedTable,
  logId,
  logIdType,
  oneOf,
  organization,
  required,
  type Schema,
} from "./columns.ts";

export const credentialsAndLogs: Migration = {
  name: "0002-credentials-and-logs",
  up: async ({ schema }, dialect) => {
    await createCredentials(schema, dialect);
    await createAuditLog(schema, dialect);
    await createSignInLog(schema, dialect);
    await createCoordination(schema, dialect);
  },
};

async function createCredentials(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await createSpKeys(schema, dialect);
  await createSessions(schema, dialect);
  await schema
    .createTable("api_tokens")
    .addColumn("id", "integer", id(dialect))
    .addColumn("user_id", "integer", required)
    .addColumn("organization_id", "integer", required)
    .addColumn("kind", "text", required)
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", required)
    .addColumn("last_used_at", "bigint")
    .addColumn("expires_at", "bigint")
    .addForeignKeyConstraint(
      "api_tokens_person",
      ["organization_id", "user_id"],
      "memberships",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    )
    .addCheckConstraint("api_tokens_kind", oneOf("kind", "'legacy','pat'"))
    .execute();
  await schema
    .createIndex("api_tokens_by_person")
    .on("api_tokens")
    .columns(["user_id", "organization_id"])
    .execute();
  await schema
    .createTable("invites")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("email", "text", required)
    .addColumn("role", "text", required)
    .addColumn("created_by", "integer", (column) =>
      column.references("users.id").onDelete("set null"),
    )
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint", required)
    .addUniqueConstraint("invites_address", ["organization_id", "email"])
    // Owner is never given by an invite (PRODUCT 1.3).
    .addCheckConstraint("invites_role", oneOf("role", "'AD','MA','RE','AN','NO'"))
    .execute();
  await schema
    .createTable("one_time_links")
    .addColumn("token_hash", "text", (column) => column.primaryKey().notNull())
    .addColumn("kind", "text", required)
    .addColumn("user_id", "integer", (column) => column.references("users.id").onDelete("cascade"))
    .addColumn("organization_id", "integer", (column) =>
      column.references("organizations.id").onDelete("cascade"),
    )
    .addColumn("data", "text", required)
    .addColumn("expires_at", "bigint", required)
    .addCheckConstraint("one_time_links_kind", oneOf("kind", "'setup','recover','password_reset'"))
    .execute();
}

async function createSpKeys(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("sp_keys")
    .addColumn("id", "integer", id(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("state", "text", required)
    .addColumn("certificate_pem", "text", required)
    .addColumn("private_key_sealed", "text", required)
    .addColumn("created_at", "bigint", required)
    .addCheckConstraint("sp_keys_state", oneOf("state", "'active','next','retired'"))
    .execute();
  await schema
    .createIndex("sp_keys_organization")
    .on("sp_keys")
    .columns(["organization_id", "id"])
    .execute();
  // One key signs and at most one waits, whichever replica makes it (PRODUCT 2.6).
  await schema
    .createIndex("sp_keys_in_use")
    .unique()
    .on("sp_keys")
    .columns(["organization_id", "state"])
    .where(sql.ref("state"), "<>", sql.lit("retired"))
    .execute();
}

async function createSessions(schema: Schema, dialect: MigrationDialect): Promise<void> {
  const sessions = schema
    .createTable("sessions")
    .addColumn("token_hash", "text", (column) => column.primaryKey().notNull())
    .addColumn("id", "text", required)
    .addColumn("user_id", "integer", required)
    .addColumn("organization_id", "integer", required)
    .addColumn("method", "text", required)
    .addColumn("created_at", "bigint", required)
    .addColumn("last_seen_at", "bigint", required)
    .addColumn("expires_at", "bigint", required)
    .addColumn("ip", "text", required)
    .addColumn("user_agent", "text", required)
    // A session opens one organization, and ends with the membership of it (PRODUCT 4.10).
    .addForeignKeyConstraint(
      "sessions_person",
      ["organization_id", "user_id"],
      "memberships",
      ["organization_id", "user_id"],
      (key) => key.onDelete("cascade"),
    )
    .addCheckConstraint("sessions_method", oneOf("method", "'saml','password','link'"));
  await keyedTable(sessions, dialect).execute();
  await schema
    .createIndex("sessions_by_person")
    .on("sessions")
    .columns(["user_id", "organization_id"])
    .execute();
  await schema.createIndex("sessions_expired").on("sessions").column("expires_at").execute();
}

async function createAuditLog(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("audit_log")
    .addColumn("id", logIdType(dialect), logId(dialect))
    .addColumn("organization_id", "integer", organization)
    .addColumn("at", "bigint", required)
    .addColumn("actor_kind", "text", required)
    .addColumn("actor_user_id", "integer")
    .addColumn("actor_token_id", "integer")
    .addColumn("subject_user_id", "integer")
    .addColumn("action", "text", required)
    .addColumn("changes", "text", required)
    .addColumn("reasons", "text", required)
    .addColumn("ip", "text")
    .addColumn("request_id", "text")
    .addCheckConstraint(
      "audit_log_actor",
      sql`actor_kind in ('saml','scim','system')
        or (actor_kind = 'person' and actor_user_id is not null)`,
    )
    .execute();
  await schema
    .createIndex("audit_log_latest")
    .on("audit_log")
    .columns(["organization_id", "id"])
    .execute();
  await schema
    .createIndex("audit_log_by_subject")
    .on("audit_log")
    .columns(["organization_id", "subject_user_id", "id"])
    .execute();
}

async function createSignInLog(schema: Schema, dialect: MigrationDialect): Promise<void> {
  await schema
    .createTable("sign_in_log")
    .addColumn("id", logIdType(dialect), logId(dialect))
    .addColumn("reference", "text", (column) => column.notNull().unique())
    .addColumn("organization_id", "integer", organization)
    .addColumn("at", "bigint", required)
    .addColumn("outcome", "text", required)
    .addColumn("code", "text")
    .addColumn("email", "text")
    .addColumn("user_id", "integer")
    .addColumn("request_id", "text")
    .addColumn("ip", "text")
    .addColumn("user_agent", "text")
    .addColumn("evidence", "text", required)
    .addColumn("attribute_names", "text", required)
    .addColumn("identity", "text")
    .addColumn("changes", "text", required)
    .addColumn("reasons", "text", required)
    .addCheckConstraint(
      "sign_in_log_outcome",
      sql`(outcome = 'refused' and code is not null)
        or outcome in ('admitted','not_activated','deactivated')`,
    )
    .execute();
  await schema
    .createIndex("sign_in_log_latest")
    .on("sign_in_log")
    .columns(["organization_id", "id"])
    .execute();
  await schema
    .createIndex("sign_in_log_by_person")
    .on("sign_in_log")
    .columns(["organization_id", "user_id", "id"])
    .execute();
}

async function createCoordination(schema: Schema, dialect: MigrationDialect): Promise<void> {
  const pendingLogins = schema
    .createTable("pending_logins")
    .addColumn("request_id", "text", (column) => column.primaryKey().notNull())
    .addColumn("organization_id", "integer", organization)
    .addColumn("browser_hash", "text", required)
    .addColumn("next", "text", required)
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint", required);
  await keyedTable(pendingLogins, dialect).execute();
  await schema
    .createIndex("pending_logins_expired")
    .on("pending_logins")
    .column("expires_at")
    .execute();
  const replayIds = schema
    .createTable("replay_ids")
    .addColumn("organization_id", "integer", organization)
    .addColumn("assertion_id", "text", required)
    .addColumn("expires_at", "bigint", required)
    .addPrimaryKeyConstraint("replay_ids_pk", ["organization_id", "assertion_id"]);
  await keyedTable(replayIds, dialect).execute();
  await schema.createIndex("replay_ids_expired").on("replay_ids").column("expires_at").execute();
  await schema
    .createTable("leases")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("holder", "text", required)
    .addColumn("expires_at", "bigint", required)
    .execute();
  await schema
    .createTable("sign_in_attempts")
    .addColumn("key", "text", (column) => column.primaryKey().notNull())
    .addColumn("failures", "integer", required)
    .addColumn("window_started_at", "bigint", required)
    .execute();
}
