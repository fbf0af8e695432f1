/**
 * Reads parameters and fields by a row: types, numbers of things, what is not named falls away
 * (GATEWAY 10.4). Collects what the request names, so that it can be looked up.
 */
import {
  isList,
  isObject,
  isRawNumber,
  type Json,
  type JsonObject,
  parseJson,
  writeJson,
} from "./json.ts";
import { idPattern } from "./match.ts";
import type { ResourceKind, ResourceRef } from "./resource.ts";
import type { Field, Fields } from "./row.ts";

/** A thing that a request names, and where. */
export interface NamedRef {
  readonly ref: ResourceRef;
  readonly place: "path" | "query" | "body";
  /** The name of the parameter or the field. */
  readonly name: string;
  /** Taken out where it is missing, elsewhere or another's. */
  readonly isSoft: boolean;
}

/** Names of an answer's fields, as a list. */
export const namesPattern: RegExp = /^[a-z_]{1,60}(?:,[a-z_]{1,60}){0,40}$/;

/** The list of names with `id` among them, by which Labelgate knows whose an answer is. */
export function withIdName(names: string): string {
  return names.split(",").includes("id") ? names : `id,${names}`;
}

/** More things than a page can name are a mistake, or an attempt to keep the server busy. */
const maxListed = 500;

/** Reads the values of one request; `problem` holds the first thing that is wrong. */
export class FieldReader {
  readonly named: NamedRef[] = [];
  readonly projects: number[] = [];
  /** Filters of the parameter `query`. */
  filters: Json | undefined;
  problem: string | null = null;
  readonly #storageType: string | undefined;

  /** @param storageType the path of the type where the row is one of a storage's */
  constructor(storageType: string | undefined) {
    this.#storageType = storageType;
  }

  /** Notes a thing that stands at `place`. */
  note(kind: ResourceKind, id: number, where: Omit<NamedRef, "ref">): void {
    if (kind === "project") this.projects.push(id);
    else if (kind === "storage") this.named.push({ ref: this.#storage(id), ...where });
    else this.named.push({ ref: { kind, id }, ...where });
  }

  #storage(id: number): ResourceRef {
    const type = this.#storageType;
    return type === undefined ? { kind: "storage", id } : { kind: "storage", id, type };
  }

  /** The parameters that go on; a name twice is a problem, but for lists. */
  readQuery(
    fields: Fields,
    query: readonly (readonly [name: string, value: string])[],
  ): readonly (readonly [name: string, value: string])[] {
    const seen = byName(query);
    this.#require(fields, (name) => seen.has(name));
    if (query.length === 0) return query;
    const written: [string, string][] = [];
    for (const [name, values] of seen) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (values.length > 1 && !isRepeatable(field)) this.#refuse(name, "stands there twice");
      if (field === undefined) continue;
      for (const value of this.#readParameter(name, field, values)) {
        if (field.isDropped !== true) written.push([name, value]);
      }
    }
    return written;
  }

