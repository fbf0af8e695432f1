/**
 * The service provider's keys of each organization, private keys sealed (PRODUCT 2.6). At most one is
 * active and one waits as next; making and opening them is sso/'s business.
 */
import { type Db, statement } from "./statement.ts";

/** The context that a private key is sealed for: it opens for its own organization alone. */
export const spKeyContext = (organizationId: number): string => `sp-key:${organizationId}`;

/** A key as it is kept. */
export interface SpKeyRow {
  readonly id: number;
  readonly state: "active" | "next" | "retired";
  readonly certificatePem: string;
  /** PKCS #8 PEM as `seal` made it. */
  readonly privateKeySealed: string;
  readonly createdAt: number;
}

const order: Readonly<Record<SpKeyRow["state"], number>> = { active: 0, next: 1, retired: 2 };

/** The statement behind `loadSpKeys`. */
export const keysOf = statement<{ organizationId: number }, SpKeyRow>((db, value) =>
  db
    .selectFrom("sp_keys")
    .where("organization_id", "=", value("organizationId"))
    .orderBy("id", "desc")
    .select([
      "id",
      "state",
      "certificate_pem as certificatePem",
      "private_key_sealed as privateKeySealed",
      "created_at as createdAt",
    ]),
);

/** The organization's keys: the active one, the next one, then retired ones, youngest first. */
export async function loadSpKeys(db: Db, organizationId: number): Promise<readonly SpKeyRow[]> {
  const rows = await keysOf.all(db, { organizationId });
  return rows.toSorted((left, right) => order[left.state] - order[right.state]);
}

/** A key that was just made. */
export interface NewSpKey {
  readonly organizationId: number;
  readonly state: "active" | "next";
  readonly certificatePem: string;
  readonly privateKeySealed: string;
  readonly at: number;
}

/** Keeps a key; does nothing where the organization has one in that state already. */
export async function insertSpKey(db: Db, key: NewSpKey): Promise<void> {
  await db
    .insertInto("sp_keys")
    .values({
      organization_id: key.organizationId,
      state: key.state,
      certificate_pem: key.certificatePem,
      private_key_sealed: key.privateKeySealed,
      created_at: key.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Retires the active key and makes the next one active; false where none waits. */
export async function activateNextSpKey(tx: Db, organizationId: number): Promise<boolean> {
  const next = await tx
    .selectFrom("sp_keys")
    .where("organization_id", "=", organizationId)
    .where("state", "=", "next")
    .select("id")
    .executeTakeFirst();
  if (next === undefined) return false;
  await tx
    .updateTable("sp_keys")
    .set({ state: "retired" })
    .where("organization_id", "=", organizationId)
    .where("state", "=", "active")
    .execute();
  await tx.updateTable("sp_keys").set({ state: "active" }).where("id", "=", next.id).execute();
  return true;
}
