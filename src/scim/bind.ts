/**
 * A filter's tree, bound to a resource type: names become targets, values the type of their
 * attribute, and what cannot be compared is refused. evaluate.ts and filter-sql.ts both start here,
 * so that a filter means the same in memory and in both databases.
 *
 * What RFC 7644 leaves open is settled so:
 * - An attribute without value compares as one that equals nothing: `ne "x"` holds, the rest do not.
 * - A multi-valued attribute fulfils a comparison where one of its values does; one without values
 *   counts as one unassigned value. `emails eq` means `emails.value eq`.
 * - An attribute that nobody knows is compared by the type of the value given, in any case.
 */
import type { Attribute } from "./attribute.ts";
import type { Comparator, Filter } from "./filter.ts";
import { filterError } from "./filter-tokens.ts";
import { parseInstant } from "./instant.ts";
import type { Scalar } from "./json.ts";
import {
  type AttributeName,
  findSubAttribute,
  type Resource,
  resolveAttribute,
  searchKey,
} from "./schema.ts";
import { fold, foldLetters, foldName } from "./search-document.ts";

/**
 * Kind of comparison between values. `exact` and `folded` texts go by code point, the latter in lower
 * case; `instant` values are epoch milliseconds.
 */
export type Comparison = "exact" | "folded" | "instant" | "number" | "boolean";

/** Left side of a comparison: a sub-attribute of the values of an attribute. */
export interface Target {
  /** The attribute in search documents: lower case, with the URN of its extension. */
  readonly key: string;
  /** The sub-attribute in lower case; "value" for the value of a simple attribute. */
  readonly sub: string;
  /** True where the attribute holds at most one value. */
  readonly isSingle: boolean;
}

/** A filter that `evaluate` and `renderSql` understand. No value is null or of another type. */
export type BoundFilter =
  | { readonly kind: "and" | "or"; readonly terms: readonly BoundFilter[] }
  | { readonly kind: "not"; readonly term: BoundFilter }
  | { readonly kind: "present"; readonly target: Target }
  /** One value of the attribute has anything at all. */
  | { readonly kind: "present_any"; readonly target: Target }
  | {
      readonly kind: "compare";
      readonly target: Target;
      readonly operator: Comparator;
      readonly comparison: Comparison;
      readonly value: Scalar;
    }
  /** One value of the attribute at `key` fulfils `filter`, whose targets are its sub-attributes. */
  | { readonly kind: "some"; readonly key: string; readonly filter: BoundFilter };

/** Scope for names: the resource, or the sub-attributes inside brackets. */
type Scope =
  | { readonly resource: Resource; readonly element: null }
  | { readonly resource: Resource; readonly element: ElementScope };

interface ElementScope {
  readonly key: string;
  readonly attribute: Attribute | null;
}

/**
 * The filter for resources of one type.
 * @throws AppError `scim_invalid_filter` where an operator does not fit its attribute or value
 */
export function bindFilter(filter: Filter, resource: Resource): BoundFilter {
  return bind(filter, { resource, element: null });
}

/** The filter inside the brackets of a value path, for the values of `attribute` alone. */
export function bindElementFilter(filter: Filter, attribute: Attribute | null): BoundFilter {
  return bind(filter, { resource: "User", element: { key: "", attribute } });
}

/** The target that a name means, as `sortBy` and column tables need it. */
export function bindTarget(
  name: AttributeName,
  resource: Resource,
): Target & {
  readonly comparison: Comparison | null;
} {
  const found = lookUp(name, { resource, element: null });
  return { ...found.target, comparison: found.leaf === null ? null : comparisonOf(found.leaf) };
}

function bind(filter: Filter, scope: Scope): BoundFilter {
  switch (filter.kind) {
    case "and":
    case "or":
      return { kind: filter.kind, terms: filter.terms.map((term) => bind(term, scope)) };
    case "not":
      return { kind: "not", term: bind(filter.term, scope) };
    case "present":
      return bindPresent(filter.name, scope);
    case "compare":
      return bindCompare(filter, scope);
    case "some":
      return bindSome(filter, scope);
  }
}

function bindPresent(name: AttributeName, scope: Scope): BoundFilter {
  const { target } = lookUp(name, scope);
  const isWhole = name.sub === null && scope.element === null;
  return { kind: isWhole ? "present_any" : "present", target };
}

function bindSome(filter: Filter & { kind: "some" }, scope: Scope): BoundFilter {
  if (scope.element !== null) throw filterError("A value path cannot stand inside another.");
  const { name } = filter;
  if (name.sub !== null) throw filterError("A value path follows an attribute, not its part.");
  const ref = resolveAttribute(scope.resource, name);
  const { attribute } = ref;
  if (attribute !== null && attribute.type !== "complex" && !attribute.multiValued) {
    throw filterError(`"${name.name}" has no parts that a value path could compare.`);
  }
  const key = searchKey(ref);
  const element = { key, attribute: ref.attribute };
  return { kind: "some", key, filter: bind(filter.filter, { resource: scope.resource, element }) };
}

interface Found {
  readonly target: Target;
  /** The attribute that holds the value, or null where the registry does not know it. */
  readonly leaf: Attribute | null;
}

