/**
 * Invites by e-mail: one address, one role, one use (PRODUCT 5, 9.7). The organization's own link is
 * organizations.ts's. Only the hash of an invite's secret is kept.
 */
import type { ExpressionBuilder } from "kysely";
import { rolesThatMay } from "../access/authorize.ts";
import type { OrgRole } from "../access/roles.ts";
import { fromJson } from "./json.ts";
import type { Database } from "./schema.ts";
import type { Db } from "./statement.ts";

/** The grants of an invite beside its role: ids, of which some may be gone by now. */
export interface InvitePlaces {
  readonly workspaces: readonly number[];
  readonly projects: readonly number[];
}

/** An invite that was handed out and not used yet. */
export interface Invite extends InvitePlaces {
  readonly id: number;
  readonly organizationId: number;
  readonly email: string;
  readonly role: OrgRole;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** 1 where the link went to the address by mail, and to nobody else. */
  readonly isMailed: number;
}

const columns = [
  "id",
  "organization_id as organizationId",
  "email",
  "role",
  "created_by as createdBy",
  "created_at as createdAt",
  "expires_at as expiresAt",
  "workspaces",
  "projects",
  "is_mailed as isMailed",
] as const;

type Row = Omit<Invite, keyof InvitePlaces> & { workspaces: string; projects: string };

const inviteOf = (row: Row): Invite => ({
  ...row,
  workspaces: fromJson(row.workspaces),
  projects: fromJson(row.projects),
});

/** An invite about to be handed out. */
export interface NewInvite {
  readonly organizationId: number;
  readonly tokenHash: string;
  /** Lower case. */
  readonly email: string;
  readonly role: OrgRole;
  readonly createdBy: number | null;
  readonly at: number;
  readonly expiresAt: number;
  /** None where absent. */
  readonly places?: InvitePlaces;
  /** The link goes to the address by mail, and to nobody else. */
  readonly isMailed?: boolean;
}

/** Keeps an invite; a former one to the same address ends. Returns its id. */
export async function createInvite(tx: Db, invite: NewInvite): Promise<number> {
  await tx
    .deleteFrom("invites")
    .where("organization_id", "=", invite.organizationId)
    .where("email", "=", invite.email)
    .execute();
  const row = await tx
    .insertInto("invites")
    .values({
      organization_id: invite.organizationId,
      token_hash: invite.tokenHash,
      email: invite.email,
      role: invite.role,
      created_by: invite.createdBy,
      created_at: invite.at,
      expires_at: invite.expiresAt,
      workspaces: JSON.stringify(invite.places?.workspaces ?? []),
      projects: JSON.stringify(invite.places?.projects ?? []),
      is_mailed: invite.isMailed === true ? 1 : 0,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The mail was not taken, so that the link is handed to whoever made the invite. */
export async function noteInviteUnmailed(db: Db, tokenHash: string): Promise<void> {
  await db
    .updateTable("invites")
    .where("token_hash", "=", tokenHash)
    .set({ is_mailed: 0 })
    .execute();
}

/**
 * The condition that an invite is worth something now: it has not expired, and whoever made it may still
 * invite. What nobody made is the server's own.
 */
const isOpen = (now: number) => (eb: ExpressionBuilder<Database, "invites">) =>
  eb.and([
    eb("invites.expires_at", ">", now),
    eb.or([
      eb("invites.created_by", "is", null),
      eb.exists(
        eb
          .selectFrom("memberships")
          .whereRef("memberships.organization_id", "=", "invites.organization_id")
          .whereRef("memberships.user_id", "=", "invites.created_by")
          .where("memberships.role", "in", rolesThatMay("invites:write"))
          .select("memberships.id"),
      ),
    ]),
  ]);

/** The invite with this secret, not used up; null where it was used or revoked, or is not open. */
export async function loadInvite(
  db: Db,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<Invite | null> {
  const row = await db
    .selectFrom("invites")
    .where("token_hash", "=", tokenHash)
    .where(isOpen(now))
    .select(columns)
    .executeTakeFirst();
  return row === undefined ? null : inviteOf(row);
}

/** Uses the invite up: of two takers one gets it. */
export async function takeInvite(
  tx: Db,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<Invite | null> {
  const row = await tx
    .deleteFrom("invites")
    .where("token_hash", "=", tokenHash)
    .where(isOpen(now))
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : inviteOf(row);
}

/** The organization's open invites, oldest first. */
export async function listInvites(
  db: Db,
  { organizationId, now }: { organizationId: number; now: number },
): Promise<readonly Invite[]> {
  const rows = await db
    .selectFrom("invites")
    .where("organization_id", "=", organizationId)
    .where(isOpen(now))
    .orderBy("id")
    .select(columns)
    .execute();
  return rows.map(inviteOf);
}

/** Revokes an invite; false where the organization has none with this id. */
export async function deleteInvite(
  tx: Db,
  { organizationId, id }: { organizationId: number; id: number },
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom("invites")
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

/** Revokes the open invite to this lower-case address; false where the organization has none. */
export async function deleteInviteTo(
  tx: Db,
  { organizationId, email }: { organizationId: number; email: string },
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom("invites")
    .where("organization_id", "=", organizationId)
    .where("email", "=", email)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}
