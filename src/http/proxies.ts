/**
 * Trusts forwarded headers of known proxies alone (PRODUCT 9.3). Owns the question and the tidying of
 * what trusted proxies send; Fastify walks X-Forwarded-For by it. The Host headers count for nothing
 * anywhere: every URL comes from BASE_URL.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/** True for an address inside `networks`, each `address/bits`. */
export function trustCheck(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    list.addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
  };
}

/** Enough for a UUID, a ULID, or a trace id, and nothing that could spoil a log line. */
const requestIdRe = /^[\w.-]{8,64}$/;

/** A fresh request id, or the one that a trusted proxy gave. */
export function requestIdBy(
  isTrusted: (address: string) => boolean,
): (message: Pick<IncomingMessage, "headers" | "socket">) => string {
  return ({ headers, socket }) => {
    const given = headers["x-request-id"];
    const counts = typeof given === "string" && requestIdRe.test(given);
    return counts && isTrusted(socket.remoteAddress ?? "") ? given : randomUUID();
  };
}

/**
 * X-Forwarded-For with bare addresses: some proxies append the port (Azure's do), and attempts are
 * limited by address. What is no address at all goes, with everything before it.
 */
export function tidyForwardedFor(header: string): string {
  const kept: string[] = [];
  for (const entry of header.split(",").reverse()) {
    const address = bareAddress(entry.trim());
    if (address === null) break;
    kept.unshift(address);
  }
  return kept.join(", ");
}

/**
 * The client's address on plain requests, as Fastify finds it: from the right of X-Forwarded-For, the
 * first address that is no trusted proxy's.
 */
export function clientAddressBy(
  isTrusted: (address: string) => boolean,
): (message: Pick<IncomingMessage, "headers" | "socket">) => string {
  return ({ headers, socket }) => {
    let address = socket.remoteAddress ?? "";
    const forwarded = headers["x-forwarded-for"];
    if (typeof forwarded !== "string" || !isTrusted(address)) return address;
    for (const hop of tidyForwardedFor(forwarded).split(", ").reverse()) {
      if (hop === "") break;
      address = hop;
      if (!isTrusted(hop)) break;
    }
    return address;
  };
}

function bareAddress(entry: string): string | null {
  if (isIP(entry) !== 0) return entry;
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(entry) ?? [];
  const address = bracketed ?? plain ?? "";
  return isIP(address) === 0 ? null : address;
}
