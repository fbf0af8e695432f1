/**
 * Browsers repeat: double clicks, Back, reloads and restored tabs post a response that has had its time.
 * Whoever is signed in by then, as the very person whom the response names, is led to that session; it
 * gets no new one, nothing else changes, and the sign-in log notes it. Everybody else is refused.
 */
import { landingPath } from "../access/next.ts";
import type { Identity } from "../access/plan.ts";
import { isRepeatCode } from "../access/repeats.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { loadSamlByToken } from "../store/saml-settings.ts";
import { loadSession, type Session } from "../store/sessions.ts";
import { newReference, recordSignIn } from "../store/sign-in-log.ts";
import type { ArrivedResponse } from "./complete-login.ts";
import { readPerson, verifyMessage } from "./decide.ts";
import { mayRecordSigned } from "./unsigned-quota.ts";

/** A refused attempt; `identity` is null where the refusal came before the person was read. */
export interface RefusedAttempt {
  readonly error: AppError;
  readonly arrived: ArrivedResponse;
  readonly organizationId: number | null;
  readonly identity: Identity | null;
  /** As in the log's row of a refusal. */
  readonly signedId: string | null;
}

/** Finds the address for a browser that is signed in as the response's person; null where it is not. */
export async function leadBack(deps: Deps, refused: RefusedAttempt): Promise<string | null> {
  const session = await sessionOfPerson(deps, refused);
  if (session === null) return null;
  await noteRepeated(deps, session, refused);
  return landingPath(refused.arrived.relayState ?? "", deps.config.baseUrl) ?? "/";
}

async function noteRepeated(
  deps: Deps,
  session: Session,
  { arrived, error, signedId }: RefusedAttempt,
): Promise<void> {
  const { organizationId } = session;
  const at = deps.now();
  if (signedId === null || !mayRecordSigned(deps, { organizationId, signedId, at })) return;
  await recordSignIn(deps.store.db, {
    reference: newReference(deps),
    organizationId,
    at,
    outcome: "admitted",
    code: null,
    signed: true,
    email: session.email,
    userId: session.userId,
    requestId: arrived.requestId,
    ip: arrived.ip,
    userAgent: arrived.userAgent,
    evidence: { ...error.evidence, repeated: error.code },
    attributeNames: [],
    identity: null,
    changes: [],
    reasons: [
      {
        subject: "account",
        result: "noted",
        rule: "2.2",
        text: "Repeated: this browser was signed in as this person already (a double click, Back, a reload or a restored tab), and was led to that session. Nothing else changed.",
      },
    ],
  });
}

async function sessionOfPerson(deps: Deps, refused: RefusedAttempt): Promise<Session | null> {
  const { error, arrived, organizationId } = refused;
  const isLate = isOutlived(error);
  if (arrived.sessionHash === null || !(isLate || isRepeatCode(error.code))) return null;
  const session = await loadSession(deps.store.db, arrived.sessionHash, deps.now());
  if (session?.organizationId !== organizationId) return null;
  const identity = isLate ? await identityThen(deps, arrived, session) : refused.identity;
  return identity?.email === session?.email ? session : null;
}

/** True where a genuine response has outlived itself, since it was verified but for its times. */
export function isOutlived({ code }: AppError): boolean {
  return code === "saml_expired";
}

/** The person of a response that has expired, as of the time at which the session began. */
async function identityThen(
  deps: Deps,
  { token, posted }: ArrivedResponse,
  { createdAt }: Session,
): Promise<Identity | null> {
  const record = await loadSamlByToken(deps.store.db, token);
  if (record === null || "refusal" in posted) return null;
  try {
    const message = { record, xml: posted.xml, asOfMs: createdAt };
    return readPerson(deps, await verifyMessage(deps, async () => null, message)).identity;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