  #readParameter(name: string, field: Field, values: readonly string[]): readonly string[] {
    const [value = ""] = values;
    if (field.kind === "ids") return this.#readListParameter(name, field, values);
    if (field.kind === "filters") return this.#readFilters(name, value);
    if (field.kind === "file") return this.#readFilePath(name, value);
    if (field.kind === "names") return this.#readNames(name, value);
    if (field.kind === "size" || field.kind === "number") {
      if (!/^(?:0|[1-9][0-9]{0,9})$/.test(value)) this.#refuse(name, "must be a plain number");
      const most = field.kind === "size" ? field.most : Number.POSITIVE_INFINITY;
      return [String(Math.min(Number(value), most))];
    }
    this.#readValue(name, field, value, "query");
    return [value];
  }

  /** An answer without its id could not be edited. */
  #readNames(name: string, value: string): readonly string[] {
    if (value === "") return [];
    if (!namesPattern.test(value)) this.#refuse(name, "must be a list of field names");
    return [withIdName(value)];
  }

  #readListParameter(
    name: string,
    field: Field & { readonly kind: "ids" },
    values: readonly string[],
  ): readonly string[] {
    const texts = field.style === "json" ? this.#jsonList(name, values[0] ?? "") : values;
    const parts = texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
    if (!parts.every((part) => idPattern.test(part))) this.#refuse(name, "must be a list of ids");
    // `ids=` means all to Label Studio.
    if (field.style === "repeated" || (field.style === "commas" && parts.length === 0))
      return parts;
    return [field.style === "json" ? `[${parts.join(",")}]` : parts.join(",")];
  }

  #jsonList(name: string, text: string): readonly string[] {
    if (/^\[[0-9, ]*\]$/.test(text)) return [text.slice(1, -1).replaceAll(" ", "")];
    this.#refuse(name, "must be a JSON list of ids");
    return [];
  }

  /** Label Studio decodes the value once more; it is read so, and written so that this changes nothing. */
  #readFilters(name: string, text: string): readonly string[] {
    const value = parseFilters(text);
    if (value === undefined || !isObject(value)) {
      this.#refuse(name, "must be a JSON object");
      return [];
    }
    const kept = Object.entries(value).filter(([key]) => filterKeys.has(key));
    const filters: Record<string, Json> = Object.fromEntries(kept);
    if (filters["selectedItems"] !== undefined) {
      filters["selectedItems"] = this.#readSelection(name, filters["selectedItems"]);
    }
    this.filters = filters;
    return [writeJson(filters).replaceAll("%", "%25")];
  }

  /** `upload/<project>/<name>` or `avatars/<name>`, which Label Studio decodes once more. */
  #readFilePath(name: string, path: string): readonly string[] {
    const [folder = "", owner = ""] = path.split("/");
    const isPlain = /^(?:upload\/[1-9][0-9]{0,9}|avatars)\/[\p{L}\p{M}\p{N}_. ()@+-]+$/u.test(path);
    if (!isPlain || /(?:^|\/)\.{1,2}$/.test(path)) this.#refuse(name, "is no file of a project");
    if (folder === "upload" && idPattern.test(owner)) this.projects.push(Number(owner));
    return [path];
  }

  /** The fields of a JSON object that go on. */
  readObject(fields: Fields, source: JsonObject): JsonObject {
    const kept: Record<string, Json> = {};
    for (const [name, field] of Object.entries(fields)) {
      const value = Object.hasOwn(source, name) ? source[name] : undefined;
      if (value === undefined) continue;
      const read = this.#readValue(name, field, value, "body");
      if (read !== undefined && field.isDropped !== true) kept[name] = read;
    }
    this.#require(fields, (name) => source[name] !== undefined && source[name] !== null);
    return kept;
  }

  /** The fields of a form that go on. */
  readForm(fields: Fields, form: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const kept = new Map<string, string>();
    for (const [name, field] of Object.entries(fields)) {
      const value = form.get(name);
      if (value === undefined) continue;
      const isNothing = field.kind === "id" && value === "" && field.isRequired !== true;
      const read = isNothing ? "" : this.#readValue(name, field, value, "form");
      if (typeof read === "string" && field.isDropped !== true) kept.set(name, read);
    }
    this.#require(fields, (name) => form.has(name));
    return kept;
  }

  #require(fields: Fields, isThere: (name: string) => boolean): void {
    for (const name in fields) {
      if (fields[name]?.isRequired === true && !isThere(name)) this.#refuse(name, "is required");
    }
  }

  /** The value as it goes on; undefined where it falls away. */
  #readValue(name: string, field: Field, value: Json, from: Source): Json | undefined {
    switch (field.kind) {
      case "json":
        return value;
      case "id":
        return this.#readId(name, field, value, from);
      case "ids":
        return this.#readIds(name, field, value);
      case "selection":
        return this.#readSelection(name, value);
      case "object":
        if (value === null) return null;
        if (isObject(value)) return this.readObject(field.fields, value);
        break;
      case "word":
        if (value === null || (typeof value === "string" && field.words.includes(value))) {
          return value;
        }
        break;
      default:
        if (isScalar(field.kind, value)) return value;
    }
    this.#refuse(name, "has a value that is not known");
    return undefined;
  }

  #readId(
    name: string,
    field: Field & { readonly kind: "id" },
    value: Json,
    from: Source,
  ): Json | undefined {
    const isSoft = field.isSoft === true;
    if (value === null && from === "body") return null;
    const id = idOf(value);
    if (id === null) {
      if (!isSoft) this.#refuse(name, "must be an id, a plain number");
      return undefined;
    }
    if (field.of !== null) {
      this.note(field.of, id, { place: from === "query" ? "query" : "body", name, isSoft });
    }
    return value;
  }

  #readIds(name: string, field: Field & { readonly kind: "ids" }, value: Json): Json | undefined {
    if (value === null && field.isRequired !== true) return null;
    const found = isList(value) ? value.map(idOf) : [null];
    if (found.includes(null) || (field.of !== null && found.length > maxListed)) {
      this.#refuse(name, "must be a list of ids");
      return undefined;
    }
    for (const id of found) {
      if (id !== null && field.of !== null) {
        this.note(field.of, id, { place: "body", name, isSoft: false });
      }
    }
    return value;
  }

  /** Label Studio takes only those of the project, so that they are not looked up. */
  #readSelection(name: string, value: Json): Json {
    if (value === null) return null;
    const { all, included, excluded } = isObject(value) ? value : {};
    const isGood = (list: Json | undefined): boolean =>
      list === undefined || (isList(list) && list.every((item) => idOf(item) !== null));
    if (typeof all !== "boolean" || !isGood(included) || !isGood(excluded)) {
      this.#refuse(name, "must name tasks by their ids");
      return null;
    }
    return {
      all,
      ...(included === undefined ? {} : { included }),
      ...(excluded === undefined ? {} : { excluded }),
    };
  }

  #refuse(name: string, what: string): void {
    this.problem ??= `"${name.slice(0, 64)}" ${what}.`;
  }
}

