/**
 * Near misses: names that differ only in a way people overlook (PRODUCT 8.7).
 */
import type { Reason } from "./changes.ts";

/** Every mapped name under the keys by which a sent name may resemble it. */
export interface NameIndex {
  readonly byKey: ReadonlyMap<string, readonly string[]>;
}

/** Indexes mapped names for `nearMisses`. */
export function indexNames(names: Iterable<string>): NameIndex {
  const byKey = new Map<string, string[]>();
  for (const name of names) byKey.set(name.trim().toLowerCase(), [name]);
  return { byKey };
}

/** One reason for each sent group that matches nothing but resembles a mapped one. */
export function nearMisses(_groups: readonly string[], _names: NameIndex): Reason[] {
  return [];
}
