/** Provisioning by SCIM as administrators see it (PRODUCT 7.2, 7.5): tokens, mappings, log of requests. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, post, remove } from "./client.ts";
import { queryClient } from "./query-client.ts";
import type { MappingLists, SettingsWarning } from "./saml-settings.ts";

/** A token without its secret. */
export interface ScimToken {
  readonly id: number;
  readonly name: string;
  /** Its first characters, by which it is told from others. */
  readonly prefix: string;
  readonly is_active: boolean;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** A token in the list. */
export interface ListedScimToken extends ScimToken {
  /** Address of who made it; null where the server did. */
  readonly made_by: string | null;
  /** Why it wants a look, as a sentence; null where it does not. */
  readonly review: string | null;
}

/** A token that was just made, with the secret that is told this once. */
export interface MadeScimToken extends ScimToken {
  readonly token: string;
}

/** How many may be active at once (PRODUCT 7.2). */
export const mostActiveTokens = 2;

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

/** One request of an identity provider. */
export interface ScimRequest {
  readonly id: number;
  readonly at: string;
  /** Null for the Owner's own token. */
  readonly token_id: number | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly summary: string;
  /** What of its way was tolerated. */
  readonly quirks: readonly string[];
}

/** Empty text filters by nothing. */
export interface ScimRequestFilter {
  readonly method: string;
  readonly result: string;
  /** The id before which the page begins; empty for the newest. */
  readonly before: string;
}

interface RequestPage {
  readonly results: readonly ScimRequest[];
  readonly next_before: number | null;
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
