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

/** Types of resource that can be provisioned here. */
export type ResourceName = "User" | "Group";

/** A type of resource: its schemas, and the look-up of their attributes. */
export interface ResourceType {
  readonly name: string;
  /** As addresses and `path` in bulk requests have it, such as Users. */
  readonly endpoint: string;
  /** Its own first, then its extensions. */
  readonly schemas: readonly [Schema, ...Schema[]];
  readonly core: Table;
  readonly extensions: readonly (readonly [urn: string, table: Table])[];
}

/** A type of resource, or the name of one of ours. */
export type Resource = ResourceName | ResourceType;

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
    // Some write the dot of a sub-attribute behind the URN.
    const isThis = lower.startsWith(`${written}:`) || lower.startsWith(`${written}.`);
    if (isThis) return [canonical, text.slice(written.length + 1)];
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

/** A type of resource from its schemas; the attributes that every resource has are added. */
export function defineResourceType({
  name,
  endpoint,
  schemas,
}: Pick<ResourceType, "name" | "endpoint" | "schemas">): ResourceType {
  const [own, ...others] = schemas;
  return {
    ...{ name, endpoint, schemas },
    core: tableOf([...commonAttributes, ...own.attributes]),
    extensions: others.map(({ urn, attributes }) => [urn, tableOf(attributes)] as const),
  };
}

/** People. */
export const userType = defineResourceType({
  name: "User",
  endpoint: "Users",
  schemas: [userSchema, enterpriseSchema],
});

/** Pushed groups. */
export const groupType = defineResourceType({
  name: "Group",
  endpoint: "Groups",
  schemas: [groupSchema],
});

/** The type itself. */
export function typeOf(resource: Resource): ResourceType {
  if (typeof resource !== "string") return resource;
  return resource === "User" ? userType : groupType;
}

/**
 * Resolves `name` on a resource. A bare name that only an extension defines means that one, since
 * Entra writes `manager` and `department` so (scim-clients 1.1).
 */
export function resolveAttribute(resource: Resource, written: AttributeName): AttributeRef {
  const type = typeOf(resource);
  const name = withOwnUrn(type, written);
  const isCore = name.urn === "core" || name.urn === type.schemas[0].urn;
  const key = name.name.toLowerCase();
  if (name.urn !== null && !isCore) {
    const table = type.extensions.find(([urn]) => urn === name.urn)?.[1];
    return refOf(name.urn, name, table?.get(key) ?? null);
  }
  const core = type.core.get(key);
  if (core !== undefined) return refOf(null, name, core);
  for (const [urn, table] of type.extensions) {
    const found = table.get(key);
    if (found !== undefined && !isCore) return refOf(urn, name, found);
  }
  return refOf(null, name, null);
}

/**
 * A URN in the spelling of the type's schemas. One that the registry does not know by itself was taken
 * apart at its last colon, so that the URN of a whole schema looks like that of an attribute.
 */
function withOwnUrn({ schemas }: ResourceType, name: AttributeName): AttributeName {
  if (name.urn === null) return name;
  const find = (text: string) =>
    schemas.find(({ urn }) => urn.toLowerCase() === text.toLowerCase())?.urn;
  const parts = [name.urn, name.name, name.sub].filter((part) => part !== null && part !== "");
  const whole = find(`${parts.slice(0, 2).join(":")}${name.sub === null ? "" : `.${name.sub}`}`);
  if (whole !== undefined) return { urn: whole, name: "", sub: null };
  return { ...name, urn: find(name.urn) ?? name.urn };
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
  resource: Resource,
  urn: string | null,
  name: string,
): Attribute | null {
  const own = typeOf(resource).schemas[0].urn;
  return resolveAttribute(resource, { urn: urn ?? own, name, sub: null }).attribute;
}

/** The schemas of a resource type: its own first, then its extensions. */
export function schemasOf(resource: Resource): readonly [Schema, ...Schema[]] {
  return typeOf(resource).schemas;
}

/** True for the URN of one of the type's schemas, in any case or in another spelling of ours. */
export function isSchemaOf(resource: Resource, urn: string): boolean {
  const wanted = urn.toLowerCase();
  return (
    canonicalUrn(urn) !== null ||
    typeOf(resource).schemas.some((schema) => schema.urn.toLowerCase() === wanted)
  );
}

/** True for the URN of an extension that the registry knows. */
export function isKnownExtension(resource: Resource, urn: string): boolean {
  return typeOf(resource).extensions.some(([known]) => known === urn);
}

/** The name of an attribute in search documents and column tables: lower case, with its URN. */
export function searchKey({ urn, name }: { readonly urn: string | null; readonly name: string }) {
  return (urn === null ? name : `${urn}:${name}`).toLowerCase();
}
