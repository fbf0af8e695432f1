/**
 * Recognizes files and texts that are given for metadata and are none (PRODUCT 2.7): each has its own
 * sentence, by how it begins, so that an administrator sees what they uploaded or pasted. Owns no
 * rule of metadata; metadata.ts reads what is not found here.
 */
import { X509Certificate } from "node:crypto";

/** Why a document is no metadata, as a sentence, with the code that refuses it. */
export interface Mistaken {
  readonly detail: string;
  readonly code: "metadata_not_xml" | "metadata_not_idp";
}

const isNot = (what: string, code: Mistaken["code"] = "metadata_not_xml"): Mistaken => ({
  detail: `The document is ${what}, not metadata.`,
  code,
});

/** Files by their first bytes, in hexadecimal. */
const binaryKinds: readonly (readonly [kind: string, mark: RegExp])[] = [
  ["a PDF", /^255044462d/],
  ["a ZIP archive or an Office document", /^504b0(?:304|506)/],
  ["an old Office document", /^d0cf11e0/],
  ["compressed (gzip)", /^1f8b/],
  ["a compressed archive", /^(?:377abcaf|52617221|425a68|fd377a58)/],
  ["a picture", /^(?:89504e47|47494638|ffd8ff)/],
  ["a rich text document (RTF)", /^7b5c727466/],
];

/** A sequence of DER that is longer than 127 bytes. */
const derRe = /^308[1-3]/;
const longestMark = 8;

/** Recognizes the bytes of a file in a well-known format; else null. */
export function mistakenBytes(bytes: Uint8Array): Mistaken | null {
  const start = Buffer.from(bytes.subarray(0, longestMark)).toString("hex");
  const found = binaryKinds.find(([, mark]) => mark.test(start));
  if (found !== undefined) return isNot(found[0]);
  return derRe.test(start) ? mistakenDer(bytes) : null;
}

function mistakenDer(bytes: Uint8Array): Mistaken {
  try {
    return isNot(`a certificate (DER), ${new X509Certificate(bytes).subject.split("\n").at(-1)}`);
  } catch {
    return isNot("a damaged certificate (DER), a key or a key store");
  }
}

const certificateHint = "the identity provider's metadata contains its certificate";
const secret =
  "This is a private key, not metadata. Nobody but its owner may have it: if it is in use, replace it. No private key is needed here.";

const pemKinds: readonly (readonly [label: RegExp, detail: string])[] = [
  [/^[A-Z0-9 ]*PRIVATE KEY-/, secret],
  [/^(?:X509 |TRUSTED )?CERTIFICATE-/, `This is a certificate, not metadata; ${certificateHint}.`],
  [/^(?:NEW )?CERTIFICATE REQUEST-/, "This is a request for a certificate, not metadata."],
  [/^(?:RSA |EC )?PUBLIC KEY-/, `This is a public key, not metadata; ${certificateHint}.`],
  [/^PKCS7-|^CMS-/, `This is a chain of certificates, not metadata; ${certificateHint}.`],
];

const begin = "-----BEGIN ";

function mistakenPem(content: string): string {
  const label = content.slice(begin.length, begin.length + 80);
  const known = pemKinds.find(([pattern]) => pattern.test(label));
  return known?.[1] ?? `This is a key or a certificate, not metadata; ${certificateHint}.`;
}

/** Everything that may come before the first element of a page or document. */
const prologRe = /^(?:\s+|<\?[^>]*>|<!--[\s\S]*?-->)*/;
const htmlRe = /^<(?:!doctype\s+html|html|head|body|script|style|meta|title|form|div|p|h1)[\s>/]/i;
const longestProlog = 8_192;

function isHtml(content: string): boolean {
  const start = content.slice(0, longestProlog);
  return htmlRe.test(start.slice(prologRe.exec(start)?.[0].length ?? 0));
}

/** Beginnings of texts, each with the sentence about a text that begins so. */
const textKinds: readonly (readonly [start: RegExp, detail: string])[] = [
  [
    /^(?:https?:\/\/|www\.)\S+\s*$/i,
    "This is a URL, not a document: enter it as the metadata URL.",
  ],
  [
    /^MI(?:[IM][A-Za-z0-9+/]|[GH][A-Za-z0-9+/]{60})/,
    `This is a certificate or a key in base64, not metadata; ${certificateHint}.`,
  ],
  [
    /^(?:PD94bWw|PEVudGl0|PG1kOkVu|PD9\w|77u\/P)/,
    "This is XML in base64: decode it, and enter the XML itself.",
  ],
  [
    /^&(?:lt|#60|#x3c);/i,
    "This is escaped XML, which begins with &lt; instead of <: enter the XML itself.",
  ],
  [/^ssh-|^ecdsa-sha2-/, "This is an SSH key, not metadata."],
  [
    /^This XML file does not appear to have any style information/,
    "This was copied from a browser's view of the document, which is not the document itself: save the page as a file, or enter its address as the metadata URL.",
  ],
  [
    /^[-+]\s*<\w/,
    "This was copied from a browser's view of the document, with its signs to fold: save the page as a file, or enter its address as the metadata URL.",
  ],
];

/** Recognizes a text in a well-known format, or one that could not be XML; else null. */
export function mistakenText(content: string): Mistaken | null {
  const other = (detail: string): Mistaken => ({ detail, code: "metadata_not_xml" });
  if (content === "") return other("The document is empty.");
  if (isHtml(content)) {
    return {
      detail:
        "The document is a web page (HTML), not metadata: perhaps a sign-in page or an error. Open the address without being signed in there.",
      code: "metadata_not_idp",
    };
  }
  if (content.startsWith("<")) return null;
  if (content.startsWith(begin)) return other(mistakenPem(content));
  const known = textKinds.find(([start]) => start.test(content));
  if (known !== undefined) return other(known[1]);
  const binary = mistakenBytes(Buffer.from(content.slice(0, longestMark), "latin1"));
  if (binary !== null) return binary;
  if (/^(?:\{\s*["}]|\[\s*[\]{["])/.test(content)) {
    return other("The document is JSON (OpenID Connect discovery, perhaps), not SAML metadata.");
  }
  return null;
}
