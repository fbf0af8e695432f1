/**
 * One holder at a time, in the order of asking. Guards SQLite's one writing connection: statements of
 * two transactions must never mix on it.
 */

/** A lock that is handed from holder to holder. */
export class Mutex {
  /** The holder's place comes first, then those of who waits. */
  readonly #queue: { take: () => void }[] = [];

  /** True where nobody holds the lock. */
  get isFree(): boolean {
    return this.#queue.length === 0;
  }

  /** Resolves once the caller holds the lock; false where that took longer than `patienceMs`. */
  acquire(patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const place = { take: () => resolve(true) };
      if (this.#queue.push(place) === 1) return place.take();
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(place), 1);
        resolve(false);
      }, patienceMs);
      place.take = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Gives the lock to who waits longest. */
  release(): void {
    this.#queue.shift();
    this.#queue[0]?.take();
  }
}
