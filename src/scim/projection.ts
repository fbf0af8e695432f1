/**
 * Selects the attributes of an answer: `attributes` and `excludedAttributes` against each attribute's
 * `returned` characteristic (RFC 7644 3.4.2.5, 3.9; RFC 7643 7).
 */
import { AppError } from "../errors.ts";
import type { Attribute } from "./attribute.ts";
import { emptyObject, isList, isObject, isUnassigned, type Json, type JsonObject } from "./json.ts";
import {
  type AttributeName,
  findAttribute,
  findSubAttribute,
  parseAttributeName,
  type Resource,
  resolveAttribute,
  searchKey,
} from "./schema.ts";
import { isExtensionKey } from "./search-document.ts";

/** Attributes that the client asked to see. */
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
  resource: Resource,
  attribute: string,
): boolean {
  const rule = ruleOf(projection, resource);
  return rule.verdict(searchKey({ urn: null, name: attribute }), "default") !== "hidden";
}

/** The representation without what the client did not ask for, and never what is never returned. */
export function project(
  representation: JsonObject,
  resource: Resource,
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

/** A compiled projection: for each attribute by search key, the named ones of its parts. */
interface Rule {
  readonly kind: Projection["kind"];
  /** Search key → sub-attributes in lower case; null stands for the whole attribute. */
  readonly named: ReadonlyMap<string, ReadonlySet<string> | null>;
  verdict(key: string, returned: string): "whole" | "parts" | "hidden";
}

function ruleOf({ kind, names }: Projection, resource: Resource): Rule {
  const named = new Map<string, Set<string> | null>();
  for (const name of names) {
    const ref = resolveAttribute(resource, name);
    const key = ref.name === "" ? `${ref.urn ?? ""}`.toLowerCase() : searchKey(ref);
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

const ruleWithout = (kind: Rule["kind"]): Rule => ({
  kind,
  named: new Map(),
  verdict: (key, returned) => verdictOf({ kind, named: new Map() }, key, returned),
});

interface Place {
  readonly resource: Resource;
  readonly urn: string | null;
  readonly name: string;
}

function shownValue(rule: Rule, place: Place, value: Json): Json | undefined {
  const attribute = findAttribute(place.resource, place.urn, place.name);
  const key = searchKey(place);
  const verdict = rule.verdict(key, attribute?.returned ?? "default");
  if (verdict === "hidden") return undefined;
  const isPlain = attribute?.subAttributes?.every(({ returned }) => returned === "default") ?? true;
  if (verdict === "whole" && isPlain) return value;
  const named = verdict === "parts" ? (rule.named.get(key) ?? new Set<string>()) : null;
  const pick = (item: Json) => pickParts(item, attribute, { named, kind: rule.kind });
  const shown = isList(value) ? value.map(pick).filter((item) => !isUnassigned(item)) : pick(value);
  return isUnassigned(shown) ? undefined : shown;
}

interface PartRule {
  /** In lower case; null where the attribute is shown as a whole. */
  readonly named: ReadonlySet<string> | null;
  readonly kind: Rule["kind"];
}

function pickParts(value: Json, attribute: Attribute | null, rule: PartRule): Json {
  const { named, kind } = rule;
  if (!isObject(value)) return named !== null && kind === "only" ? null : value;
  const entries = Object.entries(value).filter(([key]) => {
    const returned = findSubAttribute(attribute, key)?.returned ?? "default";
    if (returned === "never" || returned === "always") return returned === "always";
    const isNamed = named?.has(key.toLowerCase()) === true;
    if (named !== null && kind === "only") return isNamed;
    return returned === "default" && !isNamed;
  });
  return Object.fromEntries(entries);
}

function projectExtension(
  extension: JsonObject,
  { rule, resource, urn }: { rule: Rule; resource: Resource; urn: string },
): JsonObject | undefined {
  const isWhole = rule.named.get(urn.toLowerCase()) === null;
  // Named as a whole: shown as by default, or but for what is always there.
  const inside = isWhole ? ruleWithout(rule.kind === "only" ? "all" : "only") : rule;
  const result = emptyObject();
  for (const [name, value] of Object.entries(extension)) {
    const shown = shownValue(inside, { resource, urn, name }, value);
    if (shown !== undefined) result[name] = shown;
  }
  return isUnassigned(result) ? undefined : result;
}
