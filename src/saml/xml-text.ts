/**
 * Character data of XML 1.0: which characters there are (section 2.2), the XML declaration (2.8),
 * normalization of attribute values (3.3.3), references (4.1, 4.6). No entity exists but the five that XML itself
 * defines, so nothing can expand.
 */
import { AppError, type ErrorCode } from "../errors.ts";
import { isNcName, scanNcName } from "./xml-names.ts";

/** UTF-16 units that never are a character of XML 1.0 (section 2.2); surrogates come in pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what this expression looks for
const forbiddenUnit = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what this expression looks for
const suspectUnit = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const loneSurrogate = /\p{Surrogate}/u;

/** One pass over a usual document; only one with surrogates in it is looked at again. */
const forbiddenAt = (text: string): number => {
  if (!suspectUnit.test(text)) return -1;
  const at = text.search(forbiddenUnit);
  return at === -1 ? text.search(loneSurrogate) : at;
};

/** Refuses a document that has something else than characters in it. */
export function requireCharacters(source: string): void {
  const at = forbiddenAt(source);
  if (at !== -1) refuseXml("saml_bad_xml", "character that XML does not allow", at);
}

const predefined = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Longer than any reference that is accepted; leading zeros are allowed, and help nobody. */
const longestReference = 24;
const characterReference = /^#(?:0*([0-9]{1,8})|x0*([0-9A-Fa-f]{1,8}))$/;
const needsNormalizing = /[<&\t\n]/;

/** Refuses the document, with what an administrator needs to find the place. */
export function refuseXml(code: ErrorCode, reason: string, offset: number): never {
  throw new AppError(code, { evidence: { reason, offset } });
}

/** A processor of XML 1.0 reads what says that it is 1.1 as 1.0 (fifth edition, 2.8). */
const laterVersion = /^(<\?xml[\t\n ]+version[\t\n ]*=[\t\n ]*["']1\.)\d{1,4}/;
const declaration =
  /^<\?xml[\t\n ]+version[\t\n ]*=[\t\n ]*(?:"1\.0"|'1\.0')(?:[\t\n ]+encoding[\t\n ]*=[\t\n ]*(?:"([-.\w]+)"|'([-.\w]+)'))?(?:[\t\n ]+standalone[\t\n ]*=[\t\n ]*(?:"(?:yes|no)"|'(?:yes|no)'))?[\t\n ]*\?>$/;
const longestDeclaration = 200;

/**
 * The offset behind the XML declaration (section 2.8), which stands at offset 0 or nowhere. The encoding
 * that it names must be UTF-8, unless the text `isDecoded` from whatever it was.
 */
export function skipDeclaration(source: string, isDecoded = false): number {
  if (!source.startsWith("<?xml") || scanNcName(source, 2) !== "<?xml".length) return 0;
  const end = source.slice(0, longestDeclaration).indexOf("?>") + 2;
  const written = source.slice(0, end);
  const match = declaration.exec(isDecoded ? written.replace(laterVersion, "$10") : written);
  if (match === null) refuseXml("saml_bad_xml", "XML declaration", 0);
  const encoding = match[1] ?? match[2] ?? "UTF-8";
  if (!isDecoded && encoding.toUpperCase() !== "UTF-8") refuseXml("saml_bad_encoding", encoding, 0);
  return end;
}

/** `raw` text with its references resolved; `offset` is where it stands, for the evidence. */
export function resolveReferences(raw: string, offset: number): string {
  let text = "";
  let from = 0;
  for (let at = raw.indexOf("&"); at !== -1; at = raw.indexOf("&", from)) {
    const end = raw.indexOf(";", at);
    if (end === -1 || end - at > longestReference) {
      refuseXml("saml_bad_xml", "& without a reference", offset + at);
    }
    text += raw.slice(from, at) + resolveReference(raw.slice(at + 1, end), offset + at);
    from = end + 1;
  }
  return text + raw.slice(from);
}

function resolveReference(name: string, offset: number): string {
  const character = predefined.get(name);
  if (character !== undefined) return character;
  const match = characterReference.exec(name);
  if (match === null) {
    const code = isNcName(name) ? "saml_xml_forbidden" : "saml_bad_xml";
    refuseXml(code, "entity that XML does not define", offset);
  }
  const [, decimal, hexadecimal = ""] = match;
  const codePoint =
    decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number.parseInt(decimal, 10);
  const text = codePoint > 0x10_ff_ff ? "\0" : String.fromCodePoint(codePoint);
  if (forbiddenAt(text) !== -1) {
    refuseXml("saml_bad_xml", "reference to a character that XML does not allow", offset);
  }
  return text;
}

/** An attribute's value as XML means it: white space becomes spaces, references are resolved. */
export function normalizeAttributeValue(raw: string, offset: number): string {
  if (!needsNormalizing.test(raw)) return raw;
  if (raw.includes("<")) refuseXml("saml_bad_xml", "< in an attribute value", offset);
  const spaced = raw.replaceAll(/[\t\n]/g, " ");
  return spaced.includes("&") ? resolveReferences(spaced, offset) : spaced;
}
