/**
 * A bound filter, answered for one resource in memory. The oracle of filter-sql.ts, and what selects
 * values in PATCH paths. It walks the resource itself, not its search document, so that a mistake
 * there shows.
 */
import type { Attribute } from "./attribute.ts";
import type { BoundFilter, Target } from "./bind.ts";
import { isList, isObject, isUnassigned, type Json, type JsonObject, type Scalar } from "./json.ts";
import { findAttribute, findSubAttribute, type Resource, searchKey } from "./schema.ts";
import { isExtensionKey, toSearchScalar } from "./search-document.ts";

type Compare = BoundFilter & { readonly kind: "compare" };
/** The values that a target has; null stands for a value without that part. */
type ValuesOf = (target: Target) => readonly (Scalar | null)[];

/** True where the resource fulfils the filter. */
export function evaluate(filter: BoundFilter, resource: Resource, document: JsonObject): boolean {
  switch (filter.kind) {
    case "some": {
      const { attribute, values } = valuesAt(resource, document, filter.key);
      return values.some((value) => evaluateElement(filter.filter, attribute, value));
    }
    case "present_any":
      return valuesAt(resource, document, filter.target.key).values.length > 0;
    default:
      return fold(
        filter,
        (inner) => evaluate(inner, resource, document),
        (target) => {
          const { attribute, values } = valuesAt(resource, document, target.key);
          return values.map((value) => partOf(attribute, value, target.sub));
        },
      );
  }
}

/** True where one value of a multi-valued attribute fulfils a filter of `bindElementFilter`. */
export function evaluateElement(
  filter: BoundFilter,
  attribute: Attribute | null,
  value: Json,
): boolean {
  return fold(
    filter,
    (inner) => evaluateElement(inner, attribute, value),
    (target) => [partOf(attribute, value, target.sub)],
  );
}

function fold(
  filter: BoundFilter,
  recur: (inner: BoundFilter) => boolean,
  valuesOf: ValuesOf,
): boolean {
  switch (filter.kind) {
    case "and":
      return filter.terms.every(recur);
    case "or":
      return filter.terms.some(recur);
    case "not":
      return !recur(filter.term);
    case "present":
    case "present_any":
      return valuesOf(filter.target).some((value) => value !== null);
    case "compare":
      return compareAny(filter, valuesOf(filter.target));
    case "some":
      return false;
  }
}

function compareAny(filter: Compare, values: readonly (Scalar | null)[]): boolean {
  if (values.length === 0) return filter.operator === "ne";
  return values.some((value) => compareOne(filter, value));
}

function compareOne({ operator, value: wanted }: Compare, found: Scalar | null): boolean {
  if (operator === "ne") return found !== wanted;
  if (found === null || typeof found !== typeof wanted) return false;
  if (operator === "eq") return found === wanted;
  if (typeof found === "string" && typeof wanted === "string") {
    if (operator === "co") return found.includes(wanted);
    if (operator === "sw") return found.startsWith(wanted);
    if (operator === "ew") return found.endsWith(wanted);
    return isOrdered(operator, compareByCodePoint(found, wanted));
  }
  return isOrdered(operator, Number(found) - Number(wanted));
}

function isOrdered(operator: Compare["operator"], order: number): boolean {
  if (operator === "gt") return order > 0;
  if (operator === "ge") return order >= 0;
  return operator === "lt" ? order < 0 : order <= 0;
}

/**
 * Below, at or above zero as `left` sorts before, with or after `right`. By code point, as UTF-8 bytes
 * and so both databases sort; JavaScript's own order differs past U+FFFF.
 */
export function compareByCodePoint(left: string, right: string): number {
  let at = 0;
  while (at < left.length && at < right.length) {
    const [one = 0, other = 0] = [left.codePointAt(at), right.codePointAt(at)];
    if (one !== other) return one - other;
    at += one > 0xffff ? 2 : 1;
  }
  return left.length - right.length;
}

/** The attribute at a search key and its assigned values, each as it stands in the resource. */
function valuesAt(
  resource: Resource,
  document: JsonObject,
  key: string,
): { readonly attribute: Attribute | null; readonly values: readonly Json[] } {
  for (const [urn, name, value] of entriesOf(document)) {
    if (searchKey({ urn, name }) !== key) continue;
    const attribute = findAttribute(resource, urn, name);
    const values = (isList(value) ? value : [value]).filter((item) => hasAnything(attribute, item));
    return { attribute, values };
  }
  return { attribute: null, values: [] };
}

function* entriesOf(document: JsonObject): Generator<readonly [string | null, string, Json]> {
  for (const [name, value] of Object.entries(document)) {
    if (!isExtensionKey(name)) yield [null, name, value];
    else if (isObject(value)) {
      for (const [inner, part] of Object.entries(value)) yield [name, inner, part];
    }
  }
}

function hasAnything(attribute: Attribute | null, value: Json): boolean {
  if (isUnassigned(value)) return false;
  if (!isObject(value)) return partOf(attribute, value, "value") !== null;
  return Object.keys(value).some((sub) => partOf(attribute, value, sub.toLowerCase()) !== null);
}

/** One part of a value, as it compares; a simple value is its own "value". */
function partOf(attribute: Attribute | null, value: Json, sub: string): Scalar | null {
  if (!isObject(value)) {
    const isComplex = attribute?.type === "complex";
    const leaf = isComplex ? findSubAttribute(attribute, "value") : attribute;
    return sub === "value" ? toSearchScalar(leaf, value) : null;
  }
  const name = Object.keys(value).find((key) => key.toLowerCase() === sub);
  if (name === undefined) return null;
  return toSearchScalar(findSubAttribute(attribute, sub), value[name]);
}
