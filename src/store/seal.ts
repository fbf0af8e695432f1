/**
 * Secrets at rest: sealed with the server's secret, so that a copy of the database alone opens
 * nothing (PRODUCT 2.6). AES-256-GCM; a key of its own for each sealed text, by HKDF over a salt.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const saltBytes = 16;
const ivBytes = 12;
const tagBytes = 16;
const version = "v1";

/**
 * Seals `plaintext`. `context` names what it is and whose, such as `sp-key:7`; opening asks for the
 * same one, so that a sealed text moved to another row does not open.
 */
export function seal(secretKey: string, plaintext: string, context: string): string {
  const salt = randomBytes(saltBytes);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", keyOf(secretKey, salt), iv);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  const bytes = Buffer.concat([salt, iv, cipher.getAuthTag(), sealed]);
  return `${version}.${bytes.toString("base64url")}`;
}

/** Opens what `seal` made; a plain error where the secret, the context or the text is another. */
export function unseal(secretKey: string, sealed: string, context: string): string {
  const [found, text] = sealed.split(".", 2);
  const bytes = Buffer.from(text ?? "", "base64url");
  if (found !== version || bytes.length < saltBytes + ivBytes + tagBytes) {
    throw new Error(`the sealed text for ${context} is damaged`);
  }
  const salt = bytes.subarray(0, saltBytes);
  const iv = bytes.subarray(saltBytes, saltBytes + ivBytes);
  const tag = bytes.subarray(saltBytes + ivBytes, saltBytes + ivBytes + tagBytes);
  const decipher = createDecipheriv("aes-256-gcm", keyOf(secretKey, salt), iv, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(tag);
  try {
    const body = bytes.subarray(saltBytes + ivBytes + tagBytes);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new Error(
      `the sealed text for ${context} does not open: LABELGATE_SECRET_KEY is not the one that sealed it`,
      { cause },
    );
  }
}

function keyOf(secretKey: string, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secretKey, salt, "labelgate seal", 32));
}
