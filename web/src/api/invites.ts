/** Invitations by e-mail, and the link that invites whoever has it (PRODUCT 9.7). */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { OrgRole } from "../../../src/access/roles.ts";
import type { inviteListAnswer, invitesAnswer } from "../../../src/http/openapi/answers.ts";
import { get, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** An invitation that nobody has accepted yet. */
export type OpenInvite = z.output<typeof inviteListAnswer>[number];

type Invites = z.output<typeof invitesAnswer>;

/** One that was just made. */
export type MadeInvite = Invites["invites"][number];

/** Every open invitation. */
export const openInvitesQuery = queryOptions({
  queryKey: ["invites"],
  queryFn: async ({ signal }) => await get<readonly OpenInvite[]>("/api/invites", { signal }),
});

/** Invites every address or none, with this role. @throws ApiError */
export async function invitePeople(
  emails: readonly string[],
  role: OrgRole,
): Promise<readonly MadeInvite[]> {
  const body = { emails, role };
  const { invites } = await post<Invites>("/api/invite/send-email", body);
  await queryClient.invalidateQueries({ queryKey: openInvitesQuery.queryKey });
  return invites;
}

/** Ends the open invitation of an address. @throws ApiError */
export async function revokeInvite(email: string): Promise<void> {
  await post("/api/invite/revoke", { email });
  await queryClient.invalidateQueries({ queryKey: openInvitesQuery.queryKey });
}

/** The organization's link. */
export const inviteLinkQuery = queryOptions({
  queryKey: ["invite-link"],
  queryFn: async ({ signal }) =>
    await get<{ readonly invite_url: string }>("/api/invite", { signal }),
});

/** A new link in place of the former, which stops working. @throws ApiError */
export async function resetInviteLink(): Promise<void> {
  await post("/api/invite/reset-token");
  await queryClient.invalidateQueries({ queryKey: inviteLinkQuery.queryKey });
}
