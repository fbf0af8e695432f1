/**
 * SP-initiated sign-in, second half, and IdP-initiated sign-in: from a response to a session.
 *
 *   POST acs ─ verify (pure) ─ transaction { take the pending login → refuse a replay → snapshot →
 *              plan (pure) → somebody else here? → apply → session → log row } ─▶ the page asked for,
 *              the question, or the denied page
 *
 * 1. The response is verified before anything is looked up in its name (PRODUCT 2.2).
 *    What it comes to is decide.ts's, which a test sign-in asks too; what is written, this file's.
 * 2. One transaction holds everything that a sign-in changes: a crash leaves all of it or nothing.
 * 3. A refusal rolls back and leaves its row in the sign-in log, nothing else (DESIGN invariant 6). What
 *    a signed-in browser merely repeats is no refusal (repeated.ts).
 * 4. Nobody takes the place of somebody else's living session unasked (GATEWAY 10.6). The provider's
 *    cross-site POST comes without that session's cookie, so that the browser then posts again from here.
 * 5. Settings that were saved meanwhile begin it anew: by the former ones the provider may vouch that is
 *    out by now, or the groups grant what they no longer do.
 */
import type { Reason, Verdict } from "../access/changes.ts";
import type { Identity } from "../access/plan.ts";
import { areGroupsUnknown } from "../access/snapshot.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { SignedRefusal, type VerifiedAssertion } from "../saml/response.ts";
import { applyPlan } from "../store/apply.ts";
import { admitNewcomer, speaksFor } from "../store/newcomers.ts";
import { noteSignIn } from "../store/noted-sign-ins.ts";
import { rememberAssertion } from "../store/replay.ts";
import { isCurrent, loadSamlByToken, type SamlRecord } from "../store/saml-settings.ts";
import {
  createSession,
  deleteSession,
  hashSessionToken,
  newSessionToken,
} from "../store/sessions.ts";
import { newReference, recordSignIn } from "../store/sign-in-log.ts";
import type { Db } from "../store/store.ts";
import { takeRequest } from "./answered-request.ts";
import {
  decideSignIn,
  evidenceOf,
  type PostedMessage,
  readPerson,
  verifyMessage,
} from "./decide.ts";
import { type FetchMetadata, refreshForUnknownKey } from "./metadata-refresh.ts";
import { isOutlived, leadBack } from "./repeated.ts";
import { finishStart } from "./starts.ts";
import { configurationOf } from "./trust.ts";
import { mayRecordSigned, mayRecordUnsigned } from "./unsigned-quota.ts";

/** Absolute life of a session (PRODUCT 9.6). */
const sessionMs = 14 * 24 * 3_600_000;

/** The response that arrived at the ACS, and its sender. */
export interface ArrivedResponse {
  readonly token: string;
  readonly posted: PostedMessage;
  readonly relayState: string | null;
  /** The secrets from the cookies that began sign-ins; none where the browser sent none. */
  readonly browserKeys: readonly string[];
  /** True once the browser has posted the form again from this site. */
  readonly isSecondPost: boolean;
  /** The session of the browser's cookie; it ends as the new one begins. */
  readonly sessionHash: string | null;
  /** True where the browser has a session, whose cookie did not come along from another site. */
  readonly isSessionHeldBack: boolean;
  /** E-mail address of the person signed in by that session; null for nobody. */
  readonly presentEmail: string | null;
  /** True where that person's own page said that somebody else may take their place. */
  readonly mayReplace: boolean;
  readonly requestId: string;
  readonly ip: string;
  readonly userAgent: string;
}

/** Result of a sign-in. A refusal is an outcome here, with the reference that the log row bears. */
export type CompletedLogin =
  | {
      readonly outcome: "signed_in";
      readonly sessionToken: string;
      readonly expiresAt: number;
      readonly next: string;
    }
  /** The browser kept cookies back from the identity provider's cross-site POST: ask again. */
  | { readonly outcome: "post_again" }
  /** Nothing happened yet: `present` is signed in here, and `email` would take their place. */
  | { readonly outcome: "somebody_else"; readonly email: string; readonly present: string }
  /** The browser is signed in as this person already. */
  | { readonly outcome: "repeated"; readonly next: string }
  | { readonly outcome: "denied"; readonly reference: string; readonly code: string };

/** Facts of an attempt that the sign-in log can record so far. */
interface Report {
  organizationId: number | null;
  /** The ID under which a trusted key signed it, accepted or not; null for what anybody can post. */
  signedId: string | null;
  identity: Identity | null;
  attributeNames: readonly string[];
  reasons: readonly Reason[];
}

