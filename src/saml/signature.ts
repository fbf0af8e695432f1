/**
 * XML signatures in the one form that SAML allows (SAML Core section 5.4): a signature over its own
 * parent. Owns which algorithms and keys count, and the type SignedElement, which is the proof.
 *
 *   parent ─ canonicalize ─→ text ─ digest ─→ SignedInfo ─ signature ─→ trusted key
 *                             └─ parsed again ─→ SignedElement: what readers get
 *
 * Whatever is read is read from the very text that was digested (saml-security section 1.6).
 */
import { constants, hash, type KeyObject, verify } from "node:crypto";
import { AppError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { type CanonicalForm, canonicalize } from "./canonical.ts";
import { ChildReader, excerpt, ns } from "./structure.ts";
import { parseXml } from "./xml.ts";
import { attributeOf, textOf, type XmlElement } from "./xml-tree.ts";

/** A key that an organization's identity provider may sign with, parsed once per metadata version. */
export interface TrustedKey {
  readonly key: KeyObject;
  /** SHA-256 fingerprint of its certificate, as the metadata page shows it. */
  readonly fingerprint: string;
}

/** Which signatures count. */
export interface SignaturePolicy {
  readonly keys: readonly TrustedKey[];
  /** The organization's allow_sha1 switch (PRODUCT 2.3). */
  readonly allowSha1: boolean;
}

class Signed {
  /** The signed element without its signature, parsed from the digested text. */
  readonly root: XmlElement;
  /** Whose signature it was. */
  readonly keyFingerprint: string;
  readonly #isProof = true;

  constructor(root: XmlElement, keyFingerprint: string) {
    this.root = root;
    this.keyFingerprint = keyFingerprint;
  }

  static isProof(value: object): value is Signed {
    return #isProof in value && value.#isProof;
  }
}

/** An element that a trusted key signed. Nothing outside this file can make one. */
export type SignedElement = Signed;

/**
 * Checks that `signature`, a child of `parent`, was made over `parent` by one of the trusted keys.
 *
 * @throws AppError `saml_no_signing_key`, `saml_signature_structure`, `saml_signature_algorithm`,
 * `saml_sha1_refused`, `saml_key_too_weak`, `saml_signature_invalid` or `saml_digest_mismatch`.
 */
export function verifySignature(
  parent: XmlElement,
  signature: XmlElement,
  policy: SignaturePolicy,
): SignedElement {
  if (policy.keys.length === 0) throw new AppError("saml_no_signing_key");
  const { signedInfo, signatureValue } = readSignature(signature);
  const text = canonicalize(signedInfo, readSignedInfo(signedInfo).form);
  const claim = readClaim(parseXml(text), policy.allowSha1);
  const expectedUri = `#${attributeOf(parent, "ID")}`;
  if (claim.uri !== expectedUri) {
    throw structureError("Reference", expectedUri, claim.uri);
  }
  const signer = findSigner(claim.method, { text, value: bytesOf(signatureValue) }, policy.keys);
  const signedText = canonicalize(parent, { ...claim.transform, omit: signature });
  if (!hash(claim.digest, signedText, "buffer").equals(claim.digestValue)) {
    throw new AppError("saml_digest_mismatch", { evidence: { in: excerpt(parent.name) } });
  }
  return new Signed(parseXml(signedText), signer.fingerprint);
}

/** `element` as covered by the signature over an element that contains it, encrypted or not. */
export function signedPart(signed: SignedElement, element: XmlElement): SignedElement {
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    if (at === signed.root && Signed.isProof(signed)) {
      return new Signed(element, signed.keyFingerprint);
    }
  }
  throw new Error("The element is not part of what was signed");
}

const envelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const exclusiveForm = "http://www.w3.org/2001/10/xml-exc-c14n#";
const inclusiveForm = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

type HashName = "sha1" | "sha256" | "sha384" | "sha512";

const digestMethods: ReadonlyMap<string, HashName> = new Map([
  ["http://www.w3.org/2000/09/xmldsig#sha1", "sha1"],
  ["http://www.w3.org/2001/04/xmlenc#sha256", "sha256"],
  ["http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"],
  ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512"],
]);

interface SignatureMethod {
  readonly scheme: "rsa" | "pss" | "ecdsa";
  readonly hash: HashName;
}

const more = "http://www.w3.org/2001/04/xmldsig-more#";
const more2007 = "http://www.w3.org/2007/05/xmldsig-more#";

