/** Workspaces and who belongs to them (PRODUCT 1.4). The API shows each role its own. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  workspaceMemberPageAnswer,
  workspacePageAnswer,
} from "../../../src/http/openapi/answers.ts";
import { get, patch, post, remove, withQuery } from "./client.ts";
import type { Added } from "./members.ts";
import { queryClient } from "./query-client.ts";

type WorkspacePage = z.output<typeof workspacePageAnswer>;

/** One workspace. */
export type Workspace = WorkspacePage["results"][number];

export interface WorkspaceFilter {
  readonly search?: string;
  readonly is_archived?: boolean | undefined;
  readonly ordering?: string;
  readonly page: number;
  readonly page_size: number;
}

/** One page of the workspaces that whoever is here sees. */
export function workspacesQuery(filter: WorkspaceFilter) {
  return queryOptions({
    queryKey: ["workspaces", "list", filter],
    queryFn: async ({ signal }) =>
      await get<WorkspacePage>("/api/workspaces", { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One workspace. */
export function workspaceQuery(id: string) {
  return queryOptions({
    queryKey: ["workspaces", "one", id],
    queryFn: async ({ signal }) =>
      await get<Workspace>(`/api/workspaces/${encodeURIComponent(id)}`, { signal }),
  });
}

/** Editable fields of a workspace. */
export interface WorkspaceFields {
  readonly title?: string;
  readonly description?: string;
  readonly is_archived?: boolean;
}

/** Makes a workspace without members. @throws ApiError */
export async function makeWorkspace(fields: WorkspaceFields): Promise<Workspace> {
  const made = await post<Workspace>("/api/workspaces", fields);
  await placesChanged();
  return made;
}

/** Changes what is named. @throws ApiError */
export async function changeWorkspace(id: number, fields: WorkspaceFields): Promise<void> {
  await patch(`/api/workspaces/${id}`, fields);
  await placesChanged();
}

/** Deletes a workspace that holds no projects. @throws ApiError */
export async function deleteWorkspace(id: number): Promise<void> {
  await remove(`/api/workspaces/${id}`);
  queryClient.removeQueries({ queryKey: ["workspaces", "one", String(id)] });
  await queryClient.invalidateQueries({ queryKey: ["workspaces", "list"] });
}

type MemberPage = z.output<typeof workspaceMemberPageAnswer>;

/** Somebody who belongs to a workspace. */
export type WorkspaceMember = MemberPage["results"][number];

/** One page of the members of a workspace. */
export function workspaceMembersQuery(
  id: number,
  query: { readonly search: string; readonly page: number; readonly page_size: number },
) {
  return queryOptions({
    queryKey: ["workspaces", "members", id, query],
    queryFn: async ({ signal }) =>
      await get<MemberPage>(`/api/workspaces/${id}/memberships/paginated`, { query, signal }),
    placeholderData: keepPreviousData,
  });
}

/** Adds people by hand. @throws ApiError */
export async function addWorkspaceMembers(id: number, userIds: readonly number[]): Promise<Added> {
  const added = await post<Added>(`/api/workspaces/${id}/memberships/bulk`, {
    all: false,
    included: userIds,
  });
  await placesChanged();
  return added;
}

/** Takes what was given by hand. @throws ApiError */
export async function removeWorkspaceMember(id: number, userId: number): Promise<void> {
  await remove(withQuery(`/api/workspaces/${id}/memberships`, { user_id: userId }));
  await placesChanged();
}

/**
 * Refetches workspaces and projects: a member of a workspace belongs to its projects, so that both
 * lists may have changed.
 */
async function placesChanged(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["workspaces"] }),
    queryClient.invalidateQueries({ queryKey: ["projects"] }),
  ]);
}
