/**
 * Transfers under way, cut where their person is deactivated or removed, or the session or token that
 * began them is ended (GATEWAY 10.3). A session that merely runs out cuts nothing.
 */
import { hasAccess } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { holdsCredential, loadStanding } from "../store/studio-access.ts";
import type { Authenticated } from "./contract.ts";
import type { FeedNews } from "./feed.ts";
import { type Placed, UnderWay } from "./under-way.ts";

interface Transfer extends Placed {
  readonly who: Authenticated;
  readonly cut: () => void;
}

export class Transfers {
  readonly #deps: Pick<Deps, "store" | "now" | "log">;
  readonly #underWay = new UnderWay<Transfer>();
  /** Of whom it could not be asked yet. */
  readonly #unasked = new Set<number>();

  constructor(deps: Pick<Deps, "store" | "now" | "log">) {
    this.#deps = deps;
  }

  /** Watches a transfer; call what is returned when it is over. */
  watch(who: Authenticated, cut: () => void): () => void {
    const transfer = { who, cut, place: 0 };
    this.#underWay.add(transfer);
    return () => this.#underWay.delete(transfer);
  }

  /** After each reading of the feed. */
  hear({ people, isLost }: FeedNews): void {
    const named = isLost ? this.#underWay.all().map(personOf) : people;
    for (const userId of named) this.#unasked.add(userId);
    void this.checkAll();
  }

  /** Looks at those whom the news named; what could not be asked is asked again. */
  async checkAll(): Promise<void> {
    if (this.#unasked.size === 0) return;
    const asked = new Set(this.#unasked);
    this.#unasked.clear();
    for (const transfer of this.#underWay.all()) {
      const userId = personOf(transfer);
      if (!asked.has(userId)) continue;
      try {
        if (await this.#mayGoOn(transfer.who)) continue;
        this.#underWay.delete(transfer);
        transfer.cut();
      } catch (error) {
        this.#unasked.add(userId);
        this.#deps.log.warn({ err: error }, "a transfer's person could not be looked at");
      }
    }
  }

  async #mayGoOn({ principal, credential, expiresAt }: Authenticated): Promise<boolean> {
    const { db } = this.#deps.store;
    const role = await loadStanding(db, principal);
    if (role === null || !hasAccess(role)) return false;
    return this.#deps.now() >= expiresAt || (await holdsCredential(db, credential));
  }
}

function personOf({ who }: Transfer): number {
  return who.principal.userId;
}
