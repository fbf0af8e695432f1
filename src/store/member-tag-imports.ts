/** Imports of member tags: whom a file names, and what each import did. */
import { sql } from "kysely";
import { fromJson } from "./json.ts";
import { type Db, dialectOf, isListed } from "./statement.ts";

/** The members of the organization who have these addresses, lower-case: address → user id. */
export async function findMembersByEmail(
  db: Db,
  organizationId: number,
  emails: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const list = sql<string>`${JSON.stringify(emails)}`;
  const rows = await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", organizationId)
    .where(isListed("users.email", list, { dialect: dialectOf(db), type: "text" }))
    .select(["users.email", "users.id"])
    .execute();
  return new Map(rows.map(({ email, id }) => [email, id]));
}

/** The result of an import. */
export interface TagImport {
  readonly createdAt: number;
  readonly tagsCreated: number;
  readonly assignmentsCreated: number;
  /** Addresses that no member has. */
  readonly usersSkipped: readonly string[];
}

/** Keeps what an import did, so that it can be asked for; returns its number. */
export async function recordTagImport(
  tx: Db,
  organizationId: number,
  done: TagImport,
): Promise<number> {
  const { id } = await tx
    .insertInto("member_tag_imports")
    .values({
      organization_id: organizationId,
      status: "completed",
      created_at: done.createdAt,
      finished_at: done.createdAt,
      tags_created: done.tagsCreated,
      assignments_created: done.assignmentsCreated,
      users_skipped: JSON.stringify(done.usersSkipped),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Loads the result of an import, or null where the organization has none with this id. */
export async function loadTagImport(
  db: Db,
  organizationId: number,
  id: number,
): Promise<TagImport | null> {
  const row = await db
    .selectFrom("member_tag_imports")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .select(["created_at as createdAt", "tags_created as tagsCreated"])
    .select(["assignments_created as assignmentsCreated", "users_skipped as usersSkipped"])
    .executeTakeFirst();
  return row === undefined ? null : { ...row, usersSkipped: fromJson(row.usersSkipped) };
}
