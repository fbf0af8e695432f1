/**
 * Groups that are known of already, for the pages that map them (PRODUCT 8): those that sign-ins told
 * of, which the database counts by itself (see the migration 0007), and those that SCIM clients pushed.
 */
import { type Expression, type SqlBool, sql } from "kysely";
import type { Db } from "./statement.ts";

/** A group by one of its ways here. */
export interface KnownGroup {
  readonly name: string;
  readonly source: "saml" | "scim";
  /** Members of the organization who are in it, as far as is known; of pushed groups 10,000 at most. */
  readonly members: number;
  /**
   * Of SAML when a sign-in last brought it to somebody who was not in it before, of SCIM when the
   * client last changed it; null where it is older than such records.
   */
  readonly lastSeenAt: number | null;
}

/** Selects groups with this text in their name, in any case; at most so many of each source. */
export interface KnownGroupFilter {
  readonly organizationId: number;
  readonly search: string;
  readonly limit: number;
}

/** The organization's groups, those with the most members first; of pushed ones the first by name. */
export async function listKnownGroups(
  db: Db,
  filter: KnownGroupFilter,
): Promise<readonly KnownGroup[]> {
  const found = [...(await seen(db, filter)), ...(await pushed(db, filter))];
  found.sort(
    (a, b) => b.members - a.members || byCodeUnit(a.name, b.name) || byCodeUnit(a.source, b.source),
  );
  return found.slice(0, filter.limit);
}

async function seen(
  db: Db,
  { organizationId, search, limit }: KnownGroupFilter,
): Promise<readonly KnownGroup[]> {
  const rows = await db
    .selectFrom("seen_groups")
    .where("organization_id", "=", organizationId)
    .where(contains("name", search))
    .orderBy("members", "desc")
    .orderBy("name")
    .limit(limit)
    .select(["name", "members", "last_seen_at as lastSeenAt"])
    .execute();
  return rows.map(({ lastSeenAt, ...row }) => ({
    ...row,
    source: "saml",
    lastSeenAt: lastSeenAt === 0 ? null : lastSeenAt,
  }));
}

/** Counting looks at each member, unlike the counts that are kept of sign-ins. */
const maxCounted = 10_000;

async function pushed(
  db: Db,
  { organizationId, search, limit }: KnownGroupFilter,
): Promise<readonly KnownGroup[]> {
  const rows = await db
    .selectFrom("scim_groups")
    .where("organization_id", "=", organizationId)
    .where(contains("display_name", search))
    .select(["display_name as name", "modified_at as lastSeenAt"])
    .select(({ selectFrom, fn }) =>
      selectFrom(
        selectFrom("scim_group_members")
          .whereRef("scim_group_members.group_seq", "=", "scim_groups.seq")
          .limit(maxCounted)
          .select("scim_group_members.user_id")
          .as("some"),
      )
        .select(fn.countAll<number>().as("members"))
        .as("members"),
    )
    .orderBy("display_name")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, members: Number(row.members), source: "scim" }));
}

/** Letters beyond ASCII have no case for SQLite's lower(); the text as it was typed finds them. */
function contains(column: string, text: string): Expression<SqlBool> {
  const like = (part: string) => `%${part.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const name = sql.ref(column);
  return sql<SqlBool>`(lower(${name}) like ${like(text.toLowerCase())} escape '\\'
    or ${name} like ${like(text)} escape '\\')`;
}

function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
