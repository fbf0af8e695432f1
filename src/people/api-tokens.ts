/**
 * Tokens for automation (PRODUCT 6.6): the personal API token of 40 hex digits, and the personal
 * access token, a refresh JWT that buys access JWTs of five minutes.
 *
 * Both are stored hashed and shown once, when made. Both are bound to the person and the
 * organization they were made in, and to a row of the store: once the row is gone, or the person has
 * no access there any more, the token and every access JWT bought with it are worth nothing.
 */
import { hkdfSync } from "node:crypto";
import { errors as joseErrors, jwtVerify, SignJWT } from "jose";
import type { Principal } from "../access/authorize.ts";
import { hasAccess } from "../access/roles.ts";
import type { Config } from "../config.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  type ApiToken,
  createApiToken,
  deleteApiTokens,
  listApiTokens,
  loadApiToken,
  touchApiToken,
} from "../store/api-tokens.ts";
import { recordAudit } from "../store/audit.ts";
import { hashToken } from "./open-session.ts";

const accessTokenMs = 5 * 60_000;
/** The original lets organizations choose 1 to 365 days; here it is the longest of these. */
const refreshTokenMs = 365 * 24 * 3_600_000;
const issuer = "labelgate";

/** Whose token, and where: part of every principal. */
type Holder = Pick<Principal, "userId" | "organizationId">;

/** A personal access token as the original's API words it. */
export interface MadeAccessToken {
  readonly token: string;
  readonly created_at: string;
  readonly expires_at: string;
}

/** Makes the personal API token anew; the former one stops working at once. */
export async function resetApiToken(deps: Deps, holder: Holder): Promise<string> {
  const token = Buffer.from(deps.randomToken(20), "base64url").toString("hex");
  await replaceToken(deps, holder, { kind: "legacy", token, expiresAt: null });
  return token;
}

/** The holder's live token of a kind, or null. Its text is nowhere. */
export async function currentToken(
  deps: Deps,
  holder: Holder,
  kind: ApiToken["kind"],
): Promise<ApiToken | null> {
  const tokens = await listApiTokens(deps.store.db, { ...holder, now: deps.now() });
  return tokens.find((token) => token.kind === kind) ?? null;
}

/**
 * Makes a personal access token. `replaces` says whether a living one may end for it: the account
 * page does so knowingly, the API refuses as the original does.
 * @throws AppError `conflict` where one is valid and `replaces` is false
 */
export async function makeAccessToken(
  deps: Deps,
  holder: Holder,
  { replaces }: { replaces: boolean },
): Promise<MadeAccessToken> {
  if (!replaces && (await currentToken(deps, holder, "pat")) !== null) {
    throw new AppError("conflict", {
      detail: "You already have a valid personal access token. End it on the account page first.",
    });
  }
  const at = deps.now();
  const expiresAt = at + refreshTokenMs;
  const id = deps.randomToken();
  const { userId, organizationId } = holder;
  await replaceToken(deps, { userId, organizationId }, { kind: "pat", token: id, expiresAt });
  const token = await new SignJWT({ token_type: "refresh", user_id: holder.userId })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(issuer)
    .setJti(id)
    .setIssuedAt(seconds(at))
    .setExpirationTime(seconds(expiresAt))
    .sign(signingKey(deps.config));
  return {
    token,
    created_at: new Date(at).toISOString(),
    expires_at: new Date(seconds(expiresAt) * 1000).toISOString(),
  };
}

/**
 * An access JWT of five minutes for a refresh JWT.
 * @throws AppError `invalid_token`
 */
