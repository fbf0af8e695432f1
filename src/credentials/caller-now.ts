/**
 * The caller of a change as they are in its own transaction (DESIGN 5). Who asked was found out before it
 * began: meanwhile somebody may have put them out, ended the session or the token, or taken the role,
 * and whatever they make then would stay behind. Who may do what is access/'s rule.
 */
import { type Action, authorize, type Principal } from "../access/authorize.ts";
import { AppError } from "../errors.ts";
import { loadMembership, lockAccount } from "../store/people.ts";
import { type Db, statement } from "../store/statement.ts";

interface Credential {
  readonly userId: number;
  readonly organizationId: number;
}

const session = statement<Credential & { readonly sessionId: string }, { id: string }>(
  (db, value) =>
    db
      .selectFrom("sessions")
      .where("user_id", "=", value("userId"))
      .where("organization_id", "=", value("organizationId"))
      .where("id", "=", value("sessionId"))
      .select("id"),
);

/** One of a kind per person and organization: where it is gone, so is the one that was sent. */
const token = statement<Credential & { readonly kind: "legacy" | "pat" }, { id: number }>(
  (db, value) =>
    db
      .selectFrom("api_tokens")
      .where("user_id", "=", value("userId"))
      .where("organization_id", "=", value("organizationId"))
      .where("kind", "=", value("kind"))
      .select("id"),
);

/**
 * The caller with the role that they have at this moment. Until the transaction ends nobody takes it,
 * nor ends what they asked with.
 * @throws AppError `not_authenticated` where the credential ended, `permission_denied`
 */
export async function callerNow(tx: Db, principal: Principal, action: Action): Promise<Principal> {
  const { userId, organizationId } = principal;
  await lockAccount(tx, userId);
  if (!(await stands(tx, principal))) throw new AppError("not_authenticated");
  const membership = await loadMembership(tx, organizationId, userId);
  const now: Principal = { ...principal, role: membership?.role ?? "DI" };
  const decision = authorize(now, action);
  if (decision.code !== null) throw new AppError(decision.code, { detail: decision.reason });
  return now;
}

async function stands(tx: Db, principal: Principal): Promise<boolean> {
  const { userId, organizationId, via, sessionId } = principal;
  const of = { userId, organizationId };
  if (via !== "session") {
    const kind = via === "token" ? "legacy" : "pat";
    return (await token.first(tx, { ...of, kind })) !== null;
  }
  // The command line speaks for the Owner without a session.
  return sessionId === null || (await session.first(tx, { ...of, sessionId })) !== null;
}
