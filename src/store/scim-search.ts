/**
 * Lists of provisioned people and groups: filter, order and page as SCIM clients ask (RFC 7644 3.4.2).
 * Owns where each attribute stands in the tables; what filters mean is scim/'s. Whatever the client
 * wrote is a parameter, never text of the statement.
 */
import { type RawBuilder, sql } from "kysely";
import type { BoundFilter } from "../scim/bind.ts";
import {
  type FilterColumn,
  type FilterList,
  type FilterSource,
  renderElementFilter,
  renderFilter,
  renderSortKey,
} from "../scim/filter-sql.ts";
import type { SortKey } from "../scim/list-query.ts";
import { type ResourceName, schemasOf } from "../scim/schema.ts";
import type { SqlFragment } from "../scim/sql.ts";
import { type ScimGroupRecord, scimGroupColumns, scimGroupOf } from "./scim-groups.ts";
import { groupsTagSql, type ScimUserRecord, scimUserColumns, scimUserOf } from "./scim-users.ts";
import { type Db, type Dialect, dialectOf } from "./statement.ts";

/** A page of the list. */
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
  /** Of groups, those with one of these very names go first (`ListQuery.names`). */
  readonly names: readonly string[];
  readonly page: ScimPage;
  /** The public address under which SCIM answers: locations are compared with it. */
  readonly baseUrl: string;
}

const column = (
  expression: string,
  comparison: FilterColumn["comparison"],
  isNullable = false,
): FilterColumn => ({ expression, comparison, isNullable });

type Table = "scim_users" | "scim_groups";

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function metaColumns(table: Table, { type, url, tag }: { type: string; url: string; tag: string }) {
  return {
    id: column(`${table}.id`, "exact"),
    externalid: column(`${table}.external_id`, "exact", true),
    "meta.created": column(`${table}.created_at`, "instant"),
    "meta.lastmodified": column(`${table}.modified_at`, "instant"),
    "meta.resourcetype": column(quoted(type), "exact"),
    "meta.location": column(`(${quoted(`${url}/`)} || ${table}.id)`, "exact"),
    "meta.version": column(`('W/"' || ${table}.version || ${tag} || '"')`, "exact"),
  };
}

function sourceOf(resource: ResourceName, dialect: Dialect, baseUrl: string): FilterSource {
  const isUser = resource === "User";
  const table = isUser ? "scim_users" : "scim_groups";
  const document = dialect === "sqlite" ? `${table}.search` : `cast(${table}.search as jsonb)`;
  const url = `${baseUrl}/${resource}s`;
  const meta = metaColumns(table, { type: resource, url, tag: isUser ? groupsTagSql : "''" });
  const schemas = schemasList(table, schemasOf(resource)[0].urn, dialect);
  return isUser
    ? {
        ...{ dialect, document, columns: { ...meta, ...userColumns } },
        lists: { schemas, groups: groupsOfUser(baseUrl) },
      }
    : {
        ...{ dialect, document, columns: { ...meta, ...groupColumns } },
        lists: { schemas, members: membersOf("scim_groups.seq", baseUrl) },
      };
}

const userColumns = {
  username: column("scim_users.user_name_key", "folded"),
  active: column("scim_users.active", "boolean"),
};

const groupColumns = {
  displayname: column("scim_groups.display_name_key", "folded"),
};

/** The `schemas` of an answer: the type's own, and every extension that the document holds. */
function schemasList(table: Table, urn: string, dialect: Dialect): FilterList {
  const keys =
    dialect === "sqlite"
      ? `json_each(${table}.document) entry`
      : `json_object_keys(cast(${table}.document as json)) entry(key)`;
  return {
    from: `(select ${quoted(urn)} as urn union all
      select entry.key from ${keys} where lower(substr(entry.key, 1, 4)) = 'urn:') its_schema`,
    where: "true",
    columns: { value: column("its_schema.urn", "exact") },
  };
}

/** Ids are in lower case, so that they compare in any. */
const groupsOfUser = (baseUrl: string): FilterList => ({
  from: "scim_group_members in_group join scim_groups its_group on its_group.seq = in_group.group_seq",
  where:
    "in_group.organization_id = scim_users.organization_id and in_group.user_id = scim_users.user_id",
  columns: {
    value: column("its_group.id", "folded"),
    $ref: column(`(${quoted(`${baseUrl.toLowerCase()}/groups/`)} || its_group.id)`, "folded"),
    display: column("its_group.display_name_key", "folded"),
    type: column("'direct'", "folded"),
  },
});

