/**
 * Character encodings of XML documents (XML 1.0, 4.3.3 and appendix F): which one a document is in, by
 * its mark or declaration, and its text. Metadata comes in several; a SAML message is UTF-8, and one in
 * another encoding is refused by that encoding's true name.
 */
import { isUtf8 } from "node:buffer";

/** A document's text, or the sentence that says why it has none. */
export type DecodedXml = { readonly text: string } | { readonly problem: string };

const longestDeclaration = 200;
const declaredRe = /^<\?xml[^>]*?\sencoding\s*=\s*["']([-.\w]{1,40})["']/i;

/** The encoding of `bytes` by its first bytes: a byte order mark, or how "<" is written. */
function markedEncoding(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" | "utf-32" | null {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe)) {
    return "utf-32";
  }
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return "utf-16le";
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return "utf-16be";
  return null;
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

const latin1Names: ReadonlySet<string> = new Set(["iso-8859-1", "iso8859-1", "latin1", "l1"]);
const windowsNames: ReadonlySet<string> = new Set(["windows-1252", "cp1252"]);
const asciiNames: ReadonlySet<string> = new Set(["us-ascii", "ascii", "iso646-us"]);

/**
 * The text of a metadata document: UTF-8, UTF-16, ISO-8859-1, windows-1252 or US-ASCII, by mark or
 * declaration (PRODUCT 2.7). A mark goes before a declaration.
 */
export function decodeXml(bytes: Uint8Array): DecodedXml {
  const marked = markedEncoding(bytes);
  const declared = declaredEncoding(bytes);
  const name = marked ?? (declared === "" ? "utf-8" : declared);
  if (name === "utf-8" || name === "utf8") return utf8Text(bytes);
  if (latin1Names.has(name)) return { text: Buffer.from(bytes).toString("latin1") };
  if (asciiNames.has(name)) return asciiText(bytes);
  const isKnown = name === "utf-16le" || name === "utf-16be" || windowsNames.has(name);
  if (!isKnown) {
    return {
      problem: `The document is in the encoding ${name.toUpperCase()}; UTF-8, UTF-16, ISO-8859-1, windows-1252 and US-ASCII are read. Save it as UTF-8.`,
    };
  }
  try {
    return { text: new TextDecoder(name, { fatal: true }).decode(bytes) };
  } catch {
    return { problem: `The document is not the ${name.toUpperCase()} text that it says it is.` };
  }
}

function utf8Text(bytes: Uint8Array): DecodedXml {
  if (!isUtf8(bytes)) return { problem: "The document is not UTF-8 text." };
  return { text: new TextDecoder().decode(bytes) };
}

function asciiText(bytes: Uint8Array): DecodedXml {
  const isAscii = bytes.every((byte) => byte < 0x80);
  if (isAscii) return { text: Buffer.from(bytes).toString("latin1") };
  return { problem: "The document is not the US-ASCII text that it says it is." };
}
