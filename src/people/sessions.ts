/**
 * A person's own sessions: seeing and ending them (PRODUCT 9.6), in the organization of the session
 * that asks. Whoever vouched for that one vouched for no other (PRODUCT 4.10).
 */
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { loadOrganization } from "../store/organizations.ts";
import { deleteSessions, listSessions } from "../store/sessions.ts";

/** One session as its person sees it. */
export interface OwnSession {
  readonly id: string;
  readonly organizationTitle: string;
  readonly method: "saml" | "password" | "link";
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly ip: string;
  readonly userAgent: string;
  /** The session that asks. */
  readonly isThis: boolean;
}

/** The caller's live sessions in their organization, the asking one first, then the latest seen. */
export async function ownSessions(deps: Deps, caller: Principal): Promise<readonly OwnSession[]> {
  const { db } = deps.store;
  const { userId, organizationId } = caller;
  const rows = await listSessions(db, { userId, organizationId, now: deps.now() });
  const organizationTitle = (await loadOrganization(db, organizationId))?.title ?? "";
  return rows
    .map((row) => ({
      ...row,
      organizationTitle,
      isThis: row.id === caller.sessionId,
    }))
    .sort((a, b) => Number(b.isThis) - Number(a.isThis) || b.lastSeenAt - a.lastSeenAt);
}

/**
 * Ends one of the caller's sessions, be it the asking one.
 * @throws AppError `not_found` where it is not theirs or is gone
 */
export async function endOwnSession(deps: Deps, caller: Principal, id: string): Promise<void> {
  const { userId, organizationId } = caller;
  const ended = await deleteSessions(deps.store.db, { userId, organizationId, id });
  if (ended === 0) throw new AppError("not_found");
}

/**
 * Ends all sessions of the caller in their organization but the asking one.
 * @throws AppError `permission_denied` where a token asks, which has no session to keep
 */
export async function endOtherSessions(deps: Deps, caller: Principal): Promise<void> {
  const { userId, organizationId, sessionId } = caller;
  if (sessionId === null) throw new AppError("permission_denied");
  await deleteSessions(deps.store.db, { userId, organizationId, exceptId: sessionId });
}
