/**
 * Lists of provisioned people and groups: filter, order and page as SCIM clients ask (RFC 7644 3.4.2).
 * Owns where each attribute stands in the tables; what filters mean is scim/'s. Whatever the client
 * wrote is a parameter, never text of the statement.
 */
import { type RawBuilder, sql } from "kysely";
import type { BoundFilter } from "../scim/bind.ts";
import {
  type FilterColumn,
  type FilterSource,
  renderFilter,
  renderSortKey,
} from "../scim/filter-sql.ts";
import type { SortKey } from "../scim/list-query.ts";
import type { ResourceName } from "../scim/schema.ts";
import type { SqlFragment } from "../scim/sql.ts";
import { type ScimGroupRecord, scimGroupColumns, scimGroupOf } from "./scim-groups.ts";
import { type ScimUserRecord, scimUserColumns, scimUserOf } from "./scim-users.ts";
import { type Db, type Dialect, dialectOf } from "./statement.ts";

/** Which part of the list to give. */
export interface ScimPage {
  /** Resources to skip. */
  readonly offset: number;
  /** Only those after the resource with this place, in the order of creation; not with `sort`. */
  readonly afterSeq: number | null;
  readonly limit: number;
}

/** A list as asked for, in one organization. */
export interface ScimList {
  readonly organizationId: number;
  readonly filter: BoundFilter | null;
  readonly sort: SortKey | null;
  readonly page: ScimPage;
}

const column = (
  expression: string,
  comparison: FilterColumn["comparison"],
  isNullable = false,
): FilterColumn => ({ expression, comparison, isNullable });

const metaColumns = (table: "scim_users" | "scim_groups") => ({
  id: column(`${table}.id`, "exact"),
  externalid: column(`${table}.external_id`, "exact", true),
  "meta.created": column(`${table}.created_at`, "instant"),
  "meta.lastmodified": column(`${table}.modified_at`, "instant"),
});

function sourceOf(resource: ResourceName, dialect: Dialect): FilterSource {
  const table = resource === "User" ? "scim_users" : "scim_groups";
  const document = dialect === "sqlite" ? `${table}.search` : `cast(${table}.search as jsonb)`;
  return resource === "User"
    ? { dialect, document, columns: userColumns, lists: { groups: groupsOfUser } }
    : { dialect, document, columns: groupColumns, lists: { members: membersOfGroup } };
}

const userColumns = {
  ...metaColumns("scim_users"),
  username: column("scim_users.user_name_key", "folded"),
  active: column("scim_users.active", "boolean"),
  "meta.resourcetype": column("'User'", "exact"),
};

const groupColumns = {
  ...metaColumns("scim_groups"),
  displayname: column("scim_groups.display_name_key", "folded"),
  "meta.resourcetype": column("'Group'", "exact"),
};

/** Ids are in lower case, so that they compare in any. */
const groupsOfUser = {
  from: "scim_group_members in_group join scim_groups its_group on its_group.seq = in_group.group_seq",
  where:
    "in_group.organization_id = scim_users.organization_id and in_group.user_id = scim_users.user_id",
  columns: {
    value: column("its_group.id", "folded"),
    display: column("its_group.display_name_key", "folded"),
    type: column("'direct'", "folded"),
  },
};

const membersOfGroup = {
  from: "scim_group_members of_group join scim_users its_user on its_user.organization_id = of_group.organization_id and its_user.user_id = of_group.user_id",
  where: "of_group.group_seq = scim_groups.seq",
  columns: {
    value: column("its_user.id", "folded"),
    display: column("its_user.user_name_key", "folded"),
    type: column("'user'", "folded"),
  },
};

function rawOf<Type>({ parts, parameters }: SqlFragment): RawBuilder<Type> {
  const strings = Object.assign([...parts], { raw: [...parts] });
  return sql<Type>(strings as unknown as TemplateStringsArray, ...parameters);
}

/** The people on the page, in the list's order. */
export async function listScimUsers(db: Db, list: ScimList): Promise<readonly ScimUserRecord[]> {
  const source = sourceOf("User", dialectOf(db));
  const rows = await db
    .selectFrom("scim_users")
    .where(conditionOf("scim_users", source, list))
    .orderBy(orderOf("scim_users", source, list.sort))
    .limit(list.page.limit)
    .offset(list.page.offset)
    .select(scimUserColumns)
    .execute();
  return rows.map(scimUserOf);
}

/** The groups on the page, in the list's order. */
export async function listScimGroups(db: Db, list: ScimList): Promise<readonly ScimGroupRecord[]> {
  const source = sourceOf("Group", dialectOf(db));
  const rows = await db
    .selectFrom("scim_groups")
    .where(conditionOf("scim_groups", source, list))
    .orderBy(orderOf("scim_groups", source, list.sort))
    .limit(list.page.limit)
    .offset(list.page.offset)
    .select(scimGroupColumns)
    .execute();
  return rows.map(scimGroupOf);
}

/** How many resources the filter yields in the organization. */
export async function countScim(
  db: Db,
  resource: ResourceName,
  list: Pick<ScimList, "organizationId" | "filter">,
): Promise<number> {
  const table = resource === "User" ? "scim_users" : "scim_groups";
  const source = sourceOf(resource, dialectOf(db));
  const page = { offset: 0, afterSeq: null, limit: 0 };
  const row = await db
    .selectFrom(table)
    .where(conditionOf(table, source, { ...list, sort: null, page }))
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function conditionOf(
  table: "scim_users" | "scim_groups",
  source: FilterSource,
  { organizationId, filter, page }: ScimList,
): RawBuilder<boolean> {
  const conditions = [sql<boolean>`${sql.ref(`${table}.organization_id`)} = ${organizationId}`];
  if (filter !== null) conditions.push(rawOf<boolean>(renderFilter(filter, source)));
  if (page.afterSeq !== null) {
    conditions.push(sql<boolean>`${sql.ref(`${table}.seq`)} > ${page.afterSeq}`);
  }
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** "Unset last" when ascending, first when descending (RFC 7644 3.4.2.3); creation breaks ties. */
function orderOf(
  table: "scim_users" | "scim_groups",
  source: FilterSource,
  sort: SortKey | null,
): RawBuilder<unknown> {
  const seq = sql.ref(`${table}.seq`);
  if (sort === null) return sql`${seq}`;
  const key = rawOf<unknown>(renderSortKey(sort.target, source));
  const direction = sort.isDescending ? sql`desc` : sql`asc`;
  return sql`(${key}) is null ${direction}, (${key}) ${direction}, ${seq}`;
}
