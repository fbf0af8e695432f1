/**
 * PatchOp body → typed operations (RFC 7644 3.5.2, with the leniency of scim-clients 1.9).
 *
 * Afterwards every operation has a path: an object without path is one operation for each of its
 * keys, which may be dotted, bear URNs or even filters. Values have the type of their attribute, and
 * what may not be written is refused. Doing it is patch-apply.ts's business, for members of groups
 * patch-group.ts's.
 */
import { AppError } from "../errors.ts";
import type { Attribute } from "./attribute.ts";
import { type BoundFilter, bindElementFilter } from "./bind.ts";
import {
  coerceElement,
  coerceValue,
  invalidValue,
  refuseReserved,
  writtenParts,
} from "./coerce.ts";
import { type Filter, type ParsedPath, parsePath } from "./filter.ts";
import { isList, isObject, isUnassigned, type Json, type JsonObject, parseObject } from "./json.ts";
import {
  type AttributeRef,
  findSubAttribute,
  groupType,
  isSchemaOf,
  type Resource,
  resolveAttribute,
  typeOf,
  urns,
} from "./schema.ts";
import { isExtensionKey } from "./search-document.ts";

/** Target of an operation. */
export interface PatchPath {
  readonly ref: AttributeRef;
  /** Selects values of a multi-valued attribute; null where all of it is meant. */
  readonly filter: { readonly tree: Filter; readonly bound: BoundFilter } | null;
  /** The sub-attribute, in the registry's spelling where it is known; null for the whole value. */
  readonly sub: string | null;
  readonly subAttribute: Attribute | null;
}

/** One step of a PATCH. */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  readonly path: PatchPath;
  /**
   * add, replace: the value in its attribute's type; null unassigns. remove: the values to take away
   * from a multi-valued attribute (Entra, scim-clients 1.9.8), or null for all that the path selects.
   */
  readonly value: Json;
}

/** Operations in one request; more are 413. */
export const maxPatchOperations = 1000;

/**
 * The operations of a PATCH body in their order; none is allowed, as Entra's validator sends it.
 * @throws AppError `scim_invalid_syntax`, `scim_invalid_path`, `scim_invalid_filter`,
 * `scim_no_target`, `scim_mutability`, `scim_invalid_value`, `payload_too_large`
 */
export function parsePatch(body: unknown, resource: Resource): readonly PatchOperation[] {
  const operations = memberOf(parseObject(body), "Operations");
  if (!isList(operations)) throw syntaxError('"Operations" must be a list.');
  if (operations.length > maxPatchOperations) {
    const detail = `A PATCH has at most ${maxPatchOperations} operations.`;
    throw new AppError("payload_too_large", { detail });
  }
  return operations.flatMap((operation) => parseOperation(operation, resource));
}

function parseOperation(operation: Json, resource: Resource): readonly PatchOperation[] {
  if (!isObject(operation)) throw syntaxError("Each operation must be an object.");
  const op = parseOp(memberOf(operation, "op"));
  const path = memberOf(operation, "path");
  const value = memberOf(operation, "value");
  if (path === undefined || path === null || path === "") {
    return parseWithoutPath(op, value, resource);
  }
  if (typeof path !== "string") throw pathError("The path must be text.");
  return operationAt({ op, path, value }, resource);
}

function parseOp(op: Json | undefined): PatchOperation["op"] {
  const name = typeof op === "string" ? op.toLowerCase() : "";
  if (name === "add" || name === "replace" || name === "remove") return name;
  throw syntaxError(`"op" must be add, replace or remove, not ${JSON.stringify(op ?? null)}.`);
}

