/**
 * What has had its time goes (PRODUCT 2.2, 8.4, 9.6): meant for the replica that holds the lease.
 * Works in small batches, so that sign-ons on SQLite wait for none of them.
 */
import { sql } from "kysely";
import { sessionIdleMs } from "./sessions.ts";
import { type Db, dialectOf } from "./statement.ts";

const batchRows = 500;
/** How long the sign-in log is kept (PRODUCT 8.4). */
const signInLogMs = 90 * 24 * 3_600_000;
/** Counts of attempts matter for minutes; a day is more than any window. */
const attemptsMs = 24 * 3_600_000;
/** Which PostgreSQL transaction may still hold a pending login or replay id: none after this. */
const graceMs = 60_000;

/** Deletes what expired before `nowMs`; returns how many rows went. */
export async function deleteExpired(db: Db, nowMs: number): Promise<number> {
  const expired = nowMs - graceMs;
  let rows = 0;
  rows += await deleteWhile(db, "sessions", sql`expires_at < ${expired}`);
  rows += await deleteWhile(db, "sessions", sql`last_seen_at < ${expired - sessionIdleMs}`);
  rows += await deleteWhile(db, "pending_logins", sql`expires_at < ${expired}`);
  rows += await deleteWhile(db, "replay_ids", sql`expires_at < ${expired}`);
  rows += await deleteWhile(db, "one_time_links", sql`expires_at < ${expired}`);
  rows += await deleteWhile(db, "invites", sql`expires_at < ${expired}`);
  rows += await deleteWhile(db, "api_tokens", sql`expires_at < ${expired}`);
  rows += await deleteWhile(db, "leases", sql`expires_at < ${nowMs - attemptsMs}`);
  rows += await deleteWhile(db, "sign_in_attempts", sql`window_started_at < ${nowMs - attemptsMs}`);
  rows += await deleteOldSignIns(db, nowMs - signInLogMs);
  return rows;
}

async function deleteWhile(
  db: Db,
  table: string,
  condition: ReturnType<typeof sql>,
): Promise<number> {
  const row = sql.raw(dialectOf(db) === "sqlite" ? "rowid" : "ctid");
  return await inBatches(async () => {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where ${row} in (
        select ${row} from ${sql.table(table)} where ${condition} limit ${batchRows}
      )`.execute(db);
    return Number(numAffectedRows ?? 0n);
  });
}

/** Rows were written in the order of their ids, so the oldest are found without looking at others. */
async function deleteOldSignIns(db: Db, before: number): Promise<number> {
  return await inBatches(async () => {
    const { numDeletedRows } = await db
      .deleteFrom("sign_in_log")
      .where("at", "<", before)
      .where("id", "in", (eb) =>
        eb.selectFrom("sign_in_log").orderBy("id").limit(batchRows).select("id"),
      )
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
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
