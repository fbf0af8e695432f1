/**
 * Near misses among attribute names (PRODUCT 3.2, 8.7): which attribute an administrator probably
 * meant. Only ever a hint: nothing is read from an attribute found here.
 */
import type { AttributeMapping } from "./presets.ts";
import type { AssertionAttribute } from "./response.ts";

/**
 * Names that providers and directories use for the four attributes, without case, punctuation and
 * path.
 */
const commonNames: Readonly<Record<keyof AttributeMapping, ReadonlySet<string>>> = {
  email: new Set(["email", "emailaddress", "mail", "useremail"]),
  firstName: new Set(["firstname", "givenname", "fname"]),
  lastName: new Set(["lastname", "surname", "familyname", "sn", "lname"]),
  groups: new Set(["groups", "group", "memberof", "ismemberof", "roles", "role"]),
};

/** LDAP attributes by their object identifiers, as eduPerson-style providers name them. */
const objectIds: ReadonlyMap<string, string> = new Map([
  ["urn:oid:0.9.2342.19200300.100.1.3", "mail"],
  ["urn:oid:2.5.4.42", "givenname"],
  ["urn:oid:2.5.4.4", "surname"],
  ["urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "ismemberof"],
]);

/** Of the segments of URIs and URNs. */
const separators: ReadonlySet<string> = new Set(["/", ":", "#"]);

/**
 * The Name of the attribute that differs from `wanted` only by case or form (URI or short name,
 * punctuation), else of one that is usually called so, else null.
 */
export function nearestName(
  kind: keyof AttributeMapping,
  wanted: string,
  attributes: readonly AssertionAttribute[],
): string | null {
  const key = formlessName(wanted);
  const resembles = (test: (name: string) => boolean): AssertionAttribute | undefined =>
    attributes.find(({ name, friendlyName }) => {
      return (
        test(formlessName(name)) || (friendlyName !== null && test(formlessName(friendlyName)))
      );
    });
  const sameButForm = key === "" ? undefined : resembles((name) => name === key);
  const nearest = sameButForm ?? resembles((name) => commonNames[kind].has(name));
  return nearest?.name ?? null;
}

/** The last segment of a URI or URN, in lower case, letters and digits only. */
function formlessName(name: string): string {
  const ldapName = objectIds.get(name);
  if (ldapName !== undefined) return ldapName;
  let end = name.length;
  while (end > 0 && separators.has(name.charAt(end - 1))) end -= 1;
  let start = end;
  while (start > 0 && !separators.has(name.charAt(start - 1))) start -= 1;
  return name
    .slice(start, end)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}
