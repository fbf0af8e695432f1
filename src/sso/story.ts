/**
 * The story of a response that signs nobody in (PRODUCT 8.2, 8.3): every check, attribute, rule and
 * change that the sign-in would bring, found by the sign-in's own functions (decide.ts). Writes
 * nothing. Who may hear it, and how the message came, is trial.ts's and inspect.ts's.
 */
import type { Change, Reason, Verdict } from "../access/changes.ts";
import type { Identity } from "../access/plan.ts";
import { roleName } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import { describeAttributes, type MappedAttribute } from "../saml/attributes.ts";
import { hintOf } from "../saml/cause-hints.ts";
import {
  type CheckFailure,
  type CheckResult,
  checkResults,
  type SkippedChecks,
} from "../saml/checks.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import {
  decideSignIn,
  evidenceOf,
  type RenewMetadata,
  readPerson,
  type VouchedAssertion,
  verifyMessage,
} from "./decide.ts";
import { attributeMappingOf, detectionOf, expectedOf } from "./trust.ts";

/** The API's answer about a test sign-in or an inspection. */
export interface SignInReport {
  readonly outcome: Verdict["outcome"];
  /** A code of the error table; null where nothing was refused. */
  readonly code: ErrorCode | null;
  readonly hint: string | null;
  readonly detail: string | null;
  readonly checks: readonly CheckResult[];
  /** As a trusted key signed them; none before the signature has verified. */
  readonly attributes: readonly ToldAttribute[];
  readonly identity: ToldIdentity | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** The role that the person would have, by its name; null where the sign-in is refused. */
  readonly role: string | null;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
  readonly hints: readonly Reason[];
}

interface ToldAttribute {
  readonly name: string;
  readonly friendly_name: string | null;
  readonly values: readonly string[];
  readonly mapped_to: "email" | "first_name" | "last_name" | "groups" | null;
}

interface ToldIdentity {
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly groups: readonly string[];
  readonly groups_state: "absent" | "empty" | "present" | "overage";
}

/** A message and how to judge it. */
export interface ToldMessage {
  readonly record: SamlRecord;
  /** The message, or why there is none in what was sent. */
  readonly xml: Buffer | AppError;
  /** As in decide.ts: the time to verify as of, null for now. */
  readonly asOfMs: number | null;
  readonly renew: RenewMetadata;
  /** The ID that InResponseTo must name, or null where nobody asked for the response. */
  readonly requestId: string | null;
  /**
   * Account that tries settings that are not saved: saving them confirms them where that is the
   * Owner.
   */
  readonly confirmer: number | null;
  /** Checks that this kind of test does not run, each with the reason. */
  readonly skipped: SkippedChecks;
}

/** Facts known so far; a refusal reports as much as was found out before it. */
interface ReportInput {
  isEncrypted: boolean;
  hints: readonly Reason[];
  attributes: readonly MappedAttribute[];
  identity: ToldIdentity | null;
  evidence: Readonly<Record<string, unknown>>;
  decided: Decided | null;
}

