/**
 * From a verified assertion's attributes to the identity that the access rules know (PRODUCT 3).
 * Owns how a configured name finds its attribute and what its values must be. What the identity is
 * allowed to do is access/'s business.
 */
import type { Reason } from "../access/changes.ts";
import { canonicalEmail } from "../access/email.ts";
import type { Identity } from "../access/snapshot.ts";
import { AppError } from "../errors.ts";
import { nearestName } from "./attribute-hints.ts";
import { type Detection, detectAttributes } from "./detect.ts";
import { type AttributeMapping, claimUris, shortClaims } from "./presets.ts";
import type { AssertionAttribute, VerifiedAssertion } from "./response.ts";
import { excerpt } from "./structure.ts";

export type { AttributeMapping } from "./presets.ts";

/** The person as the assertion describes them, and remarks on that for the sign-in log. */
export interface ReadIdentity {
  readonly identity: Identity;
  /** Every attribute name of the assertion, once each. */
  readonly attributeNames: readonly string[];
  /** Names that nearly match, and why groups are missing. */
  readonly hints: readonly Reason[];
}

/** Sent by Entra ID in place of more than 150 groups (PRODUCT 3.3). */
const overageLink = "http://schemas.microsoft.com/claims/groups.link";

/** As long as names may be that people type themselves. */
const maxNameLength = 150;

const kinds = ["email", "firstName", "lastName", "groups"] as const;

/** Names that stand for each other (PRODUCT 3.2): URI, its last segment, Entra's short spelling. */
const aliasSets: readonly ReadonlySet<string>[] = kinds.map((kind) => {
  const uri = claimUris[kind];
  return new Set([uri, uri.slice(uri.lastIndexOf("/") + 1), shortClaims[kind]]);
});

/** Rules for finding attributes and reading group values (PRODUCT 3.2, 3.3). */
export interface Reading {
  /** Of names that nobody chose; absent where all are chosen. */
  readonly detection?: Detection | null;
  /** A value may hold several groups joined by commas, as PingOne sends them. */
  readonly splitGroupsOnComma: boolean;
  /** True where a group of this very name is mapped; such a value is never split. */
  readonly isMapped: (group: string) => boolean;
}

/**
 * The person whom the assertion is about. Groups are as sent, without the white space around them; how
 * values that hold several are read, `options` say.
 *
 * @throws AppError `saml_email_missing`, `saml_email_ambiguous` or `saml_email_invalid`, with the
 * configured name and the names there are as evidence.
 */
export function readIdentity(
  assertion: VerifiedAssertion,
  mapping: AttributeMapping,
  options: Reading,
): ReadIdentity {
  const { attributes } = assertion;
  const { detection = null } = options;
  const attributeNames = [...new Set(attributes.map(({ name }) => name))];
  const found = findAttributes(attributes, mapping, detection);
  const hints = nameHints(attributes, { mapping, found, detection });
  const email = readEmail(valuesOf(found.email), {
    attribute: mapping.email,
    attributeNames,
    hints: hints.map(({ text }) => text),
  });
  const firstName = readName(valuesOf(found.firstName));
  const lastName = readName(valuesOf(found.lastName));
  const groups = readGroups(attributes, found.groups, options);
  return {
    identity: {
      email,
      ...(firstName === null ? {} : { firstName }),
      ...(lastName === null ? {} : { lastName }),
      ...groups,
    },
    attributeNames,
    hints: groups.groupsState === "overage" ? [...hints, overageHint] : hints,
  };
}

/** One attribute of the assertion, and which of the four is read from it. */
export interface MappedAttribute extends AssertionAttribute {
  readonly mappedTo: keyof AttributeMapping | null;
}

/**
 * Every attribute with what the mapping reads from it, and the names that nearly match: for the story
 * of an attempt, told also where `readIdentity` refuses.
 */
export function describeAttributes(
  { attributes }: VerifiedAssertion,
  mapping: AttributeMapping,
  detection: Detection | null,
): { readonly attributes: readonly MappedAttribute[]; readonly hints: readonly Reason[] } {
  const found = findAttributes(attributes, mapping, detection);
  const read = kinds.map((kind) => [kind, new Set(found[kind])] as const);
  return {
    attributes: attributes.map((attribute) => ({
      ...attribute,
      mappedTo: read.find(([, those]) => those.has(attribute))?.[0] ?? null,
    })),
    hints: nameHints(attributes, { mapping, found, detection }),
  };
}

/** The attributes of each of the four. */
type FoundAttributes = Readonly<Record<keyof AttributeMapping, readonly AssertionAttribute[]>>;

function findAttributes(
  attributes: readonly AssertionAttribute[],
  mapping: AttributeMapping,
  detection: Detection | null,
): FoundAttributes {
  const find = (kind: keyof AttributeMapping): readonly AssertionAttribute[] => {
    if (detection?.unchosen.has(kind) !== true) return matching(attributes, mapping[kind]);
    const byMetadata = matching(attributes, detection.names[kind] ?? "");
    return byMetadata.length > 0 ? byMetadata : detectAttributes(attributes, kind);
  };
  return {
    email: find("email"),
    firstName: find("firstName"),
    lastName: find("lastName"),
    groups: find("groups"),
  };
}

/** Keycloak repeats an attribute for each value, so all that were found add up. Null where none was. */
function valuesOf(found: readonly AssertionAttribute[]): readonly string[] | null {
  return found.length === 0 ? null : found.flatMap(({ values }) => values);
}

