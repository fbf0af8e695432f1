/**
 * Content keys wrapped by RSA-OAEP (XML Encryption 1.1 section 5.5.2), the one key transport that is
 * accepted: RSA 1.5 leaks its padding. Owns the unwrapping; decrypt.ts uses what comes out.
 *
 * A key that does not open is null, whatever the reason, so that no caller can tell reasons apart.
 */
import { constants, createHash, type KeyObject, privateDecrypt, webcrypto } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import { ns } from "./structure.ts";
import { attributeOf, elementsOf, isElement, textOf, type XmlElement } from "./xml-tree.ts";

type HashName = "sha1" | "sha256" | "sha384" | "sha512";

const digests: ReadonlyMap<string, HashName> = new Map([
  ["http://www.w3.org/2000/09/xmldsig#sha1", "sha1"],
  [`${ns.xenc}sha256`, "sha256"],
  ["http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"],
  [`${ns.xenc}sha512`, "sha512"],
]);

const maskGenerators: ReadonlyMap<string, HashName> = new Map([
  [`${ns.xenc11}mgf1sha1`, "sha1"],
  [`${ns.xenc11}mgf1sha256`, "sha256"],
  [`${ns.xenc11}mgf1sha384`, "sha384"],
  [`${ns.xenc11}mgf1sha512`, "sha512"],
]);

/** Parameters by which a content key was wrapped. */
export interface OaepParameters {
  readonly hash: HashName;
  /** The hash of the mask generation function. */
  readonly maskHash: HashName;
  readonly label: Uint8Array<ArrayBuffer>;
}

const noLabel = new Uint8Array(0);

/** Reads an EncryptionMethod; null for anything but RSA-OAEP with hashes that we know. */
export function readOaepParameters(method: XmlElement): OaepParameters | null {
  const algorithm = attributeOf(method, "Algorithm");
  const is10 = algorithm === `${ns.xenc}rsa-oaep-mgf1p`;
  if (!is10 && algorithm !== `${ns.xenc11}rsa-oaep`) return null;
  const parameters = elementsOf(method);
  const digestMethod = parameters.find((part) => isElement(part, ns.ds, "DigestMethod"));
  const mask = parameters.find((part) => isElement(part, ns.xenc11, "MGF"));
  const label = parameters.find((part) => isElement(part, ns.xenc, "OAEPparams"));
  const hash = hashOf(digests, digestMethod);
  // The older algorithm always generates its mask by SHA-1, whatever the digest.
  const maskHash = is10 ? "sha1" : hashOf(maskGenerators, mask);
  const labelBytes = label === undefined ? noLabel : decodeBase64(textOf(label) ?? "");
  if (hash === undefined || maskHash === undefined || labelBytes === null) return null;
  return { hash, maskHash, label: new Uint8Array(labelBytes) };
}

function hashOf(names: ReadonlyMap<string, HashName>, method: XmlElement | undefined) {
  return method === undefined ? "sha1" : names.get(attributeOf(method, "Algorithm") ?? "");
}

/** The content key in `ciphertext`, or null where `key` does not open it. */
export async function unwrapKey(
  ciphertext: Uint8Array<ArrayBuffer>,
  key: KeyObject,
  parameters: OaepParameters,
): Promise<Buffer | null> {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || ciphertext.length !== Math.ceil(bits / 8)) return null;
  if (parameters.hash !== parameters.maskHash) return unwrapMixed(ciphertext, key, parameters);
  const algorithm = { name: "RSA-OAEP", label: parameters.label };
  const cryptoKey = cryptoKeyOf(key, parameters.hash);
  try {
    return Buffer.from(await webcrypto.subtle.decrypt(algorithm, cryptoKey, ciphertext));
  } catch {
    return null;
  }
}

const cryptoKeys = new WeakMap<KeyObject, Map<HashName, webcrypto.CryptoKey>>();

/** The key as Web Crypto wants it, whose private operation runs off the event loop. */
function cryptoKeyOf(key: KeyObject, hash: HashName): webcrypto.CryptoKey {
  const known = cryptoKeys.get(key) ?? new Map<HashName, webcrypto.CryptoKey>();
  cryptoKeys.set(key, known);
  const existing = known.get(hash);
  if (existing !== undefined) return existing;
  const algorithm = { name: "RSA-OAEP", hash: hash.replace("sha", "SHA-") };
  const made = key.toCryptoKey(algorithm, false, ["decrypt"]);
  known.set(hash, made);
  return made;
}

/**
 * RSA-OAEP with one hash for the label and another for the mask, which neither Web Crypto nor
 * node:crypto offers: the private operation is OpenSSL's, blinded; the padding is taken off here.
 */
function unwrapMixed(
  ciphertext: Uint8Array,
  key: KeyObject,
  parameters: OaepParameters,
): Buffer | null {
  let block: Buffer;
  try {
    block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
  } catch {
    // The ciphertext is no number below the modulus.
    return null;
  }
  return removeOaepPadding(block, parameters);
}

/** 1 for zero, 0 for any other byte, without a branch. */
const isZero = (byte: number): number => ((byte - 1) >>> 31) & 1;

/**
 * EME-OAEP decoding (RFC 8017 section 7.1.2, step 3). It looks at every byte whatever it finds, so
 * that how long it takes does not tell where the padding is wrong.
 */
function removeOaepPadding(
  block: Buffer,
  { hash, maskHash, label }: OaepParameters,
): Buffer | null {
  const expected = createHash(hash).update(label).digest();
  const seedEnd = 1 + expected.length;
  if (block.length < seedEnd + expected.length + 1) return null;
  const masked = block.subarray(seedEnd);
  const seed = xor(block.subarray(1, seedEnd), mask(masked, maskHash, expected.length));
  const data = xor(masked, mask(seed, maskHash, masked.length));
  let wrong = block[0] ?? 1;
  let messageStart = 0;
  let isFound = 0;
  for (let at = 0; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    if (at < expected.length) {
      wrong |= byte ^ (expected[at] ?? 0);
    } else {
      const isMark = isZero(byte ^ 1) & (isFound ^ 1);
      wrong |= (isFound ^ 1) & (isMark ^ 1) & (isZero(byte) ^ 1);
      messageStart += isMark * (at + 1);
      isFound |= isMark;
    }
  }
  wrong |= isFound ^ 1;
  return wrong === 0 ? data.subarray(messageStart) : null;
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, at) => byte ^ (right[at] ?? 0)));
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function mask(seed: Buffer, hash: HashName, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0, made = 0; made < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(hash).update(seed).update(number).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
