/**
 * Authenticates a request: its principal from its plain headers, asked of the database each time
 * (PRODUCT 6.6, GATEWAY 10.3). What the gateway keeps of the answers is gateway/viewers.ts's.
 *
 * A credential in a header is meant, so it wins over the cookie, and a bad one of ours is refused.
 * One that is not ours (an outer gateway's Basic or Bearer) is passed over beside a good session.
 */
import type { Principal } from "../access/authorize.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { looksOurs, type RawHeaders, readCredentials } from "./read.ts";
import { authenticateSession, sessionCookieName } from "./sessions.ts";
import { authenticateHeader } from "./tokens.ts";

/**
 * The principal of a request to the first host; null for an anonymous one.
 * @throws AppError `invalid_token`, or `bad_request` where a credential header came twice
 */
export async function authenticate(deps: Deps, headers: RawHeaders): Promise<Principal | null> {
  const { header, sessionHash } = readCredentials(headers, sessionCookieName(deps.config));
  const bySession = async () =>
    sessionHash === null ? null : await authenticateSession(deps, sessionHash);
  if (header === null) return await bySession();
  const principal = looksOurs(header) ? await authenticateHeader(deps, header) : await bySession();
  if (principal === null) throw new AppError("invalid_token");
  return principal;
}
