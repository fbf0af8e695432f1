/**
 * Work over a whole organization in turn: one piece at a time for each, and a short line behind it, so
 * that an organization of 100,000 members whose preview is asked for many times at once takes neither
 * the processor nor the memory from everybody else. Each process counts for itself.
 */
import { AppError } from "../errors.ts";

interface Line {
  length: number;
  last: Promise<unknown>;
}

/** The lines, one for each organization that has work. */
export class TenantQueue {
  readonly #most: number;
  readonly #lines = new Map<number, Line>();

  /** `most` is how many pieces an organization may have in its line, the running one included. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Runs `work` once everything before it in the organization's line is over.
   * @throws AppError `too_many_requests` where the line is full
   */
  async run<T>(organizationId: number, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(organizationId) ?? { length: 0, last: Promise.resolve() };
    if (line.length >= this.#most) {
      throw new AppError("too_many_requests", {
        detail: "Other previews of this organization are under way. Try again once they are done.",
      });
    }
    this.#lines.set(organizationId, line);
    line.length += 1;
    const result = line.last.then(work);
    line.last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(organizationId);
    }
  }
}
