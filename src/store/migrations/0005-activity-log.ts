/**
 * Records the changes that people asked for, request by request (PRODUCT 8.8), and links a request to its
 * changes, which the audit log has.
 */
import type { Migration } from "../migrate.ts";
import { logId, logIdType, organization, required } from "./columns.ts";

export const activityLog: Migration = {
  name: "0005-activity-log",
  up: async ({ schema }, dialect) => {
    await schema
      .createTable("activity_log")
      .addColumn("id", logIdType(dialect), logId(dialect))
      .addColumn("organization_id", "integer", organization)
      .addColumn("at", "bigint", required)
      .addColumn("user_id", "integer", required)
      .addColumn("email", "text", required)
      .addColumn("method", "text", required)
      .addColumn("url", "text", required)
      .addColumn("status", "integer", required)
      .addColumn("duration_ms", "integer", required)
      .addColumn("project_id", "integer")
      .addColumn("workspace_id", "integer")
      .addColumn("session", "text", required)
      .addColumn("ip", "text", required)
      .addColumn("user_agent", "text", required)
      .addColumn("referer", "text", required)
      .addColumn("request_id", "text", required)
      .execute();
    await schema
      .createIndex("activity_log_latest")
      .on("activity_log")
      .columns(["organization_id", "id"])
      .execute();
    await schema
      .createIndex("activity_log_by_person")
      .on("activity_log")
      .columns(["organization_id", "user_id", "id"])
      .execute();
    await schema
      .createIndex("audit_log_by_request")
      .on("audit_log")
      .columns(["request_id"])
      .where("request_id", "is not", null)
      .execute();
  },
};
