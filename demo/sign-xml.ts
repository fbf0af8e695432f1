/**
 * The demo identity provider's XML signatures, by node:crypto over text that is canonical already
 * (canonical-text.ts). Offers what real providers use and, for the tests, what must be refused.
 */
import { constants, createHash, type KeyObject, sign } from "node:crypto";
import {
  declare,
  element,
  namespaces,
  type Prefix,
  text,
  withDeclarations,
} from "./canonical-text.ts";

export type SignatureAlgorithm = keyof typeof signatureAlgorithms;
export type DigestAlgorithm = keyof typeof digestUris;

const dsigMore = "http://www.w3.org/2001/04/xmldsig-more#";
const dsigMore2007 = "http://www.w3.org/2007/05/xmldsig-more#";

const signatureAlgorithms = {
  "rsa-sha1": { uri: `${namespaces.ds}rsa-sha1`, hash: "sha1", padding: "pkcs1" },
  "rsa-sha256": { uri: `${dsigMore}rsa-sha256`, hash: "sha256", padding: "pkcs1" },
  "rsa-sha384": { uri: `${dsigMore}rsa-sha384`, hash: "sha384", padding: "pkcs1" },
  "rsa-sha512": { uri: `${dsigMore}rsa-sha512`, hash: "sha512", padding: "pkcs1" },
  "rsa-pss-sha256": { uri: `${dsigMore2007}sha256-rsa-MGF1`, hash: "sha256", padding: "pss" },
  "rsa-pss-sha384": { uri: `${dsigMore2007}sha384-rsa-MGF1`, hash: "sha384", padding: "pss" },
  "rsa-pss-sha512": { uri: `${dsigMore2007}sha512-rsa-MGF1`, hash: "sha512", padding: "pss" },
  "ecdsa-sha1": { uri: `${dsigMore}ecdsa-sha1`, hash: "sha1", padding: "ecdsa" },
  "ecdsa-sha256": { uri: `${dsigMore}ecdsa-sha256`, hash: "sha256", padding: "ecdsa" },
  "ecdsa-sha384": { uri: `${dsigMore}ecdsa-sha384`, hash: "sha384", padding: "ecdsa" },
  "ecdsa-sha512": { uri: `${dsigMore}ecdsa-sha512`, hash: "sha512", padding: "ecdsa" },
} as const;

export const digestUris = {
  sha1: `${namespaces.ds}sha1`,
  sha256: `${namespaces.xenc}sha256`,
  sha384: `${dsigMore}sha384`,
  sha512: `${namespaces.xenc}sha512`,
} as const;

const canonicalizationUris = {
  exclusive: namespaces.ec,
  inclusive: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
} as const;

const envelopedSignature = `${namespaces.ds}enveloped-signature`;

/** How to sign. Everything but the key has the default of today's providers. */
export interface SignOptions {
  readonly privateKey: KeyObject;
  /** Written into KeyInfo; null leaves KeyInfo out. */
  readonly certificatePem: string | null;
  readonly algorithm?: SignatureAlgorithm;
  readonly digest?: DigestAlgorithm;
  readonly canonicalization?: keyof typeof canonicalizationUris;
  /** Prefixes that an outer element declares; inclusive canonical form repeats them. */
  readonly outerPrefixes?: readonly Prefix[];
  /** InclusiveNamespaces PrefixList; without it an unused `xmlns:xs` is no part of the digest. */
  readonly prefixList?: string | null;
  /** Attack hook: changes SignedInfo before it is signed. */
  readonly editSignedInfo?: (xml: string) => string;
  /** Attack hook: changes the finished Signature element. */
  readonly editSignature?: (xml: string) => string;
}

/** `xml`, one canonical element with an ID, with an enveloped signature behind its Issuer. */
export function signElement(xml: string, options: SignOptions): string {
  const end = issuerEnd(xml);
  return xml.slice(0, end) + signatureOf(xml, options) + xml.slice(end);
}

