/**
 * Wire ↔ domain for users and groups. The one place beside the definitions that knows SCIM's spelling.
 *
 * A *document* is what a client may write of a resource, in the registry's spelling: no id, no meta, no
 * schemas, no groups, never a password, and for groups no members. The store keeps it as it is.
 */

import { AppError } from "../errors.ts";
import { coerceValue, invalidValue } from "./coerce.ts";
import { isKept, requireAll } from "./document-rules.ts";
import { renderInstant } from "./instant.ts";
import {
  emptyObject,
  isObject,
  isUnassigned,
  type Json,
  type JsonDraft,
  type JsonObject,
  parseObject,
} from "./json.ts";
import { memberOf } from "./patch.ts";
import { parseMembers, type ScimMember } from "./patch-group.ts";
import {
  isKnownExtension,
  isSchemaOf,
  parseAttributeName,
  type Resource,
  resolveAttribute,
  schemasOf,
  typeOf,
} from "./schema.ts";
import { foldName, isExtensionKey } from "./search-document.ts";

/** The parts of a user's document that the directory acts on. */
export interface ScimUser {
  readonly userName: string;
  readonly externalId: string | null;
  /** null where the client does not say: then it stays, or is true for a new person. */
  readonly isActive: boolean | null;
  /** null where the client does not say. */
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** The address to sign in with, in lower case; null where neither userName nor emails has one. */
  readonly email: string | null;
  /**
   * True where the address is neither the userName nor the primary or work e-mail: others may have it
   * too, and then the person has none to sign in with.
   */
  readonly isEmailSecondary: boolean;
  readonly document: JsonObject;
}

/** The parts of a group's body that the directory acts on. */
export interface ScimGroup {
  readonly displayName: string;
  readonly externalId: string | null;
  /** null where the client does not say; a PUT then leaves none, a POST creates none (PRODUCT 7). */
  readonly members: readonly ScimMember[] | null;
  readonly document: JsonObject;
}

/** Bytes of a text that the database has an index on; PostgreSQL's would break at some 2,700. */
const maxIndexedBytes = 1024;

/** Bytes of one resource beside the members of a group, whichever way it grew. */
const maxDocumentBytes = 1_048_576;

/**
 * A user from the body of a POST or PUT.
 * @throws AppError `scim_invalid_syntax`, `scim_invalid_value`
 */
export function parseUser(body: unknown): ScimUser {
  return userOf(parseDocument(body, "User"));
}

/**
 * A user from its document, as after a PATCH.
 * @throws AppError `scim_invalid_value` where the userName is missing
 */
export function userOf(document: JsonObject): ScimUser {
  requireAll(document, "User");
  const userName = nameOf(document, "userName");
  const externalId = externalIdOf(document);
  checkSize(document);
  const { name, active } = document;
  const parts = isObject(name) ? name : emptyObject();
  return {
    userName,
    externalId,
    isActive: typeof active === "boolean" ? active : null,
    firstName: textOf(parts["givenName"])?.trim() ?? null,
    lastName: textOf(parts["familyName"])?.trim() ?? null,
    ...loginEmail(userName, document["emails"]),
    document: renamed(document, "userName", userName),
  };
}

/**
 * A group from the body of a POST or PUT.
 * @throws AppError `scim_invalid_syntax`, `scim_invalid_value`
 */
export function parseGroup(body: unknown): ScimGroup {
  const wire = parseObject(body);
  const { members, ...rest } = readDocument(wire, "Group");
  const document: JsonObject = Object.assign(emptyObject(), rest);
  const isStated = members !== undefined || memberOf(wire, "members") !== undefined;
  return {
    ...groupOf(document),
    members: isStated ? parseMembers(members ?? null) : null,
  };
}

/**
 * A group beside its members, from its document, as after a PATCH.
 * @throws AppError `scim_invalid_value` for a name that is missing or too long
 */
export function groupOf(document: JsonObject): Omit<ScimGroup, "members"> {
  requireAll(document, "Group");
  const displayName = nameOf(document, "displayName");
  const externalId = externalIdOf(document);
  checkSize(document);
  return { displayName, externalId, document: renamed(document, "displayName", displayName) };
}

