/**
 * Test sign-ins (PRODUCT 8.2): what each is judged by, and its story for as long as it may be read.
 * They stand apart from pending logins, so that no response to one can ever be taken for the other's.
 *
 *   inserted ─ begun (a request, a browser) ─ answered once ─ gone when it expires
 */
import type { Selectable } from "kysely";
import type { SamlSettings } from "../access/settings-table.ts";
import { fromJson } from "./json.ts";
import type { SamlTrialsTable } from "./schema-trials.ts";
import type { Db } from "./statement.ts";

/** A test sign-in as it stands. */
export interface TestSignIn {
  readonly id: string;
  readonly organizationId: number;
  /** The person who asked for it; nobody else may begin it. */
  readonly userId: number;
  /** The ID of its latest AuthnRequest; null before it began. */
  readonly requestId: string | null;
  /** SHA-256 of the secret in the browser that began it. */
  readonly browserHash: string | null;
  /** The unsaved settings to try; null where the saved ones are tried. */
  readonly unsaved: { readonly settings: SamlSettings; readonly idpMetadata: string | null } | null;
  /** The sign-in report as stored; null while the test sign-in waits. */
  readonly story: unknown;
  readonly createdAt: number;
  readonly answeredAt: number | null;
  readonly expiresAt: number;
}

/** An administrator who tries and tries leaves no more than this: one may hold 1 MiB of metadata. */
const maxPerPerson = 10;

/** Remembers a new one; the person's oldest go where there are too many. */
export async function insertTestSignIn(
  tx: Db,
  testSignIn: Pick<
    TestSignIn,
    "id" | "organizationId" | "userId" | "unsaved" | "createdAt" | "expiresAt"
  >,
): Promise<void> {
  const { id, organizationId, userId, unsaved } = testSignIn;
  await tx
    .insertInto("saml_trials")
    .values({
      id,
      organization_id: organizationId,
      user_id: userId,
      request_id: null,
      browser_hash: null,
      settings: unsaved === null ? null : JSON.stringify(unsaved.settings),
      idp_metadata: unsaved?.idpMetadata ?? null,
      story: null,
      created_at: testSignIn.createdAt,
      answered_at: null,
      expires_at: testSignIn.expiresAt,
    })
    .execute();
  const newest = await tx
    .selectFrom("saml_trials")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .select("id")
    .execute();
  const surplus = newest.filter((row) => row.id !== id).slice(maxPerPerson - 1);
  if (surplus.length === 0) return;
  await tx
    .deleteFrom("saml_trials")
    .where(
      "id",
      "in",
      surplus.map((row) => row.id),
    )
    .execute();
}

const testSignIns = (db: Db) => db.selectFrom("saml_trials").selectAll();

/** The organization's test sign-in with this id, or null. */
export async function loadTestSignIn(
  db: Db,
  { organizationId, id }: { organizationId: number; id: string },
): Promise<TestSignIn | null> {
  const row = await testSignIns(db)
    .where("id", "=", id)
    .where("organization_id", "=", organizationId)
    .executeTakeFirst();
  return row === undefined ? null : testSignInOf(row);
}

/** The test sign-in whose latest AuthnRequest has this ID, of whichever organization, or null. */
export async function findTestSignInByRequest(
  db: Db,
  requestId: string,
): Promise<TestSignIn | null> {
  const row = await testSignIns(db).where("request_id", "=", requestId).executeTakeFirst();
  return row === undefined ? null : testSignInOf(row);
}

/** Ties a test sign-in that still waits to a request and a browser; false where it is over. */
export async function beginTestSignIn(
  db: Db,
  begun: { id: string; requestId: string; browserHash: string; at: number; expiresAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("saml_trials")
    .where("id", "=", begun.id)
    .where("story", "is", null)
    .where("expires_at", ">", begun.at)
    .set({
      request_id: begun.requestId,
      browser_hash: begun.browserHash,
      expires_at: begun.expiresAt,
    })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Keeps the story of the first answer; false where there is one already, or the test sign-in is over. */
export async function answerTestSignIn(
  db: Db,
  answer: { requestId: string; story: unknown; at: number; expiresAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("saml_trials")
    .where("request_id", "=", answer.requestId)
    .where("story", "is", null)
    .where("expires_at", ">", answer.at)
    .set({
      story: JSON.stringify(answer.story),
      answered_at: answer.at,
      expires_at: answer.expiresAt,
    })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function testSignInOf(row: Selectable<SamlTrialsTable>): TestSignIn {
  return {
    id: row.id,
    organizationId: row.organization_id,
    userId: row.user_id,
    requestId: row.request_id,
    browserHash: row.browser_hash,
    unsaved:
      row.settings === null
        ? null
        : { settings: fromJson(row.settings), idpMetadata: row.idp_metadata },
    story: row.story === null ? null : fromJson(row.story),
    createdAt: row.created_at,
    answeredAt: row.answered_at,
    expiresAt: row.expires_at,
  };
}
