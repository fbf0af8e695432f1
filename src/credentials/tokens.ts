/**
 * Tokens for automation as credentials (PRODUCT 6.6): the personal API token of 40 hex digits, and the
 * access JWT that a personal access token buys. Making and ending them is people/api-tokens.ts's.
 *
 * Both are bound to a row of the store: once the row is gone, or the person has no access there any
 * more, the token and every access JWT bought with it are worth nothing.
 */
import { createHash } from "node:crypto";
import { errors as joseErrors, jwtVerify } from "jose";
import type { Principal } from "../access/authorize.ts";
import { hasAccess } from "../access/roles.ts";
import type { Config } from "../config.ts";
import { type SigningKeys, signingKeys } from "../config-keys.ts";
import type { Deps } from "../deps.ts";
import {
  type ApiToken,
  type ApiTokenHolder,
  loadApiToken,
  touchApiToken,
} from "../store/api-tokens.ts";
import { type HeaderCredential, tokenIssuer } from "./read.ts";

/** A good token: its row, and until when it may be believed. */
export interface LiveToken {
  readonly row: ApiTokenHolder;
  readonly via: "token" | "bearer";
  readonly hash: string;
  /** Of the row and, where it is one, of the JWT; epoch milliseconds, null where neither ends. */
  readonly expiresAt: number | null;
}

/** Hashes a secret that the store must recognise and must not know. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** The row behind a token in a header, or null where the token is worth nothing. */
export async function findLiveToken(
  deps: Deps,
  { scheme, value }: Pick<HeaderCredential, "scheme" | "value">,
): Promise<LiveToken | null> {
  if (scheme === "token") {
    const text = value.toLowerCase();
    if (!/^[0-9a-f]{40}$/.test(text)) return null;
    const hash = hashToken(text);
    const row = await loadLiveToken(deps, hash, "legacy");
    return row === null ? null : { row, via: "token", hash, expiresAt: row.expiresAt };
  }
  const jwt = await readJwt(deps, value, "access");
  const row = jwt === null ? null : await loadLiveToken(deps, jwt.id, "pat");
  if (jwt === null || row === null) return null;
  const expiresAt = Math.min(jwt.expiresAt, row.expiresAt ?? jwt.expiresAt);
  return { row, via: "bearer", hash: jwt.id, expiresAt };
}

/** The caller who holds this token of a header, or null. The row behind it is looked at every time. */
export async function authenticateHeader(
  deps: Deps,
  credential: Pick<HeaderCredential, "scheme" | "value">,
): Promise<Principal | null> {
  const token = await findLiveToken(deps, credential);
  return token === null ? null : principalOfToken(token);
}

/**
 * The caller who holds this personal token of whichever kind, or null. A client that can refresh
 * nothing, such as an identity provider's, sends the personal access token itself as its Bearer.
 */
export async function authenticatePersonalToken(
  deps: Deps,
  token: string,
): Promise<Principal | null> {
  for (const scheme of ["token", "bearer"] as const) {
    const principal = await authenticateHeader(deps, { scheme, value: token });
    if (principal !== null) return principal;
  }
  const jwt = await readJwt(deps, token, "refresh");
  if (jwt === null) return null;
  const hash = hashToken(jwt.id);
  const row = await loadLiveToken(deps, hash, "pat");
  return row === null ? null : principalOfToken({ row, via: "bearer" });
}

/** The person for whom a token speaks. */
export function principalOfToken({ row, via }: Pick<LiveToken, "row" | "via">): Principal {
  const { userId, organizationId, email, role } = row;
  return { userId, organizationId, email, role, via, sessionId: null };
}

/** The token's row where it lives, the person is still a member, and the role opens anything. */
export async function loadLiveToken(
  deps: Deps,
  hash: string,
  kind: ApiToken["kind"],
): Promise<ApiTokenHolder | null> {
  const now = deps.now();
  const row = await loadApiToken(deps.store.db, hash, now);
  if (row === null || row.kind !== kind || !hasAccess(row.role)) return null;
  await touchApiToken(deps.store.db, { id: row.id, at: now, lastUsedAt: row.lastUsedAt });
  return row;
}

/** The `jti` and the end of a JWT that this server signed, of this type and not expired, or null. */
export async function readJwt(
  deps: Deps,
  jwt: string,
  type: "access" | "refresh",
): Promise<{ readonly id: string; readonly expiresAt: number } | null> {
  if (jwt.length > 2048) return null;
  for (const key of jwtKeys(deps.config)) {
    const payload = await verifiedPayload(jwt, key, deps.now());
    if (payload === null) continue;
    const { jti, exp } = payload;
    if (payload["token_type"] !== type || jti === undefined || exp === undefined) return null;
    return { id: jti, expiresAt: exp * 1000 };
  }
  return null;
}

async function verifiedPayload(jwt: string, key: Uint8Array, nowMs: number) {
  try {
    const { payload } = await jwtVerify(jwt, key, {
      algorithms: ["HS256"],
      issuer: tokenIssuer,
      currentDate: new Date(nowMs),
      requiredClaims: ["jti", "exp"],
    });
    return payload;
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return null;
    throw error;
  }
}

/** Keys for these JWTs alone; the first one signs. */
export function jwtKeys(config: Config): SigningKeys {
  return signingKeys(config, "access tokens");
}