function parseWithoutPath(
  op: PatchOperation["op"],
  value: Json | undefined,
  resource: Resource,
): readonly PatchOperation[] {
  if (op === "remove") {
    throw new AppError("scim_no_target", { detail: "A remove operation needs a path." });
  }
  // Some clients put the one object into a list; several are one after the other.
  if (isList(value)) return value.flatMap((item) => parseWithoutPath(op, item, resource));
  if (!isObject(value)) throw invalidValue("Without a path, the value must be an object.");
  return Object.entries(value).flatMap(([path, part]) => {
    // Values of an attribute that is not named: kept as an attribute "value" they would do nothing.
    if (path.toLowerCase() === "value" && !typeOf(resource).core.has("value")) {
      throw invalidValue("Without a path, the value must say which attributes it is of.");
    }
    // An extension that no schema describes is nested under its URN, as in a POST.
    if (isExtensionKey(path) && isObject(part) && !isSchemaOf(resource, path)) {
      return expandExtension({ op, urn: path, value: part }, resource);
    }
    if (isIgnoredKey(path, part, resource)) return [];
    return operationAt({ op, path, value: part }, resource);
  });
}

/**
 * Recognizes keys that a body may carry without effect: read-only attributes (Okta sends `id` with
 * every rename) and a null for members, which comes from clients that write out every field and must
 * not empty a group.
 */
function isIgnoredKey(path: string, value: Json, resource: Resource): boolean {
  const { ref } = resolvePath(path, resource);
  if (ref.name === "schemas" || ref.attribute?.mutability === "readOnly") return true;
  return typeOf(resource) === groupType && ref.name === "members" && value === null;
}

interface WrittenOperation {
  readonly op: PatchOperation["op"];
  readonly path: string;
  readonly value: Json | undefined;
}

function operationAt(
  { op, path: text, value }: WrittenOperation,
  resource: Resource,
): readonly PatchOperation[] {
  const path = resolvePath(text, resource);
  if (path.ref.name === "") {
    // The URN of a whole schema: its keys are attributes, and an extension may be removed by it.
    if (op !== "remove") return expandExtension({ op, urn: text, value }, resource);
    if (path.ref.urn === null || path.filter !== null) {
      throw pathError(`"${text.slice(0, 100)}" names no attribute that could be removed.`);
    }
  }
  checkWritable(path, text);
  // A password is accepted and not kept: Okta sends one even where passwords are not synchronised.
  const { attribute } = path.ref;
  if (attribute?.returned === "never" || path.subAttribute?.returned === "never") return [];
  if (op !== "remove" && value === undefined) {
    throw invalidValue(`The operation on "${text}" has no value.`);
  }
  const coerced = coerceFor(op, path, value ?? null);
  // Null says nothing about active: nobody is let in or put out by it, and it stays what it was.
  if (op !== "remove" && attribute?.name === "active" && coerced === null) return [];
  return [{ op, path, value: coerced }];
}

/** A whole extension: the keys of the value are its attributes. */
function expandExtension(
  { op, urn, value }: { op: PatchOperation["op"]; urn: string; value: Json | undefined },
  resource: Resource,
): readonly PatchOperation[] {
  if (!isObject(value)) throw invalidValue("The value of an extension must be an object.");
  return Object.entries(value).flatMap(([name, part]) => {
    const path = `${urn}:${name}`;
    return isIgnoredKey(path, part, resource)
      ? []
      : operationAt({ op, path, value: part }, resource);
  });
}

/** A written path with what the registry knows. @throws AppError `scim_invalid_path` */
function resolvePath(text: string, resource: Resource): PatchPath {
  const { name, filter, sub: after } = parseWritten(text);
  for (const part of [name.name, name.sub, after]) if (part !== null) refuseReserved(part);
  if (name.sub !== null && filter !== null) {
    throw pathError(`In "${text}" the filter must follow the attribute.`);
  }
  if (name.name.startsWith("$")) throw pathError(`"${name.name}" is not an attribute.`);
  const ref = resolveAttribute(resource, name);
  if (ref.urn === urns.user || ref.urn === urns.group) {
    throw pathError(`"${text.slice(0, 100)}" belongs to another type of resource.`);
  }
  if (filter !== null && ref.attribute?.multiValued === false) {
    throw pathError(`"${ref.name}" has one value, which a filter cannot select.`);
  }
  const sub = resolveSub(ref, ref.sub ?? after);
  if (filter === null) return { ref, filter: null, ...sub };
  return { ref, filter: { tree: filter, bound: bindElementFilter(filter, ref.attribute) }, ...sub };
}

