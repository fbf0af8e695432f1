/**
 * XML Encryption as SAML uses it: an EncryptedAssertion or EncryptedID for one of our own keys.
 * Owns the algorithms (PRODUCT 2.3), key transport aside (oaep.ts). Whether an unsigned ciphertext may be CBC is the caller's word,
 * and whether the plaintext is to be believed is signature.ts's.
 *
 * Once a private key has been used, every failure is the same failure (saml-security section 1.7).
 */
import { createDecipheriv, type KeyObject } from "node:crypto";
import { AppError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { type OaepParameters, readOaepParameters, unwrapKey } from "./oaep.ts";
import { ChildReader, excerpt, ns, onlyChild } from "./structure.ts";
import { parseXml } from "./xml.ts";
import { attributeOf, elementsOf, isElement, textOf, type XmlElement } from "./xml-tree.ts";

/** With which of our keys, and how. */
export interface DecryptionPolicy {
  readonly keys: readonly KeyObject[];
  /** AES-CBC has no integrity of its own: only where a signature covers the ciphertext. */
  readonly allowCbc: boolean;
}

/**
 * The element of the SAML namespace, called `local`, that `holder` (its EncryptedData and
 * EncryptedKey) hides. Its parent is `holder`, whose namespaces it may use.
 *
 * @throws AppError `saml_bad_structure`, `saml_encryption_algorithm` or `saml_decryption_failed`.
 */
export async function decryptElement(
  holder: XmlElement,
  local: string,
  policy: DecryptionPolicy,
): Promise<XmlElement> {
  const { cipher, ciphertext, wrappedKeys } = readHolder(holder);
  if (cipher.mode === "cbc" && !policy.allowCbc) throw algorithmError("AES-CBC without signature");
  for (const wrapped of wrappedKeys) {
    for (const key of policy.keys) {
      const contentKey = await unwrapKey(wrapped.ciphertext, key, wrapped.parameters);
      const plaintext = contentKey === null ? null : decipher(cipher, contentKey, ciphertext);
      const element = plaintext === null ? null : parsePlaintext(plaintext, holder);
      if (element !== null && isElement(element, ns.saml, local)) return element;
    }
  }
  throw new AppError("saml_decryption_failed", { evidence: { ourKeys: policy.keys.length } });
}

function parsePlaintext(plaintext: Buffer, context: XmlElement): XmlElement | null {
  try {
    return parseXml(plaintext, { context });
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

interface Cipher {
  readonly name: "aes-128-gcm" | "aes-256-gcm" | "aes-128-cbc" | "aes-256-cbc";
  readonly mode: "gcm" | "cbc";
  readonly keyBytes: number;
}

const ciphers: ReadonlyMap<string, Cipher> = new Map([
  [`${ns.xenc11}aes128-gcm`, { name: "aes-128-gcm", mode: "gcm", keyBytes: 16 }],
  [`${ns.xenc11}aes256-gcm`, { name: "aes-256-gcm", mode: "gcm", keyBytes: 32 }],
  [`${ns.xenc}aes128-cbc`, { name: "aes-128-cbc", mode: "cbc", keyBytes: 16 }],
  [`${ns.xenc}aes256-cbc`, { name: "aes-256-cbc", mode: "cbc", keyBytes: 32 }],
]);

/** A content key, encrypted for somebody, perhaps us. */
interface WrappedKey {
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  readonly parameters: OaepParameters;
}

/** Each costs a private-key operation per key of ours. */
const maxWrappedKeys = 4;

function readHolder(holder: XmlElement) {
  const parts = new ChildReader(holder);
  const data = parts.one(ns.xenc, "EncryptedData");
  const siblings = parts.many(ns.xenc, "EncryptedKey");
  parts.end();
  const { method, keyInfo, ciphertext } = readEncrypted(data);
  const cipher = ciphers.get(attributeOf(method, "Algorithm") ?? "");
  if (cipher === undefined) throw algorithmError(attributeOf(method, "Algorithm"));
  const nested = keyInfo === null ? [] : elementsOf(keyInfo);
  const encryptedKeys = [...nested, ...siblings].filter((element) =>
    isElement(element, ns.xenc, "EncryptedKey"),
  );
  return { cipher, ciphertext, wrappedKeys: readKeys(encryptedKeys) };
}

/** Reads the parts that EncryptedData and EncryptedKey have in common (XML Encryption section 3.1). */
function readEncrypted(element: XmlElement) {
  const parts = new ChildReader(element);
  const method = parts.one(ns.xenc, "EncryptionMethod");
  const keyInfo = parts.optional(ns.ds, "KeyInfo");
  const value = onlyChild(parts.one(ns.xenc, "CipherData"), ns.xenc, "CipherValue");
  parts.optional(ns.xenc, "EncryptionProperties");
  parts.optional(ns.xenc, "ReferenceList");
  parts.optional(ns.xenc, "CarriedKeyName");
  parts.end();
  const ciphertext = decodeBase64(textOf(value) ?? "");
  if (ciphertext === null) throw structureError("base64 in CipherValue", null);
  return { method, keyInfo, ciphertext };
}

/** The EncryptedKeys, wherever they stand, that use an algorithm which is accepted. */
function readKeys(elements: readonly XmlElement[]): readonly WrappedKey[] {
  if (elements.length === 0 || elements.length > maxWrappedKeys) {
    throw structureError(`1 to ${maxWrappedKeys} EncryptedKey`, String(elements.length));
  }
  const keys: WrappedKey[] = [];
  let refused: string | null = null;
  for (const element of elements) {
    const { method, ciphertext } = readEncrypted(element);
    const parameters = readOaepParameters(method);
    if (parameters === null) refused = attributeOf(method, "Algorithm");
    else keys.push({ ciphertext: new Uint8Array(ciphertext), parameters });
  }
  if (keys.length === 0) throw algorithmError(refused);
  return keys;
}

const gcmIvBytes = 12;
const gcmTagBytes = 16;
const blockBytes = 16;

/** The plaintext, or null where it was not encrypted with this key or was changed since. */
function decipher(cipher: Cipher, key: Buffer, ciphertext: Buffer): Buffer | null {
  if (key.length !== cipher.keyBytes) return null;
  try {
    return cipher.mode === "gcm"
      ? decipherGcm(cipher, key, ciphertext)
      : decipherCbc(cipher, key, ciphertext);
  } catch {
    return null;
  }
}

function decipherGcm({ name }: Cipher, key: Buffer, ciphertext: Buffer): Buffer | null {
  if (ciphertext.length < gcmIvBytes + gcmTagBytes) return null;
  const tagStart = ciphertext.length - gcmTagBytes;
  const decipher = createDecipheriv(
    name as "aes-128-gcm",
    key,
    ciphertext.subarray(0, gcmIvBytes),
    {
      authTagLength: gcmTagBytes,
    },
  );
  decipher.setAuthTag(ciphertext.subarray(tagStart));
  const plaintext = decipher.update(ciphertext.subarray(gcmIvBytes, tagStart));
  return Buffer.concat([plaintext, decipher.final()]);
}

/** XML Encryption section 5.2: the last byte says how many bytes of padding there are. */
function decipherCbc({ name }: Cipher, key: Buffer, ciphertext: Buffer): Buffer | null {
  if (ciphertext.length < 2 * blockBytes || ciphertext.length % blockBytes !== 0) return null;
  const decipher = createDecipheriv(name, key, ciphertext.subarray(0, blockBytes));
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([
    decipher.update(ciphertext.subarray(blockBytes)),
    decipher.final(),
  ]);
  const padding = padded.at(-1) ?? 0;
  return padding >= 1 && padding <= blockBytes ? padded.subarray(0, -padding) : null;
}

function structureError(expected: string, found: string | null): AppError {
  return new AppError("saml_bad_structure", { evidence: { expected, found } });
}

function algorithmError(found: string | null): AppError {
  return new AppError("saml_encryption_algorithm", {
    evidence: { expected: "RSA-OAEP and AES-GCM", found: excerpt(found) },
  });
}
