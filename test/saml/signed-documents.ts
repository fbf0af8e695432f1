/**
 * Generated documents with one signed element inside, genuine or tampered with, for the comparison of
 * verdicts. They are signed with libxml2's canonical forms and node:crypto: nothing of src takes part.
 */
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
import { generatedContent, numberIds, prefixes } from "./documents.ts";

/** Who signs them. */
export const signingKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Expanded name and ID of the signed element. */
export const signedNamespace = "urn:labelgate:signed";
export const signedLocal = "Signed";
const signedId = "_signed";

const ds = "http://www.w3.org/2000/09/xmldsig#";
const exclusiveUri = "http://www.w3.org/2001/10/xml-exc-c14n#";
const inclusiveUri = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

interface Recipe {
  readonly before: string;
  readonly first: string;
  readonly last: string;
  readonly after: string;
  readonly outerDeclarations: readonly (readonly [string, string])[];
  readonly ownDeclarations: readonly (readonly [string, string])[];
  readonly isExclusive: boolean;
  readonly isInfoExclusive: boolean;
  readonly prefixList: readonly string[];
  /** Of the ds elements; empty for a default namespace. */
  readonly signaturePrefix: string;
  readonly tampering: { readonly kind: Tampering; readonly at: number };
}

const tamperings = [
  "none",
  "text",
  "value",
  "space",
  "outside",
  "outer namespace",
  "own namespace",
  "digest",
  "signature",
  "line in signature",
  "attribute",
  "removal",
] as const;
type Tampering = (typeof tamperings)[number];

const declarations = fc.uniqueArray(
  fc.tuple(fc.constantFrom("", ...prefixes), fc.constantFrom("urn:a", "urn:b", "urn:z")),
  { selector: ([prefix]) => prefix, maxLength: 3 },
);

const recipes: fc.Arbitrary<Recipe> = fc.record({
  before: generatedContent,
  first: generatedContent,
  last: generatedContent,
  after: generatedContent,
  outerDeclarations: declarations,
  ownDeclarations: declarations,
  isExclusive: fc.boolean(),
  isInfoExclusive: fc.boolean(),
  prefixList: fc.uniqueArray(fc.constantFrom("#default", ...prefixes), { maxLength: 3 }),
  signaturePrefix: fc.constantFrom("", "ds", "a"),
  tampering: fc.record({ kind: fc.constantFrom(...tamperings), at: fc.nat() }),
});

/** A document and what was done to it after it was signed. */
export interface SignedCase {
  readonly xml: string;
  readonly tampering: Tampering;
}

/** Signed documents, eleven of twelve tampered with; some of that must not matter. */
export const signedCases: fc.Arbitrary<SignedCase> = recipes.map((recipe) => ({
  xml: tamperWith[recipe.tampering.kind](signDocument(recipe), recipe.tampering.at),
  tampering: recipe.tampering.kind,
}));

/** What libxml2's canonical form and node:crypto say about the signature in `xml`. */
export function verdictByLibxml2(xml: string): boolean {
  const info = /<(?:\w+:)?SignedInfo[ >].*<\/(?:\w+:)?SignedInfo>/s.exec(xml)?.[0] ?? "";
  const isExclusive = [...info.matchAll(/Algorithm="([^"]*)"/g)].map(
    (match) => match[1] === exclusiveUri,
  );
  const prefixList = /PrefixList="([^"]*)"/.exec(info)?.[1]?.split(" ") ?? [];
  const digest = canonicalDigest(withoutSignature(xml), isExclusive.at(-2) === true, prefixList);
  if (digest !== /DigestValue>([^<]*)</.exec(info)?.[1]) return false;
  const text = canonicalPart(xml, "SignedInfo", { isExclusive: isExclusive[0] === true });
  const value = Buffer.from(/SignatureValue>([^<]*)</.exec(xml)?.[1] ?? "", "base64");
  return verify("sha256", Buffer.from(text), createPublicKey(signingKeys.privateKey), value);
}

function signDocument(recipe: Recipe): string {
  const unsigned = renderUnsigned(recipe);
  const digest = canonicalDigest(unsigned, recipe.isExclusive, recipe.prefixList);
  const place = unsigned.indexOf("<?place?>");
  if (place === -1) throw new Error("the document has no place for a signature");
  const assemble = (value: string): string =>
    unsigned.replace("<?place?>", () => renderSignature(recipe, digest, value));
  const { isInfoExclusive } = recipe;
  const text = canonicalPart(assemble(""), "SignedInfo", { isExclusive: isInfoExclusive });
  return assemble(sign("sha256", Buffer.from(text), signingKeys.privateKey).toString("base64"));
}

