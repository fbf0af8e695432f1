/**
 * The server in front of everything, where a Label Studio is behind Labelgate (GATEWAY 10.2, 10.7): which
 * host a request is for, and whether Fastify or the gateway answers its address. Without a Label Studio
 * there is none of this, and Fastify has its own server.
 *
 *   host → CORS → address: Labelgate's → Fastify; Label Studio's, or both's → gateway; nobody's → 404
 *
 * Node's limits are the front's: uploads take longer than the 30 seconds that Labelgate's own bodies
 * get, so that those are counted here, for requests to Fastify alone.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Config } from "../config.ts";
import type { Host } from "../credentials/sessions.ts";
import { AppError } from "../errors.ts";
import type { Gateway } from "../gateway/handle.ts";
import { type AddressOwner, ownerOf } from "../labelstudio/match.ts";
import type { NumberKind } from "../store/wire-numbers.ts";
import { addressingProblem, originForm } from "./addressing.ts";
import { type OwnNumber, readOwnNumber } from "./own-numbers.ts";

/** The parts that the front needs besides Fastify. */
export interface FrontParts {
  readonly config: Config;
  readonly gateway: Pick<Gateway, "handle" | "home" | "refuse">;
  readonly isStopping: () => boolean;
  /** Label Studio's number of what has that internal one; null where it has none. */
  readonly upstreamNumber: (kind: NumberKind, id: number) => Promise<number | null>;
  /** Answers what only the studio host has; false where the address is none of those. */
  readonly studioHost: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const maxHeaderBytes = 32_768;
const headersTimeoutMs = 30_000;
/** A body for Labelgate itself must have arrived within this. */
const ownBodyMs = 30_000;
const keepAliveMs = 72_000;
/** A connection on which nothing moves for longer than the longest wait for Label Studio. */
const stillMs = 660_000;

/** Makes the server that Fastify listens with. */
export function frontServer(parts: FrontParts): (fastify: RequestListener) => Server {
  return (fastify) => {
    const front = new Front(parts, fastify);
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: headersTimeoutMs,
        requestTimeout: 0,
        keepAliveTimeout: keepAliveMs,
      },
      (request, response) => front.answer(request, response),
    );
    server.setTimeout(stillMs);
    return server;
  };
}

/** Addresses that answer on any host: probes come by the machine's own name. */
const hostless: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);

class Front {
  readonly #parts: FrontParts;
  readonly #fastify: RequestListener;
  readonly #firstHost: string;
  readonly #studioHost: string | null;
  readonly #corsOrigins: ReadonlySet<string>;

