/**
 * Writes each kind of change: apply.ts's table from `Change` to statements. Only apply.ts and its
 * apply-many.ts import this file.
 */
import type { Change, WorkspaceRef } from "../access/changes.ts";
import type { OrgRole, ProjectRole, Source } from "../access/roles.ts";
import { deleteApiTokens } from "./api-tokens.ts";
import { addAssignment, removeAssignment } from "./apply-assignment.ts";
import { changeGrantSource } from "./apply-source.ts";
import { TransactionRace } from "./race.ts";
import { type Db, statement } from "./statement.ts";
import { wishForAccount } from "./upstream-outbox.ts";

/** A plan while it is being applied. */
export interface Applying {
  readonly tx: Db;
  readonly organizationId: number;
  readonly at: number;
  readonly email: string;
  /** Null until `user_created` has made the account. */
  userId: number | null;
  readonly passwordHash: string | null;
  readonly provesPassword: boolean;
  /** Workspaces of this plan by title, as they are found or made. */
  readonly workspaceIds: Map<string, number>;
}

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { readonly kind: Kind }>;

/** Writes one change. */
export async function applyChange(applying: Applying, change: Change): Promise<void> {
  switch (change.kind) {
    case "user_created":
      return await createUser(applying, change);
    case "user_renamed":
      return await renameUser(applying, change);
    case "email_changed":
      return await changeEmail(applying, change);
    case "password_set":
      return await setPassword(applying);
    case "membership_created":
      return await createMembership(applying, change);
    case "membership_removed":
      return await removeMembership(applying, change);
    case "role_changed":
      return await changeRole(applying, change);
    case "workspace_created":
      return await createWorkspace(applying, change.title);
    case "workspace_member_added":
      return await addToWorkspace(applying, change);
    case "workspace_member_removed":
      return await removeFromWorkspace(applying, change);
    case "project_member_added":
      return await addToProject(applying, change);
    case "project_member_changed":
      return await changeInProject(applying, change);
    case "project_member_removed":
      return await removeFromProject(applying, change);
    case "assignment_added":
      return await addAssignment(applying, userOf(applying), change.assignment);
    case "assignment_removed":
      return await removeAssignment(applying, userOf(applying), change.assignment);
    case "grant_source_changed":
      return await changeGrantSource(applying, userOf(applying), change);
    case "access_ended":
      return await endAccess(applying);
  }
}

function userOf({ userId, email }: Applying): number {
  if (userId === null) throw new Error(`the plan for ${email} has no account yet`);
  return userId;
}

const newUser = statement<
  { email: string; firstName: string; lastName: string; at: number; organizationId: number },
  { id: number }
>((db, value) =>
  db
    .insertInto("users")
    .values({
      email: value("email"),
      first_name: value("firstName"),
      last_name: value("lastName"),
      created_at: value("at"),
      names_from: value("organizationId"),
    })
    .onConflict((conflict) => conflict.column("email").doNothing())
    .returning("id"),
);

/** Two first sign-ins of one address make one account: the second plans again with the first's. */
async function createUser(applying: Applying, change: ChangeOf<"user_created">): Promise<void> {
  const { tx, at, organizationId } = applying;
  const row = await newUser.first(tx, { ...change, at, organizationId });
  if (row === null) throw new TransactionRace(`${change.email} has an account meanwhile`);
  applying.userId = row.id;
  await wishForAccount(applying.tx, userOf(applying), applying.at);
}

async function renameUser(applying: Applying, { to }: ChangeOf<"user_renamed">): Promise<void> {
  const { tx, organizationId } = applying;
  await tx
    .updateTable("users")
    .where("id", "=", userOf(applying))
    .set({ first_name: to.firstName, last_name: to.lastName, names_from: organizationId })
    .execute();
  await wishForAccount(applying.tx, userOf(applying), applying.at);
}

/**
 * Whoever had the old address must not come in by what was sent there, nor stay in: sessions and links
 * end. The plan has seen to it that the account belongs to this organization alone (PRODUCT 7.8).
 */
async function changeEmail(applying: Applying, { to }: ChangeOf<"email_changed">): Promise<void> {
  const { tx } = applying;
  const userId = userOf(applying);
  await tx.updateTable("users").where("id", "=", userId).set({ email: to }).execute();
  for (const table of ["sessions", "one_time_links"] as const) {
    await tx.deleteFrom(table).where("user_id", "=", userId).execute();
  }
  await wishForAccount(applying.tx, userOf(applying), applying.at);
}

/** Whoever knew the former password may have made tokens with it, which no new password would end. */
async function setPassword(applying: Applying): Promise<void> {
  const { tx, passwordHash } = applying;
  const userId = userOf(applying);
  if (passwordHash === null) throw new Error("a password is set without its hash");
  await tx
    .updateTable("users")
    .where("id", "=", userId)
    .set({ password_hash: passwordHash, password_proved: applying.provesPassword ? 1 : 0 })
    .execute();
  await deleteApiTokens(tx, { userId });
}

const newMembership = statement<
  {
    organizationId: number;
    userId: number;
    role: OrgRole;
    source: Source;
    awaited: OrgRole | null;
    at: number;
  },
  { id: number }
>((db, value) =>
  db
    .insertInto("memberships")
    .values({
      organization_id: value("organizationId"),
      user_id: value("userId"),
      role: value("role"),
      role_source: value("source"),
      role_set_at: value("at"),
      awaited_role: value("awaited"),
      created_at: value("at"),
    })
    .onConflict((conflict) => conflict.columns(["organization_id", "user_id"]).doNothing())
    .returning("id"),
);

