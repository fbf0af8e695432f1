/**
 * Label Studio's static files (GATEWAY 10.2, 10.7): the same for everybody, so that no session is asked
 * for, each is fetched once, compressed once off the event loop, and kept in memory.
 *
 * 1. Pinned, and told to browsers as never changing, is a file whose address holds its content: by the
 *    hash in its name, or by the version that Label Studio's own pages name now. A version that nobody
 *    but the client named pins nothing, so that nobody can plant today's file under tomorrow's version.
 * 2. Every other file is asked about again after a minute, by its Last-Modified.
 * 3. What was pinned stays for seven days after its last use, for pages opened before an upgrade, as far
 *    as memory's bound allows; while Label Studio is away, what is kept is served.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { AppError } from "../errors.ts";
import type { WholeAnswer } from "./taking.ts";
import type { Upstream } from "./upstream.ts";

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

const maxFileBytes = 32 * 1_048_576;
const maxKeptBytes = 128 * 1_048_576;
/** Below this, compressing gains nothing. */
const minCompressed = 1024;
const askAgainMs = 60_000;
const keptMs = 7 * 24 * 3_600_000;

const compressible =
  /^(?:text\/|application\/(?:javascript|json|xml|wasm)|image\/svg|font\/(?:ttf|otf)|image\/x-icon)/;
const nameWithHash = /\.([0-9a-f]{12})\.\w+$/;

type Coding = "br" | "gzip" | "identity";

interface KeptFile {
  readonly body: Buffer;
  readonly type: string;
  readonly hash: string;
  readonly lastModified: string | null;
  readonly isPinned: boolean;
  /** Label Studio's version, as its pages named it when the file was fetched. */
  readonly version: string | null;
  readonly coded: Map<Coding, Promise<Buffer>>;
  bytes: number;
  askedAt: number;
  usedAt: number;
}

type Found = KeptFile | { readonly redirect: string };

/** Label Studio's static files, kept. */
export class StaticFiles {
  readonly #upstream: Pick<Upstream, "gather">;
  readonly #now: () => number;
  /** By target; least recently used first. */
  readonly #kept = new Map<string, KeptFile>();
  readonly #fetching = new Map<string, Promise<Found>>();
  #bytes = 0;
  #version: string | null = null;

  constructor(upstream: Pick<Upstream, "gather">, now: () => number) {
    this.#upstream = upstream;
    this.#now = now;
  }

  /** Takes the version of the static files from one of Label Studio's pages. */
  noteVersion(page: string): void {
    const [, version] = /\/react-app\/main\.js\?v=([\w.-]{1,64})"/.exec(page) ?? [];
    if (version !== undefined) this.#version = version;
  }

