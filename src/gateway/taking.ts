/**
 * Takes the whole answer of an exchange, up to a limit: for Labelgate's own requests and for answers
 * that are edited, of which nothing may go out before the last byte is there (GATEWAY 10.5).
 */
import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "../errors.ts";
import type { AnswerSink, Exchange } from "./exchange.ts";

/** A whole answer. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Takes a whole answer. */
export class Taking implements AnswerSink {
  exchange: Exchange | null = null;
  readonly #limit: number;
  readonly #resolve: (answer: WholeAnswer) => void;
  readonly #reject: (error: AppError) => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(
    limit: number,
    resolve: (answer: WholeAnswer) => void,
    reject: (error: AppError) => void,
  ) {
    this.#limit = limit;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  data(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size > this.#limit) {
      const detail = `Label Studio's answer is larger than the ${this.#limit / 1_048_576} MiB that can be checked.`;
      this.giveUp(new AppError("upstream_bad_answer", { detail }));
      return true;
    }
    this.#chunks.push(chunk);
    return true;
  }

  ended(): void {
    const [only] = this.#chunks;
    const body =
      this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  /** Ends the exchange with `error` as the outcome. */
  giveUp(error: AppError): void {
    this.exchange?.cancel();
    this.#reject(error);
  }

  failed(error: AppError): void {
    this.#reject(error);
  }
}
