/**
 * The request log for administrators (PRODUCT 7): what a client asked, what was understood and done,
 * and what of its way was tolerated. Rows are written some at a time and a moment later, so that a
 * request waits for none of them; a crash loses the last second of a log, never a change.
 */
import type { Deps } from "../deps.ts";
import { recordScimRequests, type ScimRequest } from "../store/scim-request-log.ts";

const waitMs = 500;
/** More than this many waiting are written at once. */
const maxWaiting = 100;

/** Collects requests and writes them. */
export class RequestLog {
  readonly #deps: Deps;
  #waiting: ScimRequest[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Takes a request; it is in the log within a second. */
  add(request: ScimRequest): void {
    this.#waiting.push(request);
    if (this.#waiting.length >= maxWaiting) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), waitMs).unref();
  }

  /** Writes what is waiting; returns once all of it is written, or given up with a line in the log. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const requests = this.#waiting;
    this.#waiting = [];
    this.#writing = this.#writing.then(() => this.#write(requests));
    await this.#writing;
  }

  async #write(requests: readonly ScimRequest[]): Promise<void> {
    try {
      await recordScimRequests(this.#deps.store.db, requests);
    } catch (error) {
      this.#deps.log.warn({ err: error }, "the SCIM request log could not be written");
    }
  }
}

/**
 * Lists what of a body was tolerated: shapes that clients send and RFC 7644 does not know (scim-clients
 * 1).
 */
export function quirksOf(body: unknown): readonly string[] {
  if (typeof body !== "object" || body === null) return [];
  const quirks = new Set<string>();
  const { schemas, Operations: operations } = body as Record<string, unknown>;
  const urns = Array.isArray(schemas) ? schemas.map(String) : [];
  if (urns.length === 0) quirks.add("The body names no schemas.");
  if (urns.some((urn) => !urn.startsWith("urn:ietf:params:scim:"))) {
    quirks.add("The body names schemas that are not of SCIM 2.0.");
  }
  for (const operation of Array.isArray(operations) ? operations : []) {
    for (const quirk of quirksOfOperation(operation)) quirks.add(quirk);
  }
  return [...quirks];
}

function quirksOfOperation(operation: unknown): readonly string[] {
  if (typeof operation !== "object" || operation === null) return [];
  const { op, path, value } = operation as Record<string, unknown>;
  const quirks: string[] = [];
  if (typeof op === "string" && op !== op.toLowerCase()) {
    quirks.push(`Operations are written with a capital letter, such as ${op.slice(0, 10)}.`);
  }
  if (value === "True" || value === "False") quirks.push("A boolean is sent as text.");
  if (typeof op === "string" && op.toLowerCase() === "remove" && Array.isArray(value)) {
    quirks.push(`What is to be removed stands in the value beside the path ${String(path)}.`);
  }
  return quirks;
}