/** People and groups in the group with this number, which is SQL of our own. */
const membersOf = (seq: string, baseUrl: string): FilterList => ({
  from: `(select its_user.id, its_user.user_name_key as name, 'user' as type
      from scim_group_members of_group join scim_users its_user
      on its_user.organization_id = of_group.organization_id and its_user.user_id = of_group.user_id
      where of_group.group_seq = ${seq}
    union all select its_child.id, its_child.display_name_key, 'group'
      from scim_subgroups of_group join scim_groups its_child on its_child.seq = of_group.child_seq
      where of_group.group_seq = ${seq}) its_member`,
  where: "true",
  columns: {
    value: column("its_member.id", "folded"),
    $ref: column(
      `(${quoted(`${baseUrl.toLowerCase()}/`)} || its_member.type || 's/' || its_member.id)`,
      "folded",
    ),
    display: column("its_member.name", "folded"),
    type: column("its_member.type", "folded"),
  },
});

/** The ids of those members of a group whom a filter of `bindElementFilter` selects. */
export async function selectMembers(
  db: Db,
  { seq, baseUrl }: { readonly seq: number; readonly baseUrl: string },
  filter: BoundFilter,
): Promise<readonly string[]> {
  const list = membersOf(String(seq), baseUrl);
  const isSelected = rawOf<boolean>(renderElementFilter(filter, list, dialectOf(db)));
  const { rows } = await sql<{ id: string }>`
    select its_member.id from ${sql.raw(list.from)} where ${isSelected}`.execute(db);
  return rows.map(({ id }) => id);
}

function rawOf<Type>({ parts, parameters }: SqlFragment): RawBuilder<Type> {
  const strings = Object.assign([...parts], { raw: [...parts] });
  return sql<Type>(strings as unknown as TemplateStringsArray, ...parameters);
}

/** The people on the page, in the list's order. */
export async function listScimUsers(db: Db, list: ScimList): Promise<readonly ScimUserRecord[]> {
  const source = sourceOf("User", dialectOf(db), list.baseUrl);
  const rows = await db
    .selectFrom("scim_users")
    .where(conditionOf("scim_users", source, list))
    .orderBy(orderOf("scim_users", source, list))
    .limit(list.page.limit)
    .offset(list.page.offset)
    .select(scimUserColumns)
    .execute();
  return rows.map(scimUserOf);
}

/** The groups on the page, in the list's order. */
export async function listScimGroups(db: Db, list: ScimList): Promise<readonly ScimGroupRecord[]> {
  const source = sourceOf("Group", dialectOf(db), list.baseUrl);
  const rows = await db
    .selectFrom("scim_groups")
    .where(conditionOf("scim_groups", source, list))
    .orderBy(orderOf("scim_groups", source, list))
    .limit(list.page.limit)
    .offset(list.page.offset)
    .select(scimGroupColumns)
    .execute();
  return rows.map(scimGroupOf);
}

/** Counts the resources of the organization that the filter selects. */
export async function countScim(
  db: Db,
  resource: ResourceName,
  list: Pick<ScimList, "organizationId" | "filter" | "baseUrl">,
): Promise<number> {
  const table = resource === "User" ? "scim_users" : "scim_groups";
  const source = sourceOf(resource, dialectOf(db), list.baseUrl);
  const page = { offset: 0, afterSeq: null, limit: 0 };
  const row = await db
    .selectFrom(table)
    .where(conditionOf(table, source, { ...list, page }))
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function conditionOf(
  table: Table,
  source: FilterSource,
  { organizationId, filter, page }: Pick<ScimList, "organizationId" | "filter" | "page">,
): RawBuilder<boolean> {
  const conditions = [sql<boolean>`${sql.ref(`${table}.organization_id`)} = ${organizationId}`];
  if (filter !== null) conditions.push(rawOf<boolean>(renderFilter(filter, source)));
  if (page.afterSeq !== null) {
    conditions.push(sql<boolean>`${sql.ref(`${table}.seq`)} > ${page.afterSeq}`);
  }
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/**
 * "Unset last" when ascending, first when descending (RFC 7644 3.4.2.3). Of groups that differ by case
 * alone, the one whose very name was asked for goes first, since clients take the first one; creation
 * breaks the other ties.
 */
function orderOf(
  table: Table,
  source: FilterSource,
  { sort, names }: Pick<ScimList, "sort" | "names">,
): RawBuilder<unknown> {
  const isNamed = sql`case when display_name in (${sql.join([...names])}) then 0 else 1 end`;
  const seq = sql.ref(`${table}.seq`);
  const byCreation =
    table === "scim_groups" && names.length > 0 ? sql`${isNamed}, ${seq}` : sql`${seq}`;
  if (sort === null) return byCreation;
  const key = rawOf<unknown>(renderSortKey(sort.target, source));
  const direction = sort.isDescending ? sql`desc` : sql`asc`;
  return sql`(${key}) is null ${direction}, (${key}) ${direction}, ${byCreation}`;
}
