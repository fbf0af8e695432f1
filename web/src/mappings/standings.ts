/** Relations between the mappings of one list: repetition, and precedence in a conflict. */
import type { MappingKind } from "./kinds.tsx";
import type { Standing } from "./row-hints.ts";
import type { Row } from "./use-rows.ts";

const alone: Standing = { isRepeated: false, rival: null };

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
    const contest = kind.contest(entry);
    if (contest === null) continue;
    const winner = best.get(contest);
    if (winner === undefined || kind.beats(entry, winner)) best.set(contest, entry);
  }
  for (const { id, entry } of named) {
    const key = kind.key(entry);
    const winner = best.get(kind.contest(entry) ?? "");
    const isLost = winner !== undefined && kind.beats(winner, entry);
    if (firsts.has(key)) told.set(id, { isRepeated: true, rival: null });
    else if (isLost) told.set(id, { isRepeated: false, rival: kind.lost(winner) });
    firsts.add(key);
  }
  return (id) => told.get(id) ?? alone;
}
