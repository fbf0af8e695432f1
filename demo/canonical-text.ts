/**
 * Writes XML that is its own exclusive canonical form, for the demo identity provider.
 *
 * Whoever writes canonical text needs no canonicalizer to sign it. That keeps the demo and the tests
 * independent of src/saml/xml.ts: a mistake there cannot hide here. The rules are those of
 * Exclusive XML Canonicalization 1.0: each prefix declared where it is first used, declarations
 * before attributes, both sorted, no empty-element tags, the fixed character references.
 */

export const namespaces = {
  samlp: "urn:oasis:names:tc:SAML:2.0:protocol",
  saml: "urn:oasis:names:tc:SAML:2.0:assertion",
  md: "urn:oasis:names:tc:SAML:2.0:metadata",
  ds: "http://www.w3.org/2000/09/xmldsig#",
  xenc: "http://www.w3.org/2001/04/xmlenc#",
  xenc11: "http://www.w3.org/2009/xmlenc11#",
  ec: "http://www.w3.org/2001/10/xml-exc-c14n#",
  xs: "http://www.w3.org/2001/XMLSchema",
  xsi: "http://www.w3.org/2001/XMLSchema-instance",
} as const;

export type Prefix = keyof typeof namespaces;

/** The declaration of one prefix, to be spread into an element's attributes. */
export function declare(...prefixes: readonly Prefix[]): Record<string, string> {
  return Object.fromEntries(prefixes.map((prefix) => [`xmlns:${prefix}`, namespaces[prefix]]));
}

/**
 * One element. Attributes with the value null are left out; children are XML text already, so wrap
 * plain text in `text()`.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | null>> = {},
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .sort(([a], [b]) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`);
  return `<${name}${written.join("")}>${children.join("")}</${name}>`;
}

/** Character data, escaped as canonical XML wants it. */
export function text(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#xD;");
}

/** The start tag of `xml` with these prefixes declared as well, in canonical order. */
export function withDeclarations(xml: string, prefixes: readonly Prefix[]): string {
  const end = xml.indexOf(">");
  const [name = "", ...attributes] = xml.slice(1, end).match(/[^\s="]+(?:="[^"]*")?/g) ?? [];
  const added = prefixes
    .map((prefix) => `xmlns:${prefix}="${namespaces[prefix]}"`)
    .filter((declaration) => !attributes.includes(declaration));
  const declarations = [...attributes.filter((a) => a.startsWith("xmlns")), ...added];
  declarations.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const others = attributes.filter((a) => !a.startsWith("xmlns"));
  return `<${[name, ...declarations, ...others].join(" ")}${xml.slice(end)}`;
}

const nameOf = (attribute: string): string => attribute.slice(0, attribute.indexOf("="));

/** Declarations first, then attributes without a namespace, then those with one. */
function sortKey(name: string): string {
  if (name === "xmlns" || name.startsWith("xmlns:")) return `0${name}`;
  return name.includes(":") ? `2${name}` : `1${name}`;
}

function escapeAttribute(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\t", "&#x9;")
    .replaceAll("\n", "&#xA;")
    .replaceAll("\r", "&#xD;");
}