export async function refreshAccess(deps: Deps, refresh: string): Promise<{ access: string }> {
  const jti = await readJwt(deps, refresh, "refresh");
  const hash = jti === null ? null : hashToken(jti);
  const row = hash === null ? null : await liveToken(deps, hash, "pat");
  if (hash === null || row === null) throw new AppError("invalid_token");
  const at = deps.now();
  const access = await new SignJWT({
    token_type: "access",
    user_id: row.userId,
    organization_id: row.organizationId,
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(issuer)
    .setJti(hash)
    .setIssuedAt(seconds(at))
    .setExpirationTime(seconds(at + accessTokenMs))
    .sign(signingKey(deps.config));
  return { access };
}

/**
 * A new personal access token for a living one, which stops working at once.
 * @throws AppError `validation_failed` where the token is not a living one, as the original has it
 */
export async function rotateAccessToken(
  deps: Deps,
  refresh: string,
): Promise<{ readonly refresh: string }> {
  const row = await livingRefresh(deps, refresh);
  if (row === null) {
    const sentence = "This personal access token is unknown, ended or expired.";
    throw new AppError("validation_failed", { fields: { refresh: [sentence] } });
  }
  const { token } = await makeAccessToken(deps, row, { replaces: true });
  return { refresh: token };
}

/** Ends a personal access token. @throws AppError `not_found` where it is not a living one */
export async function endAccessToken(deps: Deps, refresh: string): Promise<void> {
  const row = await livingRefresh(deps, refresh);
  if (row === null) throw new AppError("not_found");
  const { userId, organizationId } = row;
  await endTokens(deps, { userId, organizationId }, "pat");
}

async function livingRefresh(deps: Deps, refresh: string): Promise<LiveToken | null> {
  const jti = await readJwt(deps, refresh, "refresh");
  return jti === null ? null : await liveToken(deps, hashToken(jti), "pat");
}

/** The caller who holds this API token, or null. */
export async function authenticateToken(deps: Deps, token: string): Promise<Principal | null> {
  if (!/^[0-9a-f]{40}$/.test(token)) return null;
  return principalOf(await liveToken(deps, hashToken(token), "legacy"), "token");
}

/** The caller who holds this access JWT, or null. The row behind it is looked at every time. */
export async function authenticateBearer(deps: Deps, access: string): Promise<Principal | null> {
  const hash = await readJwt(deps, access, "access");
  return hash === null ? null : principalOf(await liveToken(deps, hash, "pat"), "bearer");
}

/**
 * The caller who holds this personal token of whichever kind, or null. A client that can refresh
 * nothing, such as an identity provider's, sends the personal access token itself as its Bearer.
 */
export async function authenticatePersonalToken(
  deps: Deps,
  token: string,
): Promise<Principal | null> {
  const legacy = await authenticateToken(deps, token.toLowerCase());
  if (legacy !== null) return legacy;
  const byAccess = await authenticateBearer(deps, token);
  if (byAccess !== null) return byAccess;
  const jti = await readJwt(deps, token, "refresh");
  return jti === null ? null : principalOf(await liveToken(deps, hashToken(jti), "pat"), "bearer");
}

type LiveToken = NonNullable<Awaited<ReturnType<typeof loadApiToken>>>;

/** The token's row where it lives, the person is still a member, and the role opens anything. */
async function liveToken(
  deps: Deps,
  hash: string,
  kind: ApiToken["kind"],
): Promise<LiveToken | null> {
  const now = deps.now();
  const row = await loadApiToken(deps.store.db, hash, now);
  if (row === null || row.kind !== kind || !hasAccess(row.role)) return null;
  await touchApiToken(deps.store.db, { id: row.id, at: now, lastUsedAt: row.lastUsedAt });
  return row;
}

function principalOf(row: LiveToken | null, via: "token" | "bearer"): Principal | null {
  if (row === null) return null;
  const { userId, organizationId, email, role } = row;
  return { userId, organizationId, email, role, via, sessionId: null };
}

/** The `jti` of a JWT that this server signed, of this type and not expired, or null. */
async function readJwt(
  deps: Deps,
  jwt: string,
  type: "access" | "refresh",
): Promise<string | null> {
  if (jwt.length > 2048) return null;
  try {
    const { payload } = await jwtVerify(jwt, signingKey(deps.config), {
      algorithms: ["HS256"],
      issuer,
      currentDate: new Date(deps.now()),
      requiredClaims: ["jti", "exp"],
    });
    return payload["token_type"] === type ? (payload.jti ?? null) : null;
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return null;
    throw error;
  }
}

interface NewToken {
  readonly kind: ApiToken["kind"];
  /** The secret whose hash is kept. */
  readonly token: string;
  readonly expiresAt: number | null;
}

/** One token of a kind per person and organization: the new one takes the former one's place. */
async function replaceToken(deps: Deps, holder: Holder, made: NewToken): Promise<void> {
  const at = deps.now();
  await deps.store.transaction(async (tx) => {
    await deleteApiTokens(tx, { ...holder, kind: made.kind });
    await createApiToken(tx, {
      ...holder,
      kind: made.kind,
      tokenHash: hashToken(made.token),
      at,
      expiresAt: made.expiresAt,
    });
    await recordAudit(tx, {
      organizationId: holder.organizationId,
      at,
      actor: { kind: "person", userId: holder.userId },
      subjectUserId: holder.userId,
      action: made.kind === "legacy" ? "api_token_made" : "access_token_made",
    });
  });
}

/** Ends the holder's tokens of a kind. */
export async function endTokens(deps: Deps, holder: Holder, kind: ApiToken["kind"]): Promise<void> {
  await deps.store.transaction(async (tx) => {
    await deleteApiTokens(tx, { ...holder, kind });
    await recordAudit(tx, {
      organizationId: holder.organizationId,
      at: deps.now(),
      actor: { kind: "person", userId: holder.userId },
      subjectUserId: holder.userId,
      action: kind === "legacy" ? "api_token_ended" : "access_token_ended",
    });
  });
}

const keys = new WeakMap<Config, Uint8Array>();

/** A key for these JWTs alone, so that the server's secret signs nothing else by the same bytes. */
function signingKey(config: Config): Uint8Array {
  let key = keys.get(config);
  if (key === undefined) {
    key = new Uint8Array(hkdfSync("sha256", config.secretKey, "", "labelgate access tokens", 32));
    keys.set(config, key);
  }
  return key;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
