/**
 * Fetches identity provider metadata from a URL that an administrator entered (PRODUCT 2.7).
 * Owns the fetch and what it may reach; what the document says is saml/metadata.ts's business.
 *
 *   URL → resolve once → judge every address → connect to those addresses and no others → answer
 *    ▲                                                                                      │
 *    └──────────────────────── redirect, at most 3, judged like the first ─────────────────┘
 *
 * 1. Names are resolved here and the connection is pinned to what was judged, so that a second DNS
 *    answer cannot lead elsewhere.
 * 2. Ten seconds for everything; 1 MiB both as sent and as decoded, so that a compressed answer
 *    cannot grow without bound.
 * 3. Each fetch has its own connection, no cookies, no credentials, no proxy.
 */
import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { Agent, type Dispatcher, request } from "undici";
import { AppError } from "../errors.ts";
import { metadataText } from "../saml/metadata.ts";
import { isForbiddenName, judgeAddress } from "./addresses.ts";

/** The two switches of Config that concern fetching. */
export interface FetchPolicy {
  readonly ssrfProtectionEnabled: boolean;
  readonly disableSamlSslValidation: boolean;
}

interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Limits and name resolution; tests bring their own. */
export interface FetchSurroundings {
  readonly timeoutMs: number;
  readonly resolve: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

const surroundings: FetchSurroundings = {
  timeoutMs: 10_000,
  resolve: async (hostname) => await lookup(hostname, { all: true, verbatim: true }),
};

const maxBytes = 1_048_576;
const maxRedirects = 3;

/**
 * The text of the document at `url`.
 *
 * @throws AppError `metadata_unreachable` where trying again later may help (DNS, connection, TLS,
 * time, status 5xx, 408, 425, 429); `metadata_address_refused` for a URL or an address that is not
 * allowed; `metadata_not_idp` or `metadata_not_xml` for an answer that cannot be metadata.
 */
export async function fetchMetadata(
  policy: FetchPolicy,
  url: string,
  { timeoutMs, resolve }: FetchSurroundings = surroundings,
): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  let target = parseTarget(url);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await requestOnce(policy, target, { signal, resolve, timeoutMs });
    if (answer.location === null) return answer.text;
    target = followRedirect(target, answer.location);
  }
  throw notMetadata(`The address redirects more than ${maxRedirects} times.`);
}

/**
 * The URL, where it is one that may be fetched at all: absolute, http or https, no credentials.
 *
 * @throws AppError `metadata_address_refused` with the sentence that says what is wrong.
 */
export function parseTarget(text: string): URL {
  const url = URL.parse(text.trim());
  if (url === null) throw refused("Enter a whole URL, such as https://idp.example.com/metadata.");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw refused("The URL must begin with https:// or http://.");
  }
  if (url.username !== "" || url.password !== "") {
    throw refused("The URL must not contain a user name or a password.");
  }
  url.hash = "";
  return url;
}

/** A redirect is a new URL, judged like the first; it may not leave https, which protects the keys. */
function followRedirect(from: URL, location: string): URL {
  const next = URL.parse(location, from.href);
  if (next === null) throw notMetadata("The address redirects to something that is not a URL.");
  const target = parseTarget(next.href);
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw refused("The address redirects from https to http.");
  }
  return target;
}

interface Attempt extends FetchSurroundings {
  readonly signal: AbortSignal;
}

type Answer =
  | { readonly location: string; readonly text: null }
  | { readonly location: null; readonly text: string };

async function requestOnce(policy: FetchPolicy, target: URL, attempt: Attempt): Promise<Answer> {
  const addresses = await allowedAddresses(policy, target, attempt);
  const agent = new Agent({
    connect: {
      lookup: pinnedLookup(addresses),
      rejectUnauthorized: !policy.disableSamlSslValidation,
    },
    allowH2: false,
    pipelining: 0,
  });
  try {
    const response = await request(target, {
      dispatcher: agent,
      signal: attempt.signal,
      headers: {
        accept: "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.1",
        "accept-encoding": "identity",
        "user-agent": "Labelgate",
      },
    });
    return await readAnswer(response);
  } catch (error) {
    throw error instanceof AppError ? error : unreachable(error, attempt);
  } finally {
    await agent.destroy();
  }
}

