/**
 * Forms and multipart bodies → the object that a JSON body would have been (PRODUCT 6.2).
 *
 * A form knows only text: switches are words, mapping lists are JSON text, an empty one of either is
 * null. A file field named `metadata_xml` or `metadata_file` is the metadata document. Whatever is
 * sent twice is refused, because which of the two counts would be anybody's guess.
 */
import type { MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { samlRowByField } from "../access/settings-table.ts";
import { AppError } from "../errors.ts";
import { metadataText } from "../saml/metadata.ts";
import { Problems } from "./problems.ts";

/** Form fields that belong to the transport, not to the settings. */
const transportFields: ReadonlySet<string> = new Set(["csrf_token", "csrfmiddlewaretoken"]);

const isList = (name: string) => Array.isArray(samlRowByField.get(name)?.default);

const isSwitch = (name: string) =>
  name === "ignore_time" || /^flag/.test(samlRowByField.get(name)?.kind ?? "");

const switchWords: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

const fileFields: ReadonlySet<string> = new Set(["metadata_xml", "metadata_file"]);

/** A whole file of metadata is at most this large (PRODUCT 2.7). */
const maxFileBytes = 1_048_576;
/** Far more than there are settings. */
const maxParts = 100;

/** A read body, and the problems of reading it. */
export interface ReadBody {
  /** Field names and values as JSON would have them; not an object where the caller sent none. */
  readonly fields: unknown;
  readonly problems: Problems;
}

/**
 * The settings that the request's body names, whatever its content type.
 *
 * @throws AppError `payload_too_large` for a file or a field of more than 1 MiB.
 */
export async function readBody(request: FastifyRequest): Promise<ReadBody> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  const problems = new Problems();
  if (type === "multipart/form-data") {
    return { fields: formObject(await readParts(request, problems), problems), problems };
  }
  if (type === "application/x-www-form-urlencoded") {
    return { fields: formObject(Object.entries(request.body ?? {}), problems), problems };
  }
  return { fields: request.body, problems };
}

type FormEntry = readonly [name: string, value: unknown];

/**
 * Name and text of every part.
 *
 * @throws AppError `bad_request` for a body that is no multipart form, such as one that breaks off.
 */
async function readParts(
  request: FastifyRequest,
  problems: Problems,
): Promise<readonly FormEntry[]> {
  try {
    return await collectParts(request, problems);
  } catch (error) {
    // The limits of size and number have codes of their own; what has none is the parser's complaint.
    if (error instanceof AppError || (error instanceof Error && "code" in error)) throw error;
    throw new AppError("bad_request", { detail: "The multipart form is broken.", cause: error });
  }
}

async function collectParts(
  request: FastifyRequest,
  problems: Problems,
): Promise<readonly FormEntry[]> {
  const entries: FormEntry[] = [];
  const limits = { fileSize: maxFileBytes, fieldSize: maxFileBytes, parts: maxParts };
  for await (const part of request.parts({ limits })) {
    if (part.type === "file") {
      const text = await readFile(part, problems);
      if (text !== "") entries.push([part.fieldname, text]);
    } else if (part.valueTruncated) {
      throw new AppError("payload_too_large", { detail: "A field may hold at most 1 MiB." });
    } else {
      entries.push([part.fieldname, part.value]);
    }
  }
  return entries;
}

/** The text of an uploaded document; empty where there is none or it is no text. */
async function readFile(part: MultipartFile, problems: Problems): Promise<string> {
  const bytes = await part.toBuffer();
  if (!fileFields.has(part.fieldname)) {
    problems.add(part.fieldname, "This is not a file field; upload metadata as metadata_xml.");
    return "";
  }
  if (bytes.length === 0) {
    // A file without a name is what a browser sends for "no file chosen".
    if ((part.filename ?? "") !== "") problems.add("metadata_xml", "The file is empty.");
    return "";
  }
  try {
    return metadataText(bytes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    problems.add("metadata_xml", error.message);
    return "";
  }
}

function formObject(
  entries: readonly FormEntry[],
  problems: Problems,
): Readonly<Record<string, unknown>> {
  const sent = new Map<string, unknown>();
  for (const [sentName, value] of entries) {
    const name = sentName === "metadata_file" ? "metadata_xml" : sentName;
    // Parsers of forms make a list of what is sent twice; a text never arrives as one.
    if (sent.has(name) || Array.isArray(value)) problems.add(name, "Send this only once.");
    else if (!transportFields.has(name)) sent.set(name, value);
  }
  const typed = [...sent].map(
    ([name, value]) => [name, typedValue(name, value, problems)] as const,
  );
  return Object.fromEntries(typed.filter(([name]) => !problems.has(name)));
}

/** The value that a form's text stands for; a list that is not JSON becomes a problem. */
function typedValue(name: string, value: unknown, problems: Problems): unknown {
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (isSwitch(name))
    return switchWords.get(text.toLowerCase()) ?? (text === "" || text === "null" ? null : value);
  if (!isList(name)) return value;
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    problems.add(name, 'Send the list as JSON text, such as [["Manager", "my-group"]].');
    return null;
  }
}
