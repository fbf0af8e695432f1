/**
 * A session that people/ opens after a password, an invite or a one-time link (PRODUCT 9.6).
 * Owns its length and what is stored; the cookie is http/'s.
 */
import type { Deps } from "../deps.ts";
import {
  createSession,
  deleteSession,
  hashSessionToken,
  newSessionToken,
} from "../store/sessions.ts";
import type { Db } from "../store/store.ts";

const dayMs = 24 * 3_600_000;
/** Absolute life where the person asked to stay signed in (PRODUCT 9.6), and where not. */
const keptMs = 14 * dayMs;
const briefMs = dayMs;

/** The browser that asks, as far as sessions and logs keep it. */
export interface Visitor {
  readonly ip: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** The session that this browser had before; it ends as the new one begins. */
  readonly previousSessionHash: string | null;
}

/** Values for the browser's session cookie. */
export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
  readonly keep: boolean;
}

/** Person and organization of a new session, and the way that the person proved it. */
export interface SessionFor {
  readonly userId: number;
  readonly organizationId: number;
  readonly method: "password" | "link";
  readonly keep: boolean;
}

/** Opens a new session in the flow's transaction and ends the browser's former one. */
export async function openSession(
  deps: Deps,
  tx: Db,
  { session, visitor }: { session: SessionFor; visitor: Visitor },
): Promise<OpenedSession> {
  const { userId, organizationId, method, keep } = session;
  const at = deps.now();
  const token = newSessionToken(deps);
  const expiresAt = at + (keep ? keptMs : briefMs);
  if (visitor.previousSessionHash !== null) await deleteSession(tx, visitor.previousSessionHash);
  await createSession(tx, {
    tokenHash: hashSessionToken(token),
    id: deps.randomToken(12),
    userId,
    organizationId,
    method,
    at,
    expiresAt,
    ip: visitor.ip,
    userAgent: visitor.userAgent,
  });
  return { token, expiresAt, keep };
}