/** RFC 9231. HMAC does not exist here: a public key must never serve as a secret. */
const signatureMethods: ReadonlyMap<string, SignatureMethod> = new Map([
  ["http://www.w3.org/2000/09/xmldsig#rsa-sha1", { scheme: "rsa", hash: "sha1" }],
  [`${more}rsa-sha256`, { scheme: "rsa", hash: "sha256" }],
  [`${more}rsa-sha384`, { scheme: "rsa", hash: "sha384" }],
  [`${more}rsa-sha512`, { scheme: "rsa", hash: "sha512" }],
  [`${more2007}sha256-rsa-MGF1`, { scheme: "pss", hash: "sha256" }],
  [`${more2007}sha384-rsa-MGF1`, { scheme: "pss", hash: "sha384" }],
  [`${more2007}sha512-rsa-MGF1`, { scheme: "pss", hash: "sha512" }],
  [`${more}ecdsa-sha256`, { scheme: "ecdsa", hash: "sha256" }],
  [`${more}ecdsa-sha384`, { scheme: "ecdsa", hash: "sha384" }],
  [`${more}ecdsa-sha512`, { scheme: "ecdsa", hash: "sha512" }],
]);

/** A Signature's parts; ds:Object, where forgeries like to hide, is none of them. */
function readSignature(signature: XmlElement) {
  const parts = partsOf(signature);
  const signedInfo = parts.one(ns.ds, "SignedInfo");
  const signatureValue = parts.one(ns.ds, "SignatureValue");
  parts.optional(ns.ds, "KeyInfo");
  parts.end();
  return { signedInfo, signatureValue };
}

function readSignedInfo(signedInfo: XmlElement) {
  const parts = partsOf(signedInfo);
  const form = canonicalForm(parts.one(ns.ds, "CanonicalizationMethod"));
  const signatureMethod = parts.one(ns.ds, "SignatureMethod");
  const reference = parts.one(ns.ds, "Reference");
  parts.end();
  return { form, signatureMethod, reference };
}

function readReference(reference: XmlElement) {
  const parts = partsOf(reference);
  const transforms = partsOf(parts.one(ns.ds, "Transforms"));
  const enveloped = transforms.one(ns.ds, "Transform");
  const canonicalization = transforms.one(ns.ds, "Transform");
  transforms.end();
  const digestMethod = parts.one(ns.ds, "DigestMethod");
  const digestValue = parts.one(ns.ds, "DigestValue");
  parts.end();
  return { enveloped, canonicalization, digestMethod, digestValue };
}

/** What the signer says that it signed, read from the canonical text that the signature covers. */
interface Claim {
  readonly method: SignatureMethod;
  readonly uri: string | null;
  readonly transform: CanonicalForm;
  readonly digest: HashName;
  readonly digestValue: Buffer;
}

function readClaim(signedInfo: XmlElement, allowSha1: boolean): Claim {
  const { signatureMethod, reference } = readSignedInfo(signedInfo);
  const { enveloped, canonicalization, digestMethod, digestValue } = readReference(reference);
  const transform = canonicalForm(canonicalization);
  if (algorithmOf(enveloped) !== envelopedSignature) throw algorithmError(enveloped);
  const method = signatureMethods.get(algorithmOf(signatureMethod));
  const digest = digestMethods.get(algorithmOf(digestMethod));
  if (method === undefined) throw algorithmError(signatureMethod);
  if (digest === undefined) throw algorithmError(digestMethod);
  for (const element of [enveloped, signatureMethod, digestMethod]) partsOf(element).end();
  if (!allowSha1 && (method.hash === "sha1" || digest === "sha1")) {
    throw new AppError("saml_sha1_refused", {
      evidence: { signature: method.hash, digest, expected: "SHA-256 or better" },
    });
  }
  const uri = attributeOf(reference, "URI");
  return { method, uri, transform, digest, digestValue: bytesOf(digestValue) };
}

/** Canonical XML 1.0 or the exclusive one, never "with comments". */
function canonicalForm(method: XmlElement): CanonicalForm {
  const algorithm = algorithmOf(method);
  const parts = partsOf(method);
  if (algorithm === inclusiveForm) {
    parts.end();
    return { exclusive: false, inclusivePrefixes: [] };
  }
  if (algorithm !== exclusiveForm) throw algorithmError(method);
  const list = parts.optional(ns.ec, "InclusiveNamespaces");
  parts.end();
  const prefixes = (list === null ? null : attributeOf(list, "PrefixList")) ?? "";
  const inclusivePrefixes = prefixes
    .split(" ")
    .filter((prefix) => prefix !== "")
    .map((prefix) => (prefix === "#default" ? "" : prefix));
  return { exclusive: true, inclusivePrefixes };
}