/** Every address of the host, or a refusal where one of them is not allowed (DNS rebinding). */
async function allowedAddresses(
  policy: FetchPolicy,
  target: URL,
  attempt: Attempt,
): Promise<readonly ResolvedAddress[]> {
  const hostname = target.hostname.replace(/^\[|\]$/g, "");
  if (isForbiddenName(hostname)) throw refused(`${hostname} is a cloud's metadata service.`);
  const addresses = await resolveInTime(hostname, attempt);
  if (addresses.length === 0) throw unreachable(new Error("no address"), attempt);
  for (const { address } of addresses) {
    const verdict = judgeAddress(address);
    if (verdict === "forbidden") {
      throw refused("The URL leads to a link-local or cloud-metadata address.");
    }
    if (verdict === "private" && policy.ssrfProtectionEnabled) {
      throw refused(
        "The URL leads to a private address, which SSRF_PROTECTION_ENABLED does not allow.",
      );
    }
  }
  return addresses;
}

async function resolveInTime(
  hostname: string,
  attempt: Attempt,
): Promise<readonly ResolvedAddress[]> {
  try {
    // A look-up of the operating system cannot be called off, only left behind.
    return await Promise.race([attempt.resolve(hostname), rejection(attempt.signal)]);
  } catch (error) {
    throw unreachable(error, attempt);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}

function pinnedLookup(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, done) => {
    const wanted = addresses.filter(({ family }) =>
      options.family !== 4 && options.family !== 6 ? true : family === options.family,
    );
    const [first] = wanted;
    if (first === undefined) done(new Error("no address of this family"), "", 0);
    else if (options.all === true) done(null, [...wanted]);
    else done(null, first.address, first.family);
  };
}

/** Answers that a later attempt may well change. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

async function readAnswer(response: Dispatcher.ResponseData): Promise<Answer> {
  const { statusCode, headers } = response;
  const location = single(headers["location"]);
  if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
    return { location, text: null };
  }
  if (statusCode >= 500 || passingStatuses.has(statusCode)) {
    throw cannotReach(`status ${statusCode}`);
  }
  if (statusCode !== 200) {
    throw notMetadata(`The metadata URL answers with status ${statusCode} instead of a document.`);
  }
  const sent = await readLimited(response.body);
  const bytes = await decode(sent, single(headers["content-encoding"]) ?? "identity");
  return { location: null, text: metadataText(bytes) };
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type Inflate = (
  bytes: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void;

const decoders: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", brotliDecompress],
]);

/**
 * Undoes one content encoding, as some servers send one unasked; never more than 1 MiB of it. An unknown
 * one is passed over, since servers name there what is none, and the bytes are judged (PRODUCT 2.7).
 */
async function decode(bytes: Buffer, encoding: string): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  const decoder = decoders.get(name);
  if (decoder === undefined) return bytes;
  return await new Promise((resolve, reject) => {
    decoder(bytes, { maxOutputLength: maxBytes }, (error, result) => {
      if (error === null) resolve(result);
      else if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE") reject(tooLarge());
      else reject(notMetadata("The answer's compressed content is damaged."));
    });
  });
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(", ") : header;
}

function refused(detail: string): AppError {
  return new AppError("metadata_address_refused", { detail });
}

function notMetadata(detail: string): AppError {
  return new AppError("metadata_not_idp", { detail });
}

function tooLarge(): AppError {
  return notMetadata("The answer is larger than 1 MiB.");
}

/**
 * One sentence for whatever keeps a document from coming: told apart, they would show an administrator
 * which hosts and ports of the server's network are there. The operator's log has the reason.
 */
export const unreachableSentence =
  "The metadata URL cannot be reached from this server, or does not answer with a document in time. Compare the address, and its TLS certificate; the server's log has the reason.";

function cannotReach(reason: string, cause?: unknown): AppError {
  return new AppError("metadata_unreachable", {
    detail: unreachableSentence,
    evidence: { reason },
    ...(cause !== undefined && { cause }),
  });
}

function unreachable(cause: unknown, attempt: Attempt): AppError {
  const { signal, timeoutMs } = attempt;
  const reason = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : failureCode(cause);
  return cannotReach(reason, cause);
}

function failureCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return failureCode(error.errors[0]);
  }
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
