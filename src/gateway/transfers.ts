/**
 * Transfers under way, cut where their person is deactivated or removed, or the session or token that
 * began them is ended (GATEWAY 10.3). A session that merely runs out cuts nothing.
 */
import { hasAccess } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { holdsCredential, loadStanding } from "../store/studio-access.ts";
import type { FeedNews } from "./feed.ts";
import type { KeptViewer } from "./viewer-cache.ts";

interface Transfer {
  readonly kept: KeptViewer;
  readonly cut: () => void;
}

export class Transfers {
  readonly #deps: Pick<Deps, "store" | "now" | "log">;
  readonly #byPerson = new Map<number, Set<Transfer>>();
  /** Of whom it could not be asked yet. */
  readonly #unasked = new Set<number>();

  constructor(deps: Pick<Deps, "store" | "now" | "log">) {
    this.#deps = deps;
  }

  /** Watches a transfer; call what is returned when it is over. */
  watch(kept: KeptViewer, cut: () => void): () => void {
    const { userId } = kept.who.principal;
    const transfer = { kept, cut };
    const own = this.#byPerson.get(userId) ?? new Set();
    this.#byPerson.set(userId, own.add(transfer));
    return () => this.#end(transfer);
  }

  #end(transfer: Transfer): void {
    const { userId } = transfer.kept.who.principal;
    const own = this.#byPerson.get(userId);
    own?.delete(transfer);
    if (own?.size === 0) this.#byPerson.delete(userId);
  }

  /** After each reading of the feed. */
  hear({ people, isLost }: FeedNews): void {
    for (const userId of isLost ? this.#byPerson.keys() : people) this.#unasked.add(userId);
    void this.checkAll();
  }

  /** Looks at those whom the news named; what could not be asked is asked again. */
  async checkAll(): Promise<void> {
    for (const userId of [...this.#unasked]) {
      this.#unasked.delete(userId);
      for (const transfer of [...(this.#byPerson.get(userId) ?? [])]) {
        try {
          if (await this.#mayGoOn(transfer.kept)) continue;
          this.#end(transfer);
          transfer.cut();
        } catch (error) {
          this.#unasked.add(userId);
          this.#deps.log.warn({ err: error }, "a transfer's person could not be looked at");
        }
      }
    }
  }

  async #mayGoOn({ who, credential, expiresAt }: KeptViewer): Promise<boolean> {
    const { db } = this.#deps.store;
    const role = await loadStanding(db, who.principal);
    if (role === null || !hasAccess(role)) return false;
    return this.#deps.now() >= expiresAt || (await holdsCredential(db, credential));
  }
}
