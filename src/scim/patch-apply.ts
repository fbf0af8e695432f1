/**
 * PATCH operations as a fold over a resource's document: pure, in order, all or nothing, since a
 * refusal in any of them leaves the caller with what it had (RFC 7644 3.5.2).
 */
import { AppError } from "../errors.ts";
import type { Attribute } from "./attribute.ts";
import { isHusk, isPrimary, mergeDuplicates, mergeParts } from "./coerce.ts";
import { checkImmutable } from "./document-rules.ts";
import { evaluateElement } from "./evaluate.ts";
import type { Filter } from "./filter.ts";
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
import type { PatchOperation, PatchPath } from "./patch.ts";

/**
 * The document after the operations; the very same object where they change nothing, so that version
 * and lastModified can stay.
 * @throws AppError `scim_no_target`, `scim_mutability`, `scim_invalid_path`
 */
export function applyPatch(
  document: JsonObject,
  operations: readonly PatchOperation[],
): JsonObject {
  const result = operations.reduce(applyOperation, document);
  return isSameJson(document, result) ? document : result;
}

function applyOperation(document: JsonObject, operation: PatchOperation): JsonObject {
  const { urn, name } = operation.path.ref;
  if (urn === null) return applyIn(document, operation);
  const key = keyOf(document, urn);
  const extension = document[key];
  if (name === "") return withValue(document, key, null);
  const inner = isObject(extension) ? extension : emptyObject();
  return withValue(document, key, applyIn(inner, operation));
}

function applyIn(container: JsonObject, operation: PatchOperation): JsonObject {
  const { path, op } = operation;
  const { attribute, name } = path.ref;
  const key = keyOf(container, name);
  const current = container[key];
  if (op === "remove" && attribute === null && current === undefined) {
    throw invalidPath(`"${name}" is not known, and the resource has no such attribute.`);
  }
  const next = nextValue(current, operation);
  if (attribute !== null) checkImmutable(attribute, current, next);
  if (attribute?.required === true && isUnassigned(next)) {
    throw new AppError("scim_mutability", { detail: `"${name}" is required.` });
  }
  return withValue(container, key, next ?? null);
}

/** The key as it stands in the container already, where it differs only by case. */
function keyOf(container: JsonObject, name: string): string {
  if (Object.hasOwn(container, name)) return name;
  const wanted = name.toLowerCase();
  return Object.keys(container).find((key) => key.toLowerCase() === wanted) ?? name;
}

function withValue(container: JsonObject, key: string, value: Json): JsonObject {
  const copy: JsonDraft = Object.assign(emptyObject(), container);
  if (isUnassigned(value)) delete copy[key];
  else copy[key] = value;
  return copy;
}

function nextValue(current: Json | undefined, operation: PatchOperation): Json | undefined {
  const { path, op, value } = operation;
  if (path.filter !== null) return nextSelected(current, operation, path.filter);
  if (path.sub !== null) return nextPart(current, path, op === "remove" ? null : value);
  if (op === "remove") return removeValues(current, value);
  if (path.ref.attribute?.multiValued === true) {
    return op === "add" ? addValues(current, value) : value;
  }
  if (op === "add" && isList(current)) return addValues(current, value);
  if (path.ref.attribute?.type !== "complex" && !isObject(current)) return value;
  return isObject(value) ? mergeParts(baseOf(current, value), value) : value;
}

/** Keeps the parts of a reference that stay true with another value; its address does not. */
function baseOf(current: Json | undefined, value: JsonObject): JsonObject {
  if (!isObject(current)) return emptyObject();
  const isOther = value["value"] !== undefined && !isSameJson(current["value"], value["value"]);
  return isOther ? withValue(current, "$ref", null) : current;
}

/** `name.givenName`: one part of a single value. */
function nextPart(current: Json | undefined, path: PatchPath, value: Json): Json {
  if (current !== undefined && !isObject(current)) {
    throw invalidPath(`"${path.ref.name}" has no sub-attributes.`);
  }
  const object = current ?? emptyObject();
  return withValue(object, keyOf(object, path.sub ?? ""), value);
}

function removeValues(current: Json | undefined, listed: Json): Json {
  if (!isList(listed)) return null;
  if (!isList(current)) return current ?? null;
  return current.filter((item) => !listed.some((gone) => isMeant(item, gone)));
}

