/**
 * Effect of a plan on the person whom it concerns: whether they gain or lose anything, and whether
 * they are still let in (PRODUCT 8.1). A membership that another source still grants is not lost with
 * one of its rows, nor gained by another row (PRODUCT 1.4).
 */
import type { Change } from "./changes.ts";
import { hasAccess, type OrgRole, type ProjectRole, projectRoleOrder, roleRank } from "./roles.ts";
import type { PersonSnapshot } from "./snapshot.ts";

export interface Effect {
  /** Null where the role stays. */
  readonly role: { readonly from: OrgRole; readonly to: OrgRole } | null;
  readonly gains: boolean;
  readonly loses: boolean;
  /** The person was let in before and is not afterwards. */
  readonly losesAccess: boolean;
  /** The person administered the organization before and does not afterwards. */
  readonly losesAdministrator: boolean;
}

/** The effect of `changes` on a member. */
export function effectOf(
  snapshot: Pick<PersonSnapshot, "membership" | "workspaceMembers" | "projectMembers">,
  changes: readonly Change[],
): Effect {
  const role = roleChange(changes);
  const { from, to } = role ?? { from: "DI", to: "DI" };
  const places = placesCompared(snapshot, changes);
  const isRaised = roleRank(to) > roleRank(from);
  const isLowered = roleRank(to) < roleRank(from);
  return {
    role,
    gains: isRaised || places.gains,
    loses: isLowered || places.loses,
    losesAccess: hasAccess(from) && !hasAccess(to),
    losesAdministrator: from === "AD" && roleRank(to) < roleRank("AD"),
  };
}

function roleChange(changes: readonly Change[]): Effect["role"] {
  for (const change of changes) {
    if (change.kind === "role_changed") return { from: change.from, to: change.to };
  }
  return null;
}

/** Place → each source's grant of it: a number that is lower for more; workspaces know only one. */
type Held = Map<string, Map<string, number>>;

function placesCompared(
  { workspaceMembers, projectMembers }: Pick<PersonSnapshot, "workspaceMembers" | "projectMembers">,
  changes: readonly Change[],
): { readonly gains: boolean; readonly loses: boolean } {
  const before: Held = new Map();
  for (const { title, source } of workspaceMembers) put(before, workspaceKey(title), [source, 0]);
  for (const { projectId, source, role, isPending } of projectMembers) {
    put(before, projectKey(projectId), [source, worth({ role, isPending })]);
  }
  const touched = new Set<string>();
  const after: Held = new Map([...before].map(([key, grants]) => [key, new Map(grants)]));
  for (const change of changes) {
    const key = applyTo(after, change);
    if (key !== null) touched.add(key);
  }
  const compared = [...touched].map((key) => best(after, key) - best(before, key));
  return {
    gains: compared.some((difference) => difference < 0),
    loses: compared.some((difference) => difference > 0),
  };
}

/** Makes a change of a place true in `held`; tells which place it was, or null for other changes. */
function applyTo(held: Held, change: Change): string | null {
  switch (change.kind) {
    case "workspace_member_added":
      return put(held, workspaceKey(change.workspace.title), [change.source, 0]);
    case "workspace_member_removed":
      return take(held, workspaceKey(change.workspace.title), change.source);
    case "project_member_added":
      return put(held, projectKey(change.projectId), [change.source, worth(change)]);
    case "project_member_changed":
      return put(held, projectKey(change.projectId), [change.source, worth(change.to)]);
    case "project_member_removed":
      return take(held, projectKey(change.projectId), change.source);
    default:
      return null;
  }
}

function put(held: Held, key: string, [source, grant]: [string, number]): string {
  const grants = held.get(key) ?? new Map<string, number>();
  held.set(key, grants.set(source, grant));
  return key;
}

function take(held: Held, key: string, source: string): string {
  held.get(key)?.delete(source);
  return key;
}

/** Nothing at all, or kept aside until the role is active, which is the same for now. */
const nothing = 9;

function worth({ role, isPending }: { role: ProjectRole; isPending: boolean }): number {
  return isPending ? nothing : projectRoleOrder(role);
}

function best(held: Held, key: string): number {
  return Math.min(nothing, ...(held.get(key)?.values() ?? []));
}

const workspaceKey = (title: string): string => `workspace ${title}`;
const projectKey = (id: number): string => `project ${id}`;