type Source = "query" | "body" | "form";

const nothing: ReadonlyMap<string, readonly string[]> = new Map();

function byName(
  query: readonly (readonly [name: string, value: string])[],
): ReadonlyMap<string, readonly string[]> {
  if (query.length === 0) return nothing;
  const seen = new Map<string, string[]>();
  for (const [name, value] of query) seen.set(name, [...(seen.get(name) ?? []), value]);
  return seen;
}

const filterKeys: ReadonlySet<string> = new Set(["filters", "ordering", "selectedItems"]);

const isRepeatable = (field: Field | undefined): boolean =>
  field?.kind === "ids" && field.style !== "json";

/** The number of a thing: plain digits, or a JSON integer (GATEWAY 10.4). */
function idOf(value: Json): number | null {
  if (typeof value === "string") return idPattern.test(value) ? Number(value) : null;
  return typeof value === "number" && idPattern.test(String(value)) ? value : null;
}

const flagWords = /^(?:true|false|True|False|yes|no|on|off|0|1)?$/;
const numberText = /^(?:-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?)?$/;

function isScalar(kind: Field["kind"], value: Json): boolean {
  if (value === null) return true;
  if (kind === "flag") {
    return (
      typeof value === "boolean" ||
      ((typeof value === "string" || typeof value === "number") && flagWords.test(String(value)))
    );
  }
  if (typeof value === "number" || isRawNumber(value)) return kind === "number" || kind === "text";
  if (typeof value !== "string") return false;
  return kind === "number" ? numberText.test(value) : kind === "text" && !value.includes("\0");
}

/** The JSON of the parameter `query` as Label Studio reads it: decoded once more; undefined for none. */
function parseFilters(text: string): Json | undefined {
  try {
    return parseJson(text.replaceAll(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent));
  } catch {
    return undefined;
  }
}
