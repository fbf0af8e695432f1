/**
 * A bounded cache of good credentials, kept until the feed tells of their people or their time is up.
 * Finding out is viewers.ts's.
 *
 * 1. A hit costs one look-up: what was used is marked, and moved only when room is needed.
 * 2. What was loaded while its person changed is not kept: it may be from before the change.
 */
import type { Principal } from "../access/authorize.ts";
import type { Authenticated } from "./contract.ts";
import type { FeedNews } from "./feed.ts";

/** A good credential. */
export interface KeptViewer {
  readonly who: Authenticated;
  /** The time for which it may lie unused; Infinity for tokens. */
  readonly idleMs: number;
  /** The time at which its use was last noted; null where never. */
  readonly lastUsedAt: number | null;
  /** Of the token's or session's row, by which use is noted. */
  readonly row: number | string;
}

interface Slot {
  kept: KeptViewer;
  wasUsed: boolean;
}

/** The stamp that a loading must bring to be kept. */
export type Stamp = number;

export class ViewerCache {
  readonly #most: number;
  readonly #slots = new Map<string, Slot>();
  readonly #keysOf = new Map<number, Set<string>>();
  #changes = 0;
  #generalChange = 0;
  /** Person → number of their last change; for as long as something is being loaded. */
  readonly #changeOf = new Map<number, number>();
  #loading = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Returns the viewer kept under a key, where it has time left. */
  get(key: string, nowMs: number): KeptViewer | null {
    const slot = this.#slots.get(key);
    if (slot === undefined) return null;
    const { who, idleMs, lastUsedAt } = slot.kept;
    // Others may have noted its use meanwhile, so the database is asked, and not the visitor refused.
    if (nowMs >= who.expiresAt || nowMs - (lastUsedAt ?? nowMs) >= idleMs) {
      this.#drop(key, who.principal);
      return null;
    }
    slot.wasUsed = true;
    return slot.kept;
  }

  /** Before something is loaded; give the stamp to `put`, and call `end` in any case. */
  begin(): Stamp {
    this.#loading += 1;
    return this.#changes;
  }

  end(): void {
    this.#loading -= 1;
    if (this.#loading === 0) this.#changeOf.clear();
  }

  /** Keeps what was loaded, unless its person changed since `begin`. */
  put(key: string, kept: KeptViewer, stamp: Stamp): void {
    const { userId } = kept.who.principal;
    if (this.#generalChange > stamp || (this.#changeOf.get(userId) ?? 0) > stamp) return;
    this.#slots.delete(key);
    while (this.#slots.size >= this.#most) this.#dropOldest();
    this.#slots.set(key, { kept, wasUsed: false });
    const keys = this.#keysOf.get(userId) ?? new Set();
    this.#keysOf.set(userId, keys.add(key));
  }

  /** The same with its use noted. */
  note(key: string, usedAt: number): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) slot.kept = { ...slot.kept, lastUsedAt: usedAt };
  }

  /** Forgets whom the news concern. */
  forget({ people, isGeneral, isLost }: FeedNews): void {
    this.#changes += 1;
    if (isGeneral || isLost) {
      this.#generalChange = this.#changes;
      this.#slots.clear();
      this.#keysOf.clear();
      return;
    }
    for (const userId of people) {
      if (this.#loading > 0) this.#changeOf.set(userId, this.#changes);
      for (const key of this.#keysOf.get(userId) ?? []) this.#slots.delete(key);
      this.#keysOf.delete(userId);
    }
  }

  #dropOldest(): void {
    for (const [key, slot] of this.#slots) {
      this.#slots.delete(key);
      if (!slot.wasUsed) {
        this.#unlink(key, slot.kept.who.principal);
        return;
      }
      slot.wasUsed = false;
      this.#slots.set(key, slot);
    }
  }

  #drop(key: string, principal: Principal): void {
    this.#slots.delete(key);
    this.#unlink(key, principal);
  }

  #unlink(key: string, { userId }: Principal): void {
    const keys = this.#keysOf.get(userId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOf.delete(userId);
  }
}
