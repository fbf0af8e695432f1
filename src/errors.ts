/**
 * The one error table: what a refusal is called, which status it answers, what the public reads and
 * what an administrator should do about it.
 *
 * An outcome is a return value and a bug is a plain `Error`; only a refusal is an `AppError`.
 * Sign-in failures share one public sentence, so that nobody learns by trying (PRODUCT 2.1). The
 * code, the evidence and the hint go to the sign-in log alone.
 */
import { studioErrors } from "./errors-studio.ts";

interface ErrorRow {
  /** HTTP status of the answer. */
  readonly status: number;
  /** The sentence that anybody may read. */
  readonly public: string;
  /** The administrator's sentence in the sign-in log: the likely cause and the next step. */
  readonly hint: string;
  /** The `scimType` of SCIM answers (RFC 7644 3.12, RFC 9865 2.1). */
  readonly scimType?: string;
}

const signInFailed = "We could not sign you in.";

const scimHint =
  "What the identity provider's SCIM client sent is at fault; the detail names the part.";

const row = (status: number, publicText: string, hint: string): ErrorRow => ({
  status,
  public: publicText,
  hint,
});

const scim = (
  scimType: string,
  publicText: string,
  { status = 400, hint = scimHint }: { readonly status?: number; readonly hint?: string } = {},
): ErrorRow => ({ status, public: publicText, hint, scimType });

const signIn = (hint: string, status = 403): ErrorRow => row(status, signInFailed, hint);

