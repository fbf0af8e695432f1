/**
 * Everything in the database that the server's secret sealed: a canary, which tells whether the
 * secret is the one, and the service provider's private keys. Looks through it, seals anew what the
 * former secret had sealed, and discards what no secret opens. How sealing works is seal.ts's.
 */
import { recordAudit } from "./audit.ts";
import { type SealSecrets, seal, tryUnseal } from "./seal.ts";
import { type SpKeyRow, spKeyContext } from "./sp-keys.ts";
import type { Db } from "./statement.ts";

const canaryContext = "canary";

/** The secret that opens a text; `lost` where neither the present nor the former one does. */
export type OpenedBy = "current" | "previous" | "lost";

/** A private key of an organization's service provider, and what opens it. */
export interface SealedSpKey {
  readonly id: number;
  readonly organizationId: number;
  readonly organizationTitle: string;
  readonly state: SpKeyRow["state"];
  readonly createdAt: number;
  readonly openedBy: OpenedBy;
}

/** A count of what is sealed. */
export interface SealedSurvey {
  /** Null before the first start that makes one. */
  readonly canary: OpenedBy | null;
  readonly spKeys: readonly SealedSpKey[];
}

/** Tries everything that is sealed; changes nothing. */
export async function surveySealed(db: Db, secrets: SealSecrets): Promise<SealedSurvey> {
  const canary = await loadCanary(db);
  const rows = await loadSealedKeys(db);
  return {
    canary: canary === null ? null : openedBy(secrets, canary, canaryContext),
    spKeys: rows.map(({ sealed, ...row }) => ({
      ...row,
      openedBy: openedBy(secrets, sealed, spKeyContext(row.organizationId)),
    })),
  };
}

/**
 * True where the secret is another one than what sealed this database: the canary does not open or,
 * where there is none yet, some key does not.
 */
export function isForeignSecret({ canary, spKeys }: SealedSurvey): boolean {
  if (canary !== null) return canary === "lost";
  return spKeys.some((key) => key.openedBy === "lost");
}

/**
 * Makes the canary where there is none and seals anew what the former secret had sealed; answers what
 * is sealed then. Changes nothing where the secret is a foreign one.
 */
export async function takeSecret(
  tx: Db,
  secrets: SealSecrets,
  at: number,
): Promise<{ readonly survey: SealedSurvey; readonly resealed: number }> {
  const before = await surveySealed(tx, secrets);
  if (isForeignSecret(before)) return { survey: before, resealed: 0 };
  if (before.canary === null) {
    // Of replicas that start together one makes it; the others wait, and then try theirs on it.
    await insertCanary(tx, secrets, at);
  } else if (before.canary === "previous") {
    await replaceCanary(tx, secrets, at);
  }
  const resealed = await resealKeys(tx, secrets);
  return { survey: await surveySealed(tx, secrets), resealed };
}

/** A count of what `discardLost` removed. */
export interface Discarded {
  readonly spKeys: number;
  readonly accessTokens: number;
}

/**
 * Takes away what no secret opens, each organization's loss an event of its audit log, and makes the
 * canary anew. Personal access tokens go with a lost canary: what signed them is lost too.
 */
export async function discardLost(tx: Db, secrets: SealSecrets, at: number): Promise<Discarded> {
  const { canary, spKeys } = await surveySealed(tx, secrets);
  const lost = spKeys.filter((key) => key.openedBy === "lost");
  const tokens = canary === "lost" ? await takeAccessTokens(tx) : [];
  for (const { id } of lost) await tx.deleteFrom("sp_keys").where("id", "=", id).execute();
  const organizations = new Set([...lost, ...tokens].map(({ organizationId }) => organizationId));
  for (const organizationId of organizations) {
    const isHere = (row: { organizationId: number }) => row.organizationId === organizationId;
    await recordAudit(tx, {
      organizationId,
      at,
      actor: { kind: "system" },
      action: "sealed_secrets_discarded",
      changes: [{ spKeys: lost.filter(isHere).length, accessTokens: tokens.filter(isHere).length }],
    });
  }
  if (canary === "lost") await replaceCanary(tx, secrets, at);
  return { spKeys: lost.length, accessTokens: tokens.length };
}

/** Counts the personal access tokens, all signed by the server's secret. */
export async function countAccessTokens(db: Db): Promise<number> {
  const { total } = await db
    .selectFrom("api_tokens")
    .where("kind", "=", "pat")
    .select((eb) => eb.fn.countAll().as("total"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

async function takeAccessTokens(tx: Db): Promise<readonly { organizationId: number }[]> {
  return await tx
    .deleteFrom("api_tokens")
    .where("kind", "=", "pat")
    .returning("organization_id as organizationId")
    .execute();
}

function openedBy(secrets: SealSecrets, sealed: string, context: string): OpenedBy {
  return tryUnseal(secrets, sealed, context)?.by ?? "lost";
}

async function loadCanary(db: Db): Promise<string | null> {
  const row = await db.selectFrom("secret_canary").select("sealed").executeTakeFirst();
  return row?.sealed ?? null;
}

const canaryText = (secrets: SealSecrets): string =>
  seal(secrets.secretKey, "the secret is the one", canaryContext);

async function insertCanary(tx: Db, secrets: SealSecrets, at: number): Promise<void> {
  await tx
    .insertInto("secret_canary")
    .values({ id: 1, sealed: canaryText(secrets), sealed_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function replaceCanary(tx: Db, secrets: SealSecrets, at: number): Promise<void> {
  await tx
    .updateTable("secret_canary")
    .set({ sealed: canaryText(secrets), sealed_at: at })
    .execute();
}

async function resealKeys(tx: Db, secrets: SealSecrets): Promise<number> {
  let resealed = 0;
  for (const { id, organizationId, sealed } of await loadSealedKeys(tx)) {
    const context = spKeyContext(organizationId);
    const found = tryUnseal(secrets, sealed, context);
    if (found?.by !== "previous") continue;
    const anew = seal(secrets.secretKey, found.plaintext, context);
    const { numUpdatedRows } = await tx
      .updateTable("sp_keys")
      .set({ private_key_sealed: anew })
      .where("id", "=", id)
      .where("private_key_sealed", "=", sealed)
      .executeTakeFirst();
    resealed += Number(numUpdatedRows);
  }
  return resealed;
}

async function loadSealedKeys(db: Db) {
  return await db
    .selectFrom("sp_keys")
    .innerJoin("organizations", "organizations.id", "sp_keys.organization_id")
    .orderBy("sp_keys.organization_id")
    .orderBy("sp_keys.id")
    .select([
      "sp_keys.id",
      "sp_keys.organization_id as organizationId",
      "organizations.title as organizationTitle",
      "sp_keys.state",
      "sp_keys.created_at as createdAt",
      "sp_keys.private_key_sealed as sealed",
    ])
    .execute();
}
