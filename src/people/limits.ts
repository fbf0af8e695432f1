/**
 * Limits on password attempts (PRODUCT 9.6): strict enough to end guessing, never able to lock the
 * Owner out. Attempts are counted in the store, so all replicas count together.
 *
 * 1. Account and address together: 10 attempts, then refusal until the window of 15 minutes is over.
 * 2. Address: 100 attempts, then refusal. IPv6 counts by /64, which is what one customer gets.
 * 3. Account: never refusal, only waiting, since anybody who knows an address could fill the count.
 * 4. A browser that holds a live session of the account counts for itself, as 1 does, and not by its
 *    address: neighbours shut nobody out of it, and a session nearby lets no neighbour guess.
 *
 * An attempt is counted before the password is looked at, so that a hundred at once count a hundred.
 */
import { createHash } from "node:crypto";
import { network } from "../access/network.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { clearAttempts, countAttempt, readAttempts } from "../store/attempts.ts";

const windowMs = 15 * 60_000;
const maxPerPair = 10;
const maxPerAddress = 100;
/** Free attempts per account before waiting begins, then the wait doubles every five. */
const freePerAccount = 10;
const firstWaitMs = 500;
const longestWaitMs = 4000;

/** An attempt: account, address and browser session. */
export interface Attempt {
  readonly email: string;
  readonly ip: string;
  /** The account's live session that the browser holds, by its public id; null where it holds none. */
  readonly sessionId: string | null;
}

/**
 * Counts the attempt and tells how long it must wait, in milliseconds.
 * @throws AppError `too_many_requests`
 */
export async function admitAttempt(deps: Deps, attempt: Attempt): Promise<{ waitMs: number }> {
  const at = deps.now();
  const count = (key: string) => countAttempt(deps.store.db, { key, at, windowMs });
  const pair = await count(pairKey(attempt));
  const address = attempt.sessionId === null ? await count(addressKey(attempt.ip)) : 0;
  if (pair > maxPerPair || address > maxPerAddress) {
    throw new AppError("too_many_requests", { evidence: { pair, address } });
  }
  const account = await count(`account:${digest(attempt.email)}`);
  return { waitMs: waitFor(account) };
}

/** After success: the person found their password, so their own mistakes no longer count. */
export async function forgetAttempts(deps: Deps, attempt: Attempt): Promise<void> {
  await clearAttempts(deps.store.db, pairKey(attempt));
}

/**
 * Answers a look-up of who claims a domain. Those that find nobody are counted, since a long list of
 * domains would come to be the list of the server's customers; people on their way to their provider
 * are not, as a whole company may stand behind one address.
 * @throws AppError `too_many_requests` after 100 that found nobody in 15 minutes
 */
export async function admitDomainLookup(
  deps: Deps,
  { ip, isFound }: { readonly ip: string; readonly isFound: boolean },
): Promise<void> {
  const window = { key: `domain:${network(ip)}`, at: deps.now(), windowMs };
  const count = isFound ? readAttempts : countAttempt;
  const misses = await count(deps.store.db, window);
  if (misses > maxPerAddress) throw new AppError("too_many_requests", { evidence: { misses } });
}

/** The wait after `attempts` on one account: nothing at first, then doubling up to four seconds. */
export function waitFor(attempts: number): number {
  if (attempts <= freePerAccount) return 0;
  const doublings = Math.floor((attempts - freePerAccount - 1) / 5);
  return Math.min(firstWaitMs * 2 ** doublings, longestWaitMs);
}

function pairKey({ email, ip, sessionId }: Attempt): string {
  const from = sessionId === null ? network(ip) : `session ${sessionId}`;
  return `pair:${digest(`${email} ${from}`)}`;
}

function addressKey(ip: string): string {
  return `address:${network(ip)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
