/**
 * Writes a change that many people have in common: one statement for all of them, where apply-change.ts
 * writes it for one. apply.ts alone imports this file.
 *
 * Only what groups make of people who are members already is known here; a batch has nothing else.
 */
import type { Change } from "../access/changes.ts";
import type { OrgRole } from "../access/roles.ts";
import { assignmentColumns } from "./apply-assignment.ts";
import { TransactionRace } from "./race.ts";
import { type Db, isListed, statement } from "./statement.ts";

/** People who all have the same change before them. */
export interface Many {
  readonly tx: Db;
  readonly organizationId: number;
  readonly at: number;
  readonly people: readonly { readonly userId: number; readonly email: string }[];
}

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { readonly kind: Kind }>;

/** Writes one change for all of them; nobody is in the list twice. */
export async function applyToMany(many: Many, change: Change): Promise<void> {
  switch (change.kind) {
    case "role_changed":
      return await changeRoles(many, change);
    case "access_ended":
      return await endAccesses(many);
    case "workspace_member_added":
      return await addToWorkspace(many, change);
    case "workspace_member_removed":
      return await removeFromWorkspace(many, change);
    case "project_member_added":
      return await addToProject(many, change);
    case "project_member_changed":
      return await changeInProject(many, change);
    case "project_member_removed":
      return await removeFromProject(many, change);
    case "assignment_added":
      return await addAssignment(many, change);
    case "assignment_removed":
      return await removeAssignment(many, change);
    default:
      throw new Error(`${change.kind} is not a change that many people have in common`);
  }
}

/** The list of people as statements take it. */
export function listOf(people: Many["people"]): string {
  return JSON.stringify(people.map(({ userId }) => userId));
}

interface Who {
  readonly organizationId: number;
  readonly list: string;
}

const whoOf = ({ organizationId, people }: Many): Who => ({ organizationId, list: listOf(people) });

const roles = statement<
  Who &
    Pick<ChangeOf<"role_changed">, "from" | "to" | "source"> & {
      readonly awaited: OrgRole | null;
      readonly at: number;
    },
  unknown
>((db, value, dialect) =>
  db
    .updateTable("memberships")
    .where("organization_id", "=", value("organizationId"))
    .where(isListed("user_id", value("list"), { dialect, type: "integer" }))
    .where("role", "=", value("from"))
    .set({
      role: value("to"),
      role_source: value("source"),
      role_set_at: value("at"),
      awaited_role: value("awaited"),
    }),
);

async function changeRoles(many: Many, { from, to, source, awaited }: ChangeOf<"role_changed">) {
  const { at, people, tx } = many;
  const { numAffectedRows } = await roles.run(tx, {
    ...whoOf(many),
    ...{ from, to, source, at },
    awaited: awaited ?? null,
  });
  if (numAffectedRows !== BigInt(people.length)) {
    throw new TransactionRace("a role changed meanwhile");
  }
}

const endings = [
  statement<Who, unknown>((db, value, dialect) =>
    db
      .deleteFrom("sessions")
      .where("organization_id", "=", value("organizationId"))
      .where(isListed("user_id", value("list"), { dialect, type: "integer" })),
  ),
  statement<Who, unknown>((db, value, dialect) =>
    db
      .deleteFrom("api_tokens")
      .where("organization_id", "=", value("organizationId"))
      .where(isListed("user_id", value("list"), { dialect, type: "integer" })),
  ),
];

const inviteEnding = statement<Who, unknown>((db, value, dialect) =>
  db
    .deleteFrom("invites")
    .where("organization_id", "=", value("organizationId"))
    .where(isListed("email", value("list"), { dialect, type: "text" })),
);

async function endAccesses(many: Many): Promise<void> {
  const { tx, people, organizationId } = many;
  for (const ending of endings) await ending.run(tx, whoOf(many));
  const list = JSON.stringify(people.map(({ email }) => email));
  await inviteEnding.run(tx, { organizationId, list });
}

/** A workspace that its plan would make has no id yet; such plans are applied one by one. */
function workspaceIdOf({ workspace: { id, title } }: ChangeOf<"workspace_member_added">): number {
  if (id === null) throw new Error(`the workspace "${title}" is not made yet`);
  return id;
}

async function addToWorkspace(many: Many, change: ChangeOf<"workspace_member_added">) {
  const workspaceId = workspaceIdOf(change);
  const rows = many.people.map(({ userId }) => ({
    workspace_id: workspaceId,
    user_id: userId,
    source: change.source,
    organization_id: many.organizationId,
    granted_at: many.at,
  }));
  await many.tx
    .insertInto("workspace_members")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function removeFromWorkspace(
  many: Many,
  { workspace, source }: ChangeOf<"workspace_member_removed">,
) {
  await many.tx
    .deleteFrom("workspace_members")
    .where("workspace_id", "=", workspace.id)
    .where("user_id", "in", idsOf(many))
    .where("source", "=", source)
    .where("organization_id", "=", many.organizationId)
    .execute();
}

const idsOf = ({ people }: Many): readonly number[] => people.map(({ userId }) => userId);

async function addToProject(many: Many, change: ChangeOf<"project_member_added">) {
  const given = { role: change.role, is_pending: change.isPending ? 1 : 0 };
  const rows = many.people.map(({ userId }) => ({
    project_id: change.projectId,
    user_id: userId,
    source: change.source,
    organization_id: many.organizationId,
    granted_at: many.at,
    ...given,
  }));
  await many.tx
    .insertInto("project_members")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["project_id", "user_id", "source"]).doUpdateSet(given),
    )
    .execute();
}

async function changeInProject(
  many: Many,
  { projectId, source, to }: ChangeOf<"project_member_changed">,
) {
  await many.tx
    .updateTable("project_members")
    .where("project_id", "=", projectId)
    .where("user_id", "in", idsOf(many))
    .where("source", "=", source)
    .where("organization_id", "=", many.organizationId)
    .set({ role: to.role, is_pending: to.isPending ? 1 : 0 })
    .execute();
}

async function removeFromProject(
  many: Many,
  { projectId, source }: ChangeOf<"project_member_removed">,
) {
  await many.tx
    .deleteFrom("project_members")
    .where("project_id", "=", projectId)
    .where("user_id", "in", idsOf(many))
    .where("source", "=", source)
    .where("organization_id", "=", many.organizationId)
    .execute();
}

async function addAssignment(many: Many, { assignment }: ChangeOf<"assignment_added">) {
  const columns = assignmentColumns(assignment);
  const rows = many.people.map(({ userId }) => ({
    organization_id: many.organizationId,
    user_id: userId,
    ...columns,
  }));
  await many.tx
    .insertInto("scim_assignments")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function removeAssignment(many: Many, { assignment }: ChangeOf<"assignment_removed">) {
  const { scope, group_name: group, target, role } = assignmentColumns(assignment);
  await many.tx
    .deleteFrom("scim_assignments")
    .where("organization_id", "=", many.organizationId)
    .where("user_id", "in", idsOf(many))
    .where("scope", "=", scope)
    .where("group_name", "=", group)
    .where("target", "=", target)
    .where("role", "=", role)
    .execute();
}
