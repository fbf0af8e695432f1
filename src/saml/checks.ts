/**
 * The list of everything that a response is checked for (PRODUCT 2.2 to 2.4, 3, 4.9; saml-security
 * section 1), in the order of a sign-in, and how one attempt came out of it. Checks nothing itself:
 * the code of a refusal names the check that failed.
 *
 *   those before it passed ─ the one that failed ─ those after it were not reached
 *
 * Where one code can come from two places and the evidence does not tell which, the check stands at
 * the first of them: nothing is ever said to have passed that was not looked at.
 */
import type { ErrorCode } from "../errors.ts";
import { hintOf } from "./cause-hints.ts";

interface Check {
  readonly id: string;
  readonly title: string;
  /** Sentence that is true where the check passed. */
  readonly text: string;
  /** The codes of the refusals that it throws. */
  readonly codes: readonly ErrorCode[];
}

/** Every check, first to last. The ids are stable: pages and programs know them. */
export const responseChecks = [
  {
    id: "encoding",
    title: "The message arrived whole",
    text: "One field SAMLResponse, within the limit of size, in base64 of UTF-8 text.",
    codes: [
      "saml_missing_response",
      "saml_duplicate_field",
      "saml_too_large",
      "saml_bad_encoding",
      "saml_unknown_token",
    ],
  },
  {
    id: "metadata",
    title: "The identity provider is known",
    text: "There is metadata of the identity provider, and it has not lapsed.",
    codes: [
      "saml_not_configured",
      "metadata_expired",
      "metadata_not_xml",
      "metadata_not_idp",
      "metadata_no_endpoint",
      "metadata_no_signing_key",
      "metadata_unreachable",
      "metadata_address_refused",
    ],
  },
  {
    id: "xml",
    title: "The message is plain, well-formed XML",
    text: "No DOCTYPE, comment, CDATA, processing instruction or entity, and within the limits.",
    codes: ["saml_bad_xml", "saml_xml_forbidden", "saml_xml_limit"],
  },
  {
    id: "structure",
    title: "The message is a SAML 2.0 response",
    text: "Version, IDs, timestamps and elements are those that the standard allows.",
    codes: [
      "saml_not_a_response",
      "saml_bad_id",
      "saml_bad_version",
      "saml_bad_time",
      "saml_bad_structure",
    ],
  },
  {
    id: "issuer",
    title: "The issuer is the identity provider",
    text: "Issuer is the entityID of the metadata.",
    codes: ["saml_issuer_mismatch"],
  },
  {
    id: "status",
    title: "The identity provider reports success",
    text: "The status code is Success.",
    codes: ["saml_status_not_success"],
  },
  {
    id: "assertion_count",
    title: "There is exactly one assertion",
    text: "One assertion, nowhere a second one.",
    codes: ["saml_assertion_count"],
  },
  {
    id: "response_signed",
    title: "The response itself is signed",
    text: "The settings require it (want_response_signed), and it is.",
    codes: ["saml_response_signature_required"],
  },
  {
    id: "signature_algorithm",
    title: "The signature is of an accepted kind",
    text: "One reference to its own parent, and algorithms and keys that are strong enough.",
    codes: [
      "saml_no_signing_key",
      "saml_signature_structure",
      "saml_signature_algorithm",
      "saml_sha1_refused",
      "saml_key_too_weak",
    ],
  },
  {
    id: "signature",
    title: "The signature is the identity provider's",
    text: "A certificate of the metadata made it, over this very content.",
    codes: ["saml_signature_invalid", "saml_digest_mismatch"],
  },
  {
    id: "destination",
    title: "The response was sent to this address",
    text: "Destination is the ACS URL.",
    codes: ["saml_destination_missing", "saml_destination_mismatch"],
  },
  {
    id: "decryption",
    title: "What is encrypted can be decrypted",
    text: "It is encrypted for a certificate of ours, by accepted algorithms.",
    codes: ["saml_decryption_failed", "saml_encryption_algorithm"],
  },
  {
    id: "assertion_signed",
    title: "A signature covers the assertion",
    text: "The assertion or the response around it is signed, as the settings require.",
    codes: ["saml_signature_missing", "saml_assertion_signature_required"],
  },
  {
    id: "assertion",
    title: "The assertion has the form of the standard",
    text: "Its elements, read from what was signed, are those that the standard allows.",
    codes: [],
  },
  {
    id: "subject",
    title: "The bearer is confirmed",
    text: "A bearer SubjectConfirmation says until when it may be used.",
    codes: ["saml_subject_confirmation"],
  },
  {
    id: "recipient",
    title: "The assertion was issued for this address",
    text: "Recipient is the ACS URL.",
    codes: ["saml_recipient_mismatch"],
  },
  {
    id: "validity",
    title: "The assertion is valid at this time",
    text: "It has begun and not expired, within SAML_CLOCK_SKEW_SECONDS.",
    codes: ["saml_expired", "saml_not_yet_valid"],
  },
  {
    id: "audience",
    title: "The assertion is meant for this service",
    text: "Every AudienceRestriction names the entityID, and every condition is understood.",
    codes: ["saml_audience_missing", "saml_audience_mismatch", "saml_unknown_condition"],
  },
  {
    id: "authentication",
    title: "The assertion tells that the person signed in",
    text: "It has an AuthnStatement, whose session has not ended.",
    codes: ["saml_no_authn_statement", "saml_session_expired"],
  },
  {
    id: "in_response_to",
    title: "Response and assertion answer the same request",
    text: "InResponseTo is signed, and the response repeats it if it has one.",
    codes: [],
  },
  {
    id: "identity",
    title: "The attributes name one person",
    text: "The e-mail attribute has one value, which is an address.",
    codes: ["saml_email_missing", "saml_email_ambiguous", "saml_email_invalid"],
  },
  {
    id: "request",
    title: "The response answers a request of this browser",
    text: "This server sent the request to this browser, less than 15 minutes ago.",
    codes: [
      "saml_request_unknown",
      "saml_request_other_organization",
      "saml_request_expired",
      "saml_request_other_browser",
      "saml_unsolicited",
    ],
  },
  {
    id: "replay",
    title: "The assertion was not used before",
    text: "Its ID is new.",
    codes: ["saml_replayed"],
  },
  {
    id: "access",
    title: "The person may sign in here",
    text: "Domain, organization and role let the person in.",
    codes: [
      "sign_in_domain_not_allowed",
      "sign_in_other_organization",
      "sign_in_deactivated",
      "sign_in_owner_unconfirmed",
    ],
  },
] as const satisfies readonly Check[];