/** The detached text of the ds:Signature that would cover `xml`. */
export function signatureOf(xml: string, options: SignOptions): string {
  const { algorithm = "rsa-sha256", editSignedInfo, editSignature } = options;
  const written = signedInfo(xml, options);
  const info = editSignedInfo === undefined ? written : editSignedInfo(written);
  const isInclusive = options.canonicalization === "inclusive";
  const inScope: Prefix[] = isInclusive ? ["ds", ...prefixesInScope(xml, options)] : ["ds"];
  const value = signText(withDeclarations(info, inScope), algorithm, options.privateKey);
  const signature = element(
    "ds:Signature",
    declare("ds"),
    info,
    element("ds:SignatureValue", {}, value.toString("base64")),
    options.certificatePem === null ? "" : keyInfo(options.certificatePem),
  );
  return editSignature === undefined ? signature : editSignature(signature);
}

/** The ds:KeyInfo that names a certificate; the caller's element declares `ds`. */
export function keyInfo(certificatePem: string, attributes: Record<string, string> = {}): string {
  const base64 = certificatePem.replace(/-----[A-Z ]+-----|\s/g, "");
  return element(
    "ds:KeyInfo",
    attributes,
    element("ds:X509Data", {}, element("ds:X509Certificate", {}, base64)),
  );
}

function signedInfo(xml: string, options: SignOptions): string {
  const { algorithm = "rsa-sha256", digest = "sha256", canonicalization = "exclusive" } = options;
  const canonicalizationUri = canonicalizationUris[canonicalization];
  const digestValue = createHash(digest).update(digestedText(xml, options)).digest("base64");
  const id = /\sID="([^"]*)"/.exec(xml.slice(0, xml.indexOf(">")))?.[1] ?? "";
  return element(
    "ds:SignedInfo",
    {},
    element("ds:CanonicalizationMethod", { Algorithm: canonicalizationUri }),
    element("ds:SignatureMethod", { Algorithm: signatureAlgorithms[algorithm].uri }),
    element(
      "ds:Reference",
      { URI: `#${id}` },
      element(
        "ds:Transforms",
        {},
        element("ds:Transform", { Algorithm: envelopedSignature }),
        element("ds:Transform", { Algorithm: canonicalizationUri }, inclusiveNamespaces(options)),
      ),
      element("ds:DigestMethod", { Algorithm: digestUris[digest] }),
      element("ds:DigestValue", {}, text(digestValue)),
    ),
  );
}

function inclusiveNamespaces({ prefixList = null, canonicalization }: SignOptions): string {
  if (prefixList === null || canonicalization === "inclusive") return "";
  return element("ec:InclusiveNamespaces", { ...declare("ec"), PrefixList: prefixList });
}

/** The canonical form of `xml` in its place: what the digest is made of. */
function digestedText(xml: string, options: SignOptions): string {
  if (options.canonicalization === "inclusive") {
    return withDeclarations(xml, options.outerPrefixes ?? []);
  }
  const isXsListed = (options.prefixList ?? "").split(" ").includes("xs");
  return isXsListed ? xml : xml.replaceAll(` xmlns:xs="${namespaces.xs}"`, "");
}

function prefixesInScope(xml: string, options: SignOptions): Prefix[] {
  const own = xml.slice(0, xml.indexOf(">")).matchAll(/\sxmlns:([a-z0-9]+)=/g);
  return [...new Set([...(options.outerPrefixes ?? []), ...[...own].map((m) => m[1] as Prefix)])];
}

function signText(canonical: string, algorithm: SignatureAlgorithm, key: KeyObject): Buffer {
  const { hash, padding } = signatureAlgorithms[algorithm];
  const data = Buffer.from(canonical);
  if (padding === "ecdsa") return sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  if (padding === "pkcs1") return sign(hash, data, key);
  return sign(hash, data, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}

/** Where the signature belongs: behind the Issuer, else first (SAML Core 2.3.3, 3.2.2). */
function issuerEnd(xml: string): number {
  const inside = xml.indexOf(">") + 1;
  if (!xml.startsWith("<saml:Issuer", inside)) return inside;
  return xml.indexOf("</saml:Issuer>", inside) + "</saml:Issuer>".length;
}
