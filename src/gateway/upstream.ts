/**
 * The Label Studio behind Labelgate: where it is, whether it can be asked, and the connections to it.
 * Owns Labelgate's own requests (`ask`, as the service account) and whole answers (`gather`); what is
 * passed through piece by piece is exchange.ts, and what it means handle.ts.
 *
 * Whoever runs an embedded Label Studio says how far it is (upstream-state.ts); the condition of one of
 * your own is what the last connection to it told.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Pool } from "undici";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { type CredentialKey, credentialMint, type MintCredential } from "./credentials.ts";
import {
  type AnswerSink,
  defaultLimits,
  Exchange,
  type ExchangePlace,
  type UpstreamLimits,
  type UpstreamRequest,
} from "./exchange.ts";
import { Taking, type WholeAnswer } from "./taking.ts";
import { UnderWay } from "./under-way.ts";
import {
  createUpstreamState,
  type EmbeddedUpstream,
  type UpstreamState,
} from "./upstream-state.ts";

/** Label Studio's address, our credentials for it, and its progress. */
interface UpstreamTarget {
  /** Such as `http://label-studio:8080`; with `socketPath`, what goes into Host. */
  readonly origin: string;
  readonly socketPath?: string;
  readonly key: CredentialKey;
  readonly state: UpstreamState;
  readonly limits: UpstreamLimits;
  /** Hears whether the last exchange found somebody there. */
  readonly heard?: (isThere: boolean) => void;
}

/** Options of `ask`. */
export interface AskOptions {
  /** Label Studio's number of the account to ask as; the service account unless given. */
  readonly as?: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** An answer to `ask`: `json` is null where the body is empty or, for an error, no JSON. */
export interface AskAnswer {
  readonly status: number;
  readonly json: unknown;
}

export interface Upstream {
  /** The condition of Label Studio, for pages. */
  readonly state: UpstreamState;
  /**
   * A request of Labelgate's own. `target` is a path with its query.
   * @throws AppError upstream_not_ready, upstream_away, upstream_timeout, upstream_bad_answer,
   * upstream_refused_credential
   */
  ask(method: string, target: string, options?: AskOptions): Promise<AskAnswer>;
  /** Sends a request as it is and passes the answer to the sink. @throws AppError upstream_not_ready */
  send(request: UpstreamRequest, sink: AnswerSink): Exchange;
  /** Sends a request and takes its whole answer, up to `limit` bytes. Rejects as `ask` does. */
  gather(request: UpstreamRequest, limit: number, signal?: AbortSignal): Promise<WholeAnswer>;
  /** A credential for Label Studio's account of that number, good for a minute. */
  mintCredential(upstreamUserId: number): string;
  /** The number of the account as which Labelgate asks. Rejects as `ask` does. */
  serviceUser(): Promise<number>;
  close(): Promise<void>;
}

/** The most that an answer to Labelgate's own requests may be. */
const askBytes = 32 * 1_048_576;
const askMs = 30_000;
/** The first accounts of a Label Studio, one of which is still there and tells who the owner is. */
const firstAccounts = 10;

type UpstreamDeps = Pick<Deps, "config" | "now" | "randomToken">;

/** Options of `createUpstream`. */
export interface UpstreamOptions {
  /** The embedded Label Studio, where UPSTREAM_URL says so. */
  readonly embedded?: EmbeddedUpstream;
  readonly limits?: UpstreamLimits;
}

/**
 * The Label Studio of the configuration. Nothing is connected before somebody asks.
 * @throws Error where UPSTREAM_URL is unset, or the private key is none
 */
export function createUpstream(
  deps: UpstreamDeps,
  { embedded, limits = defaultLimits }: UpstreamOptions = {},
): Upstream {
  if (embedded !== undefined) {
    const { socketPath, secretKey, state } = embedded;
    const key: CredentialKey = { kind: "secret", secret: secretKey };
    return new PooledUpstream(deps, { origin: "http://localhost", socketPath, key, state, limits });
  }
  const { upstreamUrl, upstreamSecretKey, upstreamJwtPrivateKey } = deps.config;
  const state = createUpstreamState({ phase: "ready", percent: null, message: there }, deps.now);
  const key: CredentialKey =
    upstreamJwtPrivateKey === ""
      ? { kind: "secret", secret: upstreamSecretKey }
      : { kind: "private", pem: upstreamJwtPrivateKey };
  return new PooledUpstream(deps, {
    ...{ origin: upstreamUrl, key, state, limits },
    heard: (isThere) => {
      if (isThere === (state.current().phase === "ready")) return;
      if (isThere) state.set({ phase: "ready", percent: null, message: there });
      else state.set({ phase: "away", percent: null, message: notThere });
    },
  });
}

const there = "Label Studio answers.";
const notThere = "Label Studio does not answer.";

class PooledUpstream implements Upstream {
  readonly state: UpstreamState;
  readonly #deps: UpstreamDeps;
  readonly #running = new UnderWay<Exchange>();
  readonly #looked = { atMs: performance.now() };
  readonly #watch: NodeJS.Timeout;
  readonly #pool: Pool;
  readonly #place: ExchangePlace;
  readonly #mint: MintCredential;
  #serviceUser: Promise<number> | null = null;