  /**
   * Answers a GET or HEAD of a static file; `target` is its canonical path and query.
   * @throws AppError `not_found`, `upstream_*` where the file is not kept and cannot be fetched
   */
  async answer(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const found = await this.#find(target);
    if ("redirect" in found) {
      response.writeHead(302, { location: found.redirect, "cache-control": "no-cache" }).end();
      return;
    }
    const coding = compressibleAs(found, request.headers["accept-encoding"] ?? "");
    const body = coding === "identity" ? found.body : await this.#coded(found, coding);
    if (response.destroyed) return;
    const headers = {
      etag: `"${found.hash}${coding === "identity" ? "" : `-${coding}`}"`,
      "cache-control": found.isPinned ? "public, max-age=31536000, immutable" : "public, no-cache",
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
    };
    if ((request.headers["if-none-match"] ?? "").includes(headers.etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, {
      ...headers,
      "content-type": found.type,
      "content-length": body.length,
      ...(coding !== "identity" && { "content-encoding": coding }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  async #find(target: string): Promise<Found> {
    const kept = this.#kept.get(target);
    const now = this.#now();
    if (kept !== undefined && (kept.isPinned || now - kept.askedAt < askAgainMs)) {
      this.#use(target, kept, now);
      return kept;
    }
    let fetching = this.#fetching.get(target);
    if (fetching === undefined) {
      fetching = this.#fetch(target, kept ?? null).finally(() => this.#fetching.delete(target));
      this.#fetching.set(target, fetching);
    }
    return await fetching;
  }

  async #fetch(target: string, kept: KeptFile | null): Promise<Found> {
    const headers = ["accept-encoding", "identity"];
    if (kept?.lastModified != null) headers.push("if-modified-since", kept.lastModified);
    let answer: WholeAnswer;
    try {
      const request = { method: "GET", target, headers, body: null, isSlow: false };
      answer = await this.#upstream.gather(request, maxFileBytes);
    } catch (error) {
      if (kept !== null && error instanceof AppError) return kept;
      throw error;
    }
    if (answer.status === 304 && kept !== null && kept.version === this.#version) {
      kept.askedAt = this.#now();
      this.#use(target, kept, kept.askedAt);
      return kept;
    }
    // The same file, which its address may pin by now.
    const isSame = answer.status === 304 && kept !== null;
    return this.#take(target, isSame ? { ...answer, body: kept.body } : answer, kept);
  }

  #take(target: string, { status, headers, body }: WholeAnswer, kept: KeptFile | null): Found {
    const { location } = headers;
    if (status >= 300 && status < 304 && location?.startsWith("/") === true) {
      return { redirect: location };
    }
    if (status >= 500) throw new AppError("upstream_bad_answer", { evidence: { target, status } });
    if (status !== 200 && status !== 304) throw new AppError("not_found");
    const now = this.#now();
    const file: KeptFile = {
      body,
      type: headers["content-type"] ?? kept?.type ?? "application/octet-stream",
      hash: createHash("sha256").update(body).digest("base64url").slice(0, 22),
      lastModified: headers["last-modified"] ?? kept?.lastModified ?? null,
      isPinned: this.#holdsContent(target, body),
      version: this.#version,
      coded: new Map(),
      bytes: body.length,
      askedAt: now,
      usedAt: now,
    };
    if (kept !== null) this.#drop(target, kept);
    this.#kept.set(target, file);
    this.#bytes += file.bytes;
    this.#prune(now);
    return file;
  }

  #holdsContent(target: string, body: Buffer): boolean {
    const [path = "", query = ""] = target.split("?", 2);
    const [, named] = nameWithHash.exec(path) ?? [];
    if (named !== undefined) {
      return createHash("md5").update(body).digest("hex").startsWith(named);
    }
    return this.#version !== null && query === `v=${this.#version}`;
  }

  /** Several requests at once wait for one compression. */
  #coded(file: KeptFile, coding: "br" | "gzip"): Promise<Buffer> {
    const known = file.coded.get(coding);
    if (known !== undefined) return known;
    const { body } = file;
    const made =
      coding === "br"
        ? brotli(body, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: 5,
              [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
            },
          })
        : deflate(body, { level: 6 });
    file.coded.set(coding, made);
    void made.then(({ length }) => {
      file.bytes += length;
      this.#bytes += length;
    });
    return made;
  }

  #use(target: string, file: KeptFile, now: number): void {
    file.usedAt = now;
    this.#kept.delete(target);
    this.#kept.set(target, file);
  }

  #drop(target: string, file: KeptFile): void {
    if (this.#kept.delete(target)) this.#bytes -= file.bytes;
  }

  #prune(now: number): void {
    for (const [target, file] of this.#kept) {
      const isOver = this.#bytes > maxKeptBytes && this.#kept.size > 1;
      if (!isOver && now - file.usedAt < keptMs) return;
      this.#drop(target, file);
    }
  }
}

function compressibleAs({ body, type }: KeptFile, accepted: string): Coding {
  if (body.length < minCompressed || !compressible.test(type)) return "identity";
  if (acceptsCoding(accepted, "br")) return "br";
  return acceptsCoding(accepted, "gzip") ? "gzip" : "identity";
}

/** Tells whether Accept-Encoding names the coding and does not weigh it 0 (RFC 9110 12.5.3). */
export function acceptsCoding(header: string, coding: string): boolean {
  return header.split(",").some((item) => {
    const [name = "", weight = ""] = item.split(";").map((part) => part.trim().toLowerCase());
    return name === coding && !/^q=0(?:\.0*)?$/.test(weight);
  });
}
