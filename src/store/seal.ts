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

/** The secret that seals, and the former one where it is being changed ("" where not). */
export interface SealSecrets {
  readonly secretKey: string;
  readonly secretKeyPrevious: string;
}

/** An unsealed text and the secret that opened it. */
export interface Unsealed {
  readonly plaintext: string;
  readonly by: "current" | "previous";
}

/** Opens what `seal` made; null where neither secret did so, the context is another, or it is damaged. */
export function tryUnseal(
  { secretKey, secretKeyPrevious }: SealSecrets,
  sealed: string,
  context: string,
): Unsealed | null {
  const current = openWith(secretKey, sealed, context);
  if (current !== null) return { plaintext: current, by: "current" };
  const previous = secretKeyPrevious === "" ? null : openWith(secretKeyPrevious, sealed, context);
  return previous === null ? null : { plaintext: previous, by: "previous" };
}

/** As `tryUnseal`; a plain error where it does not open. */
export function unseal(secrets: SealSecrets, sealed: string, context: string): string {
  const opened = tryUnseal(secrets, sealed, context);
  if (opened !== null) return opened.plaintext;
  throw new Error(
    `the sealed text for ${context} does not open: SECRET_KEY is not the one that sealed it, or it is damaged`,
  );
}

function openWith(secretKey: string, sealed: string, context: string): string | null {
  const [found, text] = sealed.split(".", 2);
  const bytes = Buffer.from(text ?? "", "base64url");
  if (found !== version || bytes.length < saltBytes + ivBytes + tagBytes) return null;
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
  } catch {
    // Node tells no two causes apart: the tag does not fit.
    return null;
  }
}

function keyOf(secretKey: string, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secretKey, salt, "labelgate seal", 32));
}
