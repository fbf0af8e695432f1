/**
 * The hint for the very cause of a refusal (PRODUCT 8.4): one code of the error table can have several
 * causes, which its evidence tells apart. For administrators alone; the log keeps code and evidence, so
 * that old rows get newer hints. Reads nothing but what the verifier wrote down.
 */
import { type ErrorCode, errorTable } from "../errors.ts";

type Evidence = Readonly<Record<string, unknown>>;

/**
 * Chooses the hint for a refusal with this evidence; the table's own where that gives no better one.
 */
export function hintOf(code: ErrorCode, evidence: Evidence): string {
  return causes[code]?.(evidence) ?? errorTable[code].hint;
}

const causes: Partial<Record<ErrorCode, (evidence: Evidence) => string | null>> = {
  saml_request_unknown: requestHint,
  saml_issuer_mismatch: issuerHint,
  saml_recipient_mismatch: recipientHint,
  saml_status_not_success: statusHint,
  saml_signature_algorithm: signatureHint,
  saml_encryption_algorithm: encryptionHint,
};

/** Without the looked-up ID, the Response and its signed assertion are what does not fit. */
function requestHint({ inResponseTo, expected, found }: Evidence): string | null {
  if (inResponseTo !== undefined || expected === undefined) return null;
  if (expected === "") {
    return "The signed SubjectConfirmationData has an empty InResponseTo. The identity provider must repeat there the ID of our request, or leave the attribute out where sign-in began there.";
  }
  if (expected === null) {
    return "InResponseTo stands on the Response alone, where anybody could have put it, and is missing in the SubjectConfirmationData, which is the signed place. The identity provider must write it there, too.";
  }
  return `The Response and its signed SubjectConfirmationData disagree about the request that they answer (${String(found)} and ${String(expected)}). The identity provider, or something between it and the browser, put two messages together.`;
}

function issuerHint({ found, attribute }: Evidence): string | null {
  if (attribute === "Format") {
    return "The Issuer has a Format other than entity, which SAML forbids here (Profiles 4.1.4.2). Leave the Format out at the identity provider.";
  }
  if (found !== null) return null;
  return "The Issuer is absent. An Assertion must have one, and so must a Response that is signed or holds an encrypted assertion.";
}

function recipientHint({ found }: Evidence): string | null {
  if (found !== null) return null;
  return "SubjectConfirmationData has no Recipient, so that the assertion could be meant for anybody. Enter our ACS URL as the Recipient at the identity provider.";
}

const status = "urn:oasis:names:tc:SAML:2.0:status:";

const statusHints: ReadonlyMap<string, string> = new Map([
  [
    "InvalidNameIDPolicy",
    "The identity provider cannot make a NameID of the format that we ask for (InvalidNameIDPolicy; AD FS: MSIS7070). Nobody is known by the NameID here: set nameid_format to unspecified, so that none is asked for, or add a claim rule there that issues one.",
  ],
  [
    "RequestDenied",
    "The identity provider refused this person (RequestDenied): usually they are not assigned to the application there.",
  ],
  [
    "AuthnFailed",
    "The identity provider could not authenticate the person (AuthnFailed): a wrong password, a second factor that failed, or a cancelled sign-in there.",
  ],
  [
    "NoAuthnContext",
    "The identity provider cannot authenticate in the way that is asked for (NoAuthnContext). We ask for none: look at the policies of the application there.",
  ],
  [
    "RequestUnsupported",
    "The identity provider does not support the request (RequestUnsupported): look at the bindings and at signed requests in the application there.",
  ],
]);

function statusHint({ nested, found }: Evidence): string | null {
  const code = String(nested ?? "").replace(status, "");
  const known = statusHints.get(code);
  if (known !== undefined) return known;
  if (found !== `${status}Requester` || nested !== null) return null;
  return "The identity provider calls our request wrong (Requester). Compare the ACS URL and the Entity ID there with ours, and whether it wants signed requests with our certificate.";
}

const signatureKinds: readonly (readonly [element: string, fits: string, setting: string])[] = [
  [
    "SignatureMethod",
    "RSA, RSA-PSS or ECDSA with SHA-256, SHA-384 or SHA-512",
    "Signature algorithm",
  ],
  ["DigestMethod", "SHA-256, SHA-384 or SHA-512", "Digest algorithm"],
  [
    "CanonicalizationMethod",
    "exclusive canonicalization (http://www.w3.org/2001/10/xml-exc-c14n#)",
    "Canonicalization method",
  ],
  [
    "Transform",
    "enveloped-signature, then exclusive canonicalization (http://www.w3.org/2001/10/xml-exc-c14n#)",
    "Canonicalization method",
  ],
];

function signatureHint({ in: place, found }: Evidence): string | null {
  const element = String(place).replace(/^.*:/, "");
  const kind = signatureKinds.find(([name]) => name === element);
  if (kind === undefined) return null;
  const [, fits, setting] = kind;
  const what =
    found === null ? "names no algorithm" : `uses ${String(found)}, which is not accepted`;
  return `The signature's ${element} ${what}. What would do: ${fits}. Change it at the identity provider, where it is usually called ${setting}.`;
}

const contentSetting =
  "Change it at the identity provider: Encryption Algorithm (Okta), SAML Encryption Method (OneLogin), Keys › Encryption algorithm (Keycloak)";

const encryptionHints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /#rsa-1_5$/,
    "The assertion's key is encrypted with RSA 1.5, which can be broken. Choose RSA-OAEP at the identity provider: Key Transport Algorithm (Okta), Keys › Encryption key transport algorithm (Keycloak).",
  ],
  [
    /#tripledes-cbc$/,
    `The assertion is encrypted with 3DES, which is not accepted. What would do: AES-128-GCM or AES-256-GCM. ${contentSetting}.`,
  ],
  [
    /#aes192-(?:cbc|gcm)$/,
    `The assertion is encrypted with AES-192, which is not accepted. What would do: AES-256-GCM or AES-128-GCM. ${contentSetting}.`,
  ],
  [
    /^AES-CBC without signature$/,
    `The assertion is encrypted with AES-CBC, and no signed Response around it protects that. Have the identity provider sign the Response too, or choose AES-256-GCM. ${contentSetting}. allow_cbc is the last resort.`,
  ],
];

function encryptionHint({ found }: Evidence): string | null {
  const known = encryptionHints.find(([pattern]) => pattern.test(String(found)));
  if (known !== undefined) return known[1];
  if (found === null || found === undefined) return null;
  return `The assertion is encrypted by ${String(found)}, which is not accepted. What would do: RSA-OAEP for the key, AES-128-GCM or AES-256-GCM for the content. ${contentSetting}.`;
}
