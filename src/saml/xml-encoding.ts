/**
 * Character encodings of XML documents (XML 1.0, 4.3.3 and appendix F): which one a document is in, by
 * its mark or declaration, and its text. Metadata comes in many; a SAML message is UTF-8, and one in
 * another encoding is refused by that encoding's true name.
 */
import { isAscii, isUtf8 } from "node:buffer";

/** A document's text, or the sentence that says why it has none. */
export type DecodedXml = { readonly text: string } | { readonly problem: string };

const longestDeclaration = 200;
const declaredRe = /^<\?xml[^>]*?\sencoding\s*=\s*["']([-.:\w]{1,40})["']/i;

type MarkedEncoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32" | "ebcdic";

/** First bytes in hexadecimal: byte order marks, then how "<" or white space before it is written. */
const marks: readonly (readonly [encoding: MarkedEncoding, start: RegExp])[] = [
  ["utf-8", /^efbbbf/],
  ["utf-32", /^(?:fffe0000|0000feff|(?:3c|20|0a|0d|09)000000|000000(?:3c|20|0a|0d|09))/],
  ["utf-16le", /^(?:fffe|(?:3c|20|0a|0d|09)00)/],
  ["utf-16be", /^(?:feff|00(?:3c|20|0a|0d|09))/],
  ["ebcdic", /^4c6fa794/],
];

/** The encoding of `bytes` by its first bytes. */
function markedEncoding(bytes: Uint8Array): MarkedEncoding | null {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  return marks.find(([, mark]) => mark.test(start))?.[0] ?? null;
}

function declaredEncoding(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, longestDeclaration)).toString("latin1");
  return declaredRe.exec(head.trimStart())?.[1]?.toLowerCase() ?? "";
}

/** The name of the encoding that a document which is no UTF-8 is in, for the refusal. */
export function encodingName(bytes: Uint8Array): string {
  const marked = markedEncoding(bytes);
  if (marked !== null && marked !== "utf-8") return marked.toUpperCase();
  const declared = declaredEncoding(bytes);
  return declared === "" || declared === "utf-8" ? "not UTF-8" : declared.toUpperCase();
}

/** Names of IANA's registry, which the Encoding Standard has for windows-1252 or does not have. */
const latin1Names: ReadonlySet<string> = new Set([
  ...["iso-8859-1", "iso_8859-1", "iso8859-1", "iso88591", "iso_8859-1:1987", "iso-ir-100"],
  ...["latin1", "latin-1", "l1", "ibm819", "cp819", "csisolatin1"],
]);
const asciiNames: ReadonlySet<string> = new Set([
  ...["us-ascii", "ascii", "us", "iso646-us", "iso_646.irv:1991", "ansi_x3.4-1968"],
  ...["ansi_x3.4-1986", "iso-ir-6", "ibm367", "cp367", "csascii"],
]);
/**
 * Names of encodings with units of two bytes or more; a document in one shows it by its first bytes.
 */
const wideRe = /^(?:utf-?16|utf-?32|ucs-?[24]|iso-10646-ucs-[24]|unicode|csunicode)/;

/**
 * The text of a metadata document, by mark or declaration (PRODUCT 2.7): UTF-8, UTF-16, ISO-8859-1,
 * windows-1252, US-ASCII, and whatever else the runtime decodes. A mark goes before a declaration.
 */
export function decodeXml(bytes: Uint8Array): DecodedXml {
  const marked = markedEncoding(bytes);
  if (marked === "utf-32" || marked === "ebcdic") return { problem: unread(marked) };
  if (marked !== null) return decoded(bytes, marked);
  const name = declaredEncoding(bytes);
  if (name === "") return decoded(bytes, "utf-8");
  // Its declaration could not have been read if it were.
  if (wideRe.test(name)) return { problem: untrue(name) };
  if (latin1Names.has(name)) return { text: Buffer.from(bytes).toString("latin1") };
  if (asciiNames.has(name)) {
    return isAscii(bytes)
      ? { text: Buffer.from(bytes).toString("latin1") }
      : { problem: untrue(name) };
  }
  return decoded(bytes, name);
}

function decoded(bytes: Uint8Array, name: string): DecodedXml {
  const decoder = decoderOf(name);
  if (decoder === null) return { problem: unread(name) };
  if (decoder.encoding === "utf-8") {
    if (!isUtf8(bytes)) return { problem: "The document is not UTF-8 text." };
    return { text: decoder.decode(bytes) };
  }
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { problem: untrue(name) };
  }
}

function decoderOf(name: string): TextDecoder | null {
  try {
    return new TextDecoder(name, { fatal: true });
  } catch {
    return null;
  }
}

function unread(name: string): string {
  return `The document is in the encoding ${name.toUpperCase()}, which is not read here. Save it as UTF-8.`;
}

function untrue(name: string): string {
  return `The document is not the ${name.toUpperCase()} text that it says it is. Save it as UTF-8, and have its first line say so.`;
}

const anyDeclarationRe = /^([\s\uFEFF]*<\?xml[^>]*?\sencoding\s*=\s*)(["'])[^"']*\2/i;

/** The text for sending as UTF-8: a declaration says what it was in before it was decoded. */
export function declaredAsUtf8(text: string): string {
  return text.replace(anyDeclarationRe, "$1$2UTF-8$2");
}
