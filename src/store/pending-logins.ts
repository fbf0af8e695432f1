/**
 * Sign-ins that are under way at an identity provider (PRODUCT 2.2): one row per AuthnRequest, taken
 * once by the response to it. Whether the row fits the response is sso/'s question.
 */
import { type Db, statement } from "./statement.ts";

/** One AuthnRequest that was sent and not answered yet. */
export interface PendingLogin {
  readonly requestId: string;
  readonly organizationId: number;
  /** SHA-256 of the secret in the browser that asked. */
  readonly browserHash: string;
  /** The path of this site that the person wanted. */
  readonly next: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const insertRow = statement<PendingLogin, unknown>((db, value) =>
  db.insertInto("pending_logins").values({
    request_id: value("requestId"),
    organization_id: value("organizationId"),
    browser_hash: value("browserHash"),
    next: value("next"),
    created_at: value("createdAt"),
    expires_at: value("expiresAt"),
  }),
);

/** The DELETE … RETURNING behind `takePendingLogin`: of two takers one gets the row. */
export const takeRow = statement<{ requestId: string }, PendingLogin>((db, value) =>
  db
    .deleteFrom("pending_logins")
    .where("request_id", "=", value("requestId"))
    .returning([
      "request_id as requestId",
      "organization_id as organizationId",
      "browser_hash as browserHash",
      "next",
      "created_at as createdAt",
      "expires_at as expiresAt",
    ]),
);

/**
 * The ID of an AuthnRequest: an xs:ID of 160 random bits, after the time at which it is made.
 * Those of one time then stand together in the table, and taking them away soon after stays cheap.
 */
export function newRequestId({
  now,
  randomToken,
}: {
  readonly now: () => number;
  readonly randomToken: (bytes: number) => string;
}): string {
  return `_${now().toString(36)}-${randomToken(20)}`;
}

/** Remembers an AuthnRequest until its response arrives or it expires. */
export async function insertPendingLogin(db: Db, login: PendingLogin): Promise<void> {
  await insertRow.run(db, login);
}

/** Takes the pending login away and returns it; null where there is none, or it was taken before. */
export async function takePendingLogin(tx: Db, requestId: string): Promise<PendingLogin | null> {
  return await takeRow.first(tx, { requestId });
}
