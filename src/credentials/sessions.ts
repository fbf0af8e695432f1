/**
 * Session cookies and the principal behind one (PRODUCT 9.6, GATEWAY 10.2). Each of the two hosts has a
 * cookie of its own name; a session token is never taken from the browser, each session gets a new one
 * (no fixation). Rows are store/'s.
 */
import type { Principal } from "../access/authorize.ts";
import { type Config, isSecureOrigin } from "../config.ts";
import type { Deps } from "../deps.ts";
import { loadSession, type Session, touchSession } from "../store/sessions.ts";

/** The two public hosts: BASE_URL's, and UPSTREAM_PUBLIC_URL's, which shows Label Studio alone. */
export type Host = "first" | "studio";

const names = { first: "labelgate_session", studio: "labelgate_studio" } as const;

/** The name of a host's session cookie. */
export function sessionCookieName(config: Config, host: Host = "first"): string {
  return isSecureOrigin(config) ? `__Host-${names[host]}` : names[host];
}

/**
 * The cookie that says, in requests from other sites, that there is a session: its own cookie does not
 * come along in them (SameSite=Lax). Holds nothing, and opens nothing. On https only, where browsers take
 * SameSite=None.
 */
export const presenceCookie = {
  name: "__Host-labelgate_present",
  flags: { path: "/", httpOnly: true, sameSite: "none", secure: true },
} as const;

/** The attributes of every cookie of ours. */
export const cookieFlags = (config: Config) =>
  ({ path: "/", httpOnly: true, sameSite: "lax", secure: isSecureOrigin(config) }) as const;

/** The principal of a live session of the first host, and a note that it is in use; null where none. */
export async function authenticateSession(
  deps: Deps,
  tokenHash: string,
): Promise<Principal | null> {
  const now = deps.now();
  const session = await loadSession(deps.store.db, tokenHash, now);
  if (session === null) return null;
  await touchSession(deps.store.db, session, now);
  return principalOfSession(session);
}

/** The person for whom a session speaks. */
export function principalOfSession(session: Session): Principal {
  const { userId, organizationId, email, role, id } = session;
  return { userId, organizationId, email, role, via: "session", sessionId: id };
}
