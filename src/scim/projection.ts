/**
 * Which attributes an answer shows: `attributes` and `excludedAttributes` against each attribute's
 * `returned` characteristic (RFC 7644 3.4.2.5, 3.9; RFC 7643 7).
 */
import { AppError } from "../errors.ts";
import { emptyObject, isList, isObject, isUnassigned, type Json, type JsonObject } from "./json.ts";
import {
  type AttributeName,
  findAttribute,
  parseAttributeName,
  type ResourceName,
  resolveAttribute,
  searchKey,
} from "./schema.ts";
import { isExtensionKey } from "./search-document.ts";

/** What the client asked to see. */
export interface Projection {
  readonly kind: "all" | "only" | "without";
  readonly names: readonly AttributeName[];
}

/** Everything that is returned by default. */
export const wholeProjection: Projection = { kind: "all", names: [] };

/**
 * A projection from the two parameters, each a list or one text with commas.
 * @throws AppError `scim_invalid_value` for both at once or a name that is none
 */
export function parseProjection(attributes: unknown, excluded: unknown): Projection {
  const [only, without] = [parseNames(attributes), parseNames(excluded)];
  if (only.length > 0 && without.length > 0) {
    throw invalid("attributes and excludedAttributes cannot be used together.");
  }
  if (only.length > 0) return { kind: "only", names: only };
  return without.length > 0 ? { kind: "without", names: without } : wholeProjection;
}

function parseNames(value: unknown): readonly AttributeName[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value ?? ""];
  const texts = items.flatMap((item) => {
    if (typeof item !== "string") throw invalid("The names of attributes must be text.");
    return item.split(",");
  });
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => {
      const name = parseAttributeName(text);
      if (name === null || name.name.startsWith("$"))
        throw invalid(`"${text.slice(0, 100)}" is not the name of an attribute.`);
      return name;
    });
}

function invalid(detail: string): AppError {
  return new AppError("scim_invalid_value", { detail });
}

/**
 * True where the answer shows the attribute, so that it must be loaded: `members` of a group, `groups`
 * of a user.
 */
export function showsAttribute(
  projection: Projection,
  resource: ResourceName,
  attribute: string,
): boolean {
  const rule = ruleOf(projection, resource);
  return rule.verdict(searchKey({ urn: null, name: attribute }), "default") !== "hidden";
}

/** The representation without what the client did not ask for, and never what is never returned. */
export function project(
  representation: JsonObject,
  resource: ResourceName,
  projection: Projection,
): JsonObject {
  const rule = ruleOf(projection, resource);
  const result = emptyObject();
  for (const [key, value] of Object.entries(representation)) {
    const shown =
      isExtensionKey(key) && isObject(value)
        ? projectExtension(value, { rule, resource, urn: key })
        : shownValue(rule, { resource, urn: null, name: key }, value);
    if (shown !== undefined) result[key] = shown;
  }
  return result;
}

/** What a projection comes to: for each attribute by search key, which of its parts are named. */
interface Rule {
  readonly kind: Projection["kind"];
  /** Search key → sub-attributes in lower case; null stands for the whole attribute. */
  readonly named: ReadonlyMap<string, ReadonlySet<string> | null>;
  verdict(key: string, returned: string): "whole" | "parts" | "hidden";
}

function ruleOf({ kind, names }: Projection, resource: ResourceName): Rule {
  const named = new Map<string, Set<string> | null>();
  for (const name of names) {
    const ref = resolveAttribute(resource, name);
    const key = name.name === "" ? `${ref.urn ?? ""}`.toLowerCase() : searchKey(ref);
    const before = named.get(key);
    if (ref.sub === null) named.set(key, null);
    else if (before !== null) named.set(key, new Set([...(before ?? []), ref.sub.toLowerCase()]));
  }
  return { kind, named, verdict: (key, returned) => verdictOf({ kind, named }, key, returned) };
}

function verdictOf(
  { kind, named }: Pick<Rule, "kind" | "named">,
  key: string,
  returned: string,
): "whole" | "parts" | "hidden" {
  if (returned === "never") return "hidden";
  if (returned === "always") return "whole";
  const parts = named.get(key);
  if (kind === "only") {
    if (parts === undefined) return "hidden";
    return parts === null ? "whole" : "parts";
  }
  if (returned === "request") return "hidden";
  if (kind === "all" || parts === undefined) return "whole";
  return parts === null ? "hidden" : "parts";
}

interface Place {
  readonly resource: ResourceName;
  readonly urn: string | null;
  readonly name: string;
}

function shownValue(rule: Rule, place: Place, value: Json): Json | undefined {
  const returned = findAttribute(place.resource, place.urn, place.name)?.returned ?? "default";
  const key = searchKey(place);
  const verdict = rule.verdict(key, returned);
  if (verdict === "whole") return value;
  if (verdict === "hidden") return undefined;
  const parts = rule.named.get(key) ?? new Set<string>();
  const shown = isList(value)
    ? value.map((item) => pickParts(item, parts, rule.kind)).filter((item) => !isUnassigned(item))
    : pickParts(value, parts, rule.kind);
  return isUnassigned(shown) ? undefined : shown;
}

function pickParts(value: Json, parts: ReadonlySet<string>, kind: Rule["kind"]): Json {
  if (!isObject(value)) return kind === "only" ? null : value;
  const entries = Object.entries(value).filter(
    ([key]) => parts.has(key.toLowerCase()) === (kind === "only"),
  );
  return Object.fromEntries(entries);
}

function projectExtension(
  extension: JsonObject,
  { rule, resource, urn }: { rule: Rule; resource: ResourceName; urn: string },
): JsonObject | undefined {
  const whole = rule.named.get(urn.toLowerCase());
  if (whole === null) return rule.kind === "only" ? extension : undefined;
  const result = emptyObject();
  for (const [name, value] of Object.entries(extension)) {
    const shown = shownValue(rule, { resource, urn, name }, value);
    if (shown !== undefined) result[name] = shown;
  }
  return isUnassigned(result) ? undefined : result;
}
