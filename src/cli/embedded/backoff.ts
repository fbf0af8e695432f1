/** Pauses between attempts that fail: growing, and short again once an attempt went well. Pure. */

/** An attempt that lasted this long counts as a good one. */
const goodRunMs = 60_000;

/** The pauses of one thing that is tried again. */
export interface Backoff {
  /** The pause before the next attempt, in milliseconds, after one that lasted `ranMs`. */
  next(ranMs: number): number;
}

/** `firstMs`, doubled at each failure up to `maxMs`; a run of a minute begins anew. */
export function createBackoff(firstMs = 1_000, maxMs = 60_000): Backoff {
  let failures = 0;
  return {
    next: (ranMs) => {
      if (ranMs >= goodRunMs) failures = 0;
      failures += 1;
      return Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
    },
  };
}
