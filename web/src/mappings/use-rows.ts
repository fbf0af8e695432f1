/**
 * A list of mappings as rows that keep their identity while they are edited, removed and put back.
 * The list itself is the form's; whatever the form puts in its place starts afresh.
 */
import { useCallbackRef } from "@mantine/hooks";
import { useState } from "react";

/** One mapping. */
export interface Row<Entry> {
  readonly id: number;
  readonly entry: Entry;
}

interface Removed<Entry> {
  readonly row: Row<Entry>;
  readonly index: number;
}

interface Tracked<Entry> {
  readonly list: readonly Entry[];
  readonly rows: readonly Row<Entry>[];
  readonly nextId: number;
  /** The last one removed is the last. */
  readonly removed: readonly Removed<Entry>[];
}

/** The rows, and what can be done to them. The functions stay the same between renders. */
export interface Rows<Entry> {
  readonly rows: readonly Row<Entry>[];
  readonly removed: readonly Removed<Entry>[];
  change(id: number, entry: Entry): void;
  /** Appends an entry; answers its row's id. */
  add(entry: Entry): number;
  remove(id: number): void;
  /** Puts back what was removed last; answers its row's id, or null where nothing was. */
  undo(): number | null;
}

/** The rows of `list`. */
export function useRows<Entry>(
  list: readonly Entry[],
  onChange: (list: readonly Entry[]) => void,
): Rows<Entry> {
  const [tracked, setTracked] = useState(() => track(list, 0));
  const current = tracked.list === list ? tracked : track(list, tracked.nextId);
  if (current !== tracked) setTracked(current);
  const { rows, removed, nextId } = current;

  const put = (next: readonly Row<Entry>[], rest: Partial<Tracked<Entry>> = {}) => {
    const changed = next.map(({ entry }) => entry);
    setTracked({ ...current, ...rest, list: changed, rows: next });
    onChange(changed);
  };
  const change = useCallbackRef((id: number, entry: Entry) =>
    put(rows.map((row) => (row.id === id ? { id, entry } : row))),
  );
  const add = useCallbackRef((entry: Entry) => {
    put([...rows, { id: nextId, entry }], { nextId: nextId + 1 });
    return nextId;
  });
  const remove = useCallbackRef((id: number) => {
    const index = rows.findIndex((row) => row.id === id);
    const row = rows[index];
    if (row === undefined) return;
    put(rows.toSpliced(index, 1), { removed: [...removed, { row, index }] });
  });
  const undo = useCallbackRef(() => {
    const last = removed.at(-1);
    if (last === undefined) return null;
    put(rows.toSpliced(last.index, 0, last.row), { removed: removed.slice(0, -1) });
    return last.row.id;
  });
  return { rows, removed, change, add, remove, undo };
}

function track<Entry>(list: readonly Entry[], firstId: number): Tracked<Entry> {
  return {
    list,
    rows: list.map((entry, index) => ({ id: firstId + index, entry })),
    nextId: firstId + list.length,
    removed: [],
  };
}
