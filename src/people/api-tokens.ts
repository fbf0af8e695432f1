/**
 * Tokens for automation (PRODUCT 6.6): the personal API token of 40 hex digits, and the personal
 * access token, a refresh JWT that buys access JWTs of five minutes.
 *
 * Both are stored hashed and shown once, when made, and are bound to the person and the organization
 * they were made in. Owns making, buying and ending; what they are worth in a request is
 * credentials/tokens.ts's.
 */
import { SignJWT } from "jose";
import type { Principal } from "../access/authorize.ts";
import { hasPermission, makesTokens } from "../access/organization-permissions.ts";
import { roleName } from "../access/roles.ts";
import type { SettingsOf } from "../access/setting-rows.ts";
import { tokenRows } from "../access/settings-table.ts";
import { callerNow } from "../credentials/caller-now.ts";
import { tokenIssuer } from "../credentials/read.ts";
import { hashToken, jwtKeys, loadLiveToken, readJwt } from "../credentials/tokens.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import {
  type ApiToken,
  type ApiTokenHolder,
  createApiToken,
  deleteApiTokens,
  listApiTokens,
} from "../store/api-tokens.ts";
import { recordAudit } from "../store/audit.ts";
import { loadOverride } from "../store/organization-permissions.ts";
import { loadRules } from "../store/organization-rules.ts";
import { loadMembership, lockAccount } from "../store/people.ts";
import type { Db } from "../store/store.ts";

const accessTokenMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;

/** Person and organization of a token: part of every principal. */
type Holder = Pick<Principal, "userId" | "organizationId">;

/** The holder as they ask, or as the server itself speaks of them. */
type Creator = Holder | Principal;

/** A personal access token as the original's API words it. */
export interface MadeAccessToken {
  readonly token: string;
  readonly created_at: string;
  readonly expires_at: string;
}

/**
 * Makes the personal API token anew; the former one stops working at once.
 * @throws AppError `permission_denied` where the organization takes none
 */
export async function resetApiToken(deps: Deps, creator: Creator): Promise<string> {
  const { areLegacyTokensTaken } = await rulesFor(deps, creator);
  if (!areLegacyTokensTaken) refuseKind("personal API tokens");
  const token = Buffer.from(deps.randomToken(20), "base64url").toString("hex");
  await replaceToken(deps, creator, { kind: "legacy", token, expiresAt: null });
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
 * page does so knowingly, the API refuses as the original does, and whoever rotates one names it.
 * @throws AppError `conflict` where one is valid and `replaces` is false, `permission_denied` where the
 * organization takes none, `invalid_token` where the one named has ended meanwhile
 */
export async function makeAccessToken(
  deps: Deps,
  creator: Creator,
  { replaces }: { replaces: boolean | ApiToken },
): Promise<MadeAccessToken> {
  if (replaces === false && (await currentToken(deps, creator, "pat")) !== null) {
    throw new AppError("conflict", {
      detail: "You already have a valid personal access token. End it on the account page first.",
    });
  }
  const { areAccessTokensTaken, ttlDays } = await rulesFor(deps, creator);
  if (!areAccessTokensTaken) refuseKind("personal access tokens");
  const at = deps.now();
  const expiresAt = at + ttlDays * dayMs;
  const id = deps.randomToken();
  const former = typeof replaces === "boolean" ? null : replaces.id;
  await replaceToken(deps, creator, { kind: "pat", token: id, expiresAt, former });
  const token = await new SignJWT({ token_type: "refresh", user_id: creator.userId })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(tokenIssuer)
    .setJti(id)
    .setIssuedAt(seconds(at))
    .setExpirationTime(seconds(expiresAt))
    .sign(jwtKeys(deps.config)[0]);
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
  const jwt = await readJwt(deps, refresh, "refresh");
  const hash = jwt === null ? null : hashToken(jwt.id);
  const row = hash === null ? null : await loadLiveToken(deps, hash, "pat");
  if (hash === null || row === null) throw new AppError("invalid_token");
  const at = deps.now();
  const access = await new SignJWT({
    token_type: "access",
    user_id: row.userId,
    organization_id: row.organizationId,
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(tokenIssuer)
    .setJti(hash)
    .setIssuedAt(seconds(at))
    .setExpirationTime(seconds(at + accessTokenMs))
    .sign(jwtKeys(deps.config)[0]);
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
  const { userId, organizationId } = row;
  const { token } = await makeAccessToken(deps, { userId, organizationId }, { replaces: row });
  return { refresh: token };
}

/** Ends a personal access token. @throws AppError `not_found` where it is not a living one */
export async function endAccessToken(deps: Deps, refresh: string): Promise<void> {
  const row = await livingRefresh(deps, refresh);
  if (row === null) throw new AppError("not_found");
  const { userId, organizationId } = row;
  await endTokens(deps, { userId, organizationId }, "pat");
}

async function livingRefresh(deps: Deps, refresh: string): Promise<ApiTokenHolder | null> {
  const jwt = await readJwt(deps, refresh, "refresh");
  return jwt === null ? null : await loadLiveToken(deps, hashToken(jwt.id), "pat");
}

async function rulesFor(
  { store }: Deps,
  { organizationId }: Holder,
): Promise<SettingsOf<typeof tokenRows>> {
  const rules = await loadRules(store.db, organizationId, tokenRows);
  if (rules === null) throw new AppError("not_found");
  return rules;
}

function refuseKind(kind: string): never {
  throw new AppError("permission_denied", {
    detail: `This organization takes no ${kind}. An Administrator decides that (POST /api/jwt/settings).`,
  });
}

interface NewToken {
  readonly kind: ApiToken["kind"];
  /** The secret whose hash is kept. */
  readonly token: string;
  readonly expiresAt: number | null;
  /** The one that must be alive still for this to take its place; null where it does not matter. */
  readonly former?: number | null;
}

/** The Owner decides which roles make tokens; those that are there go on, and none takes their place. */
async function requireTokenCreator(tx: Db, { userId, organizationId }: Holder): Promise<void> {
  const membership = await loadMembership(tx, organizationId, userId);
  const override = await loadOverride(tx, organizationId, makesTokens.permission);
  const role = membership?.role ?? "DI";
  // By default whoever has access may, which is the permission table's to say.
  if (override === null || hasPermission(role, makesTokens, override.roles)) return;
  throw new AppError("permission_denied", {
    detail: `In this organization somebody with the role ${roleName(role)} makes no API tokens. The Owner decides that.`,
  });
}

/** One token of a kind per person and organization: the new one takes the former one's place. */
async function replaceToken(deps: Deps, creator: Creator, made: NewToken): Promise<void> {
  const at = deps.now();
  const { userId, organizationId } = creator;
  const holder = { userId, organizationId };
  await deps.store.transaction(async (tx) => {
    await lockAccount(tx, userId);
    // Whoever was put out while they asked must not keep a token for later.
    if ("via" in creator) await callerNow(tx, creator, "own_tokens:write");
    await requireTokenCreator(tx, holder);
    const ended = await deleteApiTokens(tx, { ...holder, kind: made.kind });
    if (made.former != null && !ended.includes(made.former)) throw new AppError("invalid_token");
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

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
