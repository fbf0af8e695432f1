/**
 * Members of the organization: the list, why one has what they have, roles, sessions
 * (PRODUCT 1.3, 8.5, 9.6).
 */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { OrgRole, Source } from "../../../src/access/roles.ts";
import type {
  assignmentsAnswer,
  sessionsAnswer,
  userAnswer,
  whyAnswer,
} from "../../../src/http/openapi/answers.ts";
import { boot } from "../boot.ts";
import { get, patch, post, remove } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** An account, as every list of people has it. */
export interface Person {
  readonly id: number;
  readonly email: string;
  /** Names may be empty. */
  readonly first_name: string;
  readonly last_name: string;
}

/** One member of the list. */
export interface Member {
  /** Id of the membership. */
  readonly id: number;
  readonly role: OrgRole;
  readonly role_source: Source;
  readonly last_sign_in_at: string | null;
  /** The person's password opens the organization, unless passwords are turned off. */
  readonly has_password: boolean;
  readonly user: Person;
}

/** Filters of the list of members; empty text filters nothing. */
export interface MemberFilter {
  readonly search?: string;
  readonly role?: string;
  readonly role_source?: string;
  readonly has_password?: boolean | undefined;
  /** A field of the API, with a minus sign for the last first. */
  readonly ordering?: string;
  readonly page: number;
  readonly page_size: number;
}

interface MemberPage {
  readonly count: number;
  readonly results: readonly Member[];
  readonly seats: { readonly used: number; readonly limit: number | null };
}

const base = `/api/organizations/${boot.organization.id}/memberships`;

/** One page of the members. The former page stands until the next one is there. */
export function membersQuery(filter: MemberFilter) {
  return queryOptions({
    queryKey: ["members", "list", filter],
    queryFn: async ({ signal }) => await get<MemberPage>(base, { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** Why one member has what they have, and what their next sign-in would do. */
export type Why = z.output<typeof whyAnswer>;

/** The explanation of one member. */
export function whyQuery(userId: string) {
  return queryOptions({
    queryKey: ["members", "why", userId],
    queryFn: async ({ signal }) =>
      await get<Why>(`${base}/${encodeURIComponent(userId)}/why`, { signal }),
  });
}

/** Gives a member a role; Deactivated ends everything that opens the organization. @throws ApiError */
export async function setRole(userId: number, role: OrgRole): Promise<void> {
  if (role === "DI") await post(`${base}/${userId}/deactivate`);
  else await patch(base, { user_id: userId, role });
  await peopleChanged();
}

/** Ends the membership; the account stays. @throws ApiError */
export async function removeMember(userId: number): Promise<void> {
  await remove(`${base}/${userId}`);
  // What explained the person is left alone: asking again would find nobody.
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["members", "list"] }),
    queryClient.invalidateQueries({ queryKey: ["organization"] }),
  ]);
}

/** Seats, lists and explanations all follow from who has which role. */
async function peopleChanged(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["members"] }),
    queryClient.invalidateQueries({ queryKey: ["organization"] }),
  ]);
}

/** One open session. */
export type Session = z.output<typeof sessionsAnswer>[number];

/** The open sessions of one member. */
export function sessionsQuery(userId: number) {
  return queryOptions({
    queryKey: ["members", "sessions", userId],
    queryFn: async ({ signal }) =>
      await get<readonly Session[]>(`/api/users/${userId}/sessions`, { signal }),
  });
}

/** Ends every session of a member but the one that asks; answers how many. @throws ApiError */
export async function endSessions(userId: number): Promise<number> {
  const { ended } = await remove<{ readonly ended: number }>(`/api/users/${userId}/sessions`);
  await queryClient.invalidateQueries({ queryKey: ["members"] });
  return ended;
}

/** A member, as somebody finds them to add them somewhere. */
export type Candidate = z.output<typeof userAnswer>;

/** Number of candidates that are offered at once. */
const maxOffered = 20;

/** Members by what is typed of their name or address; Managers may ask this too. */
export function candidatesQuery(search: string) {
  return queryOptions({
    queryKey: ["members", "candidates", search],
    queryFn: async ({ signal }) => {
      const query = { search, page: 1, page_size: maxOffered, ordering: "email" };
      const page = await get<{ readonly results: readonly Candidate[] }>("/api/users", {
        query,
        signal,
      });
      return page.results;
    },
    placeholderData: keepPreviousData,
  });
}

/** Result of adding several people at once, with those who could not be added manually. */
export type Added = z.output<typeof assignmentsAnswer>;

/** The same as a sentence. */
export function addedSentence({ assignments: count, skipped_user_ids: skipped }: Added): string {
  const added = count === 1 ? "1 person was added." : `${count} people were added.`;
  if (skipped.length === 0) return added;
  return `${added} ${skipped.length} could not be, for their role.`;
}
