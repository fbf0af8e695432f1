/**
 * The registry: from a name as somebody wrote it to the attribute that is meant.
 *
 * Names are looked up in any case, with or without the URN of their schema (RFC 7644 3.10). URNs
 * contain dots and colons, so that the longest registered one that fits is taken off first. Writing
 * the registry down for clients is discovery.ts's business.
 */
import type { Attribute, Schema } from "./attribute.ts";
import {
  commonAttributes,
  enterpriseSchema,
  groupSchema,
  userSchema,
} from "./definitions-resources.ts";

/** What can be provisioned. */
export type ResourceName = "User" | "Group";

/** Message and schema URNs that bodies name. */
export const urns = {
  user: userSchema.urn,
  group: groupSchema.urn,
  enterprise: enterpriseSchema.urn,
  listResponse: "urn:ietf:params:scim:api:messages:2.0:ListResponse",
  error: "urn:ietf:params:scim:api:messages:2.0:Error",
  patchOp: "urn:ietf:params:scim:api:messages:2.0:PatchOp",
  searchRequest: "urn:ietf:params:scim:api:messages:2.0:SearchRequest",
  bulkRequest: "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
  bulkResponse: "urn:ietf:params:scim:api:messages:2.0:BulkResponse",
} as const;

/**
 * URNs that clients write for ours: OneLogin's of the drafts, SCIM 1.1's, and the misprint of
 * Microsoft's documentation (scim-clients 1.1, 1.3).
 */
const aliases: Readonly<Record<string, string>> = {
  "urn:scim:schemas:core:1.0": "core",
  "urn:scim:schemas:core:2.0": "core",
  "urn:scim:schemas:core:2.0:User": userSchema.urn,
  "urn:scim:schemas:core:2.0:Group": groupSchema.urn,
  "urn:scim:schemas:extension:enterprise:1.0": enterpriseSchema.urn,
  "urn:scim:schemas:extension:enterprise:2.0": enterpriseSchema.urn,
  "urn:scim:schemas:extension:enterprise:2.0:User": enterpriseSchema.urn,
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0User": enterpriseSchema.urn,
};

const knownUrns: readonly (readonly [written: string, canonical: string])[] = [
  ...[userSchema, groupSchema, enterpriseSchema].map(({ urn }) => [urn, urn] as const),
  ...Object.entries(aliases),
]
  .map(([written, canonical]) => [written.toLowerCase(), canonical] as const)
  .sort(([left], [right]) => right.length - left.length);

/** A name as written, taken apart; nothing is looked up yet. */
export interface AttributeName {
  /** The schema's URN in its registered spelling, "core" for a legacy core URN, null where none is written. */
  readonly urn: string | null;
  /** Empty where the text is the URN of a schema alone. */
  readonly name: string;
  readonly sub: string | null;
}

/** A name with what the registry knows about it. */
export interface AttributeRef {
  /** The URN under which a resource nests the attribute; null for core and common attributes. */
  readonly urn: string | null;
  /** In the registry's spelling where it is known, else as written; empty for a whole extension. */
  readonly name: string;
  /** Null where the registry does not know it. */
  readonly attribute: Attribute | null;
  readonly sub: string | null;
  readonly subAttribute: Attribute | null;
}

/** RFC 7643 2.1; "$" stands in the one sub-attribute $ref (2.4), which brackets name by itself. */
const nameRe = /^([A-Za-z][\w-]*|\$ref(?=$))(?:\.([A-Za-z][\w-]*|\$ref))?$/i;
const urnRe = /^urn:[\w:.%~+$!*,;=@/-]+$/i;

/** Takes a written name apart; null where it cannot be one (RFC 7644 3.4.2.2, attrPath). */
export function parseAttributeName(text: string): AttributeName | null {
  const [urn, rest] = splitUrn(text);
  if (rest === "") return urn === null || !isKnown(urn) ? null : { urn, name: "", sub: null };
  const match = nameRe.exec(rest);
  if (match === null || (urn !== null && !urnRe.test(urn) && urn !== "core")) return null;
  return { urn, name: match[1] ?? "", sub: match[2] ?? null };
}

