/**
 * Reads the addressee of a request: one Host header, and a target that agrees with it (RFC 9112 3.2).
 * Where a proxy in front believes one name and this server another, the two guard different sites, so
 * that whatever can be read in two ways is refused, with 400. Which names are ours is front.ts's
 * question; no address is ever made from any of them.
 */
import type { IncomingMessage } from "node:http";

/** A host name or address with its port, and nothing that two readers could cut apart differently. */
const authorityRe = /^(?:\[[0-9a-f:.]{2,45}\]|[\w.-]{1,255})(?::\d{1,5})?$/i;
const absoluteRe = /^(https?):\/\/([^/?#]*)(.*)$/i;

type Addressed = Pick<IncomingMessage, "rawHeaders">;

/** The sentence that says why nobody can tell for whom a request to `target` is, or null. */
export function addressingProblem({ rawHeaders }: Addressed, target: string): string | null {
  const host = hostIn(rawHeaders);
  if (host === null) return "The request has more than one Host header.";
  if (host !== "" && !authorityRe.test(host)) return "The Host header is no host name.";
  if (target.startsWith("/")) return null;
  const [, scheme, authority] = absoluteRe.exec(target) ?? [];
  if (scheme === undefined || authority === undefined) return null;
  const isSame =
    authorityRe.test(authority) && withPort(scheme, authority) === withPort(scheme, host);
  return isSame ? null : "The request's target names another host than its Host header.";
}

/** The target as a path: an absolute one without its origin, which `addressingProblem` has compared. */
export function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const rest = absoluteRe.exec(target)?.[3];
  if (rest === undefined) return target;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The one Host header; empty where there is none, null where there are several. */
function hostIn(rawHeaders: readonly string[]): string | null {
  let host: string | null = null;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length !== "host".length || name.toLowerCase() !== "host") continue;
    if (host !== null) return null;
    host = (rawHeaders[at + 1] ?? "").trim();
  }
  return host ?? "";
}

function withPort(scheme: string, authority: string): string {
  const name = authority.toLowerCase();
  if (/:\d+$/.test(name)) return name;
  return `${name}:${scheme.toLowerCase() === "https" ? 443 : 80}`;
}