/** Characters that nobody sees: spaces, controls, marks without width, fillers. */
const unseen = /[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** The name without the white space around it, which nobody means. */
function nameOf(document: JsonObject, attribute: string): string {
  const name = textOf(document[attribute])?.trim() ?? "";
  if (name.replaceAll(unseen, "") === "") throw invalidValue(`"${attribute}" is required.`);
  checkIndexed(attribute, name);
  checkIndexed(attribute, foldName(name));
  return name;
}

function externalIdOf(document: JsonObject): string | null {
  const externalId = textOf(document["externalId"]) ?? null;
  if (externalId !== null) checkIndexed("externalId", externalId);
  return externalId;
}

function checkIndexed(attribute: string, text: string): void {
  if (byteLength(text) <= maxIndexedBytes) return;
  throw invalidValue(`"${attribute}" has at most ${maxIndexedBytes} bytes of UTF-8.`);
}

/** The same limit for what came at once and for what grew by one PATCH after the other. */
function checkSize(document: JsonObject): void {
  if (byteLength(JSON.stringify(document)) <= maxDocumentBytes) return;
  const detail = `A resource has at most ${maxDocumentBytes} bytes as JSON, members of a group apart.`;
  throw new AppError("payload_too_large", { detail });
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

function renamed(document: JsonObject, attribute: string, name: string): JsonObject {
  if (document[attribute] === name) return document;
  return Object.assign(emptyObject(), document, { [attribute]: name });
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** userName is the e-mail (PRODUCT 7.3); where it is no address, the primary, work or first e-mail is. */
function loginEmail(
  userName: string,
  emails: Json | undefined,
): Pick<ScimUser, "email" | "isEmailSecondary"> {
  if (isAddress(userName)) return { email: userName.toLowerCase(), isEmailSecondary: false };
  const list = (Array.isArray(emails) ? emails : []).filter(isObject);
  const best =
    list.find((email) => email["primary"] === true) ??
    list.find((email) => email["type"] === "work") ??
    list[0];
  const value = textOf(best?.["value"])?.trim();
  const isMain = best?.["primary"] === true || best?.["type"] === "work";
  const email = value !== undefined && isAddress(value) ? value.toLowerCase() : null;
  return { email, isEmailSecondary: !isMain };
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  return at > 0 && at < text.length - 1 && !/\s/.test(text);
}

/**
 * The document in a body: names in the registry's spelling, values in their types, read-only and
 * unassigned ones left out, `schemas` ignored whatever it says (scim-clients 1.9.3), unknown ones kept.
 * @throws AppError `scim_invalid_syntax`, `scim_invalid_value`
 */
export function parseDocument(body: unknown, resource: Resource): JsonObject {
  return readDocument(parseObject(body), resource);
}

function readDocument(wire: JsonObject, resource: Resource): JsonObject {
  const result = emptyObject();
  for (const [key, value] of Object.entries(wire)) {
    if (!isExtensionKey(key) || !isObject(value)) put(result, { resource, written: key }, value);
    else if (!isSchemaOf(resource, key)) keep(result, key, value);
    else {
      for (const [name, part] of Object.entries(value)) {
        put(result, { resource, written: `${key}:${name}` }, part);
      }
    }
  }
  return result;
}

function keep(container: JsonDraft, key: string, value: Json): void {
  if (isUnassigned(value)) return;
  const wanted = key.toLowerCase();
  if (Object.keys(container).some((known) => known.toLowerCase() === wanted)) {
    throw new AppError("scim_invalid_syntax", { detail: `"${key}" stands twice in the body.` });
  }
  container[key] = value;
}

function put(
  result: JsonDraft,
  { resource, written }: { readonly resource: Resource; readonly written: string },
  value: Json,
): void {
  const name = parseAttributeName(written);
  if (name === null || name.sub !== null || name.name === "") {
    keep(result, written, value);
    return;
  }
  const { urn, name: key, attribute } = resolveAttribute(resource, name);
  if (attribute !== null && !isKept(attribute)) return;
  const kept = attribute === null ? value : coerceValue(attribute, value);
  if (!isUnassigned(kept)) keep(urn === null ? result : nested(result, urn), key, kept);
}

function nested(result: JsonDraft, urn: string): JsonDraft {
  const found = result[urn];
  if (isObject(found)) return found as JsonDraft;
  const made = emptyObject();
  result[urn] = made;
  return made;
}

/** The document of a person whom no SCIM client has written yet, from what the directory knows. */
export function documentOfPerson(person: {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isActive: boolean;
}): JsonObject {
  const { email, firstName, lastName, isActive } = person;
  return parseDocument(
    {
      userName: email,
      name: { givenName: firstName, familyName: lastName },
      displayName: `${firstName} ${lastName}`.trim(),
      active: isActive,
      emails: [{ value: email, type: "work", primary: true }],
    },
    "User",
  );
}

/** Facts about a resource that the server knows beside its document. */
export interface ResourceMeta {
  readonly id: string;
  readonly createdAtMs: number;
  readonly lastModifiedAtMs: number;
  /** As `etagOf` made it. */
  readonly etag: string;
  /** The public address of the resource type, such as https://host/scim/v2/Users. */
  readonly collectionUrl: string;
}

/** A group that a person belongs to, or a member of a group, as answers show it. */
export interface RenderedMember {
  readonly value: string;
  readonly $ref: string;
  /** Left out of members unless it is asked for: a client compares what it wrote with what it reads. */
  readonly display?: string;
  readonly type: string;
}

/**
 * The whole representation of a user, before projection. `groups` is undefined where they were not
 * loaded, as in lists.
 */
export function renderUser(
  document: JsonObject,
  meta: ResourceMeta,
  groups?: readonly RenderedMember[],
): JsonObject {
  const parts = groups === undefined || groups.length === 0 ? {} : { groups: groups.map(toJson) };
  return renderResource("User", document, { meta, parts });
}

/** The whole representation of a group; `members` is undefined where they were not loaded. */
export function renderGroup(
  document: JsonObject,
  meta: ResourceMeta,
  members?: readonly RenderedMember[],
): JsonObject {
  const parts = members === undefined ? {} : { members: members.map(toJson) };
  return renderResource("Group", document, { meta, parts });
}

const toJson = (member: RenderedMember): JsonObject => ({ ...member });

/** The whole representation of a resource; `parts` are what the server adds to its document. */
export function renderResource(
  resource: Resource,
  document: JsonObject,
  { meta, parts = {} }: { readonly meta: ResourceMeta; readonly parts?: JsonObject },
): JsonObject {
  const { id, createdAtMs, lastModifiedAtMs, etag, collectionUrl } = meta;
  const extensions = Object.keys(document).filter(isExtensionKey);
  return {
    schemas: [schemasOf(resource)[0].urn, ...extensions],
    id,
    ...document,
    ...parts,
    meta: {
      resourceType: typeOf(resource).name,
      created: renderInstant(createdAtMs),
      lastModified: renderInstant(lastModifiedAtMs),
      location: `${collectionUrl}/${encodeURIComponent(id)}`,
      version: etag,
    },
  };
}

/** True for a document with data of an extension that the registry does not know; for the request log. */
export function unknownExtensions(document: JsonObject, resource: Resource): readonly string[] {
  return Object.keys(document).filter(
    (key) => isExtensionKey(key) && !isKnownExtension(resource, key),
  );
}