const isKnown = (urn: string): boolean => knownUrns.some(([, canonical]) => canonical === urn);

function splitUrn(text: string): readonly [urn: string | null, rest: string] {
  const lower = text.toLowerCase();
  if (!lower.startsWith("urn:")) return [null, text];
  const known = canonicalUrn(text);
  if (known !== null) return [known, ""];
  for (const [written, canonical] of knownUrns) {
    if (lower.startsWith(`${written}:`)) return [canonical, text.slice(written.length + 1)];
  }
  const colon = text.lastIndexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** The registered spelling of a schema's URN, "core" for a legacy core URN, null where it is unknown. */
export function canonicalUrn(text: string): string | null {
  const lower = text.toLowerCase();
  return knownUrns.find(([written]) => written === lower)?.[1] ?? null;
}

type Table = ReadonlyMap<string, Attribute>;

const tableOf = (attributes: readonly Attribute[]): Table =>
  new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));

const coreTables: Readonly<Record<ResourceName, Table>> = {
  User: tableOf([...commonAttributes, ...userSchema.attributes]),
  Group: tableOf([...commonAttributes, ...groupSchema.attributes]),
};

const extensionTables: Readonly<Record<ResourceName, readonly (readonly [string, Table])[]>> = {
  User: [[enterpriseSchema.urn, tableOf(enterpriseSchema.attributes)]],
  Group: [],
};

const coreUrns: Readonly<Record<ResourceName, string>> = {
  User: userSchema.urn,
  Group: groupSchema.urn,
};

/**
 * What `name` means on a resource. A bare name that only an extension defines means that one, since
 * Entra writes `manager` and `department` so (scim-clients 1.1).
 */
export function resolveAttribute(resource: ResourceName, name: AttributeName): AttributeRef {
  const isCore = name.urn === "core" || name.urn === coreUrns[resource];
  if (name.urn !== null && !isCore) {
    const table = extensionTables[resource].find(([urn]) => urn === name.urn)?.[1];
    return refOf(name.urn, name, table?.get(name.name.toLowerCase()) ?? null);
  }
  const core = coreTables[resource].get(name.name.toLowerCase());
  if (core !== undefined) return refOf(null, name, core);
  for (const [urn, table] of extensionTables[resource]) {
    const found = table.get(name.name.toLowerCase());
    if (found !== undefined && !isCore) return refOf(urn, name, found);
  }
  return refOf(null, name, null);
}

function refOf(urn: string | null, name: AttributeName, attribute: Attribute | null): AttributeRef {
  const subAttribute = name.sub === null ? null : findSubAttribute(attribute, name.sub);
  return {
    urn,
    name: attribute?.name ?? name.name,
    attribute,
    sub: subAttribute?.name ?? name.sub,
    subAttribute,
  };
}

/** The sub-attribute of that name in any case, or null. */
export function findSubAttribute(attribute: Attribute | null, name: string): Attribute | null {
  const subs = attribute?.subAttributes ?? [];
  const exact = subs.find((sub) => sub.name === name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  return subs.find((sub) => sub.name.toLowerCase() === wanted) ?? null;
}

/** The attribute of an extension, or of the resource itself where `urn` is null. */
export function findAttribute(
  resource: ResourceName,
  urn: string | null,
  name: string,
): Attribute | null {
  return resolveAttribute(resource, { urn: urn ?? coreUrns[resource], name, sub: null }).attribute;
}

/** The schemas of a resource type: its own first, then its extensions. */
export function schemasOf(resource: ResourceName): readonly [Schema, ...Schema[]] {
  return resource === "User" ? [userSchema, enterpriseSchema] : [groupSchema];
}

/** True for the URN of an extension that the registry knows. */
export function isKnownExtension(resource: ResourceName, urn: string): boolean {
  return extensionTables[resource].some(([known]) => known === urn);
}

/** The name of an attribute in search documents and column tables: lower case, with its URN. */
export function searchKey({ urn, name }: { readonly urn: string | null; readonly name: string }) {
  return (urn === null ? name : `${urn}:${name}`).toLowerCase();
}
