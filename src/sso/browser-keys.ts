/**
 * The cookies that tie a pending login to the browser that began it. The identity provider's POST comes
 * from another site, so they need SameSite=None, which browsers take on https only. On http loopback no
 * SameSite is named, and a browser that keeps them back is asked to post again from this site.
 *
 * Tabs that are restored at once each get a key, since none knew of the other's: each key has a cookie of
 * its own name, so that none replaces another. A browser that has a key keeps using it.
 */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Config, isSecureOrigin } from "../config.ts";

/** Time that the identity provider and the person may take (PRODUCT 2.2), in milliseconds. */
export const pendingLoginMs = 15 * 60_000;

/** More tabs than this do not begin at once; the rest are other sites' cookies on a shared host. */
const maxKeys = 16;

const keyRe = /^[\w-]{43}$/;

/** Hashes a browser's key; the store keeps the hash alone. */
export function hashBrowserKey(browserKey: string): string {
  return createHash("sha256").update(browserKey).digest("hex");
}

/** True where one of the browser's keys is the one behind `browserHash`. */
export function holdsKey(browserKeys: readonly string[], browserHash: string | null): boolean {
  return browserKeys.some((key) => hashBrowserKey(key) === browserHash);
}

function cookieOf(config: Config) {
  return isSecureOrigin(config)
    ? ({ name: "__Host-labelgate_login", secure: true, sameSite: "none" } as const)
    : ({ name: "labelgate_login", secure: false } as const);
}

/** The keys that the browser sent; none where it has none, or kept them back. */
export function browserKeysOf(config: Config, { cookies }: FastifyRequest): readonly string[] {
  const { name } = cookieOf(config);
  return Object.entries(cookies)
    .flatMap(([sent, key]) => (sent.startsWith(name) && key !== undefined ? [key] : []))
    .filter((key) => keyRe.test(key))
    .slice(0, maxKeys);
}

/** Gives the browser the key, or keeps the one that it has for as long as the login may take. */
export function setBrowserKey(config: Config, reply: FastifyReply, browserKey: string): void {
  const { name, ...flags } = cookieOf(config);
  reply.setCookie(`${name}_${hashBrowserKey(browserKey).slice(0, 8)}`, browserKey, {
    ...flags,
    httpOnly: true,
    path: "/",
    maxAge: pendingLoginMs / 1000,
  });
}
