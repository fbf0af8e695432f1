/** What Labelgate remembers of the Label Studio behind it, by name; values are JSON (GATEWAY 10.5). */
import { fromJson } from "./json.ts";
import type { Db } from "./statement.ts";

/** Names of what is remembered. */
export type UpstreamStateName = "closed" | "last_sync";

/** The value of that name, or null. */
export async function loadUpstreamState<Value>(
  db: Db,
  name: UpstreamStateName,
): Promise<Value | null> {
  const row = await db
    .selectFrom("upstream_state")
    .where("name", "=", name)
    .select("value")
    .executeTakeFirst();
  return row === undefined ? null : fromJson<Value>(row.value);
}

/** Remembers the value; null forgets it. */
export async function saveUpstreamState(
  db: Db,
  name: UpstreamStateName,
  value: unknown,
): Promise<void> {
  if (value === null) {
    await db.deleteFrom("upstream_state").where("name", "=", name).execute();
    return;
  }
  const text = JSON.stringify(value);
  await db
    .insertInto("upstream_state")
    .values({ name, value: text })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: text }))
    .execute();
}
