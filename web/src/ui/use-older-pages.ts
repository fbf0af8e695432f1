/**
 * Pages of a log that grows at its top: each is named by the entry before it, which stands in the address.
 * Unlike a filter, a page is a step that the browser's Back takes back.
 */
import { useNavigate } from "@tanstack/react-router";
import type { Paging } from "./data-table.tsx";
import { useSearchState } from "./use-search-state.ts";

/** The paging of a table whose page begins before the entry `before` of the address. */
export function useOlderPages(older: string | null): Paging {
  const { search } = useSearchState();
  const navigate = useNavigate();
  const go = (before: string) =>
    void navigate({ to: ".", search: (previous) => ({ ...previous, before }) });
  return {
    kind: "older",
    onNewest: (search["before"] ?? "") === "" ? null : () => go(""),
    onOlder: older === null ? null : () => go(older),
  };
}
