/**
 * XML signatures in the one form that SAML allows (SAML Core section 5.4): a signature over its own
 * parent. Owns that form and the type SignedElement, which is the proof; keys are signing-keys.ts's.
 *
 *   parent ─ canonicalize ─→ text ─ digest ─→ SignedInfo ─ signature ─→ trusted key
 *                             └─ parsed again ─→ SignedElement: what readers get
 *
 * Whatever is read is read from the very text that was digested (saml-security section 1.6).
 */
import { hash } from "node:crypto";
import { AppError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { type CanonicalForm, canonicalize } from "./canonical.ts";
import {
  findSigner,
  type HashName,
  type SignatureMethod,
  signatureMethods,
  type TrustedKey,
} from "./signing-keys.ts";
import { ChildReader, excerpt, ns } from "./structure.ts";
import { parseXml } from "./xml.ts";
import { attributeOf, textOf, type XmlElement } from "./xml-tree.ts";

/** Rules for the signatures that count. */
export interface SignaturePolicy {
  readonly keys: readonly TrustedKey[];
  /** The organization's allow_sha1 switch (PRODUCT 2.3). */
  readonly allowSha1: boolean;
}

class Signed {
  /** The signed element without its signature, parsed from the digested text. */
  readonly root: XmlElement;
  /** Fingerprint of the key that made the signature. */
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
  const { signedInfo, signatureValue, keyInfo } = readSignature(signature);
  const text = canonicalText(signedInfo, readSignedInfo(signedInfo).form);
  const claim = readClaim(parseXml(text), policy.allowSha1);
  const expectedUri = `#${attributeOf(parent, "ID")}`;
  if (claim.uri !== expectedUri) {
    throw structureError("Reference", expectedUri, claim.uri);
  }
  const made = { method: claim.method, text, value: bytesOf(signatureValue), keyInfo };
  const signer = findSigner(made, policy.keys);
  const signedText = canonicalText(parent, claim.transform, signature);
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

/** Canonical forms by name; "with comments" gives the same octets, since a message has none (PRODUCT 2.3). */
const canonicalForms: ReadonlyMap<string, "exclusive" | "1.0" | "1.1"> = new Map([
  ["http://www.w3.org/2001/10/xml-exc-c14n#", "exclusive"],
  ["http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "exclusive"],
  ["http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "1.0"],
  ["http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", "1.0"],
  ["http://www.w3.org/2006/12/xml-c14n11", "1.1"],
  ["http://www.w3.org/2006/12/xml-c14n11#WithComments", "1.1"],
]);

const digestMethods: ReadonlyMap<string, HashName> = new Map([
  ["http://www.w3.org/2000/09/xmldsig#sha1", "sha1"],
  ["http://www.w3.org/2001/04/xmlenc#sha256", "sha256"],
  ["http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"],
  ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512"],
]);

/** A Signature's parts; ds:Object, where forgeries like to hide, is none of them. */
function readSignature(signature: XmlElement) {
  const parts = partsOf(signature);
  const signedInfo = parts.one(ns.ds, "SignedInfo");
  const signatureValue = parts.one(ns.ds, "SignatureValue");
  const keyInfo = parts.optional(ns.ds, "KeyInfo");
  parts.end();
  return { signedInfo, signatureValue, keyInfo };
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

/**
 * The signer's statement of the signed element, read from the canonical text that the signature
 * covers.
 */
interface Claim {
  readonly method: SignatureMethod;
  readonly uri: string | null;
  readonly transform: NamedForm;
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

/** A canonical form as a signature names it. */
interface NamedForm extends CanonicalForm {
  /** The element that named it. */
  readonly method: XmlElement;
  /** Canonical XML 1.1, which treats inherited xml: attributes otherwise than 1.0. */
  readonly isVersion11: boolean;
}

function canonicalForm(method: XmlElement): NamedForm {
  const form = canonicalForms.get(algorithmOf(method));
  if (form === undefined) throw algorithmError(method);
  const parts = partsOf(method);
  const isVersion11 = form === "1.1";
  if (form !== "exclusive") {
    parts.end();
    return { exclusive: false, inclusivePrefixes: [], method, isVersion11 };
  }
  const list = parts.optional(ns.ec, "InclusiveNamespaces");
  parts.end();
  const prefixes = (list === null ? null : attributeOf(list, "PrefixList")) ?? "";
  const inclusivePrefixes = prefixes
    .split(" ")
    .filter((prefix) => prefix !== "")
    .map((prefix) => (prefix === "#default" ? "" : prefix));
  return { exclusive: true, inclusivePrefixes, method, isVersion11 };
}

/**
 * The canonical text of `element`. Canonical XML 1.1 is the same as 1.0 where no xml: attribute is
 * inherited, and refused elsewhere.
 */
function canonicalText(element: XmlElement, form: NamedForm, omit?: XmlElement): string {
  if (form.isVersion11 && inheritsXmlAttributes(element)) throw algorithmError(form.method);
  return canonicalize(element, omit === undefined ? form : { ...form, omit });
}

function inheritsXmlAttributes(element: XmlElement): boolean {
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    if (at.attributes.some(({ prefix }) => prefix === "xml")) return true;
  }
  return false;
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
