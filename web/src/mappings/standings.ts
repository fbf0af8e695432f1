/** Relations between the mappings of one list: repetition, and precedence in a conflict. */
import type { MappingKind } from "./kinds.tsx";
import type { Standing } from "./row-hints.ts";
import type { Row } from "./use-rows.ts";

const alone: Standing = { isRepeated: false, conflict: null };

/** The standing of a row by its id. */
export function standingsOf<Entry>(
  rows: readonly Row<Entry>[],
  kind: MappingKind<Entry>,
): (id: number) => Standing {
  const told = new Map<number, Standing>();
  const firsts = new Set<string>();
  const best = new Map<string, Entry>();
  const named = rows.filter(({ entry }) => kind.group(entry) !== "");
  for (const { entry } of named) {
    const conflictKey = kind.conflictKey(entry);
    if (conflictKey === null) continue;
    const winner = best.get(conflictKey);
    if (winner === undefined || kind.precedes(entry, winner)) best.set(conflictKey, entry);
  }
  for (const { id, entry } of named) {
    const key = kind.key(entry);
    const winner = best.get(kind.conflictKey(entry) ?? "");
    const isLost = winner !== undefined && kind.precedes(winner, entry);
    if (firsts.has(key)) told.set(id, { isRepeated: true, conflict: null });
    else if (isLost) told.set(id, { isRepeated: false, conflict: kind.lost(winner) });
    firsts.add(key);
  }
  return (id) => told.get(id) ?? alone;
}
