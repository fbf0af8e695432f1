/**
 * Counting the groups of a member who has thousands, on PostgreSQL: compared as sets, where the first
 * form of this function looked for each group among all others and took seconds for 7,000 of them.
 */
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** Longer names cannot be mapped, and the index would refuse them. */
const longest = sql.lit(1024);

export const knownGroupsOfMany: Migration = {
  name: "0008-known-groups-many",
  up: async (db, dialect) => {
    if (dialect === "sqlite") return;
    // Rows are locked in order of name, so that two sign-ins that meet wait for one another.
    await sql`create or replace function count_groups() returns trigger language plpgsql as $$
    declare
      former text[] := array(select json_array_elements_text(coalesce(old.last_groups, '[]')::json));
      present text[] := '{}';
      gone text[];
      come text[];
    begin
      if tg_op = 'UPDATE' then
        present := array(select json_array_elements_text(coalesce(new.last_groups, '[]')::json));
      end if;
      gone := array(select unnest(former) except select unnest(present));
      come := array(select unnest(present) except select unnest(former));
      perform 1 from seen_groups
        where organization_id = old.organization_id
        and name in (select unnest(gone || come))
        order by name for no key update;
      update seen_groups set members = members - 1
        where organization_id = old.organization_id
        and name in (select unnest(gone));
      insert into seen_groups (organization_id, name, members, last_seen_at)
        select new.organization_id, name, 1, coalesce(new.last_sign_in_at, 0)
        from unnest(come) name
        where octet_length(name) <= ${longest}
        order by name
        on conflict (organization_id, name) do update
        set members = seen_groups.members + 1,
          last_seen_at = greatest(seen_groups.last_seen_at, excluded.last_seen_at);
      return null;
    end $$`.execute(db);
  },
};
