/**
 * The organization itself: title, default role, seats, what groups alone decide, its transfer
 * (PRODUCT 1.1, 1.7, 5).
 */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { OrgRole } from "../../../src/access/roles.ts";
import type { organizationAnswer } from "../../../src/http/openapi/answers.ts";
import { boot } from "../boot.ts";
import { get, patch, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** The organization as whoever is here sees it. */
export type Organization = z.output<typeof organizationAnswer>;

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
