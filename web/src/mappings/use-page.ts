/**
 * Selects the rows on the screen: those that the filter found, a page at a time. A row that was found
 * stays while it is edited; only another text searches anew.
 */
import { useState } from "react";
import type { Row } from "./use-rows.ts";

/** Few enough to be drawn at once without being noticed. */
const pageSize = 20;

interface Options<Entry> {
  readonly textOf: (entry: Entry) => string;
  /** A row that must be seen, told anew each time. */
  readonly wanted: { readonly id: number } | null;
}

interface View {
  readonly filter: string;
  /** Null for all of them. */
  readonly found: ReadonlySet<number> | null;
  readonly page: number;
  readonly wanted: Options<unknown>["wanted"];
  /** Another one where the filter was emptied by something else than typing. */
  readonly filterKey: number;
}

/** The rows of the page, and how to turn it. */
export function usePage<Entry>(rows: readonly Row<Entry>[], { textOf, wanted }: Options<Entry>) {
  const [view, setView] = useState<View>({
    filter: "",
    found: null,
    page: 0,
    wanted: null,
    filterKey: 0,
  });
  const current = wanted === view.wanted ? view : showing(view, rows, wanted);
  if (current !== view) setView(current);
  const { filter, found, filterKey } = current;
  const matching = found === null ? rows : rows.filter(({ id }) => found.has(id));
  const pages = Math.max(1, Math.ceil(matching.length / pageSize));
  const page = Math.min(current.page, pages - 1);
  const first = page * pageSize;
  const shown = matching.slice(first, first + pageSize);
  const positions = new Map(rows.map(({ id }, index) => [id, index + 1]));
  return {
    ...{ filter, filterKey, shown, page, pages, first, count: matching.length },
    positionOf: (id: number) => positions.get(id) ?? 0,
    turn: (to: number) => setView({ ...current, page: to }),
    setFilter: (text: string) => {
      const matches = text === "" ? null : matchesOf(rows, text, textOf);
      setView({ ...current, filter: text, found: matches, page: 0 });
    },
    /** Turns to the last page of all `count` rows. */
    showNew: (count: number) =>
      setView({ ...unfiltered(current), page: Math.ceil(count / pageSize) - 1 }),
  };
}

function matchesOf<Entry>(
  rows: readonly Row<Entry>[],
  text: string,
  textOf: (entry: Entry) => string,
): ReadonlySet<number> {
  const wanted = text.toLowerCase();
  const found = rows.filter(({ entry }) => textOf(entry).toLowerCase().includes(wanted));
  return new Set(found.map(({ id }) => id));
}

function unfiltered(view: View): View {
  if (view.filter === "") return view;
  return { ...view, filter: "", found: null, filterKey: view.filterKey + 1 };
}

function showing<Entry>(
  view: View,
  rows: readonly Row<Entry>[],
  wanted: Options<Entry>["wanted"],
): View {
  const at = wanted === null ? -1 : rows.findIndex(({ id }) => id === wanted.id);
  if (at < 0) return { ...view, wanted };
  return { ...unfiltered(view), wanted, page: Math.floor(at / pageSize) };
}