/** Code → status, public sentence, hint. `docs/errors.md` is generated from it. */
export const errorTable = {
  // Requests and credentials
  validation_failed: row(
    400,
    "Validation error",
    "Each field is listed with what is wrong and what would be right.",
  ),
  bad_request: row(
    400,
    "The request could not be understood.",
    "The detail names the part that is wrong.",
  ),
  not_authenticated: row(
    401,
    "Authentication credentials were not provided.",
    "Send Authorization: Token <API token>, Authorization: Bearer <access token>, or sign in.",
  ),
  invalid_token: row(
    401,
    "Invalid token.",
    "The token is unknown, revoked or expired; make a new one on the account page.",
  ),
  permission_denied: row(
    403,
    "You do not have permission to perform this action.",
    "The role of the caller does not allow it.",
  ),
  csrf_failed: row(
    403,
    "This form is out of date. Please reload the page and try again.",
    "The request came from another site, or its form token does not belong to this session.",
  ),
  not_found: row(
    404,
    "Not found.",
    "The address or the id does not exist in the caller's organization.",
  ),
  method_not_allowed: row(
    405,
    "Method not allowed.",
    "The address exists, but not with this method.",
  ),
  conflict: row(
    409,
    "This conflicts with something that exists already.",
    "The detail names what is in the way.",
  ),
  payload_too_large: row(413, "The request is too large.", "The limit is named in the detail."),
  unsupported_media_type: row(
    415,
    "This content type is not supported.",
    "Send JSON, a form, or multipart form data.",
  ),
  too_many_requests: row(
    429,
    "Too many attempts. Please wait a moment and try again.",
    "Attempts are limited per account and address.",
  ),
  internal_error: row(
    500,
    "Something went wrong on our side.",
    "The log has the details under the request id.",
  ),
  not_ready: row(
    503,
    "The service is starting or cannot reach its database.",
    "See /ready and the log.",
  ),
  role_managed_by_groups: row(
    403,
    "Roles are managed by the identity provider here (MANUAL_ROLE_MANAGEMENT is off).",
    "Change the person's groups at the identity provider.",
  ),
  workspaces_managed_by_groups: row(
    403,
    "Workspace members are managed by the identity provider here (MANUAL_WORKSPACE_MANAGEMENT is off).",
    "Change the person's groups at the identity provider.",
  ),
  projects_managed_by_groups: row(
    403,
    "Project members are managed by the identity provider here (MANUAL_PROJECT_MEMBER_MANAGEMENT is off).",
    "Change the person's groups at the identity provider.",
  ),

  // Passwords, sign-up and one-time links
  password_sign_in_failed: row(
    401,
    "The e-mail address or the password is not right.",
    "Unknown address, wrong password or no password set.",
  ),
  password_login_disabled: row(
    403,
    "Sign-in by password is turned off here. Please use single sign-on.",
    "DISABLE_PASSWORD_LOGIN or the organization's disable_password_login is on.",
  ),
  sign_up_disabled: row(
    403,
    "Signing up needs an invitation link.",
    "DISABLE_SIGNUP_WITHOUT_LINK is on, as it is by default; send the person an invite link.",
  ),
  link_invalid: row(
    404,
    "This link is not valid any more. Please ask for a new one.",
    "The link was used, revoked or has expired.",
  ),

  // Single sign-on before any response arrives
  sso_domain_unknown: row(
    404,
    "We found no single sign-on for this address. Please check it, or ask your administrator.",
    "No organization claims the domain; add it to the domain list of the SAML settings.",
  ),
  saml_not_configured: signIn(
    "The organization has no identity provider metadata yet: set metadata_url or metadata_xml, or wait until the URL can be read.",
    503,
  ),
  saml_unknown_token: row(404, "Not found.", "No organization has this token in its SAML URLs."),

  // The message as bytes
  saml_missing_response: signIn("The form has no SAMLResponse field.", 400),
  saml_duplicate_field: signIn("SAMLResponse or RelayState was sent twice.", 400),
  saml_bad_encoding: signIn("SAMLResponse is not valid base64 of UTF-8 text.", 400),
  saml_too_large: signIn(
    "The response exceeds SAML_MAX_RESPONSE_BYTES. A person in very many groups is the usual cause: send fewer groups.",
    413,
  ),
  saml_bad_xml: signIn("The response is not well-formed XML.", 400),
  saml_xml_forbidden: signIn(
    "The response contains something SAML never needs (DOCTYPE, comment, CDATA, processing instruction, entity, reserved or relative namespace).",
    400,
  ),
  saml_xml_limit: signIn(
    "The response exceeds a limit of depth, elements, attributes or namespaces.",
    400,
  ),

  // Structure
  saml_not_a_response: signIn("The message is not a SAML 2.0 Response.", 400),
  saml_bad_structure: signIn(
    "An element stands where the SAML schema does not allow it, or a required one is missing.",
    400,
  ),
  saml_bad_id: signIn("An ID is missing, repeated, prefixed or not a valid XML name.", 400),
  saml_assertion_count: signIn("The response must carry exactly one assertion.", 400),
  saml_bad_version: signIn("Only SAML 2.0 is accepted.", 400),
  saml_bad_time: signIn("A timestamp is not a valid UTC dateTime.", 400),

  // Signatures and encryption
  saml_signature_missing: signIn(
    "No signature covers the assertion. Turn on signing of the response or of the assertion at the identity provider.",
  ),
  saml_assertion_signature_required: signIn(
    "The settings require the assertion itself to be signed.",
  ),
  saml_response_signature_required: signIn(
    "The settings require the response itself to be signed.",
  ),
  saml_signature_structure: signIn(
    "The signature does not have the one form that SAML allows (one reference to its own parent, enveloped-signature and one canonicalization).",
  ),
  saml_signature_algorithm: signIn(
    "The signature, digest, canonicalization or transform algorithm is not accepted.",
  ),
  saml_sha1_refused: signIn(
    "The identity provider signs with SHA-1. Choose SHA-256 there; allow_sha1 is the last resort.",
  ),
  saml_digest_mismatch: signIn("The message was changed after it was signed."),
  saml_signature_invalid: signIn(
    "The signature does not fit any signing certificate of the identity provider's current metadata. After a certificate change, refresh the metadata.",
  ),
  saml_key_too_weak: signIn(
    "The identity provider's signing key is weaker than RSA-2048 or ECDSA P-256.",
  ),
  saml_no_signing_key: signIn(
    "The identity provider's metadata has no usable signing certificate.",
  ),
  saml_decryption_failed: signIn(
    "The encrypted assertion cannot be decrypted. The identity provider must encrypt for the certificate in our current metadata, with RSA-OAEP and AES-GCM.",
  ),
  saml_encryption_algorithm: signIn(
    "The encryption algorithm is not accepted: use RSA-OAEP with AES-GCM. AES-CBC needs a signed response around it or allow_cbc.",
  ),

  // Rules of the response (PRODUCT 2.2)
  saml_status_not_success: signIn(
    "The identity provider answered with an error. Its status code is in the evidence; usually the person is not assigned to the application.",
  ),
  saml_issuer_mismatch: signIn("The issuer is not the entityID of the configured metadata."),
  saml_destination_missing: signIn("A signed response must name its Destination."),
  saml_destination_mismatch: signIn(
    "Destination is not our ACS URL. Copy the ACS URL into the identity provider again, and check BASE_URL.",
  ),
  saml_subject_confirmation: signIn(
    "No bearer SubjectConfirmation is usable: Recipient must be our ACS URL, NotOnOrAfter must be present and in the future, NotBefore must be absent.",
  ),
  saml_recipient_mismatch: signIn(
    "Recipient is not our ACS URL. Copy the ACS URL into the identity provider again, and check BASE_URL.",
  ),
  saml_expired: signIn(
    "The assertion has expired. If it is fresh, one of the two clocks is wrong (SAML_CLOCK_SKEW_SECONDS).",
  ),
  saml_not_yet_valid: signIn(
    "The assertion is not valid yet: one of the two clocks is wrong (SAML_CLOCK_SKEW_SECONDS).",
  ),
  saml_audience_missing: signIn("The assertion has no AudienceRestriction."),
  saml_audience_mismatch: signIn(
    "The audience is not our entityID. Set the entityID (Identifier, Audience) at the identity provider to the ACS URL.",
  ),
  saml_unknown_condition: signIn(
    "The assertion sets a condition that is not understood, and must then be refused (SAML Core 2.5.1.1).",
  ),
  saml_no_authn_statement: signIn("The assertion has no AuthnStatement."),
  saml_session_expired: signIn("SessionNotOnOrAfter is in the past."),
  saml_request_unknown: signIn(
    "InResponseTo answers no request of this server that is still open. The person may have used Back or an old tab: start again.",
  ),
  saml_request_other_browser: signIn(
    "The response answers a request that another browser started, or the browser keeps no cookies.",
  ),
  saml_request_other_organization: signIn(
    "The response answers a request that was started for another organization.",
  ),
  saml_request_expired: signIn("More than 15 minutes passed between the request and the response."),
  saml_unsolicited: signIn(
    "Sign-in was started at the identity provider, which is not allowed here. Set allow_unsolicited, or use the Login URL.",
  ),
  saml_replayed: signIn("This assertion was used before."),

  // Identity
  saml_email_missing: signIn(
    "The e-mail attribute is absent or empty. Compare mapping_email with the attribute names in this entry.",
  ),
  saml_email_invalid: signIn("The e-mail attribute is not one valid address."),
  saml_email_ambiguous: signIn("The e-mail attribute has more than one value."),

  // Access rules
  sign_in_deactivated: signIn(
    "The person was deactivated by hand or by SCIM; only that way, or by SCIM, are they brought back.",
  ),
  sign_in_owner_unconfirmed: signIn(
    "The person is the Owner, who has not confirmed the identity provider, its keys or URL, the e-mail attribute, the domains or the switch for SHA-1 as they stand now. The Owner signs in by password (/user/login?owner=1) or `labelgate recover`, looks at the SSO settings and confirms them.",
  ),
  sign_in_domain_not_allowed: signIn(
    "The e-mail's domain is not in the organization's domain list.",
  ),
  sign_in_other_organization: signIn(
    "The person belongs to another organization, and this one has no domain list. Add the domain to let them in.",
  ),

  // Metadata
  metadata_unreachable: row(
    400,
    "The metadata URL cannot be reached.",
    "Check the URL, DNS and the firewall.",
  ),
  metadata_address_refused: row(
    400,
    "The metadata URL leads to an address that is not allowed.",
    "Link-local and cloud-metadata addresses are always refused, private ones with SSRF_PROTECTION_ENABLED=1.",
  ),
  metadata_not_xml: row(
    400,
    "The document is not well-formed XML.",
    "Copy the whole metadata document.",
  ),
  metadata_not_idp: row(
    400,
    "The document is not SAML metadata of one identity provider.",
    "It must be an EntityDescriptor with an IDPSSODescriptor, or an EntitiesDescriptor with exactly one.",
  ),
  metadata_no_endpoint: row(
    400,
    "The metadata names no usable single sign-on location.",
    "An HTTP-Redirect or HTTP-POST SingleSignOnService is needed.",
  ),
  metadata_no_signing_key: row(
    400,
    "The metadata has no usable signing certificate.",
    "RSA of 2048 bits or more, or ECDSA P-256, P-384, P-521.",
  ),
  metadata_expired: row(400, "The metadata's validUntil is in the past.", "Fetch a fresh copy."),

  // SCIM (RFC 7644 3.12, RFC 9865 2.1)
  scim_invalid_filter: scim("invalidFilter", "The filter is not valid."),
  scim_too_many: scim("tooMany", "The filter yields more results than the server will compute.", {
    hint: "Narrow the filter, or page through the results.",
  }),
  scim_uniqueness: scim("uniqueness", "A value that must be unique is in use already.", {
    status: 409,
    hint: "The client should look the resource up and link to it instead of creating it.",
  }),
  scim_mutability: scim("mutability", "The attribute cannot be changed in this way.", {
    hint: "Remove the attribute from the identity provider's attribute mapping.",
  }),
  scim_invalid_syntax: scim("invalidSyntax", "The body is not a valid SCIM message."),
  scim_invalid_path: scim("invalidPath", "The path of a PATCH operation is not valid."),
  scim_no_target: scim("noTarget", "The path of a PATCH operation selects nothing."),
  scim_invalid_value: scim("invalidValue", "A value is missing or not valid for its attribute."),
  scim_invalid_vers: scim("invalidVers", "This version of SCIM is not supported.", {
    hint: "Configure SCIM 2.0 at the identity provider.",
  }),
  scim_sensitive: scim("sensitive", "Sensitive values must not stand in the address.", {
    status: 403,
    hint: "Search by POST to /.search instead.",
  }),
  scim_invalid_cursor: scim("invalidCursor", "The cursor is not valid for this query."),
  scim_expired_cursor: scim("expiredCursor", "The cursor has expired.", {
    hint: "Start again from the first page.",
  }),
  scim_invalid_count: scim("invalidCount", "The count must stay the same on every page."),
  scim_precondition_failed: row(
    412,
    "The resource has changed since it was read.",
    "If-Match named another version; the client should read the resource again.",
  ),

  ...studioErrors,
} as const satisfies Record<string, ErrorRow>;

/** The name of a refusal; stable, for logs, tests and automation. */
export type ErrorCode = keyof typeof errorTable;

/** Field name → sentences that say what is wrong and what would be right. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

interface ErrorExtras {
  /** Expected and found values; for the administrator's log only, never secrets. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  /** A sentence for this very case; public only where the table's public text is exact (not sign-in). */
  readonly detail?: string;
  readonly fields?: FieldErrors;
  readonly cause?: unknown;
}

/** A refusal: something that the caller asked for and that is not done. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly detail: string | undefined;
  readonly fields: FieldErrors | undefined;

  constructor(code: ErrorCode, extras: ErrorExtras = {}) {
    super(extras.detail ?? `${code}: ${errorTable[code].hint}`, { cause: extras.cause });
    this.name = "AppError";
    this.code = code;
    this.evidence = extras.evidence ?? {};
    this.detail = extras.detail;
    this.fields = extras.fields;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get hint(): string {
    return errorTable[this.code].hint;
  }

  /** RFC 7644 3.12; undefined where the refusal is not one of SCIM's. */
  get scimType(): string | undefined {
    const found: ErrorRow = errorTable[this.code];
    return found.scimType;
  }
}
