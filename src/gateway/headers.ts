/**
 * Headers pass by list, both ways (GATEWAY 10.3, 10.5). Owns the two lists, the security and caching
 * headers of what comes from Label Studio, and the rewriting of addresses that name it. A header that
 * stands in no list, in whatever spelling, goes nowhere.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type Config, isSecureOrigin } from "../config.ts";

/** Headers of the client's request that Label Studio may see, besides those of the gateway itself. */
const requestList = ["accept", "accept-language", "user-agent"] as const;
/** The same, where the answer is not edited. */
const conditions = [
  ...["range", "if-range", "if-match", "if-none-match", "if-modified-since"],
  "if-unmodified-since",
] as const;

/** A request as it goes on to Label Studio. */
export interface OnwardRequest {
  readonly credential: string | null;
  /** The body's Content-Type; null where there is no body. */
  readonly type: string | null;
  /** The length of a body that streams; what is written anew has its own. */
  readonly length: string | null;
  readonly isEdited: boolean;
}

/** Headers to Label Studio, names and values in turn. Host and Connection are undici's. */
export function onwardHeaders(client: IncomingHttpHeaders, onward: OnwardRequest): string[] {
  // Label Studio compresses nothing; what its proxy would compress could not be read here.
  const headers = ["accept-encoding", "identity"];
  if (onward.credential !== null) headers.push("authorization", `Bearer ${onward.credential}`);
  if (onward.type !== null) headers.push("content-type", onward.type);
  if (onward.length !== null) headers.push("content-length", onward.length);
  for (const name of requestList) {
    const value = client[name];
    if (typeof value === "string") headers.push(name, value);
  }
  if (onward.isEdited) return headers;
  for (const name of conditions) {
    const value = client[name];
    if (typeof value === "string") headers.push(name, value);
  }
  return headers;
}

/** Headers of Label Studio's answer that the client may see. */
const answerList = [
  ...["content-type", "content-disposition", "content-language", "content-security-policy"],
  ...["content-security-policy-report-only", "allow", "retry-after"],
] as const;
/** The same, where the answer is not edited. */
const untouchedList = [
  ...["content-length", "content-encoding", "content-range", "accept-ranges", "etag"],
  "last-modified",
] as const;

/** An answer as it goes out. */
export interface OutwardAnswer {
  readonly isEdited: boolean;
  /** Files and media may be kept by the browser, and asked about each time. */
  readonly isFile: boolean;
  readonly requestId: string;
  /** The origin that the client used. */
  readonly origin: string;
}

/** Writes the headers of answers. */
export class AnswerHeaders {
  readonly #fixed: readonly string[];
  readonly #upstreamOrigins: readonly string[];

  constructor(config: Config) {
    const policy = `frame-ancestors ${config.frameAncestors}; base-uri 'self'; object-src 'none'; form-action 'self'`;
    this.#fixed = [
      ...["x-content-type-options", "nosniff", "referrer-policy", "same-origin"],
      ...(isSecureOrigin(config) ? ["strict-transport-security", "max-age=31536000"] : []),
      // Beside Label Studio's own policy, not in its place: browsers obey both.
      ...["content-security-policy", policy],
    ];
    const { upstreamUrl } = config;
    // Embedded Label Studio is asked as localhost.
    this.#upstreamOrigins = originsOf(
      upstreamUrl === "embedded" ? "http://localhost" : upstreamUrl,
    );
  }

  /** Names and values in turn. */
  write(upstream: IncomingHttpHeaders, answer: OutwardAnswer): string[] {
    const headers = this.#fixed.slice();
    headers.push("x-request-id", answer.requestId);
    headers.push("cache-control", answer.isFile ? "private, no-cache" : "private, no-store");
    pick(upstream, answerList, headers);
    if (!answer.isEdited) pick(upstream, untouchedList, headers);
    const { location } = upstream;
    if (location !== undefined) headers.push("location", this.ofClient(location, answer.origin));
    return headers;
  }

  /** An address that names Label Studio, with the client's origin; others byte for byte. */
  ofClient(address: string, origin: string): string {
    for (const upstream of this.#upstreamOrigins) {
      if (!address.startsWith(upstream)) continue;
      const rest = address.slice(upstream.length);
      if (rest === "" || rest.startsWith("/") || rest.startsWith("?")) return origin + rest;
    }
    return address;
  }

  /** The head of a JSON list, its `next` and `previous` as the client must see them; null where none is. */
  ofClientList(head: string, origin: string): string | null {
    const found = /^\{"count":\d+,"next":(?:null|"([^"\\]*)"),"previous":(?:null|"([^"\\]*)")/.exec(
      head,
    );
    if (found === null) return null;
    const [whole, ...addresses] = found;
    let written = whole;
    for (const address of addresses) {
      if (address === undefined) continue;
      written = written.replace(`"${address}"`, () => `"${this.ofClient(address, origin)}"`);
    }
    return written === whole ? null : written + head.slice(whole.length);
  }
}

function pick(from: IncomingHttpHeaders, names: readonly string[], into: string[]): void {
  for (const name of names) {
    const value = from[name];
    if (typeof value === "string") into.push(name, value);
    else if (value !== undefined) for (const each of value) into.push(name, each);
  }
}

/** Label Studio writes http:// behind whatever Host it was asked by. */
function originsOf(url: string): readonly string[] {
  if (url === "") return [];
  const { host } = new URL(url);
  return [`http://${host}`, `https://${host}`];
}
