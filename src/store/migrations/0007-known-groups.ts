/**
 * The groups that sign-ins told of, with how many members are in each, for the pages that map them; and
 * whose password opens an organization, without looking at every member (PRODUCT 8, 9.8).
 *
 * The engine keeps the counts: a trigger fires where a member's groups become other ones, or a member
 * goes. A sign-in with the groups of the last one, which is nearly every one, is told by a comparison of
 * two texts and costs no statement; and nothing that writes members can forget about it.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { organization, required } from "./columns.ts";

export const knownGroups: Migration = {
  name: "0007-known-groups",
  up: async (db, dialect) => {
    await db.schema
      .createTable("seen_groups")
      .addColumn("organization_id", "integer", organization)
      .addColumn("name", "text", required)
      .addColumn("members", "integer", required)
      .addColumn("last_seen_at", "bigint", required)
      .addPrimaryKeyConstraint("seen_groups_key", ["organization_id", "name"])
      .execute();
    await db.schema
      .createIndex("memberships_by_password")
      .on("memberships")
      .columns(["organization_id", "user_id"])
      .where(sql.ref("opens_by_password"), "=", sql.lit(1))
      .execute();
    if (dialect === "sqlite") await countOnSqlite(db);
    else await countOnPostgres(db);
  },
};

/** Longer names cannot be mapped, and PostgreSQL's indexes would refuse them. */
const longest = sql.lit(1024);

/** Of one JSON list of groups those that another lacks, each once. */
const onSqlite = (these: string, others: string) => sql`
  select distinct value as name from json_each(coalesce(${sql.ref(these)}, '[]'))
  where length(cast(value as blob)) <= ${longest}
    and value not in (select value from json_each(coalesce(${sql.ref(others)}, '[]')))`;

async function countOnSqlite(db: Kysely<unknown>): Promise<void> {
  await sql`insert into seen_groups (organization_id, name, members, last_seen_at)
    select organization_id, groups.value, count(distinct user_id), max(coalesce(last_sign_in_at, 0))
    from memberships, json_each(coalesce(last_groups, '[]')) groups
    where length(cast(groups.value as blob)) <= ${longest}
    group by organization_id, groups.value`.execute(db);
  await sql`create trigger memberships_groups_changed after update of last_groups on memberships
    when old.last_groups is not new.last_groups
    begin
      update seen_groups set members = members - 1
        where organization_id = old.organization_id
        and name in (${onSqlite("old.last_groups", "new.last_groups")});
      insert into seen_groups (organization_id, name, members, last_seen_at)
        select new.organization_id, name, 1, coalesce(new.last_sign_in_at, 0)
        from (${onSqlite("new.last_groups", "old.last_groups")}) where true
        on conflict (organization_id, name) do update
        set members = members + 1, last_seen_at = max(last_seen_at, excluded.last_seen_at);
    end`.execute(db);
  await sql`create trigger memberships_groups_left after delete on memberships
    when old.last_groups is not null
    begin
      update seen_groups set members = members - 1
        where organization_id = old.organization_id
        and name in (select value from json_each(old.last_groups));
    end`.execute(db);
}

async function countOnPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`insert into seen_groups (organization_id, name, members, last_seen_at)
    select organization_id, name, count(distinct user_id), max(coalesce(last_sign_in_at, 0))
    from memberships, json_array_elements_text(coalesce(last_groups, '[]')::json) name
    where octet_length(name) <= ${longest}
    group by organization_id, name`.execute(db);
  // In order of name, so that two sign-ins that meet wait for one another instead of dying.
  await sql`create function count_groups() returns trigger language plpgsql as $$
    declare
      former text[] := array(select json_array_elements_text(coalesce(old.last_groups, '[]')::json));
      present text[] := '{}';
    begin
      if tg_op = 'UPDATE' then
        present := array(select json_array_elements_text(coalesce(new.last_groups, '[]')::json));
      end if;
      perform 1 from seen_groups
        where organization_id = old.organization_id and name = any(former || present)
        order by name for no key update;
      update seen_groups set members = members - 1
        where organization_id = old.organization_id
        and name = any(former) and name <> all(present);
      if tg_op = 'UPDATE' then
        insert into seen_groups (organization_id, name, members, last_seen_at)
          select distinct new.organization_id, name, 1, coalesce(new.last_sign_in_at, 0)
          from unnest(present) name
          where octet_length(name) <= ${longest} and name <> all(former)
          order by name
          on conflict (organization_id, name) do update
          set members = seen_groups.members + 1,
            last_seen_at = greatest(seen_groups.last_seen_at, excluded.last_seen_at);
      end if;
      return null;
    end $$`.execute(db);
  await sql`create trigger memberships_groups_changed after update of last_groups on memberships
    for each row when (old.last_groups is distinct from new.last_groups)
    execute function count_groups()`.execute(db);
  await sql`create trigger memberships_groups_left after delete on memberships
    for each row when (old.last_groups is not null)
    execute function count_groups()`.execute(db);
}