function lookUp(name: AttributeName, { resource, element }: Scope): Found {
  if (element !== null) {
    if (name.sub !== null || name.urn !== null) {
      throw filterError("Inside brackets, names are those of sub-attributes.");
    }
    const { attribute } = element;
    const isItself = attribute !== null && attribute.type !== "complex";
    const isValue = isItself && name.name.toLowerCase() === "value";
    const leaf = isValue ? attribute : findSubAttribute(attribute, name.name);
    refuseSilent({ written: name.name, attribute: element.attribute, sub: name.name, leaf });
    const target = { key: element.key, sub: name.name.toLowerCase(), isSingle: true };
    return { target, leaf };
  }
  if (name.name.startsWith("$")) throw filterError(`"${name.name}" is not an attribute.`);
  const ref = resolveAttribute(resource, name);
  if (ref.name === "") throw filterError("A schema's URN alone cannot be compared.");
  refuseSilent({ written: writtenOf(name), ...ref, leaf: leafOf(ref) });
  const isSingle = ref.attribute !== null && !ref.attribute.multiValued;
  const sub = ref.sub?.toLowerCase() ?? "value";
  return { target: { key: searchKey(ref), sub, isSingle }, leaf: leafOf(ref) };
}

/**
 * Refuses what no resource can have, which a filter would otherwise look for in vain without a word:
 * what is never kept, parts of what has none, and other parts of what the server alone writes.
 */
function refuseSilent({
  written,
  attribute,
  sub,
  leaf,
}: {
  readonly written: string;
  readonly attribute: Attribute | null;
  readonly sub: string | null;
  readonly leaf: Attribute | null;
}): void {
  if (attribute === null) return;
  if (attribute.returned === "never" || leaf?.returned === "never") {
    throw filterError(`"${written}" is never kept, so that it cannot be compared.`);
  }
  if (sub === null) return;
  const parts = attribute.subAttributes ?? [];
  const isOurs = !parts.some(({ mutability }) => mutability === "readWrite");
  if (attribute.type !== "complex" && sub.toLowerCase() === "value") return;
  if (leaf === null && (attribute.type !== "complex" || isOurs)) {
    throw filterError(`"${attribute.name}" has no sub-attribute "${sub}".`);
  }
  if (!isOurs && leaf?.mutability === "readOnly") {
    throw filterError(`"${written}" is not kept here, so that it cannot be compared.`);
  }
}

function leafOf(ref: ReturnType<typeof resolveAttribute>): Attribute | null {
  const { attribute, sub } = ref;
  // The value of a simple attribute is the attribute itself, by either name.
  const isValue = sub === null || sub.toLowerCase() === "value";
  if (attribute?.type !== "complex" && isValue) return attribute;
  if (sub !== null) return ref.subAttribute;
  return findSubAttribute(attribute, "value") ?? attribute;
}

function bindCompare(filter: Filter & { kind: "compare" }, scope: Scope): BoundFilter {
  const { name, operator, value } = filter;
  const { target, leaf } = lookUp(name, scope);
  const written = writtenOf(name);
  if (value === null) return bindNull(target, operator);
  if (leaf?.type === "complex") throw filterError(`"${written}" must name one of its parts.`);
  const comparison = leaf === null ? comparisonByValue(value) : comparisonOf(leaf);
  checkOperator({ written, leaf, comparison, operator });
  const isName = leaf?.isName === true && typeof value === "string";
  const typed = isName ? foldedName(operator, value) : coerceValue(written, comparison, value);
  if (typed === "" && isPartial(operator)) return { kind: "present", target };
  return { kind: "compare", target, operator, comparison, value: typed };
}

/** The parts of names are compared as the names are. */
function foldedName(operator: Comparator, text: string): string {
  return isPartial(operator) ? foldLetters(text) : foldName(text);
}

const writtenOf = ({ name, sub }: AttributeName): string =>
  sub === null ? name : `${name}.${sub}`;

/** null is "no value" (RFC 7643 2.5). */
function bindNull(target: Target, operator: Comparator): BoundFilter {
  const present: BoundFilter = { kind: "present", target };
  if (operator === "eq") return { kind: "not", term: present };
  if (operator === "ne") return present;
  throw filterError("null can only be compared by eq and ne.");
}

function comparisonOf({ type, caseExact }: Attribute): Comparison {
  switch (type) {
    case "boolean":
      return "boolean";
    case "decimal":
    case "integer":
      return "number";
    case "dateTime":
      return "instant";
    case "binary":
      return "exact";
    default:
      return caseExact ? "exact" : "folded";
  }
}

function comparisonByValue(value: Scalar): Comparison {
  if (typeof value === "boolean") return "boolean";
  return typeof value === "number" ? "number" : "folded";
}

function isPartial(operator: Comparator): boolean {
  return operator === "co" || operator === "sw" || operator === "ew";
}

function checkOperator(options: {
  readonly written: string;
  readonly leaf: Attribute | null;
  readonly comparison: Comparison;
  readonly operator: Comparator;
}): void {
  const { written, leaf, comparison, operator } = options;
  if (operator === "eq" || operator === "ne") return;
  const isText = comparison === "exact" || comparison === "folded";
  const isUnordered = comparison === "boolean" || leaf?.type === "binary";
  if (isPartial(operator) ? isText : !isUnordered) return;
  throw filterError(`"${operator}" cannot be used with "${written}", which is ${comparison}.`);
}

function coerceValue(written: string, comparison: Comparison, value: Scalar): Scalar {
  const text = String(value);
  switch (comparison) {
    case "exact":
      return text;
    case "folded":
      return fold(text);
    case "boolean":
      if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
      break;
    case "number":
      if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
      break;
    case "instant": {
      const at = parseInstant(text);
      if (at !== null) return at;
      break;
    }
  }
  throw filterError(`"${written}" is compared with a value that is not ${comparison}.`);
}
