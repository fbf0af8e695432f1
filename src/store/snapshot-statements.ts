/**
 * The statements behind `loadSnapshot` in people.ts: a sign-in runs them, so each is compiled once
 * and finds its rows by index.
 *
 * On PostgreSQL the person's row is locked by a statement of its own: what is read beside a lock was
 * seen before the wait for it, what is read after it is seen as the former holder left it.
 */
import { type Expression, type SqlBool, sql } from "kysely";
import type { Assignment } from "../access/changes.ts";
import type { OrgRole, ProjectRole, Source } from "../access/roles.ts";
import { statement } from "./statement.ts";

/**
 * Locks the account of an address, on PostgreSQL only; nothing where there is no account yet. Foreign
 * keys of sessions and log rows may still point at the person meanwhile.
 */
export const lockedAccount = statement<{ email: string }, { id: number }>((db, value) =>
  db.selectFrom("users").where("email", "=", value("email")).select("id").forNoKeyUpdate(),
);

/** On PostgreSQL only: two first sign-ins of one address wait for each other. */
export const lockAddress = statement<{ email: string }, unknown>((db, value) =>
  db.selectNoFrom(sql`pg_advisory_xact_lock(hashtextextended(${value("email")}, 0))`.as("locked")),
);

/** The organization, the account of an address, and what that person is here. */
export interface StandingRow {
  readonly seatLimit: number | null;
  readonly seatsUsed: number;
  /** Null where the address has no account. */
  readonly userId: number | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly role: OrgRole | null;
  readonly roleSource: Source | null;
  readonly awaited: OrgRole | null;
  /** 1 where another organization has the person as a member, or gave the account its names; else 0. */
  readonly isElsewhere: number;
  /** 1 where the person accepted a membership of another organization, else 0. */
  readonly isAcceptedElsewhere: number;
}

export const standing = statement<{ organizationId: number; email: string }, StandingRow>(
  (db, value) =>
    db
      .selectFrom("organizations")
      .leftJoin("users", (join) => join.on("users.email", "=", value("email")))
      .leftJoin("memberships", (join) =>
        join
          .onRef("memberships.organization_id", "=", "organizations.id")
          .onRef("memberships.user_id", "=", "users.id"),
      )
      .where("organizations.id", "=", value("organizationId"))
      .select([
        "organizations.seat_limit as seatLimit",
        "organizations.seats_used as seatsUsed",
        "users.id as userId",
        "users.first_name as firstName",
        "users.last_name as lastName",
        "memberships.role",
        "memberships.role_source as roleSource",
        "memberships.awaited_role as awaited",
      ])
      .select((eb) => {
        const others = eb
          .selectFrom("memberships as other")
          .whereRef("other.user_id", "=", "users.id")
          .whereRef("other.organization_id", "<>", "organizations.id")
          .select("other.id");
        const flag = (condition: Expression<SqlBool>) =>
          eb.case().when(condition).then(sql.lit(1)).else(sql.lit(0)).end();
        const isNamedElsewhere = eb("users.names_from", "<>", eb.ref("organizations.id"));
        return [
          flag(eb.or([isNamedElsewhere, eb.exists(others)])).as("isElsewhere"),
          flag(eb.exists(others.where("other.accepted_at", "is not", null))).as(
            "isAcceptedElsewhere",
          ),
        ];
      }),
);

/** The seats, where they are limited; locked on PostgreSQL, so that the last one is given once. */
export const lockedSeats = statement<
  { organizationId: number },
  { limit: number | null; used: number }
>((db, value, dialect) => {
  const seats = db
    .selectFrom("organizations")
    .where("id", "=", value("organizationId"))
    .where("seat_limit", "is not", null)
    .select(["seat_limit as limit", "seats_used as used"]);
  return dialect === "postgres" ? seats.forNoKeyUpdate() : seats;
});

/** One membership row or SCIM assignment of the person; which fields count depends on `kind`. */
export interface GrantRow {
  readonly kind: "workspace" | "project" | "assignment";
  /** Workspace or project id. */
  readonly id: number | null;
  readonly source: Source | null;
  /** Workspace title, or an assignment's target. */
  readonly title: string | null;
  readonly role: string | null;
  readonly isPending: number | null;
  readonly scope: Assignment["scope"] | null;
  readonly group: string | null;
}

/** All that the person was given in the organization, in one trip to the database. */
export const grantRows = statement<{ organizationId: number; userId: number }, GrantRow>(
  (db, value) => {
    const ofPerson = { organizationId: value("organizationId"), userId: value("userId") };
    const workspaces = db
      .selectFrom("workspace_members")
      .innerJoin("workspaces", "workspaces.id", "workspace_members.workspace_id")
      .where("workspace_members.organization_id", "=", ofPerson.organizationId)
      .where("workspace_members.user_id", "=", ofPerson.userId)
      .select([
        sql<GrantRow["kind"]>`'workspace'`.as("kind"),
        sql<number | null>`workspace_members.workspace_id`.as("id"),
        sql<Source | null>`workspace_members.source`.as("source"),
        sql<string | null>`workspaces.title`.as("title"),
        sql<string | null>`null`.as("role"),
        sql<number | null>`null`.as("isPending"),
        sql<Assignment["scope"] | null>`null`.as("scope"),
        sql<string | null>`null`.as("group"),
      ]);
    const projects = db
      .selectFrom("project_members")
      .where("organization_id", "=", ofPerson.organizationId)
      .where("user_id", "=", ofPerson.userId)
      .select([
        sql<GrantRow["kind"]>`'project'`.as("kind"),
        sql<number | null>`project_id`.as("id"),
        sql<Source | null>`source`.as("source"),
        sql<string | null>`null`.as("title"),
        sql<string | null>`role`.as("role"),
        sql<number | null>`is_pending`.as("isPending"),
        sql<Assignment["scope"] | null>`null`.as("scope"),
        sql<string | null>`null`.as("group"),
      ]);
    const assignments = db
      .selectFrom("scim_assignments")
      .where("organization_id", "=", ofPerson.organizationId)
      .where("user_id", "=", ofPerson.userId)
      .select([
        sql<GrantRow["kind"]>`'assignment'`.as("kind"),
        sql<number | null>`null`.as("id"),
        sql<Source | null>`null`.as("source"),
        sql<string | null>`target`.as("title"),
        sql<string | null>`role`.as("role"),
        sql<number | null>`null`.as("isPending"),
        sql<Assignment["scope"] | null>`scope`.as("scope"),
        sql<string | null>`group_name`.as("group"),
      ]);
    return workspaces.unionAll(projects).unionAll(assignments);
  },
);

/** The assignment that a row stands for. */
export function assignmentOf({ scope, group, title, role }: GrantRow): Assignment {
  switch (scope) {
    case "organization":
      return { scope, group: group ?? "", role: role as OrgRole };
    case "workspace":
      return { scope, group: group ?? "", title: title ?? "" };
    case "project":
      return { scope, group: group ?? "", projectId: Number(title), role: role as ProjectRole };
    case null:
      throw new Error("a SCIM assignment has no scope");
  }
}
