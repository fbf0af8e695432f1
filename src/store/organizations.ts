/**
 * Organizations: their titles, defaults, seats and invite links (PRODUCT 1.1, 1.7). Who belongs to
 * them is people.ts's to read and apply.ts's to write.
 */
import type { OrgRole } from "../access/roles.ts";
import type { Db } from "./statement.ts";

/** One organization. */
export interface Organization {
  readonly id: number;
  readonly title: string;
  readonly defaultRole: OrgRole;
  /** Null where seats are not limited. */
  readonly seatLimit: number | null;
  /** Members who are neither Not Activated nor Deactivated (PRODUCT 1.7). */
  readonly seatsUsed: number;
  /** The secret of the link that invites anybody who has it. */
  readonly inviteToken: string;
  readonly createdAt: number;
}

const columns = [
  "id",
  "title",
  "default_role as defaultRole",
  "seat_limit as seatLimit",
  "seats_used as seatsUsed",
  "invite_token as inviteToken",
  "created_at as createdAt",
] as const;

/** An organization about to be made; both tokens are unguessable and unique. */
export interface NewOrganization {
  readonly title: string;
  readonly at: number;
  /** Stands in the organization's SAML addresses, also after a settings reset (PRODUCT 2.1). */
  readonly samlToken: string;
  readonly inviteToken: string;
}

/** Makes an organization with default settings and nobody in it; returns its id. */
export async function createOrganization(tx: Db, made: NewOrganization): Promise<number> {
  const { id } = await tx
    .insertInto("organizations")
    .values({
      title: made.title,
      default_role: "AN",
      invite_token: made.inviteToken,
      created_at: made.at,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("saml_settings")
    .values({ organization_id: id, token: made.samlToken })
    .execute();
  return id;
}

/** The organization, or null. */
export async function loadOrganization(db: Db, id: number): Promise<Organization | null> {
  const row = await db
    .selectFrom("organizations")
    .where("id", "=", id)
    .select(columns)
    .executeTakeFirst();
  return row ?? null;
}

/** The organization whose invite link has this secret, or null. */
export async function findOrganizationByInviteToken(
  db: Db,
  inviteToken: string,
): Promise<Organization | null> {
  const row = await db
    .selectFrom("organizations")
    .where("invite_token", "=", inviteToken)
    .select(columns)
    .executeTakeFirst();
  return row ?? null;
}

/** Gives the organization's invite link a new secret; the former link stops working. */
export async function setInviteToken(tx: Db, id: number, inviteToken: string): Promise<void> {
  await tx
    .updateTable("organizations")
    .where("id", "=", id)
    .set({ invite_token: inviteToken })
    .execute();
}

/** Changes to an organization; absent fields stay. */
export interface OrganizationChanges {
  readonly title?: string;
  readonly defaultRole?: OrgRole;
  readonly seatLimit?: number | null;
}

/** Changes an organization. Its SAML record holds some of it, so that record's version goes up. */
export async function updateOrganization(
  tx: Db,
  id: number,
  { title, defaultRole, seatLimit }: OrganizationChanges,
): Promise<void> {
  const changed = {
    ...(title === undefined ? {} : { title }),
    ...(defaultRole === undefined ? {} : { default_role: defaultRole }),
    ...(seatLimit === undefined ? {} : { seat_limit: seatLimit }),
  };
  if (Object.keys(changed).length === 0) return;
  await tx.updateTable("organizations").where("id", "=", id).set(changed).execute();
  await tx
    .updateTable("saml_settings")
    .where("organization_id", "=", id)
    .set((eb) => ({ version: eb("version", "+", 1) }))
    .execute();
}

/** Counts the Owners of the whole server. Zero means that it was never set up (PRODUCT 9.2). */
export async function countOwners(db: Db): Promise<number> {
  const { owners } = await db
    .selectFrom("memberships")
    .where("role", "=", "OW")
    .select((eb) => eb.fn.countAll<number>().as("owners"))
    .executeTakeFirstOrThrow();
  return Number(owners);
}

/** The Owners of one organization. */
export async function listOwners(
  db: Db,
  organizationId: number,
): Promise<readonly { readonly userId: number; readonly email: string }[]> {
  return await db
    .selectFrom("memberships")
    .innerJoin("users", "users.id", "memberships.user_id")
    .where("memberships.organization_id", "=", organizationId)
    .where("memberships.role", "=", "OW")
    .orderBy("memberships.id")
    .select(["users.id as userId", "users.email"])
    .execute();
}

/** An organization as one of its members has it. */
export interface OrganizationOfMember {
  readonly id: number;
  readonly title: string;
  readonly role: OrgRole;
  /** The person joined it by password, and so may open it by password (PRODUCT 4.10, 9.8). */
  readonly opensByPassword: boolean;
  /** Latest SAML sign-in there, epoch milliseconds, or null. */
  readonly lastSignInAt: number | null;
}

/** The organizations of a person, in the order of joining. */
export async function listOrganizationsOf(
  db: Db,
  userId: number,
): Promise<readonly OrganizationOfMember[]> {
  const rows = await db
    .selectFrom("memberships")
    .innerJoin("organizations", "organizations.id", "memberships.organization_id")
    .where("memberships.user_id", "=", userId)
    .orderBy("memberships.id")
    .select([
      "organizations.id",
      "organizations.title",
      "memberships.role",
      "memberships.opens_by_password",
      "memberships.last_sign_in_at as lastSignInAt",
    ])
    .execute();
  return rows.map(({ opens_by_password: opens, ...row }) => ({
    ...row,
    opensByPassword: opens === 1,
  }));
}
