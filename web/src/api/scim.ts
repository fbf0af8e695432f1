/** Provisioning by SCIM as administrators see it (PRODUCT 7.2, 7.5): tokens, mappings, log of requests. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  madeScimTokenAnswer,
  scimRequestsAnswer,
  scimTokensAnswer,
} from "../../../src/http/openapi/sign-on-answers.ts";
import { get, post, remove } from "./client.ts";
import { queryClient } from "./query-client.ts";
import type { MappingLists, SettingsWarning } from "./saml-settings.ts";

/** A token in the list. */
export type ListedScimToken = z.output<typeof scimTokensAnswer>[number];

/** A token that was just made, with the secret that is told this once. */
export type MadeScimToken = z.output<typeof madeScimTokenAnswer>;

/** Maximum of tokens that are active at once (PRODUCT 7.2). */
export const maxActiveTokens = 2;

/** Every token, the youngest first, those that ended too. */
export const scimTokensQuery = queryOptions({
  queryKey: ["scim-tokens"],
  queryFn: async ({ signal }) =>
    await get<readonly ListedScimToken[]>("/api/scim/tokens", { signal }),
});

/** Makes a token that ends after so many days; null for never. @throws ApiError */
export async function makeScimToken(wanted: {
  readonly name: string;
  readonly expires_in_days: number | null;
}): Promise<MadeScimToken> {
  const made = await post<MadeScimToken>("/api/scim/tokens", wanted);
  await queryClient.invalidateQueries({ queryKey: scimTokensQuery.queryKey });
  return made;
}

/** Ends a token at once. @throws ApiError */
export async function revokeScimToken(id: number): Promise<void> {
  await remove(`/api/scim/tokens/${id}`);
  await queryClient.invalidateQueries({ queryKey: scimTokensQuery.queryKey });
}

/** The mappings of pushed groups, with slips in them. */
export interface ScimSettings extends MappingLists {
  readonly warnings: readonly SettingsWarning[];
}

/** The SCIM settings of the organization. */
export const scimSettingsQuery = queryOptions({
  queryKey: ["scim-settings"],
  queryFn: async ({ signal }) => await get<ScimSettings>("/api/scim/settings", { signal }),
});

/** Saves the three lists, and applies them to the groups pushed so far. @throws ApiError */
export async function saveScimSettings(lists: MappingLists): Promise<ScimSettings> {
  const saved = await post<ScimSettings>("/api/scim/settings", lists);
  queryClient.setQueryData(scimSettingsQuery.queryKey, saved);
  // Members, workspaces, projects and warnings of SAML follow from them.
  await queryClient.invalidateQueries();
  return saved;
}

type RequestPage = z.output<typeof scimRequestsAnswer>;

/** One request of an identity provider. */
export type ScimRequest = RequestPage["results"][number];

/** Empty text filters by nothing. */
export interface ScimRequestFilter {
  readonly method: string;
  readonly result: string;
  /** The id before which the page begins; empty for the newest. */
  readonly before: string;
}

const requestPageSize = 25;

/** One page of the log of requests, latest first; `older` is the `before` of the next one, or null. */
export function scimRequestsQuery(filter: ScimRequestFilter) {
  return queryOptions({
    queryKey: ["scim-requests", filter],
    queryFn: async ({ signal }) => {
      const query = { ...filter, limit: requestPageSize };
      const page = await get<RequestPage>("/api/scim/requests", { query, signal });
      const older = page.next_before === null ? null : String(page.next_before);
      return { results: page.results, older };
    },
    placeholderData: keepPreviousData,
  });
}

/** Asks for the log anew, and for when tokens were last used. */
export async function refreshScimRequests(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["scim-requests"] }),
    queryClient.invalidateQueries({ queryKey: scimTokensQuery.queryKey }),
  ]);
}
