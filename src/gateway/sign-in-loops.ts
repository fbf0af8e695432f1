/**
 * Browsers that keep no cookie go round for ever between sign-in and the page that needs it (GATEWAY
 * 10.6). Nothing tells them apart but that they come back at once, from a page and not from the address
 * bar, to the same address, without any cookie.
 */
import type { IncomingMessage } from "node:http";

const againWithinMs = 10_000;
const maxKept = 5000;

/** Remembers who was sent to sign-in a moment ago. */
export class SignInLoops {
  readonly #now: () => number;
  readonly #sent = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** True where this very browser was sent to sign-in from here less than ten seconds ago. */
  isLoop({ headers, url = "" }: IncomingMessage, ip: string): boolean {
    const site = headers["sec-fetch-site"];
    if (headers.cookie !== undefined || site === undefined) return false;
    const key = `${ip} ${url} ${headers["user-agent"] ?? ""}`;
    const now = this.#now();
    const sent = this.#sent.get(key);
    if (this.#sent.size >= maxKept) this.#sent.clear();
    this.#sent.set(key, now);
    return site !== "none" && sent !== undefined && now - sent < againWithinMs;
  }
}
