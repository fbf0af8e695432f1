/**
 * Assertions that were accepted, so that none is accepted twice, on any replica (PRODUCT 2.2). Rows
 * live until the assertion itself has expired.
 */
import { createHash } from "node:crypto";
import { type Db, statement } from "./statement.ts";

/** An accepted assertion, by the id that its issuer gave it. */
export interface AcceptedAssertion {
  readonly organizationId: number;
  readonly assertionId: string;
  /** From when on the assertion would be refused as expired anyway, epoch milliseconds. */
  readonly expiresAt: number;
}

const insertRow = statement<AcceptedAssertion, unknown>((db, value) =>
  db
    .insertInto("replay_ids")
    .values({
      organization_id: value("organizationId"),
      assertion_id: value("assertionId"),
      expires_at: value("expiresAt"),
    })
    .onConflict((conflict) => conflict.doNothing()),
);

const findRow = statement<Omit<AcceptedAssertion, "expiresAt">, { found: number }>((db, value) =>
  db
    .selectFrom("replay_ids")
    .where("organization_id", "=", value("organizationId"))
    .where("assertion_id", "=", value("assertionId"))
    .select((eb) => eb.lit(1).as("found")),
);

/** True where the assertion was accepted before and may still be known. */
export async function isRemembered(
  tx: Db,
  { organizationId, assertionId }: Omit<AcceptedAssertion, "expiresAt">,
): Promise<boolean> {
  return (await findRow.first(tx, { organizationId, assertionId: keyOf(assertionId) })) !== null;
}

/** True where the assertion is remembered now; false where it was accepted before. */
export async function rememberAssertion(tx: Db, assertion: AcceptedAssertion): Promise<boolean> {
  const { numAffectedRows } = await insertRow.run(tx, {
    ...assertion,
    assertionId: keyOf(assertion.assertionId),
  });
  return numAffectedRows === 1n;
}

/** Issuers may choose ids of any length, and an index holds only so much of one. */
function keyOf(assertionId: string): string {
  if (assertionId.length <= 200) return assertionId;
  return `sha256:${createHash("sha256").update(assertionId).digest("hex")}`;
}
