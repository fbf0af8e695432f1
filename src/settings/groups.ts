/** `GET /api/saml/groups`: groups that are known of already, to choose from where one is mapped. */
import type { Deps } from "../deps.ts";
import { listKnownGroups } from "../store/known-groups.ts";
import { pageSize, parseQuery, querySchema, queryText } from "./query.ts";

/** The parameters of `GET /api/saml/groups`. */
export const groupQuerySchema = querySchema({
  search: queryText.default(""),
  limit: pageSize(100, 20),
});

/** The organization's groups whose name has the text, those with the most members first. */
export async function describeGroups(deps: Deps, organizationId: number, sent: unknown) {
  const { search, limit } = parseQuery(groupQuerySchema, sent);
  const asked = { organizationId, search: search.trim(), limit };
  const groups = await listKnownGroups(deps.store.db, asked);
  return {
    results: groups.map(({ name, source, members, lastSeenAt }) => ({
      group: name,
      members,
      last_seen: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
      source,
    })),
  };
}
