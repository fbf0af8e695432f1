/**
 * Leases: which replica does a background job (DESIGN 5). A lease is taken, renewed by its holder
 * and, once it has run out, taken by anybody.
 */
import type { Db } from "./statement.ts";

/** A wish for a lease. */
export interface LeaseWish {
  readonly name: string;
  /** The replica that asks; the same holder renews. */
  readonly holder: string;
  readonly now: number;
  /** Until when it would hold, epoch milliseconds. */
  readonly until: number;
}

/** True where `holder` has the lease now. */
export async function takeLease(db: Db, { name, holder, now, until }: LeaseWish): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("leases")
    .values({ name, holder, expires_at: until })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet({ holder, expires_at: until })
        .where((eb) =>
          eb.or([eb("leases.holder", "=", holder), eb("leases.expires_at", "<=", now)]),
        ),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Gives a lease back early, so that another replica need not wait. */
export async function releaseLease(
  db: Db,
  { name, holder }: { name: string; holder: string },
): Promise<void> {
  await db.deleteFrom("leases").where("name", "=", name).where("holder", "=", holder).execute();
}
