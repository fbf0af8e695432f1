/**
 * Signing keys derived from SECRET_KEY, one for each purpose, so that the server's secret signs no two
 * things by the same bytes. During a change of the secret, what the former one signed still counts.
 */
import { hkdfSync } from "node:crypto";
import type { Config } from "./config.ts";

/** The kinds of signed text: form tokens, access tokens and SCIM cursors. */
type Purpose = "form tokens" | "access tokens" | "scim cursors";

/** The key that signs, then the others whose signatures count. */
export type SigningKeys = readonly [Uint8Array, ...Uint8Array[]];

const derived = new WeakMap<Config, Map<Purpose, SigningKeys>>();

/** Keys for `purpose`: from SECRET_KEY, and from SECRET_KEY_PREVIOUS where it is set. */
export function signingKeys(config: Config, purpose: Purpose): SigningKeys {
  const ofConfig = derived.get(config) ?? new Map<Purpose, SigningKeys>();
  derived.set(config, ofConfig);
  const known = ofConfig.get(purpose);
  if (known !== undefined) return known;
  const { secretKey, secretKeyPrevious } = config;
  const former = secretKeyPrevious === "" ? [] : [keyFrom(secretKeyPrevious, purpose)];
  const keys: SigningKeys = [keyFrom(secretKey, purpose), ...former];
  ofConfig.set(purpose, keys);
  return keys;
}

function keyFrom(secret: string, purpose: Purpose): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `labelgate ${purpose}`, 32));
}
