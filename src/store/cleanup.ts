/**
 * Deletes rows that have expired (PRODUCT 2.2, 8.4, 9.6): meant for the replica that holds the lease.
 * Works in small batches, so that sign-ins on SQLite wait for none of them.
 */
import { type RawBuilder, sql } from "kysely";
import { sessionIdleMs } from "./sessions.ts";
import type { Db } from "./statement.ts";

const batchRows = 500;
/** Retention of the sign-in log (PRODUCT 8.4). */
const signInLogMs = 90 * 24 * 3_600_000;
/** The number of unsigned attempts that are kept for an organization, the latest ones. */
const maxUnsignedAttempts = 50_000;
/** Retention of the log of SCIM requests (PRODUCT 7). */
const scimRequestLogMs = 30 * 24 * 3_600_000;
/** Retention of the results of member tag imports. */
const tagImportsMs = 30 * 24 * 3_600_000;
/** Readers of the feed of changes are at most seconds behind; one that is further forgets everything. */
const accessChangesMs = 3_600_000;
/** For how long a group is proposed after its last member left it. */
const emptyGroupsMs = 90 * 24 * 3_600_000;
/** Counts of attempts matter for minutes; a day is more than any window. */
const attemptsMs = 24 * 3_600_000;
/** Clocks of replicas may differ; nothing goes before it has expired for all of them. */
const graceMs = 60_000;

/** Deletes what expired before `nowMs`, and what strangers posted beyond a bound; returns how many rows went. */
export async function deleteExpired(
  db: Db,
  nowMs: number,
  maxUnsigned = maxUnsignedAttempts,
): Promise<number> {
  const expired = nowMs - graceMs;
  const idle = expired - sessionIdleMs;
  const forgotten = nowMs - attemptsMs;
  let rows = 0;
  for (const [table, key] of Object.entries(expiringTables)) {
    rows += await deleteWhere(db, { table, key }, sql`expires_at < ${expired}`);
  }
  rows += await deleteWhere(
    db,
    { table: "sessions", key: ["token_hash"] },
    sql`last_seen_at < ${idle}`,
  );
  rows += await deleteWhere(
    db,
    { table: "sign_in_attempts", key: ["key"] },
    sql`window_started_at < ${forgotten}`,
  );
  rows += await deleteWhere(
    db,
    { table: "seen_groups", key: ["organization_id", "name"] },
    sql`members <= 0 and last_seen_at < ${nowMs - emptyGroupsMs}`,
  );
  rows += await deleteWhere(
    db,
    { table: "member_tag_imports", key: ["id"] },
    sql`created_at < ${nowMs - tagImportsMs}`,
  );
  rows += await deleteOld(db, "scim_request_log", nowMs - scimRequestLogMs);
  rows += await deleteOld(db, "access_changes", nowMs - accessChangesMs);
  rows += await deleteOld(db, "sign_in_log", nowMs - signInLogMs);
  return rows + (await deleteUnsigned(db, maxUnsigned));
}

/** Deletes the oldest unsigned attempts of each organization, so that garbage displaces only garbage. */
async function deleteUnsigned(db: Db, most: number): Promise<number> {
  const strangers = () => db.selectFrom("sign_in_log").where("signed", "=", sql.lit(0));
  const flooded = await strangers()
    .groupBy("organization_id")
    .having((eb) => eb.fn.countAll<number>(), ">", most)
    .select("organization_id as organizationId")
    .execute();
  let rows = 0;
  for (const { organizationId } of flooded) {
    const newest = await strangers()
      .where("organization_id", "=", organizationId)
      .orderBy("id", "desc")
      .offset(most)
      .limit(1)
      .select("id")
      .executeTakeFirst();
    rows += await deleteWhere(
      db,
      { table: "sign_in_log", key: ["id"] },
      sql`organization_id = ${organizationId} and signed = 0 and id <= ${newest?.id ?? 0}`,
    );
  }
  return rows;
}

/** Tables whose rows expire, with their primary keys. */
const expiringTables: Readonly<Record<string, readonly string[]>> = {
  sessions: ["token_hash"],
  pending_logins: ["request_id"],
  studio_codes: ["code_hash"],
  saml_trials: ["id"],
  replay_ids: ["organization_id", "assertion_id"],
  one_time_links: ["token_hash"],
  invites: ["id"],
  api_tokens: ["id"],
  leases: ["name"],
};

async function deleteWhere(
  db: Db,
  { table, key }: { table: string; key: readonly string[] },
  condition: RawBuilder<unknown>,
): Promise<number> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  return await inBatches(async () => {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where (${columns}) in (
        select ${columns} from ${sql.table(table)} where ${condition} limit ${batchRows}
      )`.execute(db);
    return Number(numAffectedRows ?? 0n);
  });
}

/** Rows were written in the order of their ids, so the oldest are found without looking at others. */
async function deleteOld(
  db: Db,
  log: "sign_in_log" | "scim_request_log" | "access_changes",
  before: number,
): Promise<number> {
  return await inBatches(async () => {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(log)} where at < ${before} and id in (
        select id from ${sql.table(log)} order by id limit ${batchRows}
      )`.execute(db);
    return Number(numAffectedRows ?? 0n);
  });
}

async function inBatches(deleteBatch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const rows = await deleteBatch();
    total += rows;
    if (rows < batchRows) return total;
  }
}
