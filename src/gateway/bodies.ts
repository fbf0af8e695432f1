/**
 * Bodies of requests: read up to a limit, or measured before they stream (GATEWAY 10.7). Label Studio
 * reads no body without a length, so that a chunked one is read here first. A refused body is read off,
 * up to the limit of uploads: a browser that still sends does not see the answer otherwise.
 */
import type { IncomingMessage } from "node:http";
import { AppError } from "../errors.ts";

/** The most that is taken of a body whose length nobody told. */
const unmeasuredBytes = 1_048_576;

/** True where the request has a body, as its headers say. */
export function hasBody({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  const length = headers["content-length"];
  return length !== undefined && Number(length) > 0;
}

/**
 * The length of a body that shall stream; null for one that must be read first, being chunked.
 * @throws AppError `payload_too_large`
 */
export function streamLength({ headers }: IncomingMessage, most: number): number | null {
  if (headers["transfer-encoding"] !== undefined) return null;
  const length = Number(headers["content-length"] ?? "0");
  if (length > most) throw tooLarge(most);
  return length;
}

/**
 * The whole body.
 * @throws AppError `payload_too_large`, `length_required` for a chunked body above 1 MiB,
 * `bad_request` where it breaks off
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const isMeasured = request.headers["transfer-encoding"] === undefined;
  const limit = isMeasured ? most : Math.min(most, unmeasuredBytes);
  if (isMeasured && Number(request.headers["content-length"] ?? "0") > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > limit) break;
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw new AppError("bad_request", { detail: "The request broke off.", cause: error });
  }
  if (size <= limit) return Buffer.concat(chunks, size);
  throw isMeasured || most <= unmeasuredBytes ? tooLarge(limit) : new AppError("length_required");
}

const stillnessMs = 30_000;

/** Reads off what is left of a body, up to `most` bytes; beyond that, or when it stands still, it ends. */
export function readOff(request: IncomingMessage, most: number): void {
  if (request.complete || request.destroyed) return;
  let left = most;
  const still = setTimeout(() => request.destroy(), stillnessMs).unref();
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    still.refresh();
    if (left < 0) request.destroy();
  });
  request.on("error", () => undefined);
  request.once("close", () => clearTimeout(still));
  request.resume();
}

function tooLarge(most: number): AppError {
  const detail = `The body may have at most ${most} bytes here.`;
  return new AppError("payload_too_large", { detail });
}
