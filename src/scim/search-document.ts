/**
 * Document that the database keeps beside a resource, so that any attribute can be filtered by SQL.
 *
 *   { "emails": [{ "value": "a@x.org", "type": "work", "primary": true }], "nickname": [{ "value": "al" }] }
 *
 * Each attribute is a list of its values, the primary one first; each value an object of scalars. Names
 * are in lower case, extension attributes bear their URN. Texts are folded where the schema says that
 * case does not matter, times are epoch milliseconds. So SQL needs neither rules of case nor of
 * shape, and means in SQLite and PostgreSQL what evaluate.ts means in memory.
 */
import { domainToUnicode } from "node:url";
import type { Attribute } from "./attribute.ts";
import { parseInstant } from "./instant.ts";
import { emptyObject, isList, isObject, type Json, type JsonObject, type Scalar } from "./json.ts";
import { findAttribute, findSubAttribute, type Resource, searchKey } from "./schema.ts";

/** One value of an attribute: sub-attribute → scalar. */
export type SearchElement = Readonly<Record<string, Scalar>>;

/** Attribute → its values. */
export type SearchDocument = Readonly<Record<string, readonly SearchElement[]>>;

/** The form in which texts that ignore case are compared, stored and made unique. */
export function fold(text: string): string {
  return text.toLowerCase();
}

/**
 * The form in which names of people and groups are compared and found: without white space around it,
 * the width of letters and their composition being of no account, and in lower case (RFC 7644 5, by the
 * UsernameCaseMapped profile of RFC 8265 3.3). What is shown keeps its spelling.
 */
export function foldName(text: string): string {
  const name = foldLetters(text).trim();
  // Both spellings of an internationalized domain are one (PRODUCT 1.2); people look for what they read.
  const [, local = "", domain = ""] = /^(.*@)((?:.*\.)?xn--.*)$/.exec(name) ?? [];
  return domain === "" ? name : `${local}${domainToUnicode(domain) || domain}`;
}

/** As `foldName`, for a part of a name: white space at its ends may stand inside the whole. */
export function foldLetters(text: string): string {
  // Lower case writes a sigma at the end of a word otherwise, wherever a part of a name may end.
  return text.normalize("NFKC").toLowerCase().replaceAll("\u03c2", "\u03c3").normalize("NFKC");
}

/**
 * The search document of a resource's document or whole representation. Attributes without value do
 * not appear. `omit` names attributes that the store keeps in tables of its own, such as members.
 */
export function toSearchDocument(
  resource: Resource,
  document: JsonObject,
  omit: readonly string[] = [],
): SearchDocument {
  const result: Record<string, SearchElement[]> = Object.create(null);
  for (const [name, value] of Object.entries(document)) {
    if (omit.includes(name)) continue;
    if (isExtensionKey(name)) {
      if (!isObject(value)) continue;
      for (const [inner, part] of Object.entries(value))
        put(result, { resource, urn: name, name: inner }, part);
    } else {
      put(result, { resource, urn: null, name }, value);
    }
  }
  return result;
}

/** True for a key under which a resource nests an extension. */
export function isExtensionKey(name: string): boolean {
  return name.toLowerCase().startsWith("urn:");
}

function put(
  result: Record<string, SearchElement[]>,
  { resource, urn, name }: { resource: Resource; urn: string | null; name: string },
  value: Json,
): void {
  const elements = elementsOf(findAttribute(resource, urn, name), value);
  if (elements.length > 0) result[searchKey({ urn, name })] = elements;
}

function elementsOf(attribute: Attribute | null, value: Json): SearchElement[] {
  const values = isList(value) ? value : [value];
  const elements = values
    .map((item) => elementOf(attribute, item))
    .filter((element) => Object.keys(element).length > 0);
  return elements.sort((left, right) => Number(isPrimary(right)) - Number(isPrimary(left)));
}

const isPrimary = (element: SearchElement): boolean => element["primary"] === true;

function elementOf(attribute: Attribute | null, value: Json): SearchElement {
  const element: Record<string, Scalar> = emptyObject() as Record<string, Scalar>;
  const parts = isObject(value) ? Object.entries(value) : [["value", value] as const];
  const isComplex = attribute === null || attribute.type === "complex";
  for (const [name, part] of parts) {
    const leaf = isComplex ? findSubAttribute(attribute, name) : attribute;
    const scalar = toSearchScalar(leaf, part);
    if (scalar !== null) element[name.toLowerCase()] = scalar;
  }
  return element;
}

/** A value as it is compared: folded, as epoch milliseconds, or itself; null where there is none. */
export function toSearchScalar(leaf: Attribute | null, value: Json | undefined): Scalar | null {
  if (typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value !== "string" || value === "") return null;
  if (leaf?.type === "dateTime") return parseInstant(value);
  if (leaf?.type === "binary") return value;
  if (leaf?.isName === true) return foldName(value);
  return leaf?.caseExact === true ? value : fold(value);
}