async function createMembership(
  applying: Applying,
  { role, source, awaited }: ChangeOf<"membership_created">,
): Promise<void> {
  const { tx, organizationId, at } = applying;
  const made = { organizationId, userId: userOf(applying), role, source, at };
  const row = await newMembership.first(tx, { ...made, awaited: awaited ?? null });
  if (row === null) throw new TransactionRace("the person joined meanwhile");
}

/** Removes the membership; foreign keys remove everything that hangs on it. */
async function removeMembership(
  applying: Applying,
  { role }: ChangeOf<"membership_removed">,
): Promise<void> {
  const { numDeletedRows } = await applying.tx
    .deleteFrom("memberships")
    .where("organization_id", "=", applying.organizationId)
    .where("user_id", "=", userOf(applying))
    .where("role", "=", role)
    .executeTakeFirstOrThrow();
  mustConcernOne(numDeletedRows, "the membership changed meanwhile");
}

async function changeRole(
  applying: Applying,
  { from, to, source, awaited }: ChangeOf<"role_changed">,
): Promise<void> {
  const { numUpdatedRows } = await applying.tx
    .updateTable("memberships")
    .where("organization_id", "=", applying.organizationId)
    .where("user_id", "=", userOf(applying))
    .where("role", "=", from)
    .set({
      role: to,
      role_source: source,
      role_set_at: applying.at,
      awaited_role: awaited ?? null,
    })
    .executeTakeFirstOrThrow();
  mustConcernOne(numUpdatedRows, "the role changed meanwhile");
}

function mustConcernOne(rows: bigint | undefined, otherwise: string): void {
  if (rows !== 1n) throw new TransactionRace(otherwise);
}

/** A workspace that somebody else made meanwhile is the one meant (PRODUCT 4.3). */
async function createWorkspace(applying: Applying, title: string): Promise<void> {
  const { tx, organizationId, at } = applying;
  const row = await tx
    .insertInto("workspaces")
    .values({ organization_id: organizationId, title, created_at: at })
    .onConflict((conflict) => conflict.columns(["organization_id", "title"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  applying.workspaceIds.set(title, row?.id ?? (await findWorkspace(applying, title)));
}

async function findWorkspace(
  { tx, organizationId, workspaceIds }: Applying,
  title: string,
): Promise<number> {
  const known = workspaceIds.get(title);
  if (known !== undefined) return known;
  const row = await tx
    .selectFrom("workspaces")
    .where("organization_id", "=", organizationId)
    .where("title", "=", title)
    .select("id")
    .executeTakeFirst();
  if (row === undefined) throw new TransactionRace(`the workspace ${title} is gone`);
  return row.id;
}

async function workspaceIdOf(applying: Applying, workspace: WorkspaceRef): Promise<number> {
  return workspace.id ?? (await findWorkspace(applying, workspace.title));
}

async function addToWorkspace(
  applying: Applying,
  { workspace, source }: ChangeOf<"workspace_member_added">,
): Promise<void> {
  await applying.tx
    .insertInto("workspace_members")
    .values({
      workspace_id: await workspaceIdOf(applying, workspace),
      user_id: userOf(applying),
      source,
      organization_id: applying.organizationId,
      granted_at: applying.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function removeFromWorkspace(
  applying: Applying,
  { workspace, source }: ChangeOf<"workspace_member_removed">,
): Promise<void> {
  await applying.tx
    .deleteFrom("workspace_members")
    .where("workspace_id", "=", await workspaceIdOf(applying, workspace))
    .where("user_id", "=", userOf(applying))
    .where("source", "=", source)
    .where("organization_id", "=", applying.organizationId)
    .execute();
}

interface ProjectGrant {
  readonly projectId: number;
  readonly source: Source;
  readonly role: ProjectRole;
  readonly isPending: boolean;
}

/** Adds the row of this source, or brings it to this role. */
async function addToProject(applying: Applying, grant: ProjectGrant): Promise<void> {
  const given = { role: grant.role, is_pending: grant.isPending ? 1 : 0 };
  await applying.tx
    .insertInto("project_members")
    .values({
      project_id: grant.projectId,
      user_id: userOf(applying),
      source: grant.source,
      organization_id: applying.organizationId,
      granted_at: applying.at,
      ...given,
    })
    .onConflict((conflict) =>
      conflict.columns(["project_id", "user_id", "source"]).doUpdateSet(given),
    )
    .execute();
}

async function changeInProject(
  applying: Applying,
  { projectId, source, to }: ChangeOf<"project_member_changed">,
): Promise<void> {
  await applying.tx
    .updateTable("project_members")
    .where("project_id", "=", projectId)
    .where("user_id", "=", userOf(applying))
    .where("source", "=", source)
    .where("organization_id", "=", applying.organizationId)
    .set({ role: to.role, is_pending: to.isPending ? 1 : 0 })
    .execute();
}

async function removeFromProject(
  applying: Applying,
  { projectId, source }: ChangeOf<"project_member_removed">,
): Promise<void> {
  await applying.tx
    .deleteFrom("project_members")
    .where("project_id", "=", projectId)
    .where("user_id", "=", userOf(applying))
    .where("source", "=", source)
    .where("organization_id", "=", applying.organizationId)
    .execute();
}

/** Whatever opens the organization to the person ends, with the change that took their access. */
async function endAccess(applying: Applying): Promise<void> {
  const { tx, organizationId, email } = applying;
  const userId = userOf(applying);
  for (const table of ["sessions", "api_tokens"] as const) {
    await tx
      .deleteFrom(table)
      .where("user_id", "=", userId)
      .where("organization_id", "=", organizationId)
      .execute();
  }
  await tx
    .deleteFrom("invites")
    .where("organization_id", "=", organizationId)
    .where("email", "=", email)
    .execute();
}
