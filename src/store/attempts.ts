/**
 * Counts of attempts (PRODUCT 9.6), in the database so that all replicas count together. Which counts
 * are too many is people/limits.ts's rule; keys are opaque here.
 */
import type { Db } from "./statement.ts";

/** Counts one more attempt and returns how many fell into the window that is open now. */
export async function countAttempt(
  db: Db,
  { key, at, windowMs }: { key: string; at: number; windowMs: number },
): Promise<number> {
  const row = await db
    .insertInto("sign_in_attempts")
    .values({ key, failures: 1, window_started_at: at })
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet((eb) => {
        const isOpen = eb("sign_in_attempts.window_started_at", ">", at - windowMs);
        return {
          failures: eb
            .case()
            .when(isOpen)
            .then(eb("sign_in_attempts.failures", "+", 1))
            .else(1)
            .end(),
          window_started_at: eb
            .case()
            .when(isOpen)
            .then(eb.ref("sign_in_attempts.window_started_at"))
            .else(eb.ref("excluded.window_started_at"))
            .end(),
        };
      }),
    )
    .returning("failures")
    .executeTakeFirstOrThrow();
  return row.failures;
}

/** Reads the number of attempts in the window that is open now, without counting one. */
export async function readAttempts(
  db: Db,
  { key, at, windowMs }: { key: string; at: number; windowMs: number },
): Promise<number> {
  const row = await db
    .selectFrom("sign_in_attempts")
    .where("key", "=", key)
    .where("window_started_at", ">", at - windowMs)
    .select("failures")
    .executeTakeFirst();
  return row?.failures ?? 0;
}

/** Forgets the attempts under a key. */
export async function clearAttempts(db: Db, key: string): Promise<void> {
  await db.deleteFrom("sign_in_attempts").where("key", "=", key).execute();
}
