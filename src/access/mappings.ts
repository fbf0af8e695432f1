/**
 * Group mappings: what membership in the identity provider's groups is worth here (PRODUCT 4.1–4.4).
 * Owns the look-up only; whether a grant takes effect is plan.ts's business, and what nearly matched
 * is hints.ts's.
 *
 * The mappings of one settings version are indexed once, by group. A sign-in then costs what the
 * person's groups cost, never what the number of mappings costs (DESIGN invariant 8).
 */
import type { Reason } from "./changes.ts";
import { indexNames, type NameIndex, nearMisses } from "./hints.ts";
import { type GrantableRole, type ProjectRole, projectRoleOrder, roleRank } from "./roles.ts";

/** One entry of `roles_groups` (PRODUCT 4.2). */
export interface RoleMapping {
  readonly role: GrantableRole;
  readonly group: string;
}

/** One entry of `workspaces_groups` (PRODUCT 4.3); `workspace` is the title. */
export interface WorkspaceMapping {
  readonly workspace: string;
  readonly group: string;
}

/** One entry of `projects_groups` (PRODUCT 4.4). */
export interface ProjectMapping {
  readonly projectId: number;
  readonly group: string;
  readonly role: ProjectRole;
}

/** The three mapping lists of one protocol's settings. */
export interface GroupMappings {
  readonly roles: readonly RoleMapping[];
  readonly workspaces: readonly WorkspaceMapping[];
  readonly projects: readonly ProjectMapping[];
}

/** All that one group grants. */
interface GroupGrants {
  readonly roles: RoleMapping[];
  readonly workspaces: string[];
  readonly projects: ProjectMapping[];
}

/** The mappings of one settings version, ready for any number of look-ups. */
export interface MappingIndex {
  readonly hasRoleMappings: boolean;
  readonly byGroup: ReadonlyMap<string, GroupGrants>;
  readonly names: NameIndex;
}

/** A workspace that the person's groups grant, and which of them do, in order of name. */
export interface WorkspaceGrant {
  readonly title: string;
  readonly groups: readonly string[];
}

/**
 * A project that the person's groups grant: the most elevated mapping and those it outranks, in the
 * order Reviewer, Inherit, Annotator. Inherit counts as the organization role (PRODUCT 1.5), which
 * lies between the two for everybody whose project role matters.
 */
export interface ProjectGrant {
  readonly projectId: number;
  readonly role: ProjectRole;
  readonly group: string;
  readonly outranked: readonly ProjectMapping[];
}

/** Grants from a person's groups, the same whatever the order of groups and mappings. */
export interface Grants {
  /** False where the settings map no role at all, so that no match means nothing (PRODUCT 4.6). */
  readonly hasRoleMappings: boolean;
  /** The most elevated matching role (PRODUCT 4.2). */
  readonly role: GrantableRole | null;
  /** Every role mapping that matched, most elevated first. */
  readonly roleMatches: readonly RoleMapping[];
  readonly workspaces: readonly WorkspaceGrant[];
  readonly projects: readonly ProjectGrant[];
  /** Groups that match nothing but nearly do (PRODUCT 8.7). */
  readonly hints: readonly Reason[];
}

/** Indexes the mappings of one settings version; done once per version, not per sign-in. */
export function indexMappings(mappings: GroupMappings): MappingIndex {
  const byGroup = new Map<string, GroupGrants>();
  const grantsOf = (group: string): GroupGrants => {
    let grants = byGroup.get(group);
    if (grants === undefined) {
      grants = { roles: [], workspaces: [], projects: [] };
      byGroup.set(group, grants);
    }
    return grants;
  };
  for (const mapping of mappings.roles) grantsOf(mapping.group).roles.push(mapping);
  for (const { workspace, group } of mappings.workspaces) {
    grantsOf(group).workspaces.push(workspace);
  }
  for (const mapping of mappings.projects) grantsOf(mapping.group).projects.push(mapping);
  return {
    hasRoleMappings: mappings.roles.length > 0,
    byGroup,
    names: indexNames(byGroup.keys()),
  };
}

/**
 * Resolves the grants of `groups`. Names compare exactly, case included: LS-Admins is not ls-admins
 * (PRODUCT 4.1). Costs one look-up per group and one step per matching mapping.
 */
export function resolveGrants(groups: readonly string[], index: MappingIndex): Grants {
  const roles: RoleMapping[] = [];
  const workspaces: WorkspaceMapping[] = [];
  const projects: ProjectMapping[] = [];
  const unmatched: string[] = [];
  for (const group of new Set(groups)) {
    const granted = index.byGroup.get(group);
    if (granted === undefined) {
      unmatched.push(group);
      continue;
    }
    for (const mapping of granted.roles) roles.push(mapping);
    for (const workspace of granted.workspaces) workspaces.push({ workspace, group });
    for (const mapping of granted.projects) projects.push(mapping);
  }
  const roleMatches = rankRoles(roles);
  return {
    hasRoleMappings: index.hasRoleMappings,
    role: roleMatches[0]?.role ?? null,
    roleMatches,
    workspaces: workspaceGrants(workspaces),
    projects: projectGrants(projects),
    hints: nearMisses(unmatched, index.names),
  };
}

/** "The most elevated matching role wins, whatever the order" (PRODUCT 4.2). */
function rankRoles(matches: readonly RoleMapping[]): RoleMapping[] {
  const sorted = matches.toSorted(
    (a, b) => roleRank(b.role) - roleRank(a.role) || compareText(a.group, b.group),
  );
  return sorted.filter(
    ({ role, group }, at) => role !== sorted[at - 1]?.role || group !== sorted[at - 1]?.group,
  );
}

/** One grant per title, however many groups and mappings name it (PRODUCT 4.3). */
function workspaceGrants(matches: readonly WorkspaceMapping[]): WorkspaceGrant[] {
  return [...groupBy(matches, (match) => match.workspace)]
    .map(([title, named]) => ({
      title,
      groups: [...new Set(named.map((match) => match.group))].sort(compareText),
    }))
    .sort((a, b) => compareText(a.title, b.title));
}

/** "The most elevated wins" (PRODUCT 4.4). */
function projectGrants(matches: readonly ProjectMapping[]): ProjectGrant[] {
  const grants: ProjectGrant[] = [];
  for (const [projectId, named] of groupBy(matches, (match) => match.projectId)) {
    const [best, ...outranked] = named.sort(
      (a, b) =>
        projectRoleOrder(a.role) - projectRoleOrder(b.role) || compareText(a.group, b.group),
    );
    if (best !== undefined) {
      grants.push({ projectId, role: best.role, group: best.group, outranked });
    }
  }
  return grants.sort((a, b) => a.projectId - b.projectId);
}

function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** By code unit: an order that no locale changes. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
