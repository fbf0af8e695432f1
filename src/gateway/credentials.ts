/**
 * The credential by which Label Studio knows a person: a JWT of its own kind, good for 60 seconds
 * (GATEWAY 10.3; label-studio-ce.md 1). Made for each request with Label Studio's SECRET_KEY (HS256),
 * or, where Labelgate alone holds a private key, RS256 and kept for a few seconds, since a signature
 * costs a hundred times as much there. Who may have one is decided elsewhere.
 */
import { createHmac, createPrivateKey, createSecretKey, sign } from "node:crypto";

/** The key that signs credentials. */
export type CredentialKey =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "private"; readonly pem: string };

/** A credential for Label Studio's account of that number, as of `nowMs`; the bare JWT. */
export type MintCredential = (upstreamUserId: number, nowMs: number) => string;

const lifeSeconds = 60;
/** Label Studio takes nothing from the future; this much its clock may be behind ours. */
const backdatedSeconds = 5;
/** The time for which an RS256 credential is used again. */
const keptMs = 5000;
/** Beyond so many kept credentials all are forgotten: each is made anew at no risk. */
const maxKept = 10_000;
const jtiBytes = 16;

const encode = (text: string): string => Buffer.from(text, "utf8").toString("base64url");

/** Signs with `key`; `randomToken` gives the number of each token. @throws Error where the key is none */
export function credentialMint(
  key: CredentialKey,
  randomToken: (bytes: number) => string,
): MintCredential {
  return key.kind === "secret"
    ? mintBySecret(key.secret, randomToken)
    : mintByPrivateKey(key.pem, randomToken);
}

/** The hot path: a header that never changes, one HMAC. */
function mintBySecret(secret: string, randomToken: (bytes: number) => string): MintCredential {
  const header = encode('{"alg":"HS256","typ":"JWT"}');
  const key = createSecretKey(secret, "utf8");
  return (user, nowMs) => {
    const unsigned = `${header}.${encode(`{${claims(user, nowMs, randomToken(jtiBytes))}}`)}`;
    return `${unsigned}.${createHmac("sha256", key).update(unsigned).digest("base64url")}`;
  };
}

function mintByPrivateKey(pem: string, randomToken: (bytes: number) => string): MintCredential {
  const header = encode('{"alg":"RS256","typ":"JWT"}');
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "rsa") throw new Error("the private key must be an RSA key");
  const kept = new Map<number, { readonly token: string; readonly fromMs: number }>();
  return (user, nowMs) => {
    const found = kept.get(user);
    if (found !== undefined && Math.abs(nowMs - found.fromMs) < keptMs) return found.token;
    const own = claims(user, nowMs, randomToken(jtiBytes));
    const unsigned = `${header}.${encode(`{${own},"aud":"label-studio","iss":"labelgate"}`)}`;
    const signature = sign("sha256", Buffer.from(unsigned), key).toString("base64url");
    const token = `${unsigned}.${signature}`;
    if (kept.size >= maxKept) kept.clear();
    kept.set(user, { token, fromMs: nowMs });
    return token;
  };
}

/** The claims, written by hand: nothing in them needs escaping. */
function claims(user: number, nowMs: number, jti: string): string {
  const issued = Math.floor(nowMs / 1000) - backdatedSeconds;
  return `"token_type":"access","user_id":"${user}","jti":"${jti}","iat":${issued},"exp":${issued + lifeSeconds}`;
}
