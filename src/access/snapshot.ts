/**
 * Input of the rules about one person in one organization: the identity that the provider vouches
 * for, the rows of the directory, and the organization's switches. Owns the shapes only. The store
 * fills a snapshot, `saml/attributes.ts` fills an identity, and `plan.ts` decides from them.
 */
import type { Assignment } from "./changes.ts";
import type { OrgRole, ProjectRole, Source } from "./roles.ts";

/** A person's identity in a verified assertion (PRODUCT 3). */
export interface Identity {
  /** Lower case (PRODUCT 1.2). */
  readonly email: string;
  /** Absent where the settings map no such attribute or the assertion carries none. */
  readonly firstName?: string;
  readonly lastName?: string;
  /** Group names exactly as sent (PRODUCT 4.1). */
  readonly groups: readonly string[];
  /**
   * Why `groups` is as it is (PRODUCT 3.3). `absent` counts as no groups. `overage` is Entra's link in
   * place of more than 150 groups: `groups` are then those that SCIM pushed, or unknown where it is empty.
   */
  readonly groupsState: "absent" | "empty" | "present" | "overage";
}

/** True where nobody knows the groups, which is not the same as having none (PRODUCT 3.3). */
export function areGroupsUnknown({
  groups,
  groupsState,
}: Pick<Identity, "groups" | "groupsState">): boolean {
  return groupsState === "overage" && groups.length === 0;
}

/** A workspace membership row; one person may hold the same membership from several sources. */
export interface WorkspaceMember {
  readonly workspaceId: number;
  readonly title: string;
  readonly source: Source;
}

/** A project membership row. */
export interface ProjectMember {
  readonly projectId: number;
  readonly role: ProjectRole;
  /** Kept aside until the person's role is active (PRODUCT 4.4). */
  readonly isPending: boolean;
  readonly source: Source;
}

/** The person and their access in one organization, as the store holds it at this moment. */
export interface PersonSnapshot {
  /** The account, or null for an unknown e-mail address. */
  readonly user: {
    readonly id: number;
    readonly firstName: string;
    readonly lastName: string;
  } | null;
  /** The membership in this organization. */
  readonly membership: {
    readonly role: OrgRole;
    readonly roleSource: Source;
    /** The role that the seat limit keeps back (PRODUCT 1.7); null or absent where it keeps none. */
    readonly awaited?: OrgRole | null;
  } | null;
  /** True where the person has a membership in another organization, whoever made it. */
  readonly belongsElsewhere: boolean;
  /** True where the person accepted such a membership themselves (PRODUCT 4.9). */
  readonly acceptedElsewhere: boolean;
  readonly workspaceMembers: readonly WorkspaceMember[];
  readonly projectMembers: readonly ProjectMember[];
  /** Assignments that pushed SCIM groups give this person (PRODUCT 7.5). */
  readonly assignments: readonly Assignment[];
  /** Of the workspace titles that the grants name, those that exist. */
  readonly workspaces: readonly { readonly id: number; readonly title: string }[];
  /** Of the project ids that the grants name, those that exist in this organization. */
  readonly projectIds: readonly number[];
  /** `limit` null means without limit; `used` matters only where there is one (PRODUCT 1.7). */
  readonly seats: { readonly limit: number | null; readonly used: number };
}

/** The switches of PRODUCT 5 and the organization's settings, as they hold for this organization. */
export interface AccessPolicy {
  readonly manualRoleManagement: boolean;
  readonly manualWorkspaceManagement: boolean;
  readonly manualProjectMemberManagement: boolean;
  readonly defaultRole: OrgRole;
  /** Mail domains of the organization, empty where none is set (PRODUCT 4.9). */
  readonly domains: readonly string[];
  /** Those of them that are proven to be its own (PRODUCT 4.9a). */
  readonly provenDomains: readonly string[];
}
