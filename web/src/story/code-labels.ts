/**
 * Labels of the codes that stop a sign-in (src/errors.ts), in a few words. The hint, which comes with
 * each answer of the API, advises on it.
 */

/** Every code that a sign-in can end with. */
export const codeLabels: Readonly<Record<string, string>> = {
  saml_not_configured: "No identity provider is set up",
  saml_missing_response: "No SAML response came",
  saml_duplicate_field: "A field came twice",
  saml_bad_encoding: "The response cannot be decoded",
  saml_too_large: "The response is too large",
  saml_bad_xml: "The response is not XML",
  saml_xml_forbidden: "The response contains forbidden XML",
  saml_xml_limit: "The response is too deep or has too many parts",
  saml_not_a_response: "The message is not a SAML response",
  saml_bad_structure: "The response is not built as SAML demands",
  saml_bad_id: "An ID in the response is not valid",
  saml_assertion_count: "There is not exactly one assertion",
  saml_bad_version: "The SAML version is not 2.0",
  saml_bad_time: "A time in the response is not valid",
  saml_signature_missing: "Nothing signs the assertion",
  saml_assertion_signature_required: "The assertion itself is not signed",
  saml_response_signature_required: "The response itself is not signed",
  saml_signature_structure: "The signature has a form that is not allowed",
  saml_signature_algorithm: "The signature's algorithm is not accepted",
  saml_sha1_refused: "The signature uses SHA-1",
  saml_digest_mismatch: "The message was changed after it was signed",
  saml_signature_invalid: "The signature fits no certificate of the metadata",
  saml_key_too_weak: "The signing key is too weak",
  saml_no_signing_key: "The metadata has no usable signing certificate",
  saml_decryption_failed: "The assertion cannot be decrypted",
  saml_encryption_algorithm: "The encryption algorithm is not accepted",
  saml_status_not_success: "The identity provider answered with an error",
  saml_issuer_mismatch: "Another identity provider issued the response",
  saml_destination_missing: "The response names no destination",
  saml_destination_mismatch: "The response is meant for another address",
  saml_subject_confirmation: "The assertion is not confirmed for this site",
  saml_recipient_mismatch: "The assertion is meant for another address",
  saml_expired: "The assertion has expired",
  saml_not_yet_valid: "The assertion is not valid yet",
  saml_audience_missing: "The assertion names no audience",
  saml_audience_mismatch: "The assertion is meant for another service",
  saml_unknown_condition: "The assertion sets a condition that is not understood",
  saml_no_authn_statement: "The assertion does not say that anybody signed in",
  saml_session_expired: "The session at the identity provider has ended",
  saml_request_unknown: "The response answers no open request",
  saml_request_other_browser: "The response answers another browser's request",
  saml_request_other_organization: "The response answers another organization's request",
  saml_request_expired: "The response came too late",
  saml_unsolicited: "The sign-on began at the identity provider",
  saml_replayed: "The assertion was used before",
  saml_email_missing: "No e-mail address came",
  saml_email_invalid: "The e-mail attribute is not an address",
  saml_email_ambiguous: "More than one e-mail address came",
  password_sign_in_failed: "The password is not right",
  password_login_disabled: "Sign-in by password is turned off",
  sign_in_deactivated: "The person is deactivated",
  sign_in_owner_unconfirmed: "The Owner has not confirmed the settings",
  sign_in_domain_not_allowed: "The e-mail's domain is not allowed",
  sign_in_other_organization: "The person belongs to another organization",
};

/** The words for a code within a sentence: only "SAML" and "ID" keep their capitals. */
export function wordsInText(code: string): string {
  const words = wordsOf(code);
  return /^[A-Z][a-z]|^[A-Z] /.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}

/** The words for a code; a code of another version stands for itself. */
export function wordsOf(code: string): string {
  return Object.hasOwn(codeLabels, code) ? (codeLabels[code] ?? code) : code;
}