/**
 * Verifies the response, brings the person's access to what their groups grant, opens a session.
 * Throws only for an unknown token (`saml_unknown_token`) and for bugs.
 */
export async function completeLogin(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  arrived: ArrivedResponse,
): Promise<CompletedLogin> {
  const story: Report = {
    ...{ organizationId: null, signedId: null, identity: null },
    ...{ attributeNames: [], reasons: [] },
  };
  try {
    return await tryLogin(deps, fetchMetadata, { arrived, story });
  } catch (error) {
    if (error instanceof SettingsChanged) return await completeLogin(deps, fetchMetadata, arrived);
    if (error instanceof SomebodyElse) return error.question;
    if (!(error instanceof AppError) || error.code === "saml_unknown_token") throw error;
    if (error instanceof SignedRefusal) story.signedId = error.signedId;
    return await end(deps, { error, arrived, story });
  }
}

/** A refusal, unless the browser only repeats what signed it in. */
async function end(deps: Deps, refused: Refused): Promise<CompletedLogin> {
  const { error, arrived, story } = refused;
  if (isOutlived(error) && arrived.isSessionHeldBack && !arrived.isSecondPost) {
    return { outcome: "post_again" };
  }
  const next = await leadBack(deps, { error, arrived, ...story });
  if (next !== null) return { outcome: "repeated", next };
  return await deny(deps, refused);
}

interface Refused {
  readonly error: AppError;
  readonly arrived: ArrivedResponse;
  readonly story: Report;
}

type Question = Extract<CompletedLogin, { outcome: "somebody_else" }>;

/** Rolls the transaction back, so that the same response still signs in once the person has answered. */
class SomebodyElse extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super("somebody else is signed in");
    this.question = question;
  }
}

/** The settings by which the response was verified do not stand any more. */
class SettingsChanged extends Error {}

async function tryLogin(
  deps: Deps,
  fetchMetadata: FetchMetadata,
  { arrived, story }: { readonly arrived: ArrivedResponse; readonly story: Report },
): Promise<CompletedLogin> {
  const record = await loadSamlByToken(deps.store.db, arrived.token);
  if (record === null) throw new AppError("saml_unknown_token");
  story.organizationId = record.organizationId;
  if ("refusal" in arrived.posted) throw arrived.posted.refusal;
  const { xml } = arrived.posted;
  const renew = (known: SamlRecord) => refreshForUnknownKey(deps, fetchMetadata, known);
  const verified = await verifyMessage(deps, renew, { record, xml, asOfMs: null });
  const { assertion } = verified;
  story.signedId = assertion.id;
  const needsKey = assertion.inResponseTo !== null && arrived.browserKeys.length === 0;
  if (!arrived.isSecondPost && (needsKey || arrived.isSessionHeldBack)) {
    return { outcome: "post_again" };
  }
  const { identity, attributeNames, hints } = readPerson(deps, verified);
  Object.assign(story, { identity, attributeNames, reasons: hints });
  const completed = await deps.store.transaction((tx) =>
    signIn(deps, tx, { record: verified.record, assertion, identity, arrived, story }),
  );
  const { organizationId } = record;
  if (assertion.inResponseTo !== null) finishStart(deps, { organizationId, ip: arrived.ip });
  return completed;
}

interface SignIn {
  readonly record: SamlRecord;
  readonly assertion: VerifiedAssertion;
  readonly identity: Identity;
  readonly arrived: ArrivedResponse;
  readonly story: Report;
}