function resolveSub(
  { attribute, name }: AttributeRef,
  sub: string | null,
): Pick<PatchPath, "sub" | "subAttribute"> {
  const subAttribute = sub === null ? null : findSubAttribute(attribute, sub);
  if (attribute !== null && sub !== null && subAttribute === null) {
    throw pathError(`"${name}" has no sub-attribute "${sub}".`);
  }
  return { sub: subAttribute?.name ?? sub, subAttribute };
}

function parseWritten(text: string): ParsedPath {
  if (!/^\s*[a-z]/i.test(text))
    throw pathError(`"${text.slice(0, 100)}" begins with no attribute.`);
  try {
    return parsePath(text);
  } catch (cause) {
    if (!(cause instanceof AppError) || isFilterAtFault(text)) throw cause;
    throw pathError(`"${text.slice(0, 100)}" is not the path of an attribute.`, cause);
  }
}

/** True where the path is wrong up to its filter's end already. */
function isFilterAtFault(text: string): boolean {
  const end = text.lastIndexOf("]");
  if (end === -1) return text.includes("[");
  try {
    parsePath(text.slice(0, end + 1));
    return false;
  } catch {
    return true;
  }
}

function checkWritable({ ref, sub, subAttribute, filter }: PatchPath, text: string): void {
  const { attribute } = ref;
  if (attribute?.name === "schemas" || attribute?.mutability === "readOnly") {
    throw new AppError("scim_mutability", { detail: `"${ref.name}" is read-only.` });
  }
  // A part that may be set once can be judged where there is one value alone: when it is applied.
  const isOnce = subAttribute?.mutability === "immutable" && attribute?.multiValued === true;
  if (subAttribute !== null && (isOnce || subAttribute.mutability === "readOnly")) {
    const detail = `"${ref.name}.${subAttribute.name}" cannot be changed.`;
    throw new AppError("scim_mutability", { detail });
  }
  if (attribute?.multiValued === true && sub !== null && filter === null) {
    throw pathError(`"${text}" must say by a filter which of the values it means.`);
  }
}

function coerceFor(op: PatchOperation["op"], path: PatchPath, value: Json): Json {
  const { ref, sub, subAttribute, filter } = path;
  const { attribute } = ref;
  if (op === "remove") return coerceRemoved(path, value);
  if (attribute === null) return isUnassigned(value) ? null : value;
  if (sub !== null) return subAttribute === null ? value : coerceValue(subAttribute, value);
  if (filter === null && attribute.multiValued) return coerceValue(attribute, value);
  const only = isList(value) && value.length === 1 ? (value[0] ?? null) : value;
  if (attribute.type !== "complex" || !isObject(only)) return coerceOne(attribute, only);
  const parts = writtenParts(attribute, only, true);
  return isUnassigned(parts) ? null : parts;
}

/** One value, whether of a single attribute or selected by a filter. */
function coerceOne(attribute: Attribute, value: Json): Json {
  if (!isList(value) || value.length === 0) return coerceElement(attribute, value);
  throw invalidValue(`"${attribute.name}" takes one value here, not several.`);
}

/**
 * Entra and JumpCloud take members away by a list beside the path, and some send the list under the
 * attribute's name once more. The list is what goes; an empty list takes nothing away, null all.
 */
function coerceRemoved({ ref, sub, filter }: PatchPath, value: Json): Json {
  const { attribute } = ref;
  const isListed = attribute?.multiValued === true && sub === null && filter === null;
  if (!isListed || value === null || value === "") return null;
  const inner = isObject(value) ? (memberOf(value, attribute.name) ?? value) : value;
  return coerceValue(attribute, inner) ?? [];
}

/** A member of an object by its name in any case. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
}

function syntaxError(detail: string): AppError {
  return new AppError("scim_invalid_syntax", { detail });
}

function pathError(detail: string, cause?: unknown): AppError {
  return new AppError("scim_invalid_path", { detail, cause });
}
