/**
 * Reads a request by its row: the first two questions of the policy (decision.ts). Owns what of a
 * request is believed; whether it may go on is decide.ts's.
 */
import {
  type BodyType,
  type FormFields,
  multipartType,
  readBodyType,
  readForm,
  readJsonBody,
  readMultipart,
} from "./bodies.ts";
import type { StudioRefusal } from "./decision.ts";
import { FieldReader, type NamedRef } from "./fields.ts";
import { isList, isObject, type Json, type JsonObject } from "./json.ts";
import { type Match, matchTarget } from "./match.ts";
import { type ResourceKind, type ResourceRef, resourceKey } from "./resource.ts";
import type { BodyRule, Row } from "./row.ts";

/** A request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** False where Content-Length is 0 or absent and nothing is chunked. */
  readonly hasBody: boolean;
}

/** The gateway's treatment of the body; `none` is read off and thrown away. */
export type BodyNeed =
  | { readonly kind: "none" }
  | { readonly kind: "read"; readonly maxBytes: number }
  | { readonly kind: "stream" };

/** A request that fits a row. */
export interface OpenedRequest extends Match {
  readonly need: BodyNeed;
  readonly bodyType: BodyType | null;
}

/** The body as it goes on, before the role is known. */
export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "stream"; readonly type: string }
  | { readonly kind: "json"; readonly value: Json }
  | { readonly kind: "form"; readonly fields: FormFields };

/** All that is believed of a request. */
export interface StudioRequest {
  readonly row: Row;
  readonly method: string;
  readonly values: readonly string[];
  /** The parameters that go on. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The parameter `query` of the data manager, read. */
  readonly filters: Json | undefined;
  readonly body: RequestBody;
  /** Every project that the request names by its number. */
  readonly projects: readonly number[];
  readonly named: readonly NamedRef[];
  /** The resources to look up before `decide`, each once; projects are not looked up. */
  readonly refs: readonly ResourceRef[];
  /** Label Studio's number of the person whom the address names. */
  readonly person: number | null;
}

/**
 * The row of a request and how its body is wanted.
 * @returns refusals of `matchTarget`, and `unsupported_media_type`
 */
export function openRequest(head: RequestHead): OpenedRequest | StudioRefusal {
  const match = matchTarget(head.method, head.target);
  if ("code" in match) return match;
  const { body } = match.row;
  if (body === null || !head.hasBody) {
    const { row, method, values, query } = match;
    return { row, method, values, query, need: noBody, bodyType: null };
  }
  const bodyType = readBodyType(head.contentType, head.contentEncoding);
  if ("code" in bodyType) return bodyType;
  const need = needOf(body, bodyType);
  return need === null
    ? { code: "unsupported_media_type", detail: "This address takes another kind of body." }
    : { ...match, need, bodyType };
}

const noBody: BodyNeed = { kind: "none" };

function needOf(body: BodyRule, { kind }: BodyType): BodyNeed | null {
  if (kind === "multipart" && body.hasFiles) return { kind: "stream" };
  const isTaken = kind === "json" ? body.shape !== "files" : body.hasForms;
  // A multipart import without files is an error of Label Studio's own.
  if (!isTaken) return null;
  return { kind: "read", maxBytes: body.maxBytes };
}

/**
 * The whole request.
 * @param bytes the body where `need` is `read`
 * @returns `bad_request` with a sentence that names the parameter or field, `payload_too_large`
 */
export function readRequest(
  opened: OpenedRequest,
  bytes: Uint8Array | null,
): StudioRequest | StudioRefusal {
  const { row, need } = opened;
  if (need.kind === "read" && (bytes?.length ?? 0) > need.maxBytes) {
    return { code: "payload_too_large", detail: tooLarge(row) };
  }
  const reader = new FieldReader(row.storageType);
  const person = notePath(reader, opened);
  const query = reader.readQuery(row.query, opened.query);
  const body = readBody(reader, opened, bytes);
  if ("code" in body) return body;
  if (reader.problem !== null) return { code: "bad_request", detail: reader.problem };
  const { method, values } = opened;
  const { filters, projects, named } = reader;
  const refs = uniqueRefs(named);
  return { row, method, values, query, filters, body, projects, named, refs, person };
}

