/**
 * Whether the gateway is open (GATEWAY 10.5). Several people or projects that differ from what is known
 * are another database behind the same address: nobody may then be somebody else there, until an
 * administrator accepts it. The answer is kept for a second, so that a request asks nobody.
 */
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { loadUpstreamState, saveUpstreamState } from "../store/upstream-state.ts";

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
const mostTold = 100;

/** The door of the gateway. */
export class Door {
  readonly #deps: Deps;
  #known: { readonly atMs: number; readonly isClosed: boolean } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws AppError `upstream_closed` */
  async requireOpen(): Promise<void> {
    const { now, store } = this.#deps;
    if (this.#known === null || now() - this.#known.atMs >= keptMs) {
      const closed = await loadUpstreamState<Closed>(store.db, "closed");
      this.#known = { atMs: now(), isClosed: closed !== null };
    }
    if (this.#known.isClosed) throw new AppError("upstream_closed");
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
      differences: differences.slice(0, mostTold),
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
    this.#known = null;
  }
}
