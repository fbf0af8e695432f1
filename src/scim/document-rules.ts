/**
 * Checks a whole document against its schemas, whichever way it came to be (RFC 7643 2.2, 7): that
 * required values are there, and that what may be set once is not set again.
 */
import { AppError } from "../errors.ts";
import type { Attribute } from "./attribute.ts";
import { invalidValue } from "./coerce.ts";
import {
  emptyObject,
  isList,
  isObject,
  isSameJson,
  isUnassigned,
  type Json,
  type JsonDraft,
  type JsonObject,
} from "./json.ts";
import { type Resource, typeOf } from "./schema.ts";

/** Read-only attributes in bodies are ignored (RFC 7644 3.5.1), passwords never kept. */
export function isKept({ name, mutability, returned }: Attribute): boolean {
  return mutability !== "readOnly" && returned !== "never" && name !== "schemas";
}

/**
 * Refuses a document that lacks what its schemas require (RFC 7643 2.2), in values that are there also
 * their required parts.
 * @throws AppError `scim_invalid_value`
 */
export function requireAll(document: JsonObject, resource: Resource): void {
  const { core, extensions } = typeOf(resource);
  for (const attribute of core.values()) requireValue(attribute, document[attribute.name]);
  for (const [urn, table] of extensions) {
    const extension = document[urn];
    if (!isObject(extension)) continue;
    for (const attribute of table.values()) requireValue(attribute, extension[attribute.name]);
  }
}

function requireValue(attribute: Attribute, value: Json | undefined, within = ""): void {
  if (!isKept(attribute)) return;
  const path = `${within}${attribute.name}`;
  if (isUnassigned(value)) {
    if (attribute.required) throw invalidValue(`"${path}" is required.`);
    return;
  }
  for (const item of isList(value) ? value : [value]) {
    if (!isObject(item)) continue;
    for (const part of attribute.subAttributes ?? [])
      requireValue(part, item[part.name], `${path}.`);
  }
}

/**
 * The document that a PUT leaves: what the client wrote, and what may be set once as it was set
 * (RFC 7644 3.5.1). Where the client leaves out a whole complex value or extension with such a part, all of
 * it stays, as a part alone may be less than is required.
 * @throws AppError `scim_mutability` where it would be another
 */
export function replaceDocument(
  before: JsonObject,
  wanted: JsonObject,
  resource: Resource,
): JsonObject {
  const { core, extensions } = typeOf(resource);
  const result = keepImmutables(before, wanted, [...core.values()]);
  for (const [urn, table] of extensions) {
    const kept = keepInside(before[urn], result[urn], [...table.values()]);
    if (kept !== undefined) result[urn] = kept;
  }
  return result;
}

function keepImmutables(
  before: JsonObject,
  wanted: JsonObject,
  attributes: readonly Attribute[],
): JsonDraft {
  const result: JsonDraft = Object.assign(emptyObject(), wanted);
  for (const attribute of attributes) {
    const { name, mutability, subAttributes = [] } = attribute;
    const was = before[name];
    if (isUnassigned(was)) continue;
    if (mutability === "immutable") result[name] ??= was;
    const kept = keepInside(was, result[name], subAttributes);
    if (kept !== undefined) result[name] = kept;
    checkImmutable(attribute, was, result[name]);
  }
  return result;
}

/** The value with those of its parts that may be set once; undefined where there is none to keep. */
function keepInside(
  was: Json | undefined,
  wants: Json | undefined,
  parts: readonly Attribute[],
): JsonObject | undefined {
  if (!isObject(was)) return undefined;
  const isSet = parts.some(
    ({ name, mutability }) => mutability === "immutable" && !isUnassigned(was[name]),
  );
  if (!isSet) return undefined;
  return isObject(wants) ? keepImmutables(was, wants, parts) : was;
}

/**
 * Refuses another value where one may be set once only (RFC 7643 7): of the attribute, or of a part of
 * its one value.
 * @throws AppError `scim_mutability`
 */
export function checkImmutable(
  attribute: Attribute,
  before: Json | undefined,
  after: Json | undefined,
): void {
  if (attribute.mutability === "immutable") {
    if (isUnassigned(before) || isSameJson(before, after)) return;
    throw new AppError("scim_mutability", { detail: `"${attribute.name}" cannot be changed.` });
  }
  if (!isObject(before)) return;
  for (const part of attribute.subAttributes ?? []) {
    checkImmutable(part, before[part.name], isObject(after) ? after[part.name] : undefined);
  }
}
