/** People of the organization by what is typed of their name or address: suggestions for a filter. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { boot } from "../boot.ts";
import { get } from "./client.ts";

interface Found {
  readonly results: readonly { readonly user: { readonly email: string } }[];
}

const maxShown = 8;

/** E-mail addresses of up to eight members; none while nothing is typed. */
export function peopleSearchQuery(typed: string) {
  const search = typed.trim();
  return queryOptions({
    queryKey: ["people-search", search],
    queryFn: async ({ signal }) => {
      const path = `/api/organizations/${boot.organization.id}/memberships`;
      const query = { search, page_size: maxShown };
      const { results } = await get<Found>(path, { query, signal });
      return results.map(({ user }) => user.email);
    },
    enabled: search !== "",
    placeholderData: keepPreviousData,
  });
}
