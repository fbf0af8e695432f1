/**
 * Strict base64 (RFC 4648 section 4, canonical encodings only), as SAML messages carry it: in form
 * fields and in XML text, where lines may be broken.
 */

const xmlSpace = /[\t\n\r ]+/g;

/** The bytes of `text`, white space aside; null where it is empty or anything but base64. */
export function decodeBase64(text: string): Buffer | null {
  const compact = /\s/.test(text) ? text.replaceAll(xmlSpace, "") : text;
  const bytes = Buffer.from(compact, "base64");
  // Node skips what it does not understand; encoding again shows whether it did.
  return bytes.length > 0 && bytes.toString("base64") === compact ? bytes : null;
}
