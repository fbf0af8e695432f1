/**
 * Reads the feed of changes of access (GATEWAY 10.3): every 500 ms, and before the next decision where
 * this process wrote to it, so that a change counts here from the next request on and elsewhere within
 * a second. What is then forgotten is the listener's to know.
 *
 * Time is the machine's own, not `deps.now`: it measures how old knowledge is.
 */
import type { Deps } from "../deps.ts";
import { type AccessChanges, type FeedPosition, readAccessChanges } from "../store/access-feed.ts";

const pollMs = 500;
/** The age from which a reading is not believed any more. */
const freshMs = 1_000;
/** Rows are kept for an hour; whoever was away for longer than this cannot know what was missed. */
const lostMs = 30 * 60_000;

/** The result of a reading. `isLost`: too long since the last one, anything may have changed. */
export type FeedNews = Pick<AccessChanges, "people" | "isGeneral"> & { readonly isLost: boolean };

/** The reader of one process. */
export class AccessFeed {
  readonly #deps: Pick<Deps, "store" | "log">;
  readonly #tell: (news: FeedNews) => void;
  #position: FeedPosition | null = null;
  /**
   * The time at which the last good reading began, and the same by the wall clock, which goes on while
   * the machine sleeps.
   */
  #readAt = Number.NEGATIVE_INFINITY;
  #readAtWall = 0;
  /** The writes of this process that the last good reading covers. */
  #writes = -1;
  #reading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isFailing = false;

  constructor(deps: Pick<Deps, "store" | "log">, tell: (news: FeedNews) => void) {
    this.#deps = deps;
    this.#tell = tell;
  }

  /** Begins to read on schedule. The timer keeps no process alive. */
  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => void this.#read(), pollMs).unref();
    void this.#read();
  }

  /** Stops reading; resolves once no reading is under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#reading;
  }

  /** True where everything that was kept may be believed now. */
  isCurrent(writes: number = this.#deps.store.accessWrites()): boolean {
    return this.#writes >= writes && performance.now() - this.#readAt < freshMs;
  }

  /** Reads where that is needed; false where the feed cannot be read now. */
  async bringUpToDate(): Promise<boolean> {
    const writes = this.#deps.store.accessWrites();
    // A reading that is under way may have begun before the last write, so there may be a second one.
    for (let readings = 0; readings < 2 && !this.isCurrent(writes); readings += 1) {
      await this.#read();
    }
    return this.isCurrent(writes);
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const { store, log } = this.#deps;
    const [startedAt, startedAtWall] = [performance.now(), Date.now()];
    const writes = store.accessWrites();
    try {
      const { people, isGeneral, position } = await readAccessChanges(store.db, this.#position);
      const isLost =
        this.#position === null ||
        startedAt - this.#readAt > lostMs ||
        startedAtWall - this.#readAtWall > lostMs;
      this.#position = position;
      if (isLost || isGeneral || people.size > 0) this.#tell({ people, isGeneral, isLost });
      this.#readAt = startedAt;
      this.#readAtWall = startedAtWall;
      this.#writes = writes;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        log.warn({ err: error }, "the feed of access changes cannot be read; nothing is kept");
      }
      this.#isFailing = true;
    }
  }
}
