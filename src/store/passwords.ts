/**
 * The hash of a password that stays the same. A new password is a change of the person, and apply.ts's.
 */
import type { Db } from "./statement.ts";

/**
 * Keeps the same password by another hash, as when its parameters were strengthened; false where it is
 * not the password any more.
 */
export async function rehashPassword(
  tx: Db,
  userId: number,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("users")
    .where("id", "=", userId)
    .where("password_hash", "=", from)
    .set({ password_hash: to })
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
