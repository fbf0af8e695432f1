/**
 * The names of a person that an organization sees: those that it gave itself, and the account's once the
 * person accepted its membership (PRODUCT 4.9). Before, anybody could read the names of people elsewhere
 * by making memberships for their addresses.
 */
import { type RawBuilder, sql } from "kysely";

type NameColumn = "first_name" | "last_name";

/** The column as the organization of `memberships` sees it, where `users` is joined; "" where it does not. */
export function shownName(column: NameColumn): RawBuilder<string> {
  return sql<string>`case when memberships.accepted_at is not null
    or users.names_from = memberships.organization_id
    then ${sql.ref(`users.${column}`)} else '' end`;
}

/** The same of `users` alone, in the organization that the column `organization` names. */
export function nameShownIn(column: NameColumn, organization: string): RawBuilder<string> {
  return sql<string>`case when users.names_from = ${sql.ref(organization)} or not exists (
      select 1 from memberships where memberships.user_id = users.id
      and memberships.organization_id = ${sql.ref(organization)} and memberships.accepted_at is null)
    then ${sql.ref(`users.${column}`)} else '' end`;
}
