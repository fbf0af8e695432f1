/**
 * Plans the effect of a reset of the SAML settings on people (PRODUCT 6.3): every SCIM assignment
 * goes, and the memberships that assignments gave stay as they are, now with source `manual`.
 *
 * A row of source `manual` may stand there already; then the two become one that grants no less.
 */
import type { Change, Plan } from "./changes.ts";
import { projectRoleOrder } from "./roles.ts";
import type { PersonSnapshot, ProjectMember } from "./snapshot.ts";

/** One person among those whom a reset concerns. */
export interface ResetMember {
  readonly userId: number;
  readonly email: string;
  readonly snapshot: PersonSnapshot;
}

/** One plan for each of `members` of whom anything changes. */
export function planReset(members: readonly ResetMember[]): Plan[] {
  return members.map(resetMember).filter(({ changes }) => changes.length > 0);
}

function resetMember({ userId, email, snapshot }: ResetMember): Plan {
  const changes: Change[] = [
    ...snapshot.assignments.map(
      (assignment): Change => ({ kind: "assignment_removed", assignment }),
    ),
    ...roleChanges(snapshot),
    ...workspaceChanges(snapshot),
    ...projectChanges(snapshot),
  ];
  const text =
    "The SAML settings were reset: what SCIM assigned stays, now as if given by hand, until the next sync.";
  return {
    email,
    userId,
    changes,
    reasons: [{ subject: "account", result: "kept", rule: "6.3", text }],
  };
}

/**
 * The role counts as given by an assignment where there is one for the organization. A deactivation
 * is SCIM's own word (`active` false) and no assignment's: it stays SCIM's, who alone lifts it.
 */
function roleChanges({ membership, assignments }: PersonSnapshot): Change[] {
  const isAssigned = assignments.some(({ scope }) => scope === "organization");
  if (membership?.roleSource !== "scim" || membership.role === "DI" || !isAssigned) return [];
  return [
    {
      kind: "grant_source_changed",
      grant: { scope: "organization" },
      from: "scim",
      to: "manual",
    },
  ];
}

function workspaceChanges({ workspaceMembers }: PersonSnapshot): Change[] {
  const manual = new Set(
    workspaceMembers
      .filter(({ source }) => source === "manual")
      .map(({ workspaceId }) => workspaceId),
  );
  return workspaceMembers
    .filter(({ source }) => source === "scim")
    .map(({ workspaceId, title }): Change => {
      if (manual.has(workspaceId)) {
        const workspace = { id: workspaceId, title };
        return { kind: "workspace_member_removed", workspace, source: "scim" };
      }
      const grant = { scope: "workspace", workspaceId } as const;
      return { kind: "grant_source_changed", grant, from: "scim", to: "manual" };
    });
}

function projectChanges({ projectMembers }: PersonSnapshot): Change[] {
  const manual = new Map(
    projectMembers
      .filter(({ source }) => source === "manual")
      .map((member) => [member.projectId, member]),
  );
  return projectMembers
    .filter(({ source }) => source === "scim")
    .flatMap((member) => {
      const other = manual.get(member.projectId);
      return other === undefined ? [handOver(member)] : merge(member, other);
    });
}

function handOver({ projectId }: ProjectMember): Change {
  const grant = { scope: "project", projectId } as const;
  return { kind: "grant_source_changed", grant, from: "scim", to: "manual" };
}

/** The row given by hand takes over what SCIM's row granted beyond it. */
function merge(scim: ProjectMember, manual: ProjectMember): Change[] {
  const { projectId } = scim;
  const removed: Change = { kind: "project_member_removed", projectId, source: "scim" };
  const from = { role: manual.role, isPending: manual.isPending };
  const to = higherGrant(from, { role: scim.role, isPending: scim.isPending });
  if (to === from) return [removed];
  return [{ kind: "project_member_changed", projectId, source: "manual", from, to }, removed];
}

type ProjectRow = Pick<ProjectMember, "role" | "isPending">;

/** A membership before one that is only pending; then the more elevated role. */
function higherGrant(current: ProjectRow, candidate: ProjectRow): ProjectRow {
  if (current.isPending !== candidate.isPending) return current.isPending ? candidate : current;
  return projectRoleOrder(candidate.role) < projectRoleOrder(current.role) ? candidate : current;
}
