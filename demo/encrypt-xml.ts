/**
 * The demo identity provider's XML encryption (XML Encryption 1.1): a fresh AES key for the content,
 * wrapped by RSA for the service provider. Offers what real providers use and, for the tests, what
 * must be refused. OAEP is written out here because node:crypto ties the mask's hash to the label's,
 * while `rsa-oaep-mgf1p` keeps SHA-1 for the mask whatever the digest is.
 */
import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { declare, element, namespaces } from "./canonical-text.ts";
import { type DigestAlgorithm, digestUris } from "./sign-xml.ts";

/** How to encrypt. The defaults are AES-256-GCM and rsa-oaep-mgf1p with SHA-1, key inside. */
export interface EncryptOptions {
  /** Of the one who may read it. */
  readonly certificatePem: string;
  readonly algorithm?: "aes128-gcm" | "aes256-gcm" | "aes128-cbc" | "aes256-cbc";
  readonly keyTransport?: keyof typeof keyTransportUris;
  /** OAEP's DigestMethod; null writes none, which means SHA-1. */
  readonly digest?: DigestAlgorithm | null;
  /** The hash of OAEP's mask: SHA-1 for rsa-oaep-mgf1p; for rsa-oaep written as xenc11:MGF unless null. */
  readonly mask?: DigestAlgorithm | null;
  /** EncryptedKey inside EncryptedData's KeyInfo, or beside EncryptedData. */
  readonly keyPlace?: "inside" | "sibling";
  /** Attack hook: changes nonce, ciphertext and tag. */
  readonly editCiphertext?: (bytes: Buffer) => Buffer;
}

const keyTransportUris = {
  "rsa-oaep-mgf1p": `${namespaces.xenc}rsa-oaep-mgf1p`,
  "rsa-oaep": `${namespaces.xenc11}rsa-oaep`,
  "rsa-1_5": `${namespaces.xenc}rsa-1_5`,
} as const;

const contentAlgorithms = {
  "aes128-gcm": {
    uri: "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    cipher: "aes-128-gcm",
    bytes: 16,
  },
  "aes256-gcm": {
    uri: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    cipher: "aes-256-gcm",
    bytes: 32,
  },
  "aes128-cbc": { uri: `${namespaces.xenc}aes128-cbc`, cipher: "aes-128-cbc", bytes: 16 },
  "aes256-cbc": { uri: `${namespaces.xenc}aes256-cbc`, cipher: "aes-256-cbc", bytes: 32 },
} as const;

const gcmNonceBytes = 12;
const aesBlockBytes = 16;

/** `xml` in a saml element `name` (EncryptedAssertion, EncryptedID) that holds it encrypted. */
export function encryptElement(
  name: string,
  xml: string | Buffer,
  options: EncryptOptions,
): string {
  const content = contentAlgorithms[options.algorithm ?? "aes256-gcm"];
  const key = randomBytes(content.bytes);
  const ciphertext = encryptContent(
    typeof xml === "string" ? Buffer.from(xml) : xml,
    content.cipher,
    key,
  );
  const edited = options.editCiphertext?.(ciphertext) ?? ciphertext;
  const isSibling = options.keyPlace === "sibling";
  const keyId = `_${randomBytes(16).toString("hex")}`;
  const encryptedKey = element(
    "xenc:EncryptedKey",
    isSibling ? { ...declare("xenc"), Id: keyId } : {},
    keyMethod(options, isSibling),
    cipherData(wrapKey(key, options)),
  );
  const pointer = element("ds:RetrievalMethod", {
    Type: `${namespaces.xenc}EncryptedKey`,
    URI: `#${keyId}`,
  });
  const data = element(
    "xenc:EncryptedData",
    { ...declare("xenc"), Type: `${namespaces.xenc}Element` },
    element("xenc:EncryptionMethod", { Algorithm: content.uri }),
    element("ds:KeyInfo", declare("ds"), isSibling ? pointer : encryptedKey),
    cipherData(edited),
  );
  return element(`saml:${name}`, declare("saml"), data, isSibling ? encryptedKey : "");
}

function keyMethod(options: EncryptOptions, isSibling: boolean): string {
  const { keyTransport = "rsa-oaep-mgf1p", digest = null, mask = null } = options;
  const digestMethod =
    digest === null
      ? ""
      : element("ds:DigestMethod", {
          ...(isSibling ? declare("ds") : {}),
          Algorithm: digestUris[digest],
        });
  const mgf =
    keyTransport !== "rsa-oaep" || mask === null
      ? ""
      : element("xenc11:MGF", {
          ...declare("xenc11"),
          Algorithm: `${namespaces.xenc11}mgf1${mask}`,
        });
  const Algorithm = keyTransportUris[keyTransport];
  return element("xenc:EncryptionMethod", { Algorithm }, digestMethod, mgf);
}

function cipherData(bytes: Buffer): string {
  const value = element("xenc:CipherValue", {}, bytes.toString("base64"));
  return element("xenc:CipherData", {}, value);
}

function encryptContent(
  plain: Buffer,
  cipherName: (typeof contentAlgorithms)[keyof typeof contentAlgorithms]["cipher"],
  key: Buffer,
): Buffer {
  if (cipherName === "aes-128-gcm" || cipherName === "aes-256-gcm") {
    const nonce = randomBytes(gcmNonceBytes);
    const cipher = createCipheriv(cipherName, key, nonce);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
  const initial = randomBytes(aesBlockBytes);
  const cipher = createCipheriv(cipherName, key, initial).setAutoPadding(false);
  return Buffer.concat([initial, cipher.update(padded(plain)), cipher.final()]);
}

/** Random bytes up to the block's end, the last of which counts them (XML Encryption 5.2). */
function padded(plain: Buffer): Buffer {
  const count = aesBlockBytes - (plain.length % aesBlockBytes);
  return Buffer.concat([plain, randomBytes(count - 1), Buffer.of(count)]);
}

function wrapKey(key: Buffer, options: EncryptOptions): Buffer {
  const publicKey = createPublicKey(options.certificatePem);
  const { keyTransport = "rsa-oaep-mgf1p", digest, mask } = options;
  if (keyTransport === "rsa-1_5") {
    return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
  }
  const bytes = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const encoded = encodeOaep(key, { bytes, digest: digest ?? "sha1", mask: mask ?? "sha1" });
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, encoded);
}

/** EME-OAEP with an empty label (RFC 8017, 7.1.1). */
function encodeOaep(
  message: Buffer,
  options: { bytes: number; digest: DigestAlgorithm; mask: DigestAlgorithm },
): Buffer {
  const labelHash = createHash(options.digest).digest();
  const dataLength = options.bytes - labelHash.length - 1;
  const zeros = Buffer.alloc(dataLength - labelHash.length - 1 - message.length);
  const data = Buffer.concat([labelHash, zeros, Buffer.of(1), message]);
  const seed = randomBytes(labelHash.length);
  const maskedData = xor(data, generateMask(seed, data.length, options.mask));
  const maskedSeed = xor(seed, generateMask(maskedData, seed.length, options.mask));
  return Buffer.concat([Buffer.of(0), maskedSeed, maskedData]);
}

function generateMask(seed: Buffer, length: number, hash: DigestAlgorithm): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0, made = 0; made < length; counter++) {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    const block = createHash(hash).update(seed).update(suffix).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
