/**
 * One request to Label Studio and its answer, below every meaning: undici's dispatch, back-pressure,
 * aborts, limits of time, and the one repetition (GATEWAY 10.7). Which request, and for whom the answer
 * is, is the caller's business.
 *
 * 1. The first byte is waited for from the end of the request's body; a body that stands still, an
 *    answer that stands still and a reader who takes nothing end after the idle limit.
 * 2. Only GET and HEAD are repeated, once, where a kept connection turns out closed.
 * 3. Limits are kept by one look at all exchanges twice a second, not by a timer for each; they count from
 *    the time of the last look, to which one pause between looks is added, so that none ends too early.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type Dispatcher, errors } from "undici";
import { AppError } from "../errors.ts";
import type { Placed, UnderWay } from "./under-way.ts";

/** Limits of one Label Studio, in milliseconds and connections (GATEWAY 10.7). */
export interface UpstreamLimits {
  readonly connectMs: number;
  readonly firstByteMs: number;
  /** The same where Label Studio may take minutes. */
  readonly slowFirstByteMs: number;
  readonly idleMs: number;
  /**
   * The time for which an unused connection is kept where Label Studio says nothing: below gunicorn's 2
   * s.
   */
  readonly keepAliveMs: number;
  readonly connections: number;
  readonly lookEveryMs: number;
}

/** The limits of production. */
export const defaultLimits: UpstreamLimits = {
  connectMs: 3000,
  firstByteMs: 60_000,
  slowFirstByteMs: 600_000,
  idleMs: 60_000,
  keepAliveMs: 1500,
  connections: 128,
  lookEveryMs: 500,
};

/** An outgoing request. A stream comes with its Content-Length among the headers. */
export interface UpstreamRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Uint8Array | IncomingMessage | null;
  readonly isSlow: boolean;
}

/** The receiver of an answer. After `failed` or `ended` nothing comes any more. */
export interface AnswerSink {
  head(status: number, headers: IncomingHttpHeaders): void;
  /** False asks the exchange to wait until `resume`. */
  data(chunk: Buffer): boolean;
  ended(): void;
  /** `upstream_away`, `upstream_timeout` or `upstream_bad_answer`; after the head as well. */
  failed(error: AppError): void;
}

/** One request under way. */
export class Exchange implements Dispatcher.DispatchHandler, Placed {
  place = 0;
  readonly #pool: Dispatcher;
  readonly #running: UnderWay<Exchange>;
  readonly #request: UpstreamRequest;
  readonly #sink: AnswerSink;
  readonly #limits: UpstreamLimits;
  readonly #looked: ExchangePlace["looked"];
  readonly #heard: (isThere: boolean) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #deadline: number;
  #isPaused: boolean = false;
  #hasHead: boolean = false;
  #isRepeated: boolean = false;
  #isDone: boolean = false;

  constructor(
    { pool, running, limits, looked, heard }: ExchangePlace,
    request: UpstreamRequest,
    sink: AnswerSink,
  ) {
    this.#pool = pool;
    this.#running = running;
    this.#limits = limits;
    this.#looked = looked;
    this.#heard = heard;
    this.#request = request;
    this.#sink = sink;
    this.#deadline = this.#after(this.#firstByteMs);
  }

  /** Sends the request. */
  start(): void {
    this.#running.add(this);
    this.#dispatch();
  }

