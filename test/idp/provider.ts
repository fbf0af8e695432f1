/**
 * What the tests of real identity providers share: a key, a signature in the provider's own style by
 * xml-crypto (so that neither our canonicalizer nor the demo's writer had a hand in it), and the whole
 * way from the XML to the identity.
 */
import { sign } from "node:crypto";
import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
import { SignedXml } from "xml-crypto";
import { type EncryptOptions, encryptElement } from "../../demo/encrypt-xml.ts";
import { createSigner, type Signer } from "../../demo/signer.ts";
import { type ReadIdentity, readIdentity } from "../../src/saml/attributes.ts";
import { parseIdpMetadata, trustOf } from "../../src/saml/metadata.ts";
import { type PresetKey, presets } from "../../src/saml/presets.ts";
import {
  decodeResponseField,
  type Expected,
  type VerifiedAssertion,
  verifyResponse,
} from "../../src/saml/response.ts";

export const acsUrl = "https://label.example/saml/9f2c/acs";
export const nowMs = Date.UTC(2026, 5, 1, 12, 0, 0);
export const requestId = "_8e8dc5f69a98cc4c1ff3427e5ce34606fd672f91e6";

/** The service provider's key, for those who encrypt. */
export const sp = createSigner({ entityId: acsUrl, ssoUrl: acsUrl });

/** The values that every provider's person has. */
export const ada = {
  email: "Ada.Lovelace@Contoso.com",
  firstName: "Ada",
  lastName: "King-Noël",
  groups: ["LS-Admins", "LS-Annotators"],
} as const;

/** The identity that must come out of them. */
export const adaIdentity = {
  email: "ada.lovelace@contoso.com",
  firstName: "Ada",
  lastName: "King-Noël",
  groups: ["LS-Admins", "LS-Annotators"],
  groupsState: "present",
} as const;

/** An instant some seconds from now, with milliseconds. */
export const at = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();

/** The same without a fraction. */
export const atSecond = (seconds: number): string => at(seconds).replace(/\.\d+Z$/, "Z");

export function provider(entityId: string): Signer {
  return createSigner({ entityId, ssoUrl: "https://idp.example/sso" });
}

const ds = "http://www.w3.org/2000/09/xmldsig#";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

/** How a provider writes its signatures. */
export interface SignatureStyle {
  /** The local name of what is signed. */
  readonly part: "Response" | "Assertion";
  /** Prefix of the ds elements; empty for a default namespace. */
  readonly prefix?: string;
  readonly hash?: "sha1" | "sha256";
  readonly prefixList?: readonly string[];
  /** Changes the finished ds:Signature, outside of what it signs. */
  readonly edit?: (signature: string) => string;
}

/** `xml` with a signature over one of its parts, behind that part's Issuer. */
export function signPart(idp: Signer, xml: string, style: SignatureStyle): string {
  const { part, prefix = "ds", hash = "sha256", prefixList = [], edit } = style;
  const signer = new SignedXml({
    privateKey: idp.privateKey.export({ type: "pkcs8", format: "pem" }),
    publicCert: idp.certificatePem,
    canonicalizationAlgorithm: exclusive,
    signatureAlgorithm:
      hash === "sha1" ? `${ds}rsa-sha1` : "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  });
  signer.addReference({
    xpath: `//*[local-name()='${part}']`,
    transforms: [`${ds}enveloped-signature`, exclusive],
    digestAlgorithm: hash === "sha1" ? `${ds}sha1` : "http://www.w3.org/2001/04/xmlenc#sha256",
    inclusiveNamespacesPrefixList: [...prefixList],
  });
  signer.computeSignature(xml, prefix === "" ? {} : { prefix });
  const written = withoutFirstPrefixList(idp, signer.getSignatureXml());
  const start = xml.search(new RegExp(`<(\\w+:)?${part}[ >]`));
  const issuerEnd = /<\/(\w+:)?Issuer>\s*/.exec(xml.slice(start));
  if (issuerEnd === null) throw new Error(`${part} has no Issuer`);
  const end = start + issuerEnd.index + issuerEnd[0].length;
  return xml.slice(0, end) + (edit?.(written) ?? written) + xml.slice(end);
}

/**
 * xml-crypto writes the PrefixList on enveloped-signature as well, which no provider does. Taking it
 * off changes SignedInfo, so that is signed once more, in libxml2's canonical form.
 */
function withoutFirstPrefixList(idp: Signer, signature: string): string {
  const edited = signature.replace(
    /(enveloped-signature")><InclusiveNamespaces[^>]*\/><\/[^>]*>/,
    "$1/>",
  );
  if (edited === signature) return signature;
  using document = XmlDocument.fromString(edited);
  const signedInfo = document.get("//*[local-name()='SignedInfo']");
  const mode = XmlC14NMode.XML_C14N_EXCLUSIVE_1_0;
  const text = signedInfo?.canonicalizeToString({ mode }) ?? "";
  const value = sign("sha256", Buffer.from(text), idp.privateKey).toString("base64");
  return edited.replace(/(SignatureValue>)[^<]*/, (_, tag: string) => tag + value);
}

/** `xml` with its Assertion encrypted for the service provider. */
export function encryptPart(xml: string, options: Omit<EncryptOptions, "certificatePem">): string {
  return xml.replace(/<(\w+:)?Assertion[ >].*<\/(\w+:)?Assertion>/s, (assertion) =>
    encryptElement("EncryptedAssertion", assertion, {
      certificatePem: sp.certificatePem,
      ...options,
    }),
  );
}

/** What Labelgate makes of a posted response. */
export interface SignedOn extends ReadIdentity {
  readonly assertion: VerifiedAssertion;
}

/** The whole way: metadata, form field, verification, identity. */
export async function signOn(
  idp: Signer,
  xml: string,
  {
    preset,
    metadata = idp.metadataXml(),
    ...changes
  }: { preset: PresetKey; metadata?: string } & Partial<Expected>,
): Promise<SignedOn> {
  const expected: Expected = {
    acsUrl,
    entityId: acsUrl,
    wantAssertionsSigned: false,
    wantResponseSigned: false,
    allowSha1: false,
    allowCbc: false,
    clockSkewMs: 180_000,
    decryptionKeys: [sp.privateKey],
    ...changes,
  };
  // Some providers break the field's base64 into lines of 76.
  const field = Buffer.from(xml)
    .toString("base64")
    .replaceAll(/(.{76})/g, "$1\r\n");
  const trust = trustOf(parseIdpMetadata(metadata, nowMs));
  const assertion = await verifyResponse(
    decodeResponseField(field, 262_144),
    trust,
    expected,
    nowMs,
  );
  const read = readIdentity(assertion, presets[preset].mapping, {
    splitGroupsOnComma: preset === "pingone",
    isMapped: () => false,
  });
  return { ...read, assertion };
}
