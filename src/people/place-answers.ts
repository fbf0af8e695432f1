/**
 * Workspaces, projects and their members as the original's API words them. Wire spelling lives here.
 * Counts of tasks are Label Studio's and read zero.
 */
import { type OrgRole, ownProjectRole } from "../access/roles.ts";
import type { Creator } from "../store/creator.ts";
import type { NumberedGrant, PlaceMember } from "../store/place-members.ts";
import type { ProjectRecord } from "../store/visible-projects.ts";
import { personNumber, projectNumber } from "../store/wire-numbers.ts";
import type { WorkspaceRecord } from "../store/workspaces.ts";
import { answerPerson, answerStanding } from "./person-answer.ts";

/** One workspace; `withCreator` tells of the account that made it too. */
export function answerWorkspace(
  workspace: WorkspaceRecord,
  { withCreator = false }: { withCreator?: boolean } = {},
) {
  const { id, title, description, color, isArchived, createdBy, projectsCount } = workspace;
  return {
    id,
    title,
    description,
    color,
    is_archived: isArchived,
    is_personal: false,
    created_by: createdBy === null ? null : personNumber(createdBy.id),
    membership: null,
    projects_count: projectsCount,
    ...(withCreator && { created_by_user: answerCreator(createdBy) }),
  };
}

/** The account that made something, or null. */
export function answerCreator(creator: Creator | null) {
  if (creator === null) return null;
  return {
    id: personNumber(creator.id),
    username: creator.email,
    email: creator.email,
    first_name: creator.firstName,
    last_name: creator.lastName,
    avatar: null,
  };
}

/** Answer of every project for parts that Labelgate does not have. */
export const fixedProjectFields = {
  label_config: "<View></View>",
  is_published: true,
  is_draft: false,
} as const;

/** One project. */
export function answerProject(organizationId: number, project: ProjectRecord) {
  return {
    id: projectNumber(project.id),
    title: project.title,
    description: project.description,
    organization: organizationId,
    workspace: project.workspaceId,
    workspace_title: project.workspaceTitle,
    created_at: new Date(project.createdAt).toISOString(),
    created_by: answerCreator(project.createdBy),
    color: project.color,
    ...fixedProjectFields,
    assignment_settings: {},
    review_settings: {},
    task_number: 0,
    total_annotations_number: 0,
    total_predictions_number: 0,
  };
}

/** Somebody who belongs to a place. */
export function answerPlaceMember(organizationId: number, member: PlaceMember) {
  const standing = answerStanding(organizationId, member.role);
  return {
    ...answerPerson({ ...member, lastActivityAt: member.lastSignInAt }),
    active_organization: organizationId,
    organization_membership: standing,
    org_membership: [standing],
  };
}

/** Somebody who belongs to a workspace, and who gave it: an addition (PRODUCT 1.4). */
export function answerWorkspaceMember(organizationId: number, member: PlaceMember) {
  const sources = member.grants.map(({ source }) => source);
  return { ...answerPlaceMember(organizationId, member), sources };
}

/**
 * Somebody who belongs to a project, and how: implicitly, where nobody gave them the project itself;
 * with a role of their own, where somebody gave one that counts (PRODUCT 1.5). What each source gives
 * is an addition; the `id` of a role removes it.
 */
export function answerProjectMember(organizationId: number, member: PlaceMember) {
  const own = ownProjectRole(member.role, member.grants);
  return {
    ...answerPlaceMember(organizationId, member),
    user_type: "standard",
    tags: member.tags,
    implicit_member: !member.grants.some(({ isPending }) => !isPending),
    project_role: own?.role ?? null,
    project_role_source: own?.source ?? null,
    grants: member.grants
      .filter(({ isPending }) => !isPending)
      .map(({ id, source, role }) => ({ id, source, role })),
  };
}

/** A project role, with the number that removes it; null where the organization role counts. */
export function answerProjectRole(
  projectId: number,
  person: {
    readonly userId: number;
    readonly role: OrgRole;
    readonly grants: readonly NumberedGrant[];
  },
) {
  const own = ownProjectRole(person.role, person.grants);
  return own === undefined ? null : answerGivenRole(projectId, person.userId, own);
}

/** The role that one source gives in a project. */
export function answerGivenRole(
  projectId: number,
  userId: number,
  { id, role, source }: NumberedGrant,
) {
  const [project, user] = [projectNumber(projectId), personNumber(userId)];
  return { id, project, user, role, role_source: source };
}
