/**
 * The door for JSON: what a client sent, as a tree that is safe to walk.
 *
 * Objects inherit nothing, names that every other object inherits are refused (scim-clients 6, two
 * advisories against PATCH libraries), and text is what both databases can keep. Meaning is left to
 * coerce.ts and patch.ts.
 */
import { AppError } from "../errors.ts";

/** A value that filters can compare. */
export type Scalar = string | number | boolean;
/** Any JSON value, not to be changed in place. */
export type Json = null | Scalar | readonly Json[] | JsonObject;
/** A JSON object; what the door made inherits nothing. */
export interface JsonObject {
  readonly [key: string]: Json;
}
/** A JSON object under construction. */
export type JsonDraft = Record<string, Json>;

/** Nesting of arrays and objects in one body. */
const maxDepth = 20;

/**
 * Prototype of all objects here, without members. A prototype of their own without a single name does
 * what none at all would, and V8 keeps such objects many times faster and smaller.
 */
class Bare {}
Reflect.deleteProperty(Bare.prototype, "constructor");
Object.setPrototypeOf(Bare.prototype, null);
Object.freeze(Bare.prototype);

/** An empty object on which no name is there by inheritance. */
export function emptyObject(): JsonDraft {
  return new Bare() as JsonDraft;
}

/** True for an array; `Array.isArray` loses the element type of read-only arrays. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** True for an object that is neither null nor an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

/** True for what RFC 7643 2.5 calls unassigned: null, an empty array, an empty text or object. */
export function isUnassigned(value: Json | undefined): value is undefined {
  if (value === undefined || value === null || value === "") return true;
  if (isList(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** True for a name that every object inherits, in whatever case it is written. */
export function isReservedName(name: string): boolean {
  return name in Object.prototype || reservedRe.test(name);
}

const reservedRe = /^(?:__proto__|constructor|prototype)$/i;

/**
 * The body of a request as an object.
 * @throws AppError `scim_invalid_syntax` for anything else, for reserved names, too deep nesting and
 * text that is not well-formed Unicode or holds U+0000
 */
export function parseObject(body: unknown): JsonObject {
  const value = copy(body, 0);
  if (!isObject(value)) throw syntaxError("The body must be one JSON object.");
  return value;
}

/** As `parseObject`, for a value of any kind. */
export function parseJson(value: unknown): Json {
  return copy(value, 0);
}

function copy(value: unknown, depth: number): Json {
  if (depth > maxDepth) throw syntaxError(`The body is nested deeper than ${maxDepth} levels.`);
  switch (typeof value) {
    case "string":
      return checkText(value);
    case "number":
      if (!Number.isFinite(value)) throw syntaxError("A number is out of range.");
      return value;
    case "boolean":
      return value;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
      return copyObject(value, depth);
    default:
      throw syntaxError("The body is not JSON.");
  }
}

function copyObject(value: object, depth: number): JsonObject {
  const result = emptyObject();
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    if (isReservedName(key)) throw syntaxError(`The name "${key}" is not allowed.`);
    result[checkText(key)] = copy(item, depth + 1);
  }
  return result;
}

function checkText(text: string): string {
  if (isStorableText(text)) return text;
  throw syntaxError("A text holds U+0000 or is not well-formed Unicode.");
}

/** True for text that PostgreSQL's jsonb can hold: well-formed, without U+0000. */
export function isStorableText(text: string): boolean {
  // Nearly all text has neither, which the plain pattern sees far sooner than the Unicode one.
  return !/[\0\ud800-\udfff]/.test(text) || !/\p{Surrogate}|\0/u.test(text);
}

function syntaxError(detail: string): AppError {
  return new AppError("scim_invalid_syntax", { detail });
}

/** True where two values are the same JSON; the order of keys does not matter. */
export function isSameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, at) => isSameJson(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSameJson(left[key], right[key]))
  );
}