const tooLarge = (row: Row): string =>
  row.body?.shape === "tasks"
    ? "Tasks as JSON may have 8 MiB. Import more as a file."
    : "The body is too large.";

/** Notes the things that stand in the path; returns the person among them. */
function notePath(reader: FieldReader, { row, values }: OpenedRequest): number | null {
  let person: number | null = null;
  for (let index = 0; index < row.names.length; index += 1) {
    const name = row.names[index] ?? "";
    const id = Number(values[index]);
    const where = { place: "path", name, isSoft: false } as const;
    if (name === "person") person = id;
    else if (name === "export") {
      reader.named.push({ ref: { kind: "export", id, type: values[0] ?? "" }, ...where });
    } else if (name !== "name") reader.note(name as ResourceKind, id, where);
  }
  return person;
}

const none: RequestBody = { kind: "none" };

function readBody(
  reader: FieldReader,
  { row, need, bodyType }: OpenedRequest,
  bytes: Uint8Array | null,
): RequestBody | StudioRefusal {
  const rule = row.body;
  if (rule === null) return none;
  if (need.kind === "stream" && bodyType?.kind === "multipart") {
    return { kind: "stream", type: multipartType(bodyType.boundary) };
  }
  if (bytes === null || bytes.length === 0 || bodyType === null) return readNothing(reader, rule);
  if (bodyType.kind === "json") {
    const json = readJsonBody(bytes);
    return "code" in json ? json : readJson(reader, rule, json.value);
  }
  const form = bodyType.kind === "form" ? readForm(bytes) : readMultipart(bytes, bodyType.boundary);
  if ("code" in form) return form;
  return { kind: "form", fields: reader.readForm(rule.fields, form) };
}

/** Nothing is an empty object, so that what is required is asked for. */
function readNothing(reader: FieldReader, rule: BodyRule): RequestBody | StudioRefusal {
  if (rule.shape === "object") {
    reader.readObject(rule.fields, {});
    return none;
  }
  return { code: "bad_request", detail: "The request needs a body." };
}

function readJson(reader: FieldReader, rule: BodyRule, value: Json): RequestBody | StudioRefusal {
  if (rule.shape === "tasks") {
    const tasks = isList(value) ? value.map(plainTask) : plainTask(value);
    return { kind: "json", value: tasks };
  }
  if (rule.shape === "list") {
    if (!isList(value)) return { code: "bad_request", detail: "The body must be a list." };
    const items = value.filter(isObject);
    if (items.length < value.length) {
      return { code: "bad_request", detail: "The body must be a list of objects." };
    }
    return { kind: "json", value: items.map((item) => reader.readObject(rule.fields, item)) };
  }
  if (!isObject(value)) return { code: "bad_request", detail: "The body must be an object." };
  return { kind: "json", value: reader.readObject(rule.fields, value) };
}

const taskKeys = ["data", "annotations", "predictions", "drafts", "meta", "allow_skip"];

/**
 * A task to import. Without `data` it is all data; with it, the keys beside it count, and one of them
 * would hang the task on an uploaded file of another project.
 */
function plainTask(task: Json): Json {
  if (!isObject(task) || !Object.hasOwn(task, "data")) return task;
  const kept: JsonObject = Object.fromEntries(
    taskKeys.filter((key) => Object.hasOwn(task, key)).map((key) => [key, task[key] ?? null]),
  );
  return kept;
}

const noRefs: readonly ResourceRef[] = [];

function uniqueRefs(named: readonly NamedRef[]): readonly ResourceRef[] {
  if (named.length === 0) return noRefs;
  return [...new Map(named.map(({ ref }) => [resourceKey(ref), ref])).values()];
}
