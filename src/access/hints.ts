/**
 * Near misses: group names that differ only in a way that people overlook (PRODUCT 8.7). Case,
 * surrounding or invisible characters, and one name written in two forms: a directory's
 * distinguished name, a URI, a path, a domain account, or Entra's object id in place of a name.
 * Owns the explanation only: a near miss grants nothing, since names compare exactly (PRODUCT 4.1).
 */
import type { Reason } from "./changes.ts";

/** More would bury the log; whoever fixes the first few fixes the rest the same way. */
const maxHints = 20;
const maxShownLength = 120;

const objectIdRe = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The first part of a distinguished name, escapes included (RFC 4514). */
const distinguishedNameRe = /^(?:cn|ou|uid)=((?:\\.|[^,+\\])+)/i;
const uriRe = /^[a-z][a-z0-9+.-]*:.*[/#:]([^/#:]+)$/i;
/** Names in a long form have one of these; few have, so that most cost no more than this test. */
const longFormRe = /[=/:\\]/;
/** Names that folding leaves as they are, but for case. */
const plainRe = /^[!-~]+(?: [!-~]+)*$/;
/** Keycloak sends the whole path of a group unless told otherwise; Windows the domain before it. */
const pathRe = /[/\\]([^/\\]+)$/;

/** Mapped group names by the keys under which a sent name may resemble them. */
export interface NameIndex {
  readonly byKey: ReadonlyMap<string, readonly string[]>;
  readonly hasNames: boolean;
  readonly hasObjectIds: boolean;
}

/** Indexes the mapped group names for `nearMisses`; done once per settings version. */
export function indexNames(names: Iterable<string>): NameIndex {
  const byKey = new Map<string, string[]>();
  let hasNames = false;
  let hasObjectIds = false;
  for (const name of names) {
    if (objectIdRe.test(name.trim())) hasObjectIds = true;
    else hasNames = true;
    for (const key of keysOf(name)) {
      const same = byKey.get(key);
      if (same === undefined) byKey.set(key, [name]);
      else same.push(name);
    }
  }
  return { byKey, hasNames, hasObjectIds };
}

/**
 * A reason for each of `groups` that resembles a mapped name, the first 20 in order of name, and one
 * where object ids stand against names. `groups` are those that match no mapping exactly.
 */
export function nearMisses(groups: readonly string[], index: NameIndex): Reason[] {
  const sorted = groups.toSorted();
  const reasons: Reason[] = [];
  for (const group of sorted) {
    if (reasons.length === maxHints) break;
    const mapped = likest(group, index);
    if (mapped !== undefined) reasons.push(nearMiss(group, mapped));
  }
  const formHint = objectIdHint(sorted, index);
  return formHint === null ? reasons : [formHint, ...reasons];
}

/** The mapped name that shares the most telling key: the whole name's before the short form's. */
function likest(group: string, { byKey }: NameIndex): string | undefined {
  for (const key of keysOf(group)) {
    const mapped = byKey.get(key)?.[0];
    if (mapped !== undefined) return mapped;
  }
  return undefined;
}

function nearMiss(group: string, mapped: string): Reason {
  const text =
    `The group ${quote(group)} is mapped to nothing, but ${quote(mapped)} is, and ` +
    `${differenceOf(group, mapped)}. Names compare exactly: change the mapping, or the name that the identity provider sends.`;
  return { subject: "hint", result: "noted", rule: "8.7", text, group, target: mapped };
}

function differenceOf(group: string, mapped: string): string {
  if (group.trim() === mapped.trim()) return "only spaces around the name differ";
  if (group.toLowerCase() === mapped.toLowerCase()) {
    return "only upper and lower case letters differ";
  }
  if (fold(group) === fold(mapped)) return "only case, spaces or invisible characters differ";
  return "the two may be one group, written in a long and a short form";
}

function objectIdHint(sorted: readonly string[], index: NameIndex): Reason | null {
  const ids = sorted.filter((group) => objectIdRe.test(group.trim()));
  const [first] = ids;
  if (first !== undefined && index.hasNames) {
    const text =
      `${ids.length} of the groups were sent as Entra object ids, such as ${first}, while the mappings name groups. ` +
      "In Entra ID, set the source attribute of the groups claim to sAMAccountName or another readable name.";
    return { subject: "hint", result: "noted", rule: "8.7", text, group: first };
  }
  if (sorted.length > ids.length && index.hasObjectIds && !index.hasNames) {
    const text =
      "The mappings name groups by Entra object ids, while the identity provider sends names. Put the names into the mappings.";
    return { subject: "hint", result: "noted", rule: "8.7", text };
  }
  return null;
}

/** The keys under which a name is found: itself, then its short form. */
function keysOf(name: string): readonly string[] {
  const whole = fold(name);
  if (!longFormRe.test(name)) return [whole];
  const short = fold(shortForm(name.trim()));
  return short === "" || short === whole ? [whole] : [whole, short];
}

function shortForm(name: string): string {
  const found = distinguishedNameRe.exec(name) ?? uriRe.exec(name) ?? pathRe.exec(name);
  return (found?.[1] ?? name).replaceAll(/\\(.)/gu, "$1");
}

/** Without what the eye does not see: case, runs of spaces, format characters, composition. */
function fold(name: string): string {
  if (plainRe.test(name)) return name.toLowerCase();
  return name
    .normalize("NFKC")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim()
    .toLowerCase();
}

function quote(name: string): string {
  return name.length > maxShownLength ? `"${name.slice(0, maxShownLength)}…"` : `"${name}"`;
}
