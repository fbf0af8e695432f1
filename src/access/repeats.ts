/**
 * Refusals by what the person can do about them: a genuine response that has had its time, which a double
 * click, Back, a reload or a restored tab posts again, and whatever else another attempt may fix. Whoever
 * is signed in when a response is repeated is led to their session instead (sso/, pages/).
 */

/** Each is thrown only once a trusted key has vouched for the response and its person is read. */
const repeatCodes: ReadonlySet<string> = new Set([
  "saml_request_unknown",
  "saml_request_expired",
  "saml_request_other_browser",
  "saml_unsolicited",
  "saml_replayed",
]);

/** True where `code` says that the response came too late, twice or unasked, and nothing else. */
export function isRepeatCode(code: string | null): boolean {
  return code !== null && repeatCodes.has(code);
}

/** Times run out while a page stands open, and a browser or a network cuts a message short. */
const passingCodes: ReadonlySet<string> = new Set([
  "saml_expired",
  "saml_session_expired",
  "saml_missing_response",
  "saml_bad_encoding",
]);

/** True where another attempt may well succeed; else only an administrator can fix the cause. */
export function mayHelpToRetry(code: string): boolean {
  return isRepeatCode(code) || passingCodes.has(code);
}
