/**
 * Finds the mapped groups that were seen before, or were seen in another spelling (PRODUCT 8.7). Asks
 * for the largest groups once; only where there are more than that for each group by itself.
 */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { indexNames, nearMisses } from "../../../src/access/hints.ts";
import { type KnownGroup, knownGroupsQuery, maxKnownGroups } from "../api/mapping-targets.ts";
import type { SeenRow } from "./row-hints.ts";

/** Names of directories and URIs end in the short form; with this the server finds them by either. */
const shortest = /([^,=/:\\]+)[^=/:\\]*$/;

/**
 * Looks `groups` up in the source that the settings are about. `shown` are those on the screen, which
 * are asked for one by one where the largest groups do not tell.
 */
export function useSeenGroups(
  source: KnownGroup["source"],
  groups: readonly string[],
  shown: readonly string[],
): (group: string) => SeenRow {
  // Typing goes before what is found out about it.
  const mapped = useDeferredValue(groups);
  const { data: largest } = useQuery(knownGroupsQuery(""));
  const isCut = largest !== undefined && largest.length >= maxKnownGroups;
  const known = new Set((largest ?? []).map(({ group }) => group));
  const asked = isCut
    ? [...new Set(shown)].filter((group) => group !== "" && !known.has(group))
    : [];
  const more = useQueries({
    queries: asked.map((group) => knownGroupsQuery(searchOf(group), 20)),
    combine: (answers) => answers.flatMap(({ data }) => data ?? []),
  });
  return useMemo(() => {
    const ofSource = [...(largest ?? []), ...more].filter((seen) => seen.source === source);
    return tellSeen(ofSource, mapped);
  }, [largest, more, source, mapped]);
}

function searchOf(group: string): string {
  const trimmed = group.trim();
  return (shortest.exec(trimmed)?.[1] ?? trimmed).trim();
}

function tellSeen(
  seen: readonly KnownGroup[],
  groups: readonly string[],
): (group: string) => SeenRow {
  const names = new Set(seen.map(({ group }) => group));
  const mapped = new Set(groups);
  const index = indexNames(mapped);
  const instead = new Map<string, KnownGroup>();
  for (const known of seen) {
    if (mapped.has(known.group)) continue;
    for (const { target } of nearMisses([known.group], index)) {
      if (target !== undefined && !names.has(target) && !instead.has(target)) {
        instead.set(target, known);
      }
    }
  }
  return (group) => ({
    isSeen: names.has(group),
    instead: instead.get(group)?.group,
    insteadMembers: instead.get(group)?.members,
  });
}
