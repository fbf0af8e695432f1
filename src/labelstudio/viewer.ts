/**
 * The person on whose behalf a request goes on to Label Studio, as the policy sees them. Numbers of
 * people and projects here are Label Studio's own (GATEWAY 10.5).
 */
import type { OrgRole } from "../access/roles.ts";

/**
 * The role that counts for one request: the effective role in its project, or the organization role
 * where it concerns no project. The Owner counts as Administrator (PRODUCT 1.5, GATEWAY 10.4).
 */
export type StudioRole = "AN" | "RE" | "MA" | "AD";

/** A signed-in person with access. */
export interface StudioViewer {
  /** Labelgate's internal number of the account. */
  readonly userId: number;
  /** Label Studio's number of the account; null until it has one. */
  readonly upstreamUserId: number | null;
  /** The address by which Label Studio knows the account, lower-case. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly organizationId: number;
  readonly role: OrgRole;
  /** The effective role in each project by its number; `all` for Owner and Administrators. */
  readonly projects: ReadonlyMap<number, StudioRole> | "all";
}

/** Switches of the policy (GATEWAY 10.4), from the configuration. */
export interface StudioSwitches {
  readonly annotatorsSeeOthers: boolean;
  readonly reviewersMayExport: boolean;
  readonly managersMayConnect: boolean;
  readonly administratorsMayReadServerFiles: boolean;
}

/** The viewer's effective role in a project; null where they do not belong to it. */
export function roleIn({ projects }: StudioViewer, project: number): StudioRole | null {
  return projects === "all" ? "AD" : (projects.get(project) ?? null);
}

/** The organization role as the policy ranks it; null for people without access. */
export function studioRole(role: OrgRole): StudioRole | null {
  if (role === "NO" || role === "DI") return null;
  return role === "OW" ? "AD" : role;
}