/** The name of a check. */
export type CheckId = (typeof responseChecks)[number]["id"];

/** Result of one check. `text` is a sentence for an administrator. */
export interface CheckResult {
  readonly id: CheckId;
  readonly title: string;
  readonly result: "passed" | "failed" | "not_reached" | "not_applicable";
  readonly text: string;
}

/** Why an attempt ended; `text` stands in for the hint of the error table. */
export interface CheckFailure {
  readonly code: ErrorCode;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly text?: string;
}

/** Checks that an attempt had no use for, each with the sentence that says why. */
export type SkippedChecks = Readonly<Partial<Record<CheckId, string>>>;

/**
 * Of the two signatures that there may be, the response's is verified before these two checks and the
 * assertion's after them, so that where one of them fails a signature may not have been looked at.
 */
const signatureChecks: readonly CheckId[] = ["signature_algorithm", "signature"];

/** Every check in order with its result; `failure` is null where the attempt came to its end. */
export function checkResults(
  failure: CheckFailure | null,
  skipped: SkippedChecks,
): readonly CheckResult[] {
  const failed = failure === null ? null : failedCheck(failure.code, failure.evidence);
  const failedAt = responseChecks.findIndex(({ id }) => id === failed);
  const isOpen = failed === "destination" || failed === "decryption";
  const without = failure === null ? skipped : { ...skipped, ...unsigned(failure) };
  return responseChecks.map(({ id, title, text }, at) => {
    if (failure !== null && id === failed) {
      return {
        id,
        title,
        result: "failed",
        text: failure.text ?? hintOf(failure.code, failure.evidence),
      };
    }
    const reason = without[id];
    if (reason !== undefined) return { id, title, result: "not_applicable", text: reason };
    if (failure !== null && (at > failedAt || (isOpen && signatureChecks.includes(id)))) {
      return { id, title, result: "not_reached", text: "Not reached: an earlier check failed." };
    }
    return { id, title, result: "passed", text };
  });
}

/** Nothing was wrong with a signature where there was none to look at. */
function unsigned({ code, evidence }: CheckFailure): SkippedChecks {
  const isUnsigned =
    code === "saml_signature_missing" ||
    (code === "saml_assertion_signature_required" && evidence["isResponseSigned"] === false);
  if (!isUnsigned) return {};
  const text = "There is no signature.";
  return { signature_algorithm: text, signature: text };
}

/** Elements of the assertion that are read only once it is known to be signed. */
const readWhenSigned: ReadonlySet<string> = new Set([
  "Subject",
  "SubjectConfirmation",
  "Conditions",
  "AudienceRestriction",
  "Audience",
  "AuthnStatement",
  "AttributeStatement",
  "Attribute",
]);

/** The timestamps that are read there, and the checks that read them. */
const timestamps: Readonly<Record<string, CheckId>> = {
  "SubjectConfirmationData NotOnOrAfter": "subject",
  "Conditions NotBefore": "validity",
  "Conditions NotOnOrAfter": "validity",
  AuthnInstant: "authentication",
  SessionNotOnOrAfter: "authentication",
};

/**
 * The check behind a refusal, or null where the code is not one of a response. A code of several
 * checks is told apart by its evidence.
 */
export function failedCheck(
  code: string,
  evidence: Readonly<Record<string, unknown>>,
): CheckId | null {
  const place = String(evidence["in"] ?? "").replace(/^.*:/, "");
  if (code === "saml_bad_structure" && readWhenSigned.has(place)) return "assertion";
  if (code === "saml_bad_version" && place === "Assertion") return "assertion";
  if (code === "saml_bad_time") return timestamps[String(evidence["attribute"])] ?? "structure";
  // What names the request is the one look-up of it; else response and assertion disagreed.
  if (code === "saml_request_unknown" && !Object.hasOwn(evidence, "inResponseTo")) {
    return "in_response_to";
  }
  // The answered request was gone, so that the look-up of it is what failed.
  if (code === "saml_replayed" && Object.hasOwn(evidence, "inResponseTo")) return "request";
  return responseChecks.find(({ codes }) => codes.some((own) => own === code))?.id ?? null;
}
