/**
 * The organization itself: title, default role, seats, what groups alone decide, its transfer
 * (PRODUCT 1.1, 1.7, 5).
 */
import { queryOptions } from "@tanstack/react-query";
import type { OrgRole } from "../../../src/access/roles.ts";
import { boot } from "../boot.ts";
import { get, patch, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** The organization as whoever is here sees it. */
export interface Organization {
  readonly id: number;
  readonly title: string;
  readonly default_role: OrgRole;
  /** The MANUAL flags as they hold for this organization. */
  readonly billing: {
    readonly manual_role_management: boolean;
    readonly manual_workspace_management: boolean;
    readonly manual_project_member_management: boolean;
  };
  /** For Owner and Administrators; null for no limit. */
  readonly seat_limit?: number | null;
  readonly seats_used?: number;
}

const path = `/api/organizations/${boot.organization.id}`;

/** The organization of this visit. */
export const organizationQuery = queryOptions({
  queryKey: ["organization"],
  queryFn: async ({ signal }) => await get<Organization>(path, { signal }),
});

/** Changes title or seats, which is the Owner's. @throws ApiError */
export async function saveOrganization(changed: {
  readonly title?: string;
  readonly seat_limit?: number | null;
}): Promise<void> {
  const organization = await patch<Organization>(path, changed);
  queryClient.setQueryData(organizationQuery.queryKey, organization);
  await queryClient.invalidateQueries({ queryKey: ["members"] });
}

/** Chooses the role of new members. @throws ApiError */
export async function saveDefaultRole(role: OrgRole): Promise<void> {
  await patch(`${path}/set-default-role`, { default_role: role });
  await queryClient.invalidateQueries({ queryKey: organizationQuery.queryKey });
}

/** Makes somebody else the Owner, and whoever is here Administrator. @throws ApiError */
export async function transferOrganization(userId: number): Promise<void> {
  await post(`${path}/transfer`, { user_id: userId });
}
