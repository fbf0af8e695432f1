/** Titles of projects by id, for changes and lists that name projects by their id alone. */
import { queryOptions } from "@tanstack/react-query";
import { get } from "./client.ts";

interface Found {
  readonly results: readonly { readonly id: number; readonly title: string }[];
}

/** More in one list are named by their ids. */
const maxAsked = 100;

/** Titles of those of the projects that are there and may be seen. */
export function projectTitlesQuery(projectIds: readonly number[]) {
  const ids = [...new Set(projectIds)].sort((a, b) => a - b).slice(0, maxAsked);
  return queryOptions({
    queryKey: ["project-titles", ids],
    queryFn: async ({ signal }) => {
      const query = { ids: ids.join(","), page_size: maxAsked };
      const { results } = await get<Found>("/api/projects", { query, signal });
      return new Map(results.map(({ id, title }) => [id, title]));
    },
    enabled: ids.length > 0,
  });
}
