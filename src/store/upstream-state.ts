/** Remembers facts about the Label Studio behind Labelgate, by name; values are JSON (GATEWAY 10.5). */
import { fromJson } from "./json.ts";
import type { Db } from "./statement.ts";

/** Names of what is remembered. `renewal` is another value whenever links to Label Studio were taken. */
export type UpstreamStateName = "closed" | "last_sync" | "renewal";

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

/** Loads whether the gateway is closed and the `renewal` by which it works, as of one moment. */
export async function loadDoorState(
  db: Db,
): Promise<{ readonly isClosed: boolean; readonly renewal: string | null }> {
  const rows = await db
    .selectFrom("upstream_state")
    .where("name", "in", ["closed", "renewal"] satisfies UpstreamStateName[])
    .select(["name", "value"])
    .execute();
  const found = new Map(rows.map(({ name, value }) => [name, value]));
  const renewal = found.get("renewal");
  return {
    isClosed: found.has("closed"),
    renewal: renewal === undefined ? null : fromJson<string>(renewal),
  };
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
