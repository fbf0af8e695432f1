/**
 * Strict bodies: what is read of a request's body, and how it is written anew (GATEWAY 10.4). UTF-8
 * alone, no other charset, no Content-Encoding, no transfer encoding of parts: Label Studio takes all
 * of these, and what it reads then is not what a gateway saw (`label-studio-ce.md` 5.12).
 *
 * Owns syntax. Which fields there are, and what they mean, is fields.ts's.
 */
import { Buffer } from "node:buffer";
import type { StudioRefusal } from "./decision.ts";
import { type Json, parseJson, writeJson } from "./json.ts";

/** The kinds of bodies that are taken, by their Content-Type. */
export type BodyType =
  | { readonly kind: "json" }
  | { readonly kind: "form" }
  | { readonly kind: "multipart"; readonly boundary: string };

/** Field and value of a form, in order; each name once. */
export type FormFields = ReadonlyMap<string, string>;

const refusedType = (detail: string): StudioRefusal => ({
  ...{ code: "unsupported_media_type", detail },
});

const badBody = (detail: string): StudioRefusal => ({ code: "bad_request", detail });

/** RFC 2046 5.1.1, without space and without `/`, by which a boundary could look like a type. */
const boundaryPattern = /^[A-Za-z0-9'()+_,.:=?-]{1,70}$/;

/**
 * The type of a body by its headers.
 * @returns `unsupported_media_type` for other types, other charsets, unknown parameters and any
 * Content-Encoding
 */
export function readBodyType(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): BodyType | StudioRefusal {
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity") {
    return refusedType("Send the body without Content-Encoding.");
  }
  const [type = "", ...rest] = (contentType ?? "").split(";").map((part) => part.trim());
  const parameters = readParameters(rest);
  if (parameters === null) return refusedType("The Content-Type could not be read.");
  const charset = parameters.get("charset");
  if (charset !== undefined && charset.toLowerCase() !== "utf-8") {
    return refusedType("Send the body as UTF-8.");
  }
  const others = [...parameters.keys()].filter((name) => name !== "charset");
  if (type.toLowerCase() === "multipart/form-data") {
    const boundary = parameters.get("boundary") ?? "";
    return others.length === 1 && boundaryPattern.test(boundary)
      ? { kind: "multipart", boundary }
      : refusedType("The boundary of the parts could not be read.");
  }
  if (others.length > 0) return refusedType("The Content-Type has a parameter that is not known.");
  const kind = plainTypes.get(type.toLowerCase());
  return kind === undefined ? refusedType("Send application/json or a form.") : { kind };
}

const plainTypes: ReadonlyMap<string, "json" | "form"> = new Map([
  ["application/json", "json"],
  ["application/x-www-form-urlencoded", "form"],
]);

/** Names in lower case; null where one has no value or stands twice. */
function readParameters(parts: readonly string[]): Map<string, string> | null {
  const parameters = new Map<string, string>();
  for (const part of parts) {
    const found = /^([A-Za-z0-9-]+)=(?:"([^"\\]*)"|([^"\s]+))$/.exec(part);
    const name = found?.[1]?.toLowerCase();
    if (name === undefined || parameters.has(name)) return null;
    parameters.set(name, found?.[2] ?? found?.[3] ?? "");
  }
  return parameters;
}

/** The Content-Type under which a multipart body goes on as it is. */
export function multipartType(boundary: string): string {
  return /^[A-Za-z0-9'+_.-]+$/.test(boundary)
    ? `multipart/form-data; boundary=${boundary}`
    : `multipart/form-data; boundary="${boundary}"`;
}

/** Text of UTF-8 bytes; null for others, for a byte order mark too. */
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith("\uFEFF") ? null : text;
  } catch {
    return null;
  }
}

/** The value of a JSON body; of a name that stands twice the last counts, as for Label Studio. */
export function readJsonBody(bytes: Uint8Array): { readonly value: Json } | StudioRefusal {
  const text = decodeUtf8(bytes);
  if (text === null) return badBody("The body is not UTF-8.");
  try {
    return { value: parseJson(text) };
  } catch {
    return badBody("The body is not JSON.");
  }
}

/** The fields of a form; a name twice is refused. */
export function readForm(bytes: Uint8Array): FormFields | StudioRefusal {
  const text = decodeUtf8(bytes);
  if (text === null) return badBody("The body is not UTF-8.");
  const pairs: [string, string][] = [];
  for (const piece of text.split("&")) {
    if (piece === "") continue;
    const [name = "", value = ""] = splitOnce(piece, "=").map(decodeFormText);
    if (name === null || value === null) return badBody("The form is not encoded as UTF-8.");
    pairs.push([name, value]);
  }
  return uniqueFields(pairs);
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decodeFormText(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

function uniqueFields(pairs: readonly (readonly [string, string])[]): FormFields | StudioRefusal {
  const found = new Map(pairs);
  return found.size === pairs.length ? found : badBody("A field of the form stands there twice.");
}

/** The fields of a multipart body without files; each part has a plain name and nothing else. */
export function readMultipart(bytes: Uint8Array, boundary: string): FormFields | StudioRefusal {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = Buffer.from(`--${boundary}`);
  if (body.indexOf(first) !== 0) return badBody("The parts of the body could not be read.");
  const pairs: [string, string][] = [];
  const next = Buffer.from(`\r\n--${boundary}`);
  let at = first.length;
  for (;;) {
    const mark = body.toString("latin1", at, at + 2);
    if (mark === "--") return isEnd(body, at + 2) ? uniqueFields(pairs) : badParts;
    const end = body.indexOf(next, at);
    if (mark !== "\r\n" || end < 0) return badParts;
    const part = readPart(body.subarray(at + 2, end));
    if (part === null) return badParts;
    pairs.push(part);
    at = end + next.length;
  }
}

const badParts = badBody("The parts of the body could not be read as plain fields of a form.");

const isEnd = (body: Buffer, at: number): boolean =>
  ["", "\r\n"].includes(body.toString("latin1", at, at + 3));

const partHeader = /^content-disposition: form-data; name="([A-Za-z0-9_.[\]-]{1,64})"$/i;
const partType = /^content-type: text\/plain(?:; ?charset="?utf-8"?)?$/i;

/** Name and value; null for files, transfer encodings and headers that are not known. */
function readPart(part: Buffer): [string, string] | null {
  const end = part.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [header = "", ...rest] = part.toString("latin1", 0, end).split("\r\n");
  const name = partHeader.exec(header)?.[1];
  if (name === undefined || rest.length > 1 || !rest.every((line) => partType.test(line))) {
    return null;
  }
  const value = decodeUtf8(part.subarray(end + 4));
  return value === null ? null : [name, value];
}

/** A JSON body as it goes on. */
export function writeJsonBody(value: Json): { readonly type: string; readonly bytes: Uint8Array } {
  return { type: "application/json", bytes: Buffer.from(writeJson(value)) };
}

/**
 * A form as it goes on. Forms stay forms: to Label Studio a switch that a form leaves out is off, one
 * that JSON leaves out has its default.
 */
export function writeForm(fields: FormFields): {
  readonly type: string;
  readonly bytes: Uint8Array;
} {
  const pairs = [...fields].map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return { type: "application/x-www-form-urlencoded", bytes: Buffer.from(pairs.join("&")) };
}
