/**
 * Whose account in Label Studio is still to be made, linked or renamed (GATEWAY 10.5). The writer of
 * people (apply.ts) puts a person here in its own transaction, so that nothing is forgotten while
 * Label Studio is away; `gateway/people.ts` does what is due and takes them out.
 */
import { type Db, statement } from "./statement.ts";

const newWish = statement<{ userId: number; at: number }, unknown>((db, value) =>
  db
    .insertInto("upstream_outbox")
    .values({ user_id: value("userId"), due_at: value("at"), problem: null })
    .onConflict((conflict) =>
      conflict.column("user_id").doUpdateSet((eb) => ({
        wish: eb("upstream_outbox.wish", "+", 1),
        due_at: value("at"),
        attempts: 0,
        is_undecided: 0,
      })),
    ),
);

/** The person's account in Label Studio follows what was written here, in its own time. */
export async function wishForAccount(tx: Db, userId: number, at: number): Promise<void> {
  await newWish.run(tx, { userId, at });
}
