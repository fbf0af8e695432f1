/**
 * Wire values → values of their attribute's type: accept loose, keep strict (scim-clients 1.9.2).
 *
 * "True" becomes true, [x] becomes x where one value is meant, a plain text becomes {value: text}
 * where an object is (Entra's manager), a JSON object inside a text becomes that object (Entra's
 * roles), null and "" and [] become nothing. Names get the registry's spelling. What no schema
 * knows is kept as it came.
 */
import { AppError } from "../errors.ts";
import type { Attribute } from "./attribute.ts";
import { parseInstant } from "./instant.ts";
import {
  emptyObject,
  isList,
  isObject,
  isReservedName,
  isSameJson,
  isUnassigned,
  type Json,
  type JsonObject,
  parseJson,
  type Scalar,
} from "./json.ts";
import { findSubAttribute } from "./schema.ts";
import { fold } from "./search-document.ts";

/**
 * `value` as the attribute keeps it; null where it is unassigned. Read-only parts are dropped.
 * @throws AppError `scim_invalid_value` where it cannot be read as the attribute's type, or more than
 * one value claims to be the primary one
 */
export function coerceValue(attribute: Attribute, value: Json): Json {
  if (!attribute.multiValued) return coerceSingle(attribute, value);
  const items = isList(value) ? value : [value];
  const list = items.flatMap((item) => {
    const coerced = coerceElement(attribute, item);
    if (isObject(coerced) && isHusk(coerced) && !needsValue(attribute)) return [];
    if (!isUnassigned(coerced)) return [coerced];
    if (isEmptyAsWritten(item)) return [];
    throw invalidValue(`A value of "${attribute.name}" says nothing that may be written.`);
  });
  if (list.filter(isPrimary).length > 1) {
    throw invalidValue(`"${attribute.name}" has more than one primary value.`);
  }
  return list.length === 0 ? null : mergeDuplicates(list);
}

/**
 * A label without anything labelled: Entra's {"type": "work", "value": null}, or what is left of an
 * e-mail whose value was removed.
 */
export function isHusk(object: JsonObject): boolean {
  return Object.keys(object).every((key) => key === "type" || key === "primary");
}

/** A member without value is a mistake that must show, and parseMembers says so. */
function needsValue(attribute: Attribute): boolean {
  return findSubAttribute(attribute, "value")?.mutability === "immutable";
}

/** True for what clients write where they have nothing to say, such as {"value": null}. */
function isEmptyAsWritten(item: Json): boolean {
  return isUnassigned(item) || (isObject(item) && Object.values(item).every(isUnassigned));
}

/** One value of a multi-valued attribute, or the value of a single one. */
export function coerceElement(attribute: Attribute, value: Json): Json {
  if (isUnassigned(value)) return null;
  return attribute.type === "complex"
    ? coerceComplex(attribute, value)
    : coerceScalar(attribute, value);
}

function coerceSingle(attribute: Attribute, value: Json): Json {
  if (!isList(value)) return coerceElement(attribute, value);
  if (value.length > 1) throw invalidValue(`"${attribute.name}" takes one value, not several.`);
  return coerceElement(attribute, value[0] ?? null);
}

function coerceComplex(attribute: Attribute, value: Json): Json {
  if (isObject(value)) return coerceParts(attribute, value);
  const inner = typeof value === "string" ? jsonInText(value) : null;
  if (inner !== null) return coerceParts(attribute, inner);
  const own = findSubAttribute(attribute, "value");
  if (own === null || isList(value)) {
    throw invalidValue(`"${attribute.name}" must be an object with sub-attributes.`);
  }
  return coerceParts(attribute, { value });
}

/** Entra puts app roles as JSON text into a string (scim-clients 1.1, roles). */
function jsonInText(text: string): JsonObject | null {
  if (!text.trimStart().startsWith("{")) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const json = parseJson(value);
  return isObject(json) ? json : null;
}

function coerceParts(attribute: Attribute, value: JsonObject): Json {
  const result = writtenParts(attribute, value, false);
  return Object.keys(result).length === 0 ? null : result;
}

/**
 * The parts of a complex value that may be written, each in its type. With `keepsNulls` a part that
 * is said to have no value is null, so that a PATCH can take it away; else it is left out.
 */
export function writtenParts(
  attribute: Attribute,
  value: JsonObject,
  keepsNulls: boolean,
): JsonObject {
  const result = emptyObject();
  for (const [name, part] of Object.entries(value)) {
    const leaf = findSubAttribute(attribute, name);
    if (leaf?.mutability === "readOnly" || leaf?.returned === "never") continue;
    const coerced = leaf === null ? part : coerceSingle(leaf, part);
    if (!isUnassigned(coerced)) result[leaf?.name ?? name] = coerced;
    else if (keepsNulls) result[leaf?.name ?? name] = null;
  }
  return result;
}

function coerceScalar(attribute: Attribute, value: Json): Scalar {
  if (typeof value === "object") {
    throw invalidValue(`"${attribute.name}" must be ${article(attribute.type)}.`);
  }
  const text = String(value);
  switch (attribute.type) {
    case "boolean":
      if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
      break;
    case "integer":
      if (Number.isSafeInteger(Number(text))) return Number(text);
      break;
    case "decimal":
      if (Number.isFinite(Number(text))) return Number(text);
      break;
    case "dateTime":
      if (parseInstant(text) !== null) return text;
      break;
    default:
      return text;
  }
  throw invalidValue(`"${attribute.name}" must be ${article(attribute.type)}.`);
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** True for a value that claims to be the preferred one. */
export function isPrimary(value: Json): boolean {
  return isObject(value) && value["primary"] === true;
}

/**
 * Values with the same type and value become one, the later one's other parts winning
 * (RFC 7643 2.4: the same combination must not appear twice).
 */
export function mergeDuplicates(list: readonly Json[]): readonly Json[] {
  const places = new Map<string, number>();
  const result: Json[] = [];
  for (const item of list) {
    const identity = identityOf(item);
    const at = places.get(identity);
    const before = at === undefined ? undefined : result[at];
    if (at === undefined || before === undefined) {
      places.set(identity, result.length);
      result.push(item);
    } else if (isObject(before) && isObject(item)) {
      result[at] = mergeParts(before, item);
    }
  }
  return result;
}

/** Identity of a value within its attribute: value and type; else all that it holds. */
function identityOf(item: Json): string {
  if (!isObject(item)) return JSON.stringify([item]);
  const { value, type } = item;
  if (value === undefined) return JSON.stringify(item);
  const kind = typeof type === "string" ? fold(type) : "";
  return typeof value === "string" ? `"${kind}"${fold(value)}` : JSON.stringify([kind, value]);
}

/**
 * `changes` laid over `object`, a null taking the part away; the very same object where that says
 * nothing new.
 */
export function mergeParts(object: JsonObject, changes: JsonObject): JsonObject {
  const news = Object.entries(changes).filter(
    ([key, value]) => !isSameJson(object[key] ?? null, value),
  );
  if (news.length === 0) return object;
  const result = Object.assign(emptyObject(), object);
  for (const [key, value] of news) {
    if (value === null) delete result[key];
    else result[key] = value;
  }
  return result;
}

/** A refusal of a value, with one sentence for the client. */
export function invalidValue(detail: string): AppError {
  return new AppError("scim_invalid_value", { detail });
}

/** Refuses names that every object inherits; those of a body were refused as it was read. */
export function refuseReserved(name: string): void {
  if (isReservedName(name)) {
    throw new AppError("scim_invalid_path", { detail: `The name "${name}" is not allowed.` });
  }
}
