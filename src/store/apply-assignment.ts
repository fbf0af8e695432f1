/**
 * Writes what pushed groups gave a person (PRODUCT 7). A part of apply-change.ts and of apply-many.ts,
 * which alone import this file.
 */
import type { Assignment } from "../access/changes.ts";
import type { Db } from "./statement.ts";

interface Applying {
  readonly tx: Db;
  readonly organizationId: number;
}

/** The columns that tell assignments apart. */
export function assignmentColumns(assignment: Assignment) {
  const { scope, group } = assignment;
  switch (assignment.scope) {
    case "organization":
      return { scope, group_name: group, target: "", role: assignment.role };
    case "workspace":
      return { scope, group_name: group, target: assignment.title, role: "" };
    case "project":
      return {
        scope,
        group_name: group,
        target: String(assignment.projectId),
        role: assignment.role,
      };
  }
}

/** Adds what a group gave, once. */
export async function addAssignment(
  { tx, organizationId }: Applying,
  userId: number,
  assignment: Assignment,
): Promise<void> {
  await tx
    .insertInto("scim_assignments")
    .values({
      organization_id: organizationId,
      user_id: userId,
      ...assignmentColumns(assignment),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes what a group gave. */
export async function removeAssignment(
  { tx, organizationId }: Applying,
  userId: number,
  assignment: Assignment,
): Promise<void> {
  const { scope, group_name: group, target, role } = assignmentColumns(assignment);
  await tx
    .deleteFrom("scim_assignments")
    .where("organization_id", "=", organizationId)
    .where("user_id", "=", userId)
    .where("scope", "=", scope)
    .where("group_name", "=", group)
    .where("target", "=", target)
    .where("role", "=", role)
    .execute();
}
