/** A person's own sessions: seeing and ending them (PRODUCT 9.6). */
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

/** The caller's live sessions in all organizations, the asking one first, then the latest seen. */
export async function ownSessions(deps: Deps, caller: Principal): Promise<readonly OwnSession[]> {
  const { db } = deps.store;
  const rows = await listSessions(db, { userId: caller.userId, now: deps.now() });
  const titles = new Map<number, string>();
  for (const id of new Set(rows.map(({ organizationId }) => organizationId))) {
    titles.set(id, (await loadOrganization(db, id))?.title ?? "");
  }
  return rows
    .map((row) => ({
      ...row,
      organizationTitle: titles.get(row.organizationId) ?? "",
      isThis: row.id === caller.sessionId,
    }))
    .sort((a, b) => Number(b.isThis) - Number(a.isThis) || b.lastSeenAt - a.lastSeenAt);
}

/**
 * Ends one of the caller's sessions, be it the asking one.
 * @throws AppError `not_found` where it is not theirs or is gone
 */
export async function endOwnSession(deps: Deps, caller: Principal, id: string): Promise<void> {
  const ended = await deleteSessions(deps.store.db, { userId: caller.userId, id });
  if (ended === 0) throw new AppError("not_found");
}

/**
 * Ends all sessions of the caller but the asking one.
 * @throws AppError `permission_denied` where a token asks, which has no session to keep
 */
export async function endOtherSessions(deps: Deps, caller: Principal): Promise<void> {
  const { userId, sessionId } = caller;
  if (sessionId === null) throw new AppError("permission_denied");
  await deleteSessions(deps.store.db, { userId, exceptId: sessionId });
}
