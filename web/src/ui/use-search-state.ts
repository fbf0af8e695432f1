/**
 * State of a list, kept in the address, so that it can be shared and gone back to: page, search,
 * filters.
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** Reads one name of the query with its default, and a way to set several; empty text removes a name. */
export function useSearchState() {
  const search = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const set = useCallback(
    (changed: Readonly<Record<string, string>>) =>
      void navigate({
        to: ".",
        search: (previous) => ({ ...previous, ...changed }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return { search, set };
}