  constructor(deps: UpstreamDeps, target: UpstreamTarget) {
    const { origin, socketPath, key, limits, heard = () => undefined } = target;
    this.state = target.state;
    this.#deps = deps;
    this.#mint = credentialMint(key, deps.randomToken);
    this.#pool = new Pool(origin, {
      ...(socketPath !== undefined && { socketPath }),
      connections: limits.connections,
      pipelining: 1,
      allowH2: false,
      connectTimeout: limits.connectMs,
      keepAliveTimeout: limits.keepAliveMs,
      maxHeaderSize: 32_768,
      // Time is watched here, counted otherwise than undici does (exchange.ts).
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const looked = this.#looked;
    this.#place = { pool: this.#pool, running: this.#running, limits, looked, heard };
    this.#watch = setInterval(() => this.#look(), limits.lookEveryMs).unref();
  }

  send(request: UpstreamRequest, sink: AnswerSink): Exchange {
    const exchange = new Exchange(this.#readyPlace(), request, sink);
    exchange.start();
    return exchange;
  }

  gather(request: UpstreamRequest, limit: number, signal?: AbortSignal): Promise<WholeAnswer> {
    return new Promise((resolve, reject) => {
      const taking = new Taking(limit, resolve, reject);
      taking.exchange = new Exchange(this.#readyPlace(), request, taking);
      signal?.addEventListener("abort", () => taking.giveUp(new AppError("upstream_timeout")));
      taking.exchange.start();
    });
  }

  mintCredential(upstreamUserId: number): string {
    return this.#mint(upstreamUserId, this.#deps.now());
  }

  async ask(method: string, target: string, options: AskOptions = {}): Promise<AskAnswer> {
    const user = options.as ?? (await this.serviceUser());
    const headers = [
      ...["authorization", `Bearer ${this.mintCredential(user)}`],
      ...["accept", "application/json", "accept-encoding", "identity"],
    ];
    let body: Uint8Array | null = null;
    if (options.body !== undefined) {
      body = Buffer.from(JSON.stringify(options.body), "utf8");
      headers.push("content-type", "application/json");
    }
    const request = { method, target, headers, body, isSlow: false };
    const answer = await this.#gatherWithin(options.timeoutMs ?? askMs, request);
    if (isRefusedCredential(answer.status, answer.headers)) {
      throw new AppError("upstream_refused_credential", { evidence: { target, user } });
    }
    return { status: answer.status, json: jsonOf(answer, target) };
  }

  /** A timer that is cleared: one of AbortSignal's own goes off after every answer, and keeps it until then. */
  async #gatherWithin(timeoutMs: number, request: UpstreamRequest): Promise<WholeAnswer> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      return await this.gather(request, askBytes, late.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async serviceUser(): Promise<number> {
    const { upstreamServiceUser } = this.#deps.config;
    if (upstreamServiceUser !== 0) return upstreamServiceUser;
    this.#serviceUser ??= this.#findOwner();
    const found = this.#serviceUser;
    try {
      return await found;
    } catch (error) {
      // The next one asks anew.
      if (this.#serviceUser === found) this.#serviceUser = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    await this.#pool.destroy();
  }

  #look(): void {
    const now = performance.now();
    this.#looked.atMs = now;
    for (const exchange of this.#running.all()) exchange.look(now);
  }

  /** @throws AppError upstream_not_ready */
  #readyPlace(): ExchangePlace {
    const { phase, percent, message } = this.state.current();
    if (phase === "ready" || phase === "away") return this.#place;
    const detail = percent === null ? message : `${message} (${percent} %)`;
    throw new AppError("upstream_not_ready", { detail });
  }

  /** The owner of Label Studio's organization, as one of its first accounts tells. */
  async #findOwner(): Promise<number> {
    for (let account = 1; account <= firstAccounts; account += 1) {
      const owner = await this.#ownerAsSeenBy(account);
      if (owner !== null) return owner;
    }
    throw new AppError("upstream_refused_credential", {
      detail: "No account of Label Studio took Labelgate's credential.",
    });
  }

  async #ownerAsSeenBy(account: number): Promise<number | null> {
    try {
      const me = await this.ask("GET", "/api/current-user/whoami", { as: account });
      const organization = numberOf(me.json, "active_organization");
      if (organization === null) return null;
      const record = await this.ask("GET", `/api/organizations/${organization}`, { as: account });
      return record.status === 200 ? (numberOf(record.json, "created_by") ?? account) : null;
    } catch (error) {
      const isRefused = error instanceof AppError && error.code === "upstream_refused_credential";
      if (isRefused) return null;
      throw error;
    }
  }
}

/** Label Studio's 401, or the way to its own sign-in page: never the client's fault (GATEWAY 10.3). */
export function isRefusedCredential(status: number, headers: IncomingHttpHeaders): boolean {
  if (status === 401) return true;
  if (status !== 302 && status !== 301 && status !== 303) return false;
  return /^(?:https?:\/\/[^/]+)?\/user\/login(?:[/?#]|$)/.test(headers.location ?? "");
}

function jsonOf({ status, body }: WholeAnswer, target: string): unknown {
  if (body.length === 0) return null;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    if (status >= 400) return null;
    throw new AppError("upstream_bad_answer", { evidence: { target, status }, cause: error });
  }
}

function numberOf(json: unknown, name: string): number | null {
  if (typeof json !== "object" || json === null) return null;
  const value: unknown = Reflect.get(json, name);
  return typeof value === "number" && Number.isInteger(value) ? value : null;
}
