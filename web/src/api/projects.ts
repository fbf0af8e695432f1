/** Projects, who belongs to them and with which role (PRODUCT 1.4, 1.5). The API shows each role its own. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { ProjectRole } from "../../../src/access/roles.ts";
import type {
  projectMemberPageAnswer,
  projectPageAnswer,
} from "../../../src/http/openapi/answers.ts";
import { get, patch, post, remove, withQuery } from "./client.ts";
import type { Added } from "./members.ts";
import { queryClient } from "./query-client.ts";

type ProjectPage = z.output<typeof projectPageAnswer>;

/** One project. */
export type Project = ProjectPage["results"][number];

export interface ProjectFilter {
  readonly search?: string;
  /** Those of one workspace. */
  readonly workspaces?: number;
  readonly ordering?: string;
  readonly page: number;
  readonly page_size: number;
}

/** One page of the projects that whoever is here sees. */
export function projectsQuery(filter: ProjectFilter) {
  return queryOptions({
    queryKey: ["projects", "list", filter],
    queryFn: async ({ signal }) =>
      await get<ProjectPage>("/api/projects", { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One project. */
export function projectQuery(id: string) {
  return queryOptions({
    queryKey: ["projects", "one", id],
    queryFn: async ({ signal }) =>
      await get<Project>(`/api/projects/${encodeURIComponent(id)}`, { signal }),
  });
}

/** Editable fields of a project. */
export interface ProjectFields {
  readonly title?: string;
  readonly description?: string;
  /** Null takes it out of its workspace. */
  readonly workspace?: number | null;
}

/** Makes a project. @throws ApiError */
export async function makeProject(fields: ProjectFields): Promise<Project> {
  const made = await post<Project>("/api/projects", fields);
  await placesChanged();
  return made;
}

/** Changes what is named. @throws ApiError */
export async function changeProject(id: number, fields: ProjectFields): Promise<void> {
  await patch(`/api/projects/${id}`, fields);
  await placesChanged();
}

/** Deletes a project; whoever belongs to it loses that. @throws ApiError */
export async function deleteProject(id: number): Promise<void> {
  await remove(`/api/projects/${id}`);
  queryClient.removeQueries({ queryKey: ["projects", "one", String(id)] });
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["projects", "list"] }),
    queryClient.invalidateQueries({ queryKey: ["workspaces"] }),
  ]);
}

/** Puts projects of Label Studio into a workspace, or out of any; answers how many. @throws ApiError */
export async function assignProjects(
  projects: readonly number[],
  workspace: number | null,
): Promise<number> {
  const body = { projects, workspace };
  const { assigned } = await post<{ assigned: number }>("/api/labelgate/upstream/assign", body);
  await Promise.all([placesChanged(), queryClient.invalidateQueries({ queryKey: ["upstream"] })]);
  return assigned;
}

type MemberPage = z.output<typeof projectMemberPageAnswer>;

/** Somebody who belongs to a project. */
export type ProjectMember = MemberPage["results"][number];

export interface ProjectMemberFilter {
  readonly search: string;
  /** Only those who belong to it implicitly, or only the others. */
  readonly implicit: boolean | undefined;
  readonly page: number;
  readonly page_size: number;
}

/** One page of the members of a project. */
export function projectMembersQuery(id: number, filter: ProjectMemberFilter) {
  return queryOptions({
    queryKey: ["projects", "members", id, filter],
    queryFn: async ({ signal }) => {
      const query = { ...filter };
      return await get<MemberPage>(`/api/projects/${id}/members/paginated`, { query, signal });
    },
    placeholderData: keepPreviousData,
  });
}

/** Adds people by hand, with a role of their own where one is given. @throws ApiError */
export async function addProjectMembers(
  id: number,
  userIds: readonly number[],
  role: ProjectRole,
): Promise<Added> {
  const roles = role === "IN" ? [] : userIds.map((userId) => ({ user_id: userId, role }));
  const added = await post<Added>(`/api/projects/${id}/members/bulk`, {
    all: false,
    included: userIds,
    roles,
  });
  await placesChanged();
  return added;
}

/** Takes what was given by hand. @throws ApiError */
export async function removeProjectMember(id: number, userId: number): Promise<void> {
  await remove(withQuery(`/api/projects/${id}/members`, { user: userId }));
  await placesChanged();
}

/** Gives somebody a role in the project by hand; Inherit takes the one that a hand gave. @throws ApiError */
export async function setProjectRole(
  id: number,
  member: Pick<ProjectMember, "id" | "grants">,
  role: ProjectRole,
): Promise<void> {
  if (role !== "IN") {
    await post("/api/projects/roles", { project: id, user: member.id, role });
  } else {
    const manual = member.grants.find(
      (grant) => (grant.source === "manual" || grant.source === "api") && grant.role !== "IN",
    );
    if (manual === undefined) await post(`/api/projects/${id}/members`, { user: member.id });
    else await remove(`/api/projects/roles/${manual.id}`);
  }
  await placesChanged();
}

async function placesChanged(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["projects"] }),
    queryClient.invalidateQueries({ queryKey: ["workspaces"] }),
  ]);
}
