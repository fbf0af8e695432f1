/**
 * Rule for e-mail addresses, the name under which a person is known (PRODUCT 1.2), whether an
 * identity provider, a form or a SCIM client brings it. Owns no look-up.
 */

/** RFC 5321 4.5.3.1: 64 octets before the at sign, 254 altogether (RFC 3696, erratum 1690). */
const maxLocalBytes = 64;
const maxBytes = 254;

const localRe = /^[^\s@<>()[\]\\,;:"\p{C}]+$/u;
const labelRe = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

/**
 * The address in canonical form: lower case, its domain as ASCII (IDNA), so that both spellings of an
 * internationalized domain are one address. Null where `text` is not exactly one address.
 *
 * White space around it must be gone before. Addresses that only look alike stay apart: the part before
 * the at sign is not normalized, and a letter outside ASCII whose lower case lies inside it (the Kelvin
 * sign, İ) is refused, as is a domain that becomes a plain ASCII one, since either would be somebody
 * else's address.
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
  if (!isAscii && asciiCount(lower) !== asciiCount(text)) return null;
  if (isAscii && !lower.includes("@xn--") && !lower.includes(".xn--")) return lower;
  const domain = asciiDomain(lower.slice(at + 1));
  const address = `${lower.slice(0, at)}@${domain}`;
  return domain === null || address.length > maxBytes ? null : address;
}

/**
 * The address by which somebody is looked for who was typed in: the canonical form; what is no address is
 * nobody's, and stays as it is in lower case.
 */
export function soughtEmail(typed: string): string {
  const text = typed.trim();
  return canonicalEmail(text) ?? text.toLowerCase();
}

/**
 * The domain's labels by IDNA (UTS 46), or null where it has no such form, or where a label that is not
 * ASCII turns into one that is: full-width letters and the like only look like somebody's domain.
 */
function asciiDomain(domain: string): string | null {
  const host = URL.parse(`https://${domain}/`)?.hostname ?? "";
  const labels = host.split(".");
  const given = domain.split(".");
  if (host === "" || labels.length !== given.length) return null;
  const isKept = labels.every((label, at) =>
    isAsciiText(given[at] ?? "") ? label === given[at] : label.startsWith("xn--"),
  );
  return isKept ? host : null;
}

function isAsciiText(text: string): boolean {
  return asciiCount(text) === text.length;
}

function asciiCount(text: string): number {
  return text.replaceAll(/[^\0-\x7f]/g, "").length;
}
