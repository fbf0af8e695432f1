/** People by the hundred thousand, made by the engine itself. */
import { sql } from "kysely";
import { createOrganization } from "../src/store/organizations.ts";
import type { Store } from "../src/store/store.ts";

/** Whom to make. */
export interface Crowd {
  readonly organizationId: number;
  readonly count: number;
  /** Of their addresses; nobody else may have it. */
  readonly domain: string;
  /** As many groups as their last sign-in may have brought, one each; none where absent. */
  readonly groups?: number;
}

/** Annotators by SAML, with 997 first names between them. */
export async function insertCrowd({ db, dialect }: Store, crowd: Crowd): Promise<void> {
  const { organizationId, count, domain, groups } = crowd;
  await sql`insert into users (email, first_name, last_name, created_at)
    ${numbersTo(dialect, count)} select 'person-' || i || ${sql.lit(`@${domain}`)}, 'Ada' || (i % 997), 'Byron', 1
    from s`.execute(db);
  const lastGroups =
    groups === undefined
      ? sql`null`
      : sql`'["group-' || (id % ${sql.lit(groups)}) || '","everybody"]'`;
  await sql`insert into memberships
      (organization_id, user_id, role, role_source, role_set_at, created_at, last_groups)
    select ${sql.lit(organizationId)}, id, 'AN', 'saml', 1, 1, ${lastGroups}
    from users where email like ${sql.lit(`%@${domain}`)}`.execute(db);
}

/** Lets the engine count what was inserted, as it does by itself on a server that lives on. */
export async function analyze({ db, dialect }: Store): Promise<void> {
  await sql.raw(dialect === "sqlite" ? "analyze" : "vacuum analyze").execute(db);
}

/** `with s(i)`: the numbers from 1 to `count`. */
export function numbersTo(dialect: Store["dialect"], count: number) {
  return dialect === "sqlite"
    ? sql`with recursive s(i) as (select 1 union all select i + 1 from s where i < ${sql.lit(count)})`
    : sql`with s(i) as (select generate_series(1, ${sql.lit(count)}))`;
}

/** An organization of its own, in whatever database it is, with a crowd in it. */
export async function openCrowd(
  store: Store,
  { count, groups }: Pick<Crowd, "count" | "groups">,
): Promise<number> {
  const at = Date.now();
  const name = `bench-${at}`;
  const made = { title: name, at, samlToken: name, inviteToken: name };
  const organizationId = await createOrganization(store.db, made);
  const domain = `${name}.example`;
  await insertCrowd(store, {
    organizationId,
    count,
    domain,
    ...(groups !== undefined && { groups }),
  });
  return organizationId;
}
