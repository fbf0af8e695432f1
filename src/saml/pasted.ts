/**
 * A SAMLResponse as people copy it (PRODUCT 8.3): from a browser's network view, a log or a trace.
 * Owns finding the message in such a text; what comes out is read like a posted one, under the same
 * limits. Also owns what may be asked of a message before any of it is trusted.
 *
 *   query or form ─ SAMLResponse= ─▶ URL-encoded ─▶ base64 ─▶ deflated ─▶ XML
 */
import { isUtf8 } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { AppError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { parseInstant } from "./instant.ts";
import { decodeResponseField } from "./response.ts";
import { ns } from "./structure.ts";
import { parseXml } from "./xml.ts";
import { attributeOf, elementsOf, isElement, type XmlElement } from "./xml-tree.ts";

/** Wrapping of a message; of two wrappings the inner one. */
export type PastedForm = "base64" | "deflated" | "url_encoded" | "xml";

/** A message that was found in a text. */
export interface PastedResponse {
  readonly xml: Buffer;
  readonly form: PastedForm;
}

/** URL encoding makes at most three characters of one, and base64 four thirds of a byte. */
const growth = 6;

/**
 * The message in `text`: XML, base64 of it, base64 of it deflated, either of them URL-encoded, alone
 * or in a query or form. It has at most `maxBytes` bytes, before inflating and after.
 *
 * @throws AppError `saml_missing_response`, `saml_duplicate_field`, `saml_bad_encoding` or
 * `saml_too_large`
 */
export function readPasted(text: string, maxBytes: number): PastedResponse {
  if (text.length > growth * maxBytes + 1024) throw tooLarge(text.length, maxBytes);
  const trimmed = text.trim();
  if (trimmed === "") throw new AppError("saml_missing_response");
  if (trimmed.startsWith("<")) return { xml: readText(trimmed, maxBytes), form: "xml" };
  const value = fieldOf(trimmed);
  const field = value.includes("%") ? decodePercent(value) : value;
  const bytes = decodeBase64(field.includes("&") ? decodeBreaks(field) : field);
  const wrapping = field === trimmed ? "base64" : "url_encoded";
  if (bytes === null || startsLikeXml(bytes)) {
    return { xml: decodeResponseField(field, maxBytes), form: wrapping };
  }
  return { xml: inflate(bytes, maxBytes), form: "deflated" };
}

/** The value of SAMLResponse where the text is a query, a form or an address; else the text. */
function fieldOf(text: string): string {
  const values = [...text.matchAll(/(?:^|[?&#\s])SAMLResponse=([^&\s]*)/g)];
  const [first] = values;
  if (values.length > 1) {
    throw new AppError("saml_duplicate_field", { evidence: { name: "SAMLResponse" } });
  }
  return first === undefined ? text : (first[1] ?? "");
}

/** A plus sign stays one: base64 has it, and no message has spaces for it to stand for. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new AppError("saml_bad_encoding", { evidence: { expected: "URL encoding" }, cause });
  }
}

/** As decodeResponseField takes them: line ends that Keycloak writes as character references. */
function decodeBreaks(text: string): string {
  return text.replaceAll(/&#(?:13|10|x0*[dDaA]);/g, "\n");
}

function readText(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
  return bytes;
}

const lessThan = 0x3c;

/** A deflated message may begin so too, by one chance in 256, but is then no UTF-8 text. */
function startsLikeXml(bytes: Buffer): boolean {
  return bytes[0] === lessThan && isUtf8(bytes);
}

/** SAML Bindings 3.4.4.1. What would grow past the limit is not inflated further. */
function inflate(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
  let xml: Buffer;
  try {
    xml = inflateRawSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    const isBomb =
      cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    if (isBomb) {
      throw new AppError("saml_too_large", { evidence: { limitBytes: maxBytes }, cause });
    }
    throw new AppError("saml_bad_encoding", { evidence: { expected: "XML or DEFLATE" }, cause });
  }
  if (isUtf8(xml)) return xml;
  throw new AppError("saml_bad_encoding", { evidence: { expected: "UTF-8" } });
}

function tooLarge(found: number, limitBytes: number): AppError {
  return new AppError("saml_too_large", { evidence: { limitBytes, found } });
}

/** Claims of a message about itself, before anybody has vouched for it; null where it makes none. */
export interface UntrustedClaims {
  readonly issueInstantMs: number | null;
  readonly inResponseTo: string | null;
}

/**
 * Reads which request `xml` claims to answer and when it claims to be written. Nothing is verified:
 * this serves to find out by which rules to verify, never to trust. A text that is no XML claims
 * nothing.
 */
export function peekResponse(xml: Uint8Array): UntrustedClaims {
  const root = rootOf(xml);
  if (root === null) return { issueInstantMs: null, inResponseTo: null };
  const instant = attributeOf(root, "IssueInstant");
  return {
    issueInstantMs: instant === null ? null : parseInstant(instant),
    inResponseTo: attributeOf(root, "InResponseTo") ?? confirmedRequest(root),
  };
}

function rootOf(xml: Uint8Array): XmlElement | null {
  try {
    const root = parseXml(xml);
    return isElement(root, ns.samlp, "Response") ? root : null;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Old providers name the request in the assertion alone. */
function confirmedRequest(root: XmlElement): string | null {
  let elements: readonly XmlElement[] = [root];
  for (const local of ["Assertion", "Subject", "SubjectConfirmation", "SubjectConfirmationData"]) {
    elements = elements.flatMap((element) =>
      elementsOf(element).filter((child) => isElement(child, ns.saml, local)),
    );
  }
  return elements.map((element) => attributeOf(element, "InResponseTo")).find(Boolean) ?? null;
}
