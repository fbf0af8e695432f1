/**
 * Roles: their codes, their names, their order, and which of them may be granted.
 * Owns no decision about a person; `plan.ts` decides, this file only ranks (PRODUCT 1.3, 1.5).
 */

/** Organization role codes as Label Studio spells them on the wire. */
export type OrgRole = "OW" | "AD" | "MA" | "RE" | "AN" | "NO" | "DI";

/** The roles that a group mapping may name (PRODUCT 4.2); Owner is never among them. */
export type GrantableRole = "AD" | "MA" | "RE" | "AN";

/** Project role codes (PRODUCT 1.5); `IN` is Inherit and counts as the organization role. */
export type ProjectRole = "AN" | "RE" | "IN";

/** Source of a role or a membership (PRODUCT 1.3). */
export type Source = "manual" | "saml" | "scim" | "api";

const ranks: Readonly<Record<OrgRole, number>> = {
  OW: 5,
  AD: 4,
  MA: 3,
  RE: 2,
  AN: 1,
  NO: 0,
  DI: 0,
};

const names: Readonly<Record<OrgRole, string>> = {
  OW: "Owner",
  AD: "Administrator",
  MA: "Manager",
  RE: "Reviewer",
  AN: "Annotator",
  NO: "Not Activated",
  DI: "Deactivated",
};

/** Every organization role, most elevated first. */
export const orgRoles: readonly OrgRole[] = ["OW", "AD", "MA", "RE", "AN", "NO", "DI"];

/** The roles that group mappings may grant, most elevated first (PRODUCT 4.2). */
export const grantableRoles: readonly GrantableRole[] = ["AD", "MA", "RE", "AN"];

/** The roles of `projects_groups`, by their display names (PRODUCT 4.4). */
export const projectRoleNames: Readonly<Record<ProjectRole, string>> = {
  AN: "Annotator",
  RE: "Reviewer",
  IN: "Inherit",
};

/** Rank for "most elevated": Owner 5 down to Annotator 1; people without access rank 0. */
export function roleRank(role: OrgRole): number {
  return ranks[role];
}

/** The display name that settings and pages use for a role. */
export function roleName(role: OrgRole): string {
  return names[role];
}

const projectRolesByRank = ["RE", "IN", "AN"] as const satisfies readonly ProjectRole[];

/**
 * The place of a project role among what groups grant, most elevated first: Reviewer, Inherit,
 * Annotator. Inherit is worth the organization role (PRODUCT 1.5): at least Annotator, and worth
 * no less than Reviewer only to people whom no project role lowers.
 */
export function projectRoleOrder(role: ProjectRole): number {
  return projectRolesByRank.indexOf(role);
}

/** True where the role opens anything and occupies a seat (PRODUCT 1.7). */
export function hasAccess(role: OrgRole): boolean {
  return ranks[role] > 0;
}

/** The grantable role with this display name, or undefined; names compare exactly. */
export function grantableRoleByName(name: string): GrantableRole | undefined {
  return grantableRoles.find((role) => names[role] === name);
}

/** The project role with this display name, or undefined; names compare exactly. */
export function projectRoleByName(name: string): ProjectRole | undefined {
  return projectRolesByRank.find((role) => projectRoleNames[role] === name);
}

/** The more elevated of two roles; on equal rank the first. */
export function higherRole<R extends OrgRole>(current: R | undefined, candidate: R): R {
  return current !== undefined && ranks[current] >= ranks[candidate] ? current : candidate;
}

/**
 * Effective role in a project of a person with this organization role (PRODUCT 1.5): a Manager or
 * above is never lowered inside a project, and Inherit counts as the organization role.
 */
export function effectiveProjectRole(orgRole: OrgRole, granted: readonly ProjectRole[]): OrgRole {
  if (ranks[orgRole] >= ranks.MA || !hasAccess(orgRole)) return orgRole;
  let best: OrgRole | undefined;
  for (const role of granted) best = higherRole(best, role === "IN" ? orgRole : role);
  return best ?? orgRole;
}

/**
 * Of what several sources grant in one project, the grant that gives the person a role of their own
 * there: the most elevated one, where it is not Inherit and the organization role is one that a
 * project role may replace (PRODUCT 1.5). Undefined where the organization role counts.
 */
export function ownProjectRole<
  Grant extends { readonly role: ProjectRole; readonly isPending: boolean },
>(orgRole: OrgRole, grants: readonly Grant[]): Grant | undefined {
  if (ranks[orgRole] >= ranks.MA || orgRole === "DI") return undefined;
  let best: Grant | undefined;
  for (const grant of grants) {
    if (grant.isPending) continue;
    if (best === undefined || projectRoleOrder(grant.role) < projectRoleOrder(best.role)) {
      best = grant;
    }
  }
  return best?.role === "IN" ? undefined : best;
}