interface KeyFitness {
  readonly scheme: "rsa" | "pss" | "ecdsa" | null;
  readonly isStrong: boolean;
  /** Length of a raw ECDSA signature in bytes (RFC 9231 section 2.3.6); 0 for RSA. */
  readonly signatureBytes: number;
}

/** Curve → length of r and s together. */
const curves: ReadonlyMap<string | undefined, number> = new Map([
  ["prime256v1", 64],
  ["secp384r1", 96],
  ["secp521r1", 132],
]);
const leastRsaBits = 2048;

const fitnesses = new WeakMap<KeyObject, KeyFitness>();

/** Asked of OpenSSL once per key. */
function fitnessOf(key: KeyObject): KeyFitness {
  let fitness = fitnesses.get(key);
  if (fitness === undefined) {
    fitness = measureFitness(key);
    fitnesses.set(key, fitness);
  }
  return fitness;
}

function measureFitness({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyFitness {
  const isStrong = (asymmetricKeyDetails?.modulusLength ?? 0) >= leastRsaBits;
  if (asymmetricKeyType === "rsa") return { scheme: "rsa", isStrong, signatureBytes: 0 };
  if (asymmetricKeyType === "rsa-pss") return { scheme: "pss", isStrong, signatureBytes: 0 };
  if (asymmetricKeyType !== "ec") return { scheme: null, isStrong: false, signatureBytes: 0 };
  const signatureBytes = curves.get(asymmetricKeyDetails?.namedCurve) ?? 0;
  return { scheme: "ecdsa", isStrong: signatureBytes > 0, signatureBytes };
}

/** A plain RSA key may sign by PSS too; a key made for PSS may not sign otherwise. */
function fits({ scheme }: KeyFitness, method: SignatureMethod): boolean {
  return scheme === method.scheme || (scheme === "rsa" && method.scheme === "pss");
}

interface Signature {
  /** Canonical SignedInfo. */
  readonly text: string;
  readonly value: Buffer;
}

/** The trusted key that made the signature: the metadata lists them, KeyInfo is not asked. */
function findSigner(
  method: SignatureMethod,
  signature: Signature,
  keys: readonly TrustedKey[],
): TrustedKey {
  const fitting = keys.filter(({ key }) => fits(fitnessOf(key), method));
  const strong = fitting.filter(({ key }) => fitnessOf(key).isStrong);
  const signer = strong.find(({ key }) => isSignedBy(key, method, signature));
  if (signer !== undefined) return signer;
  const isWeak = strong.length === 0 && fitting.length > 0;
  throw new AppError(isWeak ? "saml_key_too_weak" : "saml_signature_invalid", {
    evidence: { method, trustedKeys: keys.map(({ fingerprint }) => fingerprint) },
  });
}

function isSignedBy(key: KeyObject, method: SignatureMethod, { text, value }: Signature): boolean {
  const data = Buffer.from(text);
  if (method.scheme === "ecdsa") {
    if (value.length !== fitnessOf(key).signatureBytes) return false;
    return verify(method.hash, data, { key, dsaEncoding: "ieee-p1363" }, value);
  }
  if (method.scheme === "rsa") return verify(method.hash, data, key, value);
  // RFC 9231 section 2.3.10: MGF1 with the same hash, and a salt as long as it.
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return verify(method.hash, data, { key, padding, saltLength }, value);
}

function partsOf(element: XmlElement): ChildReader {
  return new ChildReader(element, "saml_signature_structure");
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(element, "Algorithm") ?? "";
}

function bytesOf(element: XmlElement): Buffer {
  const text = textOf(element);
  const bytes = text === null ? null : decodeBase64(text);
  if (bytes === null) throw structureError(element.name, "base64", text);
  return bytes;
}

function structureError(place: string, expected: string, found: string | null): AppError {
  return new AppError("saml_signature_structure", {
    evidence: { in: excerpt(place), expected, found: excerpt(found) },
  });
}

function algorithmError(element: XmlElement): AppError {
  return new AppError("saml_signature_algorithm", {
    evidence: { in: excerpt(element.name), found: excerpt(algorithmOf(element)) },
  });
}
