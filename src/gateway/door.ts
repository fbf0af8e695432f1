/**
 * Opens and closes the gateway (GATEWAY 10.5). Several people or projects that differ from what is known
 * are another database behind the same address: nobody may then be somebody else there, until an
 * administrator accepts it. The answer is kept for a second, so that a request asks nobody.
 *
 * Whatever else is kept of Label Studio's things counts until links were taken, here or in another process:
 * each time that is noted in the database (`renew`), and listeners hear of it before the next request.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { Db } from "../store/store.ts";
import { loadDoorState, loadUpstreamState, saveUpstreamState } from "../store/upstream-state.ts";

/** A person or a project of which Label Studio tells something else than is known. */
export interface Difference {
  readonly kind: "person" | "project";
  /** The internal number. */
  readonly id: number;
  readonly upstreamId: number;
  /** The address or the title. */
  readonly name: string;
  /** A whole sentence. */
  readonly problem: string;
}

/** Why, and since when, the gateway is closed. */
export interface Closed {
  readonly at: number;
  readonly differences: readonly Difference[];
}

const keptMs = 1000;
/** More would say no more. */
const maxTold = 100;

/** The door of the gateway. */
export class Door {
  readonly #deps: Deps;
  readonly #listeners: (() => void)[] = [];
  #known: { readonly atMs: number; readonly isClosed: boolean } | null = null;
  /** Undefined before the first look. */
  #renewal: string | null | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Nothing to wait for where it is known to be open. Rejects with AppError `upstream_closed`. */
  requireOpen(): undefined | Promise<void> {
    const known = this.#known;
    if (known === null || this.#deps.now() - known.atMs >= keptMs) return this.#askOpen();
    return known.isClosed ? Promise.reject(new AppError("upstream_closed")) : undefined;
  }

  async #askOpen(): Promise<void> {
    const { now, store } = this.#deps;
    const atMs = now();
    const { isClosed, renewal } = await loadDoorState(store.db);
    this.#known = { atMs, isClosed };
    if (renewal !== this.#renewal) for (const listener of this.#listeners) listener();
    this.#renewal = renewal;
    if (isClosed) throw new AppError("upstream_closed");
  }

  /** Calls `listener` before the first request that comes after links were taken. */
  onRenewal(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Notes that links to Label Studio are taken, in the transaction that takes them; then `lookAgain`. */
  async renew(tx: Db): Promise<void> {
    await saveUpstreamState(tx, "renewal", this.#deps.randomToken(12));
  }

  /** The next request looks at the database. */
  lookAgain(): void {
    this.#known = null;
  }

  /** Why it is closed; null where it is open. */
  async closed(): Promise<Closed | null> {
    return await loadUpstreamState<Closed>(this.#deps.store.db, "closed");
  }

  /** Closes, or keeps closed, with what differs now. */
  async close(differences: readonly Difference[]): Promise<void> {
    const { now, store, log } = this.#deps;
    const former = await this.closed();
    const closed: Closed = {
      at: former?.at ?? now(),
      differences: differences.slice(0, maxTold),
    };
    await saveUpstreamState(store.db, "closed", closed);
    this.#known = { atMs: now(), isClosed: true };
    if (former === null) {
      log.error(
        { differences: differences.length },
        "people or projects of Label Studio differ from what is known; the gateway is closed",
      );
    }
  }

  /** Opens. */
  async open(): Promise<void> {
    await saveUpstreamState(this.#deps.store.db, "closed", null);
    this.lookAgain();
  }
}