interface Decided {
  readonly verdict: Verdict;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** Tells what a sign-in with this message would come to. A refusal is a story too; throws only bugs. */
export async function buildReport(deps: Deps, message: ToldMessage): Promise<SignInReport> {
  const told: ReportInput = {
    isEncrypted: false,
    hints: [],
    attributes: [],
    identity: null,
    evidence: {},
    decided: null,
  };
  try {
    await tell(deps, message, told);
    return render(deps, { message, told, error: null });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return render(deps, { message, told, error });
  }
}

async function tell(deps: Deps, message: ToldMessage, told: ReportInput): Promise<void> {
  const { record, xml, asOfMs, renew, requestId } = message;
  if (xml instanceof AppError) throw xml;
  told.isEncrypted = xml.includes("EncryptedData");
  const vouched = await verifyMessage(deps, renew, { record, xml, asOfMs });
  const mapping = attributeMappingOf(vouched.record);
  const detection = detectionOf(vouched.record, deps.now());
  const { attributes, hints } = describeAttributes(vouched.assertion, mapping, detection);
  told.attributes = attributes;
  told.hints = vouched.record === record ? hints : [...hints, renewedHint];
  told.evidence = evidenceOf(vouched.assertion);
  const { identity } = readPerson(deps, vouched);
  told.identity = renderIdentity(identity);
  requireRequest(vouched, requestId);
  const { plan, snapshot, ...decision } = await decideSignIn(deps, deps.store.db, {
    record: vouched.record,
    identity,
    lock: false,
    confirmer: message.confirmer,
  });
  told.identity = renderIdentity(decision.identity);
  const changes = snapshot.membership === null ? plan.changes.map(withoutFormerName) : plan.changes;
  told.decided = { verdict: plan.verdict, changes, reasons: plan.reasons };
}

/**
 * Removes the person's former name. Anybody who tests an identity provider of their own can make it
 * name anybody, and must not learn the name of a non-member in another organization from that.
 */
function withoutFormerName(change: Change): Change {
  if (change.kind !== "user_renamed") return change;
  return { ...change, from: { firstName: "", lastName: "" } };
}

function renderIdentity(identity: Identity): ToldIdentity {
  return {
    email: identity.email,
    first_name: identity.firstName ?? null,
    last_name: identity.lastName ?? null,
    groups: identity.groups,
    groups_state: identity.groupsState,
  };
}

/** The unsigned InResponseTo led here; only the signed one counts (saml-security section 1.8). */
function requireRequest({ assertion }: VouchedAssertion, requestId: string | null): void {
  if (requestId === null || assertion.inResponseTo === requestId) return;
  throw new AppError("saml_request_unknown", {
    evidence: { inResponseTo: assertion.inResponseTo, expected: requestId },
  });
}

const renewedHint: Reason = {
  subject: "hint",
  result: "noted",
  rule: "2.7",
  target: "metadata_url",
  text: "The identity provider signs with a key that the metadata on record does not list; its metadata URL lists it by now. A sign-in reads the URL again and goes on.",
};

interface Ended {
  readonly message: ToldMessage;
  readonly told: ReportInput;
  readonly error: AppError | null;
}

function render(deps: Deps, ended: Ended): SignInReport {
  const { told, error } = ended;
  const { decided } = told;
  const reasons = decided?.reasons ?? [];
  const outcome = error === null ? (decided?.verdict.outcome ?? "refused") : "refused";
  const code =
    error?.code ?? (decided?.verdict.outcome === "refused" ? decided.verdict.code : null);
  return {
    outcome,
    code,
    hint: code === null ? null : hintOf(code, error?.evidence ?? {}),
    detail: error?.detail ?? null,
    checks: checkResults(failureOf(ended), skippedOf(deps, ended)),
    attributes: told.attributes.map(renderAttribute),
    identity: told.identity,
    evidence: error === null ? told.evidence : { ...told.evidence, ...error.evidence },
    role:
      decided === null || decided.verdict.outcome === "refused"
        ? null
        : roleName(decided.verdict.role),
    changes: decided?.changes ?? [],
    reasons: reasons.filter(({ subject }) => subject !== "hint"),
    hints: [...told.hints, ...reasons.filter(({ subject }) => subject === "hint")],
  };
}

function failureOf({ told, error }: Ended): CheckFailure | null {
  if (error !== null) return { code: error.code, evidence: error.evidence };
  const verdict = told.decided?.verdict;
  if (verdict?.outcome === "refused") return { code: verdict.code, evidence: {} };
  if (verdict?.outcome !== "deactivated") return null;
  const text = "No group grants a role, so that the role becomes Deactivated and no session opens.";
  return { code: "sign_in_deactivated", evidence: {}, text };
}

/** Lists the checks that these settings and this message gave no occasion for. */
function skippedOf(deps: Deps, { message, told }: Ended): SkippedChecks {
  const { wantResponseSigned } = expectedOf(deps.config, message.record, []);
  return {
    ...message.skipped,
    ...(wantResponseSigned
      ? {}
      : { response_signed: "The settings do not require it; a signed assertion is enough." }),
    ...(told.isEncrypted ? {} : { decryption: "Nothing is encrypted." }),
  };
}

const wireNames = {
  email: "email",
  firstName: "first_name",
  lastName: "last_name",
  groups: "groups",
} as const;

function renderAttribute({ name, friendlyName, values, mappedTo }: MappedAttribute): ToldAttribute {
  const mapped_to = mappedTo === null ? null : wireNames[mappedTo];
  return { name, friendly_name: friendlyName, values, mapped_to };
}