  constructor(parts: FrontParts, fastify: RequestListener) {
    const { baseUrl, upstreamPublicUrl, apiCorsOrigins } = parts.config;
    this.#parts = parts;
    this.#fastify = fastify;
    this.#firstHost = new URL(baseUrl).host;
    this.#studioHost = upstreamPublicUrl === "" ? null : new URL(upstreamPublicUrl).host;
    this.#corsOrigins = new Set(apiCorsOrigins);
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { gateway, isStopping } = this.#parts;
    // Browsers and proxies then open their next connection to another replica.
    if (isStopping()) response.setHeader("connection", "close");
    const problem = addressingProblem(request, request.url ?? "");
    request.url = originForm(request.url ?? "");
    const { method = "GET", url } = request;
    if (problem !== null) {
      const error = new AppError("bad_request", { detail: problem });
      gateway.refuse(request, response, "first", error);
      return;
    }
    const path = pathOf(url);
    const host = this.#hostOf(request, path);
    if (host === null) {
      gateway.refuse(request, response, "first", new AppError("misdirected_request"));
      return;
    }
    if (this.#answerPreflight(request, response, path)) return;
    if (host === "studio" && this.#parts.studioHost(request, response)) return;
    if (path === "/" && (method === "GET" || method === "HEAD")) {
      gateway.home(request, response, host);
      return;
    }
    const owner = ownerOf(method, url);
    const own = owner === "both" || owner === "studio" ? readOwnNumber(url) : null;
    if (own === null) this.#hand(request, response, { host, path, owner });
    else void this.#handOwn(request, response, { host, path, owner, own });
  }

  /** Serves a path by owner: Label Studio's resources by their numbers, all others by Labelgate. */
  async #handOwn(
    request: IncomingMessage,
    response: ServerResponse,
    {
      host,
      path,
      owner,
      own,
    }: {
      readonly host: Host;
      readonly path: string;
      readonly owner: AddressOwner;
      readonly own: OwnNumber;
    },
  ): Promise<void> {
    const { gateway, upstreamNumber } = this.#parts;
    try {
      const number = await upstreamNumber(own.kind, own.id);
      if (number !== null) {
        request.url = own.written(number);
        this.#hand(request, response, { host, path: pathOf(request.url), owner });
      } else {
        const rest = owner === "both" ? "labelgate" : "nobody";
        this.#hand(request, response, { host, path, owner: rest });
      }
    } catch (cause) {
      gateway.refuse(request, response, host, new AppError("not_ready", { cause }));
    }
  }

  #hand(
    request: IncomingMessage,
    response: ServerResponse,
    {
      host,
      path,
      owner,
    }: { readonly host: Host; readonly path: string; readonly owner: AddressOwner },
  ): void {
    const { gateway } = this.#parts;
    if (owner === "studio" || owner === "both") {
      gateway.handle(request, response, host);
    } else if (owner === "nobody") {
      gateway.refuse(request, response, host, new AppError("not_found"));
    } else if (host === "first" || mayLeaveStudio(request, path)) {
      limitBody(request);
      this.#fastify(request, response);
    } else {
      this.#leadToFirst(request, response);
    }
  }

  /** The host that a request is for; null for none of ours. Names alone count, as configured. */
  #hostOf({ headers }: IncomingMessage, path: string): Host | null {
    const host = (headers.host ?? "").toLowerCase();
    if (host === this.#firstHost) return "first";
    if (this.#studioHost !== null && host === this.#studioHost) return "studio";
    return hostless.has(path) ? "first" : null;
  }

  /** Labelgate's own pages are the first host's: there is no session for them here. */
  #leadToFirst(request: IncomingMessage, response: ServerResponse): void {
    const { gateway, config } = this.#parts;
    const isVisit = request.method === "GET" && !(request.url ?? "").startsWith("/api/");
    if (!isVisit) {
      gateway.refuse(request, response, "studio", new AppError("not_found"));
      return;
    }
    const location = `${config.baseUrl}${request.url ?? "/"}`;
    response.writeHead(302, { location, "cache-control": "no-store", "content-length": 0 }).end();
  }

  /** True where the request was a preflight, which is answered here. Tokens only, never cookies. */
  #answerPreflight(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const { origin } = request.headers;
    if (this.#corsOrigins.size === 0 || origin === undefined) return false;
    if (!path.startsWith("/api/") || !this.#corsOrigins.has(origin)) return false;
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("vary", "origin");
    if (request.method !== "OPTIONS") return false;
    response.writeHead(204, {
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "authorization, x-api-key, content-type, accept",
      "access-control-max-age": "600",
      "cache-control": "no-store",
    });
    response.end();
    return true;
  }
}

function pathOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? url : url.slice(0, mark);
}

/** On the studio host a cookie opens Label Studio's addresses alone; tokens open everything. */
function mayLeaveStudio({ headers }: IncomingMessage, path: string): boolean {
  if (path.startsWith("/labelgate/") || hostless.has(path)) return true;
  return headers.authorization !== undefined || headers["x-api-key"] !== undefined;
}

function limitBody(request: IncomingMessage): void {
  const { headers } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  const late = setTimeout(() => request.destroy(), ownBodyMs).unref();
  const clear = () => clearTimeout(late);
  request.once("end", clear);
  request.once("close", clear);
}