  /** Ends the exchange where nobody waits for it any more; the sink hears nothing. */
  cancel(): void {
    if (this.#isDone) return;
    this.#finish();
    this.#controller?.abort(new errors.RequestAbortedError());
  }

  /** Lets the answer go on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#touch();
    this.#controller?.resume();
  }

  /** Ends an exchange that is over its limit. */
  look(now: number): void {
    if (now < this.#deadline || this.#isDone) return;
    const evidence = { seconds: Math.round(this.#limits.idleMs / 1000), hasHead: this.#hasHead };
    this.#fail(new AppError("upstream_timeout", { evidence }));
    this.#controller?.abort(new errors.RequestAbortedError());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isDone) controller.abort(new errors.RequestAbortedError());
  }

  onRequestSent(): void {
    if (!this.#hasHead) this.#deadline = this.#after(this.#firstByteMs);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // 103 and its like are not for us to pass on.
    if (status < 200 || this.#isDone) return;
    this.#hasHead = true;
    this.#touch();
    this.#heard(true);
    this.#sink.head(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isDone) return;
    this.#touch();
    if (this.#sink.data(chunk)) return;
    this.#isPaused = true;
    controller.pause();
  }

  onResponseEnd(): void {
    if (this.#isDone) return;
    this.#finish();
    this.#sink.ended();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isDone) return;
    if (this.#mayRepeat(error)) {
      this.#isRepeated = true;
      this.#controller = null;
      this.#dispatch();
    } else {
      const refusal = refusalOf(error);
      if (refusal.code === "upstream_away") this.#heard(false);
      this.#fail(refusal);
    }
  }

  get #firstByteMs(): number {
    return this.#request.isSlow ? this.#limits.slowFirstByteMs : this.#limits.firstByteMs;
  }

  #dispatch(): void {
    const { method, target, headers, body } = this.#request;
    const isStream = body !== null && !(body instanceof Uint8Array);
    const sent = isStream ? this.#read(body) : body;
    try {
      this.#pool.dispatch(
        // Undici takes any iterable for a body; its types name only the usual ones.
        { method, path: target, headers, body: sent as Uint8Array | null },
        this,
      );
    } catch (error) {
      // A closed pool, or a request that undici finds malformed.
      this.#fail(refusalOf(error instanceof Error ? error : new Error(String(error))));
    }
  }

  /** The client's body. Ending it early leaves the client's connection open for the answer. */
  async *#read(body: IncomingMessage): AsyncGenerator<Buffer> {
    this.#touch();
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      this.#touch();
      yield chunk as Buffer;
    }
  }

  #touch(): void {
    this.#deadline = this.#after(this.#limits.idleMs);
  }

  #after(ms: number): number {
    return this.#looked.atMs + this.#limits.lookEveryMs + ms;
  }

  #mayRepeat(error: Error): boolean {
    const { method } = this.#request;
    const isRead = method === "GET" || method === "HEAD";
    return isRead && !this.#hasHead && !this.#isRepeated && wasClosedMeanwhile(error);
  }

  #fail(error: AppError): void {
    if (this.#isDone) return;
    this.#finish();
    this.#sink.failed(error);
  }

  #finish(): void {
    this.#isDone = true;
    this.#running.delete(this);
  }
}

/** State that exchanges with one Label Studio share. */
export interface ExchangePlace {
  readonly pool: Dispatcher;
  readonly running: UnderWay<Exchange>;
  readonly limits: UpstreamLimits;
  /** The last time that all exchanges were looked at, by `performance.now()`. */
  readonly looked: { readonly atMs: number };
  /** Told after each exchange whether Label Studio was there. */
  readonly heard: (isThere: boolean) => void;
}

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");

/** True where the connection had served before and was closed when the request came. */
function wasClosedMeanwhile(error: Error): boolean {
  const code = codeOf(error);
  if (code === "ECONNRESET" || code === "EPIPE") return true;
  return error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0;
}

/** Codes of an answer that is none, or that was cut short. */
const badAnswers: ReadonlySet<string> = new Set([
  "UND_ERR_HEADERS_OVERFLOW",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_RES_EXCEEDED_MAX_SIZE",
]);

function refusalOf(error: Error): AppError {
  const code = codeOf(error);
  const extras = { evidence: { code }, cause: error };
  if (badAnswers.has(code) || code.startsWith("HPE_")) {
    return new AppError("upstream_bad_answer", extras);
  }
  return new AppError("upstream_away", extras);
}
