/**
 * Values that a mapping can name, as the API knows them: groups that were seen before, workspaces,
 * projects. Searched on the server, a few at a time.
 */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { groupsAnswer } from "../../../src/http/openapi/sign-on-answers.ts";
import { get } from "./client.ts";

/** A group by one of its ways here. */
export type KnownGroup = z.output<typeof groupsAnswer>["results"][number];

/** As many groups as one question is answered with. */
export const maxKnownGroups = 100;

/** Groups that were seen before and have the text in their name, those with the most members first. */
export function knownGroupsQuery(search: string, limit = maxKnownGroups) {
  return queryOptions({
    queryKey: ["known-groups", search, limit],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const query = { search, limit };
      const answer = await get<{ results: readonly KnownGroup[] }>("/api/saml/groups", {
        query,
        signal,
      });
      return answer.results;
    },
  });
}

/** The titles of every workspace. */
export const workspaceTitlesQuery = queryOptions({
  queryKey: ["workspace-titles"],
  staleTime: 30_000,
  queryFn: async ({ signal }) => {
    const query = { include_all_workspaces: true, ordering: "title" };
    const found = await get<readonly { readonly title: string }[]>("/api/workspaces", {
      query,
      signal,
    });
    return [...new Set(found.map(({ title }) => title))];
  },
});

/** A project, as much of it as a choice shows. */
export interface ProjectChoice {
  readonly id: number;
  readonly title: string;
  readonly workspace_title: string | null;
}

/** As many projects as a choice offers at once. */
const maxOffered = 20;

/** Projects with the text in their title or description; a whole number finds the project of this id too. */
export function projectSearchQuery(search: string) {
  return queryOptions({
    queryKey: ["project-choices", search],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const id = /^#?(\d{1,9})$/.exec(search)?.[1];
      const byId = id === undefined ? [] : await projectsOf({ ids: id }, signal);
      const page = { page_size: maxOffered, ordering: "title", search: search || undefined };
      const byTitle = await projectsOf(page, signal);
      return [...new Map([...byId, ...byTitle].map((project) => [project.id, project])).values()];
    },
  });
}

/** As many ids as an address carries with ease. */
const idsAtOnce = 100;

/** The projects of these ids; those that are no more are left out. */
export function projectsByIdQuery(ids: readonly number[]) {
  return queryOptions({
    queryKey: ["projects-by-id", ids.join()],
    staleTime: 30_000,
    enabled: ids.length > 0,
    queryFn: async ({ signal }) => {
      const found: ProjectChoice[] = [];
      for (let first = 0; first < ids.length; first += idsAtOnce) {
        const some = ids.slice(first, first + idsAtOnce);
        const query = { ids: some.join(), page_size: idsAtOnce };
        found.push(...(await projectsOf(query, signal)));
      }
      return new Map(found.map((project) => [project.id, project]));
    },
  });
}

async function projectsOf(
  query: Readonly<Record<string, string | number | undefined>>,
  signal: AbortSignal,
): Promise<readonly ProjectChoice[]> {
  const answer = await get<{ results: readonly ProjectChoice[] }>("/api/projects", {
    query,
    signal,
  });
  return answer.results;
}