/** Everything that a verified sign-in reads and writes, in one transaction. */
async function signIn(deps: Deps, tx: Db, attempt: SignIn): Promise<CompletedLogin> {
  const { record, assertion, arrived } = attempt;
  const { organizationId } = record;
  const at = deps.now();

  // The one-time things first, so that of two equal responses the second finds them gone.
  const { next, hint } = await takeRequest(deps, tx, attempt);
  if (hint !== null) attempt.story.reasons = [...attempt.story.reasons, hint];
  const isNew = await rememberAssertion(tx, {
    organizationId,
    assertionId: assertion.id,
    expiresAt: assertion.replayUntilMs,
  });
  if (!isNew) throw new AppError("saml_replayed", { evidence: { assertionId: assertion.id } });

  // Decide.
  const decision = await decideSignIn(deps, tx, {
    record,
    identity: attempt.identity,
    lock: true,
  });
  const { plan, snapshot, identity } = decision;
  attempt.story.identity = identity;
  // After the wait for the person's lock: a reset of the settings holds it while it takes grants over.
  if (!(await isCurrent(tx, record))) throw new SettingsChanged();
  const { verdict } = plan;
  if (verdict.outcome === "refused") {
    attempt.story.reasons = [...plan.reasons, ...attempt.story.reasons];
    throw new AppError(verdict.code);
  }
  if (verdict.outcome !== "deactivated") askBeforeChange(arrived, identity);

  // Apply.
  const accepts = speaksFor(deps.config, record, identity.email);
  if (snapshot.membership === null && !accepts) {
    await admitNewcomer(tx, { ip: arrived.ip, organizationId, at });
  }
  const { userId } = await applyPlan(tx, {
    organizationId,
    plan,
    actor: { kind: "saml" },
    at,
    action: "sign_in",
    requestId: arrived.requestId,
    ip: arrived.ip,
    closesByPassword: snapshot.membership?.role === "NO",
  });
  const groups = areGroupsUnknown(identity) ? null : identity.groups;
  await noteSignIn(tx, { organizationId, userId, groups, at, accepts });
  const reference = newReference(deps);
  await recordSignIn(tx, {
    ...logRow(deps, attempt.story, arrived),
    reference,
    organizationId,
    userId,
    outcome: verdict.outcome,
    code: null,
    evidence: {
      ...evidenceOf(assertion),
      configuration: configurationOf(deps.config, record, at),
    },
    changes: plan.changes,
    reasons: [...plan.reasons, ...attempt.story.reasons],
  });
  return await openSession(deps, tx, { attempt, verdict, userId, next, reference });
}

/** Work that is open in other tabs would go on under the other name (GATEWAY 10.6). */
function askBeforeChange({ presentEmail, mayReplace }: ArrivedResponse, { email }: Identity): void {
  if (presentEmail === null || presentEmail === email || mayReplace) return;
  throw new SomebodyElse({ outcome: "somebody_else", email, present: presentEmail });
}

/** Replaces the browser's session by a new one, unless the verdict opens none (PRODUCT 4.6, 9.6). */
async function openSession(
  deps: Deps,
  tx: Db,
  opened: { attempt: SignIn; verdict: Verdict; userId: number; next: string; reference: string },
): Promise<CompletedLogin> {
  const { attempt, verdict, userId, next, reference } = opened;
  const { arrived, assertion, record } = attempt;
  if (verdict.outcome === "deactivated") {
    return { outcome: "denied", reference, code: "sign_in_deactivated" };
  }
  if (arrived.sessionHash !== null) await deleteSession(tx, arrived.sessionHash);
  const at = deps.now();
  const sessionToken = newSessionToken(deps);
  const expiresAt = Math.min(at + sessionMs, assertion.sessionNotOnOrAfterMs ?? Infinity);
  await createSession(tx, {
    tokenHash: hashSessionToken(sessionToken),
    id: deps.randomToken(12),
    userId,
    organizationId: record.organizationId,
    method: "saml",
    at,
    expiresAt,
    ip: arrived.ip,
    userAgent: arrived.userAgent,
  });
  return { outcome: "signed_in", sessionToken, expiresAt, next };
}

/**
 * Leaves the refusal's row in the sign-in log: all that a refused sign-in leaves. There are only so many
 * rows of what anybody can post, and of one signed message; the server's log has the rest.
 */
async function deny(deps: Deps, { error, arrived, story }: Refused): Promise<CompletedLogin> {
  const reference = newReference(deps);
  const { organizationId } = story;
  if (organizationId === null) throw error;
  const { signedId } = story;
  const at = deps.now();
  const isRecorded =
    signedId === null
      ? mayRecordUnsigned(deps, { organizationId, ip: arrived.ip, at })
      : mayRecordSigned(deps, { organizationId, signedId, at });
  const refusal = { organizationId, reference, code: error.code, isRecorded };
  deps.log.info(refusal, "sign-on refused");
  if (!isRecorded) return { outcome: "denied", reference, code: error.code };
  await recordSignIn(deps.store.db, {
    ...logRow(deps, story, arrived),
    reference,
    organizationId,
    userId: null,
    outcome: "refused",
    code: error.code,
    evidence: error.evidence,
    changes: [],
    reasons: story.reasons,
  });
  return { outcome: "denied", reference, code: error.code };
}

function logRow(deps: Deps, story: Report, arrived: ArrivedResponse) {
  const { identity } = story;
  return {
    at: deps.now(),
    signed: story.signedId !== null,
    email: identity?.email ?? null,
    requestId: arrived.requestId,
    ip: arrived.ip,
    userAgent: arrived.userAgent,
    attributeNames: story.attributeNames,
    identity:
      identity === null
        ? null
        : {
            email: identity.email,
            firstName: identity.firstName ?? null,
            lastName: identity.lastName ?? null,
            groups: identity.groups,
            groupsState: identity.groupsState,
          },
  };
}
