/**
 * An organization's rules for API tokens and sessions (PRODUCT 6.6, 9.6). api-tokens.ts and sessions.ts
 * ask it in their own statements, so that a rule holds from the next request on and for what was there
 * before.
 */
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { SettingRows, SettingsOf } from "../access/setting-rows.ts";
import { sessionRows } from "../access/settings-table.ts";
import { columnsOf, settingsIn } from "./setting-columns.ts";
import type { Db } from "./statement.ts";

/** The organization's rules of this table, or null where there is no such organization. */
export async function loadRules<Rows extends SettingRows>(
  db: Db,
  organizationId: number,
  rows: Rows,
): Promise<SettingsOf<Rows> | null> {
  const row = await db
    .selectFrom("organizations")
    .where("id", "=", organizationId)
    .selectAll()
    .executeTakeFirst();
  return row === undefined ? null : settingsIn(rows, row);
}

/** Saves rules of this table. */
export async function saveRules<Rows extends SettingRows>(
  tx: Db,
  organizationId: number,
  rows: Rows,
  rules: SettingsOf<Rows>,
): Promise<void> {
  await tx
    .updateTable("organizations")
    .where("id", "=", organizationId)
    .set(columnsOf(rows, rules))
    .execute();
}

/** Milliseconds of a session's life and of its idling, of the organization that is joined. */
export const ruledMaxMs = limitMs(sessionRows.max_session_age);
export const ruledIdleMs = limitMs(sessionRows.max_time_between_activity);

type SessionRow = (typeof sessionRows)[keyof typeof sessionRows];

function limitMs({ column, default: minutes }: SessionRow): RawBuilder<number> {
  return sql<number>`coalesce(${sql.ref(`organizations.${column}`)}, ${sql.lit(minutes)}) * 60000`;
}

/** True while a session is neither too old nor idle by the rules of the organization that is joined. */
export const isWithinRules = (now: Expression<number>): Expression<SqlBool> =>
  sql<SqlBool>`sessions.created_at + ${ruledMaxMs} > ${now}
    and sessions.last_seen_at + ${ruledIdleMs} > ${now}`;
