/**
 * SCIM tokens (PRODUCT 7.2): named, shown once, stored as a hash, two alive at once so that one can be
 * changed for another without an interruption. By page, API and command line alike.
 */
import { createHash } from "node:crypto";
import { type Principal, rolesThatMay } from "../access/authorize.ts";
import { roleName } from "../access/roles.ts";
import { callerNow } from "../credentials/caller-now.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type Actor, recordAudit } from "../store/audit.ts";
import {
  createScimToken,
  type ListedScimToken,
  listScimTokens,
  lockScimTokens,
  revokeScimToken,
  type ScimToken,
} from "../store/scim-tokens.ts";

/** 256 random bits behind a prefix by which scanners for leaked secrets know it. */
const tokenRe = /^lgscim_[\w-]{43}$/;
const shownCharacters = 12;
/** Old and new, while an identity provider changes from one to the other. */
const maxAlive = 2;
const dayMs = 24 * 3_600_000;
const maxDays = 3650;

/** True for text in the form of our tokens. */
export function isScimToken(text: string): boolean {
  return tokenRe.test(text);
}

/** Hashes a token for the store: SHA-256 in hex. Of 256 random bits nothing slower is needed. */
export function hashScimToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** The person who manages tokens, and the organization. */
export interface TokenHolder {
  readonly organizationId: number;
  readonly actor: Actor;
  /** The person who asks; absent for the command line. */
  readonly caller?: Principal;
  readonly ip?: string | null;
  readonly requestId?: string | null;
}

/** A token that was just made; `token` is shown this once. */
export interface MadeScimToken {
  readonly token: string;
  readonly record: ScimToken;
}

/**
 * Makes a token.
 * @throws AppError `validation_failed` for a bad name or life, `conflict` where two are alive
 */
export async function makeScimToken(
  deps: Deps,
  holder: TokenHolder,
  wanted: { readonly name: string; readonly days: number | null },
): Promise<MadeScimToken> {
  const name = wanted.name.trim();
  checkWanted(name, wanted.days);
  const at = deps.now();
  const token = `lgscim_${deps.randomToken()}`;
  const { organizationId, actor } = holder;
  return await deps.store.transaction(async (tx) => {
    if (holder.caller !== undefined) await callerNow(tx, holder.caller, "scim_settings:write");
    const known = await lockScimTokens(tx, organizationId);
    if (known.filter((one) => isAlive(one, at)).length >= maxAlive) {
      const detail = `${maxAlive} SCIM tokens are alive already; revoke one of them first.`;
      throw new AppError("conflict", { detail });
    }
    const made = {
      organizationId,
      name,
      prefix: token.slice(0, shownCharacters),
      createdBy: actor.kind === "person" ? actor.userId : null,
      expiresAt: wanted.days === null ? null : at + wanted.days * dayMs,
    };
    const id = await createScimToken(tx, { ...made, tokenHash: hashScimToken(token), at });
    await audit(tx, { holder, at, action: "scim_token_made", name });
    const record = { ...made, id, createdAt: at, lastUsedAt: null, revokedAt: null };
    return { token, record };
  });
}

function checkWanted(name: string, days: number | null): void {
  const fields: Record<string, string[]> = {};
  if (name === "" || name.length > 100) fields["name"] = ["Give a name of 1 to 100 characters."];
  const isLife = days === null || (Number.isInteger(days) && days >= 1 && days <= maxDays);
  if (!isLife) fields["expires_in_days"] = [`Give whole days, 1 to ${maxDays}, or null.`];
  if (Object.keys(fields).length > 0) throw new AppError("validation_failed", { fields });
}

/** True where the token works at this moment. */
export function isAlive({ revokedAt, expiresAt }: ScimToken, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

/**
 * Why a living token wants a look, as a sentence, or null: whoever made it could not make it now, and
 * may still have it. It goes on working, since an identity provider depends on it.
 */
export function reviewOf(token: ListedScimToken, now: number): string | null {
  const { createdBy, creatorEmail, creatorRole } = token;
  if (createdBy === null || !isAlive(token, now)) return null;
  if (creatorRole !== null && rolesThatMay("scim_settings:write").includes(creatorRole))
    return null;
  const what = creatorRole === null ? "no member any more" : `${roleName(creatorRole)} now`;
  return `${creatorEmail ?? "The account"}, who made it, is ${what} and may still have it. Give the identity provider another token, and revoke this one.`;
}

/** Ends a token at once. @throws AppError `not_found` */
export async function endScimToken(deps: Deps, holder: TokenHolder, id: number): Promise<void> {
  const at = deps.now();
  await deps.store.transaction(async (tx) => {
    const { organizationId } = holder;
    if (!(await revokeScimToken(tx, { organizationId, id, at }))) throw new AppError("not_found");
    const tokens = await listScimTokens(tx, organizationId);
    const name = tokens.find((token) => token.id === id)?.name ?? String(id);
    await audit(tx, { holder, at, action: "scim_token_revoked", name });
  });
}

async function audit(
  tx: Parameters<typeof recordAudit>[0],
  event: {
    readonly holder: TokenHolder;
    readonly at: number;
    readonly action: string;
    readonly name: string;
  },
): Promise<void> {
  const { at, action, name } = event;
  const { caller: _, ...holder } = event.holder;
  await recordAudit(tx, { ...holder, at, action, changes: [{ kind: action, name }] });
}
