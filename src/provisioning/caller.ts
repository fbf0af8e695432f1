/**
 * Identifies the SCIM client and its organization: that comes from the credential alone (PRODUCT 7.2). A
 * SCIM token, or the Owner's personal token as the original expects; always as a Bearer.
 */
import type { FastifyRequest } from "fastify";
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { Actor } from "../store/audit.ts";
import { loadScimRules, type ScimRules, type SyncOccasion } from "../store/scim-sync.ts";
import { loadScimToken, touchScimToken } from "../store/scim-tokens.ts";
import type { Db } from "../store/store.ts";
import { hashScimToken, isScimToken } from "./tokens.ts";

/** A SCIM client during one request. */
export interface ScimCaller {
  readonly organizationId: number;
  readonly actor: Actor;
  /** The SCIM token; null for the Owner's own. */
  readonly tokenId: number | null;
  readonly requestId: string;
  readonly ip: string;
}

/** The person behind a personal token of any kind, or null; people/ knows them. */
export type AuthenticatePerson = (token: string) => Promise<Principal | null>;

/**
 * The caller of a SCIM request.
 * @throws AppError `not_authenticated`, `invalid_token`, `permission_denied` for somebody other than
 * the Owner
 */
export async function authenticateCaller(
  deps: Deps,
  authenticatePerson: AuthenticatePerson,
  request: FastifyRequest,
): Promise<ScimCaller> {
  const token = bearerOf(request);
  const { id: requestId, ip } = request;
  if (isScimToken(token)) {
    const now = deps.now();
    const found = await loadScimToken(deps.store.db, hashScimToken(token), now);
    if (found === null) throw new AppError("invalid_token", { detail: deadToken });
    await touchScimToken(deps.store.db, found, now);
    const { id: tokenId, organizationId } = found;
    return { organizationId, actor: { kind: "scim", tokenId }, tokenId, requestId, ip };
  }
  const principal = await authenticatePerson(token);
  if (principal === null) throw new AppError("invalid_token", { detail: deadToken });
  if (principal.role !== "OW") {
    const detail = "SCIM takes a SCIM token, or the personal token of the organization's Owner.";
    throw new AppError("permission_denied", { detail });
  }
  const { organizationId } = principal;
  return { organizationId, actor: { kind: "scim", tokenId: null }, tokenId: null, requestId, ip };
}

const deadToken =
  "The token is unknown, revoked or expired. Make a new SCIM token and give it to the identity provider.";

function bearerOf({ headers, raw }: FastifyRequest): string {
  const [scheme = "", token = "", ...rest] = (headers.authorization ?? "").trim().split(/\s+/);
  const count = raw.rawHeaders.filter(
    (name, at) => at % 2 === 0 && name.toLowerCase() === "authorization",
  ).length;
  if (count > 1) throw new AppError("bad_request", { detail: "authorization was sent twice." });
  if (scheme.toLowerCase() === "bearer" && token !== "" && rest.length === 0) return token;
  throw new AppError("not_authenticated", {
    detail: "Send Authorization: Bearer with a SCIM token.",
  });
}

/** The context that a change is recorded with. */
export function occasionOf(
  { actor, requestId, ip }: ScimCaller,
  { action, at }: { readonly action: string; readonly at: number },
): SyncOccasion {
  return { actor, at, action, requestId, ip };
}

/** The rules by which a request's transaction judges; provisioning itself writes no settings. */
export async function rulesOf(
  { config }: Deps,
  tx: Db,
  organizationId: number,
): Promise<ScimRules> {
  return await loadScimRules(tx, organizationId, { ...config, isFirst: true });
}
