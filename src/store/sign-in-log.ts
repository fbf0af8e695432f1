/**
 * The sign-in log (PRODUCT 8.4): each attempt with its result, code, evidence and changes. Never an
 * assertion, never a secret; of attributes the names, and values of the mapped four only.
 */
import type { Change, Reason } from "../access/changes.ts";
import { flag, fromJson } from "./json.ts";
import { type Db, statement } from "./statement.ts";

/** The mapped attributes of an attempt, as they were read. */
export interface LoggedIdentity {
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly groups: readonly string[];
  readonly groupsState: "absent" | "empty" | "present" | "overage";
}

/** One attempt. */
export interface SignInRecord {
  /** The reference that the person reads out to the administrator; unique. */
  readonly reference: string;
  readonly organizationId: number;
  readonly at: number;
  readonly outcome: "admitted" | "not_activated" | "deactivated" | "refused";
  /** A code of the error table; null where nothing failed. */
  readonly code: string | null;
  /**
   * True where a key of the identity provider had signed the judged message; null where there was none.
   */
  readonly signed: boolean | null;
  readonly email: string | null;
  readonly userId: number | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly attributeNames: readonly string[];
  readonly identity: LoggedIdentity | null;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** One attempt as it stands in the log. */
export interface LoggedSignIn extends SignInRecord {
  readonly id: number;
}

/** The columns of a row, named as its record's, with JSON still as text. */
interface SignInTexts extends Omit<SignInRecord, JsonField | "signed"> {
  readonly signed: number | null;
  readonly evidence: string;
  readonly attributeNames: string;
  readonly identity: string | null;
  readonly changes: string;
  readonly reasons: string;
}
type JsonField = "evidence" | "attributeNames" | "identity" | "changes" | "reasons";

const insertRow = statement<SignInTexts, unknown>((db, value) =>
  db.insertInto("sign_in_log").values({
    reference: value("reference"),
    organization_id: value("organizationId"),
    at: value("at"),
    outcome: value("outcome"),
    code: value("code"),
    signed: value("signed"),
    email: value("email"),
    user_id: value("userId"),
    request_id: value("requestId"),
    ip: value("ip"),
    user_agent: value("userAgent"),
    evidence: value("evidence"),
    attribute_names: value("attributeNames"),
    identity: value("identity"),
    changes: value("changes"),
    reasons: value("reasons"),
  }),
);

/**
 * The reference of an attempt: short enough to read out on the telephone, with 36 random bits. It
 * begins with the second, so that new ones stand together in their index and a sign-in dirties no
 * page that it need not.
 */
export function newReference({
  now,
  randomToken,
}: {
  readonly now: () => number;
  readonly randomToken: (bytes: number) => string;
}): string {
  const second = Math.floor(now() / 1000)
    .toString(36)
    .slice(-4);
  const chance = randomToken(6).replaceAll(/[-_]/g, "x").slice(0, 7);
  return `${second}${chance}`.toUpperCase();
}

/** Writes an attempt to the log. */
export async function recordSignIn(db: Db, attempt: SignInRecord): Promise<void> {
  await insertRow.run(db, {
    ...attempt,
    signed: attempt.signed === null ? null : flag(attempt.signed),
    evidence: JSON.stringify(attempt.evidence),
    attributeNames: JSON.stringify(attempt.attributeNames),
    identity: attempt.identity === null ? null : JSON.stringify(attempt.identity),
    changes: JSON.stringify(attempt.changes),
    reasons: JSON.stringify(attempt.reasons),
  });
}

const columns = [
  "id",
  "reference",
  "organization_id as organizationId",
  "at",
  "outcome",
  "code",
  "signed",
  "email",
  "user_id as userId",
  "request_id as requestId",
  "ip",
  "user_agent as userAgent",
  "evidence",
  "attribute_names as attributeNames",
  "identity",
  "changes",
  "reasons",
] as const;

/** The attempt with this reference in this organization, or null. */
export async function findSignIn(
  db: Db,
  { organizationId, reference }: { organizationId: number; reference: string },
): Promise<LoggedSignIn | null> {
  const row = await db
    .selectFrom("sign_in_log")
    .where("reference", "=", reference)
    .where("organization_id", "=", organizationId)
    .select(columns)
    .executeTakeFirst();
  return row === undefined ? null : signInOf(row);
}

/** Selects entries of the log. */
export interface SignInFilter {
  readonly organizationId: number;
  readonly userId?: number;
  readonly email?: string;
  readonly outcome?: SignInRecord["outcome"];
  readonly code?: string;
  /** Attempts that a trusted key signed, or those that none did. */
  readonly signed?: boolean;
  /** Older than the row with this id: the last of the page before. */
  readonly beforeId?: number;
  /** At most this many; 50 unless told. */
  readonly limit?: number;
}

/** The organization's attempts, latest first. */
export async function listSignIns(db: Db, filter: SignInFilter): Promise<readonly LoggedSignIn[]> {
  let rows = db.selectFrom("sign_in_log").where("organization_id", "=", filter.organizationId);
  if (filter.userId !== undefined) rows = rows.where("user_id", "=", filter.userId);
  if (filter.email !== undefined) rows = rows.where("email", "=", filter.email);
  if (filter.outcome !== undefined) rows = rows.where("outcome", "=", filter.outcome);
  if (filter.code !== undefined) rows = rows.where("code", "=", filter.code);
  if (filter.signed !== undefined) rows = rows.where("signed", "=", flag(filter.signed));
  if (filter.beforeId !== undefined) rows = rows.where("id", "<", filter.beforeId);
  const found = await rows
    .orderBy("id", "desc")
    .limit(filter.limit ?? 50)
    .select(columns)
    .execute();
  return found.map(signInOf);
}

/**
 * The log's spelling of an identity whose groups were not told; a group's name has its quotes escaped.
 */
const unknownGroups = '%"groups":[],"groupsState":"overage"%';

/** Counts the organization's last attempts, `limit` at most, that came without their too many groups. */
export async function countUnknownGroups(
  db: Db,
  of: { readonly organizationId: number; readonly sinceMs: number; readonly limit: number },
): Promise<number> {
  const last = db
    .selectFrom("sign_in_log")
    .where("organization_id", "=", of.organizationId)
    .orderBy("id", "desc")
    .limit(of.limit)
    .select(["at", "identity"]);
  const row = await db
    .selectFrom(last.as("last"))
    .where("last.at", ">=", of.sinceMs)
    .where("last.identity", "like", unknownGroups)
    .select((eb) => eb.fn.countAll().as("attempts"))
    .executeTakeFirstOrThrow();
  return Number(row.attempts);
}

/** A sign-in by SAML that let the person in. */
export interface AdmittedSignOn {
  readonly at: number;
  readonly evidence: SignInRecord["evidence"];
}

/**
 * The person's last sign-ins by SAML that let them in, latest first. Without the groups that each told
 * of, which may be thousands.
 */
export async function listAdmitted(
  db: Db,
  of: { readonly organizationId: number; readonly userId: number; readonly limit: number },
): Promise<readonly AdmittedSignOn[]> {
  const rows = await db
    .selectFrom("sign_in_log")
    .where("organization_id", "=", of.organizationId)
    .where("user_id", "=", of.userId)
    .where("outcome", "=", "admitted")
    .where("identity", "is not", null)
    .orderBy("id", "desc")
    .limit(of.limit)
    .select(["at", "evidence"])
    .execute();
  return rows.map(({ at, evidence }) => ({ at, evidence: fromJson(evidence) }));
}

function signInOf(row: SignInTexts & { readonly id: number }): LoggedSignIn {
  return {
    ...row,
    signed: row.signed === null ? null : row.signed === 1,
    evidence: fromJson(row.evidence),
    attributeNames: fromJson(row.attributeNames),
    identity: row.identity === null ? null : fromJson(row.identity),
    changes: fromJson(row.changes),
    reasons: fromJson(row.reasons),
  };
}
