/**
 * The identity provider's signing keys: which signature algorithms there are, which key fits which,
 * which is strong enough, and which of them made a signature (saml-security section 1.5).
 */
import { constants, hash, type KeyObject, verify } from "node:crypto";
import { AppError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { ns } from "./structure.ts";
import { elementsOf, isElement, textOf, type XmlElement } from "./xml-tree.ts";

/** A key that an organization's identity provider may sign with, parsed once per metadata version. */
export interface TrustedKey {
  readonly key: KeyObject;
  /** SHA-256 fingerprint of its certificate, as the metadata page shows it. */
  readonly fingerprint: string;
}

/** The hashes of PRODUCT 2.3, by their names in node:crypto. */
export type HashName = "sha1" | "sha256" | "sha384" | "sha512";

/** A SignatureMethod that is accepted (PRODUCT 2.3). */
export interface SignatureMethod {
  readonly scheme: "rsa" | "pss" | "ecdsa";
  readonly hash: HashName;
}

const more = "http://www.w3.org/2001/04/xmldsig-more#";
const more2007 = "http://www.w3.org/2007/05/xmldsig-more#";

/** Algorithm URI → method (RFC 9231). HMAC does not exist here: a public key must never serve as a secret. */
export const signatureMethods: ReadonlyMap<string, SignatureMethod> = new Map([
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
const minRsaBits = 2048;

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
  const isStrong = (asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits;
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

/** A signature and what it is over. */
export interface MadeSignature {
  readonly method: SignatureMethod;
  /** Canonical SignedInfo. */
  readonly text: string;
  readonly value: Buffer;
  /** The message's own statement about its key: evidence for the log, nothing more. */
  readonly keyInfo: XmlElement | null;
}

/**
 * The trusted key that made the signature. The metadata lists them; KeyInfo is not asked.
 *
 * @throws AppError `saml_key_too_weak` where only weak keys could have made it, else
 * `saml_signature_invalid`.
 */
export function findSigner(signature: MadeSignature, keys: readonly TrustedKey[]): TrustedKey {
  const { method } = signature;
  const fitting = keys.filter(({ key }) => fits(fitnessOf(key), method));
  const strong = fitting.filter(({ key }) => fitnessOf(key).isStrong);
  const signer = strong.find(({ key }) => isSignedBy(key, signature));
  if (signer !== undefined) return signer;
  const isWeak = strong.length === 0 && fitting.length > 0;
  throw new AppError(isWeak ? "saml_key_too_weak" : "saml_signature_invalid", {
    evidence: {
      algorithm: `${method.scheme}-${method.hash}`,
      expected: keys.map(({ fingerprint }) => fingerprint),
      found: claimedFingerprint(signature.keyInfo),
    },
  });
}

/** The fingerprint of the certificate that the message names; anybody could have written it. */
function claimedFingerprint(keyInfo: XmlElement | null): string | null {
  const data = keyInfo === null ? [] : elementsOf(keyInfo).flatMap(elementsOf);
  const certificate = data.find((element) => isElement(element, ns.ds, "X509Certificate"));
  const bytes = certificate === undefined ? null : decodeBase64(textOf(certificate) ?? "");
  if (bytes === null) return null;
  return (hash("sha256", bytes, "hex").toUpperCase().match(/../g) ?? []).join(":");
}

function isSignedBy(key: KeyObject, signature: MadeSignature): boolean {
  try {
    return verifies(key, signature);
  } catch {
    // OpenSSL's answer where the key itself forbids the hash, as an RSA-PSS key may: not its signature.
    return false;
  }
}

function verifies(key: KeyObject, { method, text, value }: MadeSignature): boolean {
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