/** The processing instruction marks the signature's place; canonical form must not see it. */
function renderUnsigned(recipe: Recipe): string {
  const { before, last, after, outerDeclarations, ownDeclarations } = recipe;
  // Without the signature its two sides meet: no "]]>" and no line end may arise there.
  const first = recipe.first.replace(/[\]\r]+$/, "");
  const outer = `<r:Root xmlns:r="urn:labelgate:root" xml:lang="de"${declarationText(outerDeclarations)}>`;
  const own = `<s:${signedLocal} xmlns:s="${signedNamespace}" ID="${signedId}" plain="value"${declarationText(ownDeclarations)}>`;
  return numberIds(
    `${outer}${before}${own}${first}<?place?>${last}</s:${signedLocal}>${after}</r:Root>`,
  );
}

function declarationText(list: readonly (readonly [string, string])[]): string {
  return list
    .map(([prefix, uri]) => ` xmlns${prefix === "" ? "" : `:${prefix}`}="${uri}"`)
    .join("");
}

function renderSignature(recipe: Recipe, digest: string, value: string): string {
  const { isExclusive, isInfoExclusive, prefixList, signaturePrefix: p } = recipe;
  const q = p === "" ? "" : `${p}:`;
  const uri = isExclusive ? exclusiveUri : inclusiveUri;
  const list =
    isExclusive && prefixList.length > 0
      ? `<InclusiveNamespaces xmlns="${exclusiveUri}" PrefixList="${prefixList.join(" ")}"/>`
      : "";
  const info = `<${q}SignedInfo><${q}CanonicalizationMethod Algorithm="${isInfoExclusive ? exclusiveUri : inclusiveUri}"/><${q}SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><${q}Reference URI="#${signedId}"><${q}Transforms><${q}Transform Algorithm="${ds}enveloped-signature"/><${q}Transform Algorithm="${uri}">${list}</${q}Transform></${q}Transforms><${q}DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><${q}DigestValue>${digest}</${q}DigestValue></${q}Reference></${q}SignedInfo>`;
  return `<${q}Signature xmlns${p === "" ? "" : `:${p}`}="${ds}">${info}<${q}SignatureValue>${value}</${q}SignatureValue></${q}Signature>`;
}

function canonicalDigest(xml: string, isExclusive: boolean, prefixList: readonly string[]): string {
  const text = canonicalPart(xml.replace("<?place?>", ""), signedLocal, {
    isExclusive,
    prefixList,
  });
  return createHash("sha256").update(text).digest("base64");
}

function canonicalPart(
  xml: string,
  local: string,
  { isExclusive, prefixList = [] }: { isExclusive: boolean; prefixList?: readonly string[] },
): string {
  using document = XmlDocument.fromString(xml);
  const element = document.get(`//*[local-name()='${local}' and (@ID or parent::*/parent::*/@ID)]`);
  if (element === null) throw new Error(`no ${local}`);
  const mode = isExclusive ? XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 : XmlC14NMode.XML_C14N_1_0;
  return element.canonicalizeToString(
    isExclusive ? { mode, inclusiveNamespacePrefixes: [...prefixList] } : { mode },
  );
}

const signatureRe = /<(\w+:)?Signature [^>]*>.*<\/(\w+:)?Signature>/s;

function withoutSignature(xml: string): string {
  return xml.replace(signatureRe, "");
}

/** Changes a signed document in one place, keeping it well-formed. */
const tamperWith: Readonly<Record<Tampering, (xml: string, at: number) => string>> = {
  none: (xml) => xml,
  text: insertText,
  value: (xml) => xml.replace('plain="value"', 'plain="Value"'),
  space: (xml) => xml.replace(' plain="value"', "\n\t plain = 'value' "),
  outside: (xml) => xml.replace(/^[^>]*>/, "$&outside"),
  "outer namespace": (xml) => xml.replace(" xml:lang=", ' xmlns:outer="urn:outer" xml:lang='),
  "own namespace": (xml) => xml.replace(" plain=", ' xmlns:own="urn:own" plain='),
  digest: (xml) => xml.replace(/(?<=DigestValue>)./, otherDigit),
  signature: (xml) => xml.replace(/(?<=SignatureValue>)./, otherDigit),
  "line in signature": (xml) => xml.replace(/(?<=SignatureValue>.{76})/, "\n"),
  attribute: (xml) => xml.replace(" plain=", ' added="" plain='),
  removal: (xml) => xml.replace(' plain="value"', ""),
};

const otherDigit = (digit: string): string => (digit === "A" ? "B" : "A");

/** Behind any ">" of the signed element, tags and text alike, but not inside its signature. */
function insertText(xml: string, choice: number): string {
  const start = xml.indexOf(`<s:${signedLocal} `);
  const end = xml.indexOf(`</s:${signedLocal}>`);
  const signature = signatureRe.exec(xml);
  const signatureStart = signature?.index ?? end;
  const signatureEnd = signatureStart + (signature?.[0].length ?? 0);
  const places = [...xml.slice(start, end).matchAll(/>/g)]
    .map((match) => start + match.index + 1)
    .filter((place) => place <= signatureStart || place >= signatureEnd);
  const place = places[choice % places.length] ?? signatureEnd;
  return `${xml.slice(0, place)}changed${xml.slice(place)}`;
}
