/**
 * An answer of Label Studio's that passes piece by piece (GATEWAY 10.5): back-pressure, aborts and
 * ranges go through. Owns what is seen of its head alone: a refused credential, an HTML error to an API
 * path, addresses that name Label Studio.
 *
 * The head goes out with the first piece, so that a small answer is one write. It waits for `before`,
 * which is the activity log's row of a request that changes something.
 */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { AppError, type ErrorCode } from "../errors.ts";
import type { AnswerSink, Exchange } from "./exchange.ts";
import type { AnswerHeaders, OutwardAnswer } from "./headers.ts";
import { isRefusedCredential } from "./upstream.ts";

/** Options of an answer that passes. */
export interface PassingOptions extends OutwardAnswer {
  readonly headers: AnswerHeaders;
  readonly isApi: boolean;
  /** Awaited before the head goes out; null where there is nothing to wait for. */
  readonly before: ((status: number) => Promise<void>) | null;
}

/** Passes one answer to `response`. */
export class Passing implements AnswerSink {
  exchange: Exchange | null = null;
  readonly #response: ServerResponse;
  readonly #options: PassingOptions;
  readonly #over: (error: AppError | null) => void;
  readonly #waiting: Buffer[] = [];
  #status = 0;
  #upstreamHeaders: IncomingHttpHeaders = {};
  #isHeld: boolean = false;
  #hasEnded: boolean = false;
  #hasBegun: boolean = false;
  #isDraining: boolean = false;
  #isOver: boolean = false;
  /** The whole answer in one piece, to be written with its head. */
  #only: Buffer | null = null;

  /** @param over called once: with null when the answer ended or nobody waits for it, or with what broke it */
  constructor(
    response: ServerResponse,
    options: PassingOptions,
    over: (error: AppError | null) => void,
  ) {
    this.#response = response;
    this.#options = options;
    this.#over = over;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#upstreamHeaders = headers;
    const refusal = this.#refusalOf(status, headers);
    if (refusal !== null) {
      this.exchange?.cancel();
      this.#settle(refusal);
      return;
    }
    const { before } = this.#options;
    if (before !== null) this.#hold(before(status));
  }

  data(chunk: Buffer): boolean {
    if (this.#isHeld) {
      this.#waiting.push(chunk);
      return false;
    }
    return this.#write(chunk);
  }

  ended(): void {
    this.#hasEnded = true;
    if (!this.#isHeld) this.#end();
  }

  /** Ends the passing where the client is gone: there is nobody to tell. */
  leave(): void {
    this.exchange?.cancel();
    this.#settle(null);
  }

  failed(error: AppError): void {
    if (this.#hasBegun) this.#response.destroy();
    this.#settle(error);
  }

  #settle(error: AppError | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over(error);
  }

  #refusalOf(status: number, headers: IncomingHttpHeaders): AppError | null {
    if (isRefusedCredential(status, headers)) return new AppError("upstream_refused_credential");
    const isJson = (headers["content-type"] ?? "").startsWith("application/json");
    if (status < 400 || isJson || !this.#options.isApi) return null;
    return new AppError(errorCodes[status] ?? "upstream_bad_answer", { evidence: { status } });
  }

  #hold(until: Promise<void>): void {
    this.#isHeld = true;
    void until.finally(() => {
      this.#isHeld = false;
      let goesOn = true;
      for (const chunk of this.#waiting.splice(0)) goesOn = this.#write(chunk);
      if (this.#hasEnded) this.#end();
      else if (goesOn) this.exchange?.resume();
    });
  }

  #write(chunk: Buffer): boolean {
    if (!this.#hasBegun) return this.#begin(chunk);
    this.#flushOnly();
    const goesOn = this.#response.write(chunk);
    if (!goesOn) this.#waitForDrain();
    return goesOn;
  }

  #begin(chunk: Buffer): boolean {
    this.#hasBegun = true;
    const first = this.#withOwnLinks(chunk);
    const { headers } = this.#options;
    const length = this.#upstreamHeaders["content-length"];
    const isWhole = length !== undefined && Number(length) === chunk.length;
    const sent =
      first === chunk || length === undefined
        ? this.#upstreamHeaders
        : {
            ...this.#upstreamHeaders,
            "content-length": String(Number(length) + first.length - chunk.length),
          };
    this.#response.writeHead(this.#status, headers.write(sent, this.#options));
    if (isWhole) {
      this.#only = first;
      return true;
    }
    const goesOn = this.#response.write(first);
    if (!goesOn) this.#waitForDrain();
    return goesOn;
  }

  /** More came than was announced; Node then says so. */
  #flushOnly(): void {
    if (this.#only === null) return;
    this.#response.write(this.#only);
    this.#only = null;
  }

  /** The first piece of a list, with `next` and `previous` as the client must see them. */
  #withOwnLinks(chunk: Buffer): Buffer {
    const { isApi, headers, origin } = this.#options;
    // Lists begin with their count: {"count":…
    if (!isApi || chunk[0] !== 0x7b || chunk[2] !== 0x63) return chunk;
    const head = chunk.toString("latin1", 0, maxHeadBytes);
    const written = headers.ofClientList(head, origin);
    if (written === null) return chunk;
    return Buffer.concat([Buffer.from(written, "latin1"), chunk.subarray(head.length)]);
  }

  #end(): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      const { headers } = this.#options;
      this.#response.writeHead(this.#status, headers.write(this.#upstreamHeaders, this.#options));
    }
    if (this.#only === null) this.#response.end();
    else this.#response.end(this.#only);
    this.#settle(null);
  }

  #waitForDrain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#response.once("drain", () => {
      this.#isDraining = false;
      this.exchange?.resume();
    });
  }
}

/** As much of a list as its links can take. */
const maxHeadBytes = 8192;

/** HTML errors of Label Studio's, and of its own proxy, to API paths. */
const errorCodes: Readonly<Record<number, ErrorCode>> = {
  400: "bad_request",
  403: "permission_denied",
  404: "not_found",
  405: "method_not_allowed",
  411: "length_required",
  413: "payload_too_large",
  415: "unsupported_media_type",
  502: "upstream_away",
  503: "upstream_away",
  504: "upstream_timeout",
};
