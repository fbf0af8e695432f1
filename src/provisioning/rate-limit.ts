/**
 * Limits the requests of one SCIM client: a bucket for each credential, that refills evenly and holds ten
 * seconds' worth, so that a first import's bursts pass and a client that runs wild does not take the
 * server from everybody else. Each process counts for itself.
 */

/** Seconds' worth of requests that a client may send at once after a pause. */
const burstSeconds = 10;
/** Full buckets say nothing and are dropped where there are more than this. */
const maxBuckets = 10_000;

/** A client that is refused again and again is worth a row in the log so often. */
const tellEveryMs = 60_000;

interface Bucket {
  left: number;
  at: number;
  toldAt: number;
}

/** A request that came too early. */
export interface TooEarly {
  /** Whole seconds after which the next one may come. */
  readonly waitSeconds: number;
  /** True where the administrators' log has not been told for a minute. */
  readonly isNews: boolean;
}

/** The buckets of one server. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `perSecond` requests for each client in the long run; 0 is no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Counts a request; null where it may go on. */
  take(client: string, nowMs: number): TooEarly | null {
    if (this.#perSecond === 0) return null;
    const bucket = this.#refilled(client, nowMs);
    if (bucket.left >= 1) {
      bucket.left -= 1;
      return null;
    }
    const isNews = nowMs - bucket.toldAt >= tellEveryMs;
    if (isNews) bucket.toldAt = nowMs;
    return { waitSeconds: Math.ceil((1 - bucket.left) / this.#perSecond), isNews };
  }

  #refilled(client: string, nowMs: number): Bucket {
    const most = this.#perSecond * burstSeconds;
    const known = this.#buckets.get(client);
    if (known === undefined) {
      if (this.#buckets.size >= maxBuckets) this.#dropFull(nowMs);
      const bucket = { left: most, at: nowMs, toldAt: -tellEveryMs };
      this.#buckets.set(client, bucket);
      return bucket;
    }
    known.left = Math.min(most, known.left + this.#earned(known, nowMs));
    known.at = nowMs;
    return known;
  }

  #earned({ at }: Bucket, nowMs: number): number {
    return (Math.max(0, nowMs - at) / 1000) * this.#perSecond;
  }

  #dropFull(nowMs: number): void {
    const most = this.#perSecond * burstSeconds;
    for (const [client, bucket] of this.#buckets) {
      if (bucket.left + this.#earned(bucket, nowMs) >= most) this.#buckets.delete(client);
    }
  }
}
