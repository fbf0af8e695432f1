/**
 * What counts as an e-mail address: the name under which a person is known (PRODUCT 1.2), whoever
 * brings it, an identity provider, a form or a SCIM client. Owns no look-up.
 */

/** RFC 5321 4.5.3.1: 64 octets before the at sign, 254 altogether (RFC 3696, erratum 1690). */
const maxLocalBytes = 64;
const maxBytes = 254;

const localRe = /^[^\s@<>()[\]\\,;:"\p{C}]+$/u;
const labelRe = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

/**
 * The address in lower case, or null where `text` is not exactly one address.
 *
 * White space around it must be gone before. Addresses that only look alike stay apart: nothing is
 * normalized, and a letter outside ASCII whose lower case lies inside it (the Kelvin sign, İ) is
 * refused, since it would become somebody else's address.
 */
export function canonicalEmail(text: string): string | null {
  const bytes = text.length > maxBytes ? Infinity : Buffer.byteLength(text);
  if (bytes > maxBytes) return null;
  const at = text.indexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  if (!localRe.test(local) || Buffer.byteLength(local) > maxLocalBytes) return null;
  const labels = text.slice(at + 1).split(".");
  if (!labels.every((label) => label.length <= 63 && labelRe.test(label))) return null;
  const lower = text.toLowerCase();
  const isAscii = bytes === text.length;
  return isAscii || asciiCount(lower) === asciiCount(text) ? lower : null;
}

function asciiCount(text: string): number {
  return text.replaceAll(/[^\0-\x7f]/g, "").length;
}