/** The attributes that `wanted` names: by Name, else by FriendlyName, else by alias. */
function matching(
  attributes: readonly AssertionAttribute[],
  wanted: string,
): readonly AssertionAttribute[] {
  if (wanted === "") return [];
  const byName = attributes.filter(({ name }) => name === wanted);
  if (byName.length > 0) return byName;
  const byFriendlyName = attributes.filter(({ friendlyName }) => friendlyName === wanted);
  if (byFriendlyName.length > 0) return byFriendlyName;
  const aliases = aliasSets.find((names) => names.has(wanted));
  return aliases === undefined ? [] : attributes.filter(({ name }) => aliases.has(name));
}

function readEmail(
  values: readonly string[] | null,
  evidence: Readonly<Record<string, unknown>>,
): string {
  // White space around a value is layout; a line end inside one is an attack and stays.
  const trimmed = (values ?? []).map(withoutOuterSpace);
  const distinct = new Map<string, string | null>();
  for (const value of trimmed) {
    if (value === "") continue;
    const email = canonicalEmail(value);
    distinct.set(email ?? value, email);
  }
  if (distinct.size === 0) throw new AppError("saml_email_missing", { evidence });
  const found = [...distinct.keys()].slice(0, 5).map(excerpt);
  if (distinct.size > 1) {
    throw new AppError("saml_email_ambiguous", { evidence: { ...evidence, found } });
  }
  const [email] = distinct.values();
  if (email == null) throw new AppError("saml_email_invalid", { evidence: { ...evidence, found } });
  return email;
}

const xmlSpace = " \t\r\n";

/** In one pass: a pattern for white space at the end would search every run of it in the middle. */
function withoutOuterSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && xmlSpace.includes(text.charAt(start))) start += 1;
  while (end > start && xmlSpace.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Names that need no normalization. */
const plainName = /^[!-~]+(?: [!-~]+)*$/;

/** The first value with text in it, on one line; null where there is none. */
function readName(values: readonly string[] | null): string | null {
  for (const value of values ?? []) {
    if (value.length <= maxNameLength && plainName.test(value)) return value;
    const name = value
      .normalize("NFC")
      .replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim();
    if (name !== "") return [...name].slice(0, maxNameLength).join("").trimEnd();
  }
  return null;
}

function readGroups(
  attributes: readonly AssertionAttribute[],
  found: readonly AssertionAttribute[],
  { splitGroupsOnComma, isMapped }: Reading,
): Pick<Identity, "groups" | "groupsState"> {
  const values = valuesOf(found);
  if (values === null) {
    const isOverage = attributes.some(({ name }) => name === overageLink);
    return { groups: [], groupsState: isOverage ? "overage" : "absent" };
  }
  const names = values
    .map(withoutOuterSpace)
    .flatMap((value) => (splitGroupsOnComma && !isMapped(value) ? splitGroups(value) : [value]));
  const groups = [...new Set(names.filter((name) => name.trim() !== ""))];
  return { groups, groupsState: groups.length === 0 ? "empty" : "present" };
}

/** Part of a distinguished name (RFC 4514): a name or object identifier, "=", a value. */
const dnPartRe = /^\s*[A-Za-z0-9][\w.-]*\s*=/;

/** The groups that one value joins by commas; a distinguished name is one group, commas and all. */
function splitGroups(value: string): readonly string[] {
  const isDn = value.split(/(?<!\\),/).every((part) => dnPartRe.test(part));
  return isDn ? [value] : value.split(",").map(withoutOuterSpace);
}

const overageHint: Reason = {
  subject: "hint",
  result: "noted",
  rule: "3.3",
  target: "mapping_groups",
  text: "Entra ID sent a link in place of the groups, because the person is in more than 150 of them. In Entra ID, let the groups claim hold only the groups assigned to the application.",
};

const settingNames = {
  email: { setting: "mapping_email", word: "e-mail" },
  firstName: { setting: "mapping_first_name", word: "first name" },
  lastName: { setting: "mapping_last_name", word: "last name" },
  groups: { setting: "mapping_groups", word: "groups" },
} as const;

interface Names {
  readonly mapping: AttributeMapping;
  readonly found: FoundAttributes;
  readonly detection: Detection | null;
}

/**
 * For each name that was detected, that it was; for each configured name that finds nothing, the name that
 * was probably meant (PRODUCT 3.2).
 */
function nameHints(
  attributes: readonly AssertionAttribute[],
  { mapping, found, detection }: Names,
): readonly Reason[] {
  return kinds.flatMap((kind) => {
    const wanted = mapping[kind];
    const { setting, word } = settingNames[kind];
    const names = [...new Set(found[kind].map(({ name }) => name))];
    if (names.length > 0) {
      if (detection?.unchosen.has(kind) !== true || names.includes(wanted)) return [];
      const text = `The ${word} was read from ${names.map((name) => `"${excerpt(name)}"`).join(" and ")}, which was detected, since nobody has chosen a preset or a name. Set ${setting} to keep it.`;
      return [{ subject: "hint", result: "noted", rule: "3.2", target: setting, text } as const];
    }
    if (wanted === "") return [];
    const nearest = nearestName(kind, wanted, attributes);
    if (nearest === null) return [];
    const text = `The settings read the ${word} from the attribute "${wanted}", which the assertion does not have. It has "${excerpt(nearest)}": if that is meant, set ${setting} to it, in exactly this spelling.`;
    return [{ subject: "hint", result: "noted", rule: "3.2", target: setting, text } as const];
  });
}