/** True where all that the listed value says is so of `item`. */
function isMeant(item: Json, listed: Json): boolean {
  if (!isObject(item) || !isObject(listed)) return isSameJson(item, listed);
  return Object.entries(listed).every(([key, value]) => isSameJson(item[key], value));
}

function addValues(current: Json | undefined, value: Json): Json {
  const before = isList(current) ? current : [];
  const added = isList(value) ? value : [value];
  if (isUnassigned(value)) return before;
  return onePrimary(mergeDuplicates([...before, ...added]), (item) =>
    added.some((one) => isPrimary(one) && isMeant(item, one)),
  );
}

/** A value that becomes the primary one takes that from all others (RFC 7644 3.5.2). */
function onePrimary(list: readonly Json[], isTouched: (item: Json) => boolean): readonly Json[] {
  const winner = list.findLastIndex((item) => isPrimary(item) && isTouched(item));
  if (winner === -1) return list;
  return list.map((item, at) =>
    at !== winner && isPrimary(item) && isObject(item)
      ? mergeParts(item, { primary: false })
      : item,
  );
}

function nextSelected(
  current: Json | undefined,
  operation: PatchOperation,
  filter: { readonly tree: Filter; readonly bound: Parameters<typeof evaluateElement>[0] },
): Json {
  const list = isList(current) ? current : [];
  const { attribute } = operation.path.ref;
  const isSelected = (item: Json) => evaluateElement(filter.bound, attribute, item);
  if (!list.some(isSelected)) return addMissing(list, operation, filter.tree);
  const changed = new Set<Json>();
  const next = list.flatMap((item) => {
    if (!isSelected(item)) return [item];
    const after = changeElement(item, operation);
    if (after === null) return [];
    if (attribute !== null) checkImmutable(attribute, item, after);
    changed.add(after);
    return [after];
  });
  return mergeDuplicates(onePrimary(next, (item) => changed.has(item)));
}

/** A selected value after the operation; null where nothing of use is left of it. */
function changeElement(item: Json, { op, path, value }: PatchOperation): Json {
  if (path.sub === null) {
    if (op === "remove" || isUnassigned(value)) return null;
    return isObject(item) && isObject(value) ? mergeParts(item, value) : value;
  }
  if (!isObject(item)) throw invalidPath(`"${path.ref.name}" has no sub-attributes.`);
  const next = withValue(item, keyOf(item, path.sub), op === "remove" ? null : value);
  return isHusk(next) ? null : next;
}

/**
 * Nothing is selected. Entra writes `emails[type eq "work"].value` whether or not there is one, so a
 * filter that says what the missing value would be makes it; any other is a refusal
 * (scim-clients 1.9.6, against RFC 7644 3.5.2.3's noTarget for all).
 */
function addMissing(list: readonly Json[], operation: PatchOperation, filter: Filter): Json {
  const { op, path, value } = operation;
  const labels = labelsOf(filter, path.ref.attribute);
  const canAdd = labels !== null && (op === "remove" || path.sub !== null || op === "add");
  if (!canAdd) {
    throw new AppError("scim_no_target", {
      detail: `No value of "${path.ref.name}" is selected by the filter of the path.`,
    });
  }
  if (op === "remove" || isUnassigned(value)) return list;
  const parts = path.sub === null ? value : { [path.sub]: value };
  const added = mergeParts(labels, isObject(parts) ? parts : { value: parts });
  return onePrimary([...list, added], (item) => item === added);
}

/** The parts that the filter fixes: canonical types and primary; null where it asks anything else. */
function labelsOf(filter: Filter, attribute: Attribute | null): JsonObject | null {
  if (filter.kind === "and") {
    const all = filter.terms.map((term) => labelsOf(term, attribute));
    return all.includes(null) ? null : Object.assign(emptyObject(), ...all);
  }
  if (filter.kind !== "compare" || filter.operator !== "eq") return null;
  const text = String(filter.value).toLowerCase();
  const name = filter.name.name.toLowerCase();
  if (name === "primary") return text === "true" ? { primary: true } : null;
  if (name !== "type") return null;
  const types = attribute?.subAttributes?.find((sub) => sub.name === "type")?.canonicalValues;
  const type = types?.find((canonical) => canonical.toLowerCase() === text);
  return type === undefined ? null : { type };
}

function invalidPath(detail: string): AppError {
  return new AppError("scim_invalid_path", { detail });
}
