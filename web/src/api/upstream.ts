/** The Label Studio behind Labelgate as administrators see it (GATEWAY 10.1, 10.5). */
import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** One line of the check. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly text: string;
}

/** Somebody who has no account in Label Studio yet, and why. */
export interface WaitingPerson {
  readonly id: number;
  readonly email: string;
  readonly problem: string | null;
  /** An administrator must say which account is meant. */
  readonly is_undecided: boolean;
}

/** A project from before Label Studio was connected; `suggested` are numbers of equal title there. */
export interface UnlinkedProject {
  readonly id: number;
  readonly title: string;
  readonly suggested: readonly number[];
}

/** How the last look at all people and projects went; `problem` is null where it went well. */
export interface LastSync {
  readonly at: string;
  readonly problem: string | null;
}

/** What is found of the connected Label Studio, and who and what is in step. */
export interface ConnectedStudio {
  readonly connected: true;
  readonly url: string;
  readonly public_url: string;
  readonly state: {
    readonly phase: "installing" | "starting" | "ready" | "failed" | "away";
    readonly percent: number | null;
    readonly message: string;
  };
  readonly findings: readonly Finding[];
  readonly people: {
    readonly count: number;
    readonly linked: number;
    readonly waiting: number;
    readonly problems: readonly WaitingPerson[];
    readonly former_addresses: readonly {
      readonly id: number;
      readonly email: string;
      readonly upstream_email: string;
    }[];
  };
  readonly projects: {
    readonly linked: number;
    readonly unassigned: number;
    readonly gone: number;
    readonly unlinked: number;
    readonly to_link: readonly UnlinkedProject[];
  };
  readonly closed: {
    readonly at: string;
    readonly differences: readonly { readonly problem: string }[];
  } | null;
  readonly last_sync: LastSync | null;
}

/** As much as there is to say: nothing more where no Label Studio is connected. */
export type StudioStatus = ConnectedStudio | { readonly connected: false };

const path = "/api/labelgate/upstream";

/** The status, asked again while Label Studio is on its way. */
export const studioQuery = queryOptions({
  queryKey: ["upstream"],
  queryFn: async ({ signal }) => await get<StudioStatus>(path, { signal }),
  refetchInterval: ({ state: { data } }) =>
    data?.connected === true && data.state.phase !== "ready" ? 2000 : false,
});

async function change<Answer>(action: "sync" | "accept" | "link", body: object): Promise<Answer> {
  const answer = await post<Answer>(`${path}/${action}`, body);
  await queryClient.invalidateQueries();
  return answer;
}

/** Brings people and projects in step now. That it failed is an answer too. @throws ApiError */
export const syncStudio = async (): Promise<LastSync> => await change("sync", {});

/** Takes the database behind the address for the right one, and opens the gateway. @throws ApiError */
export const acceptStudio = async (): Promise<void> => await change("accept", {});

/** Says which account of Label Studio is a person's. @throws ApiError */
export async function linkPerson(user: number, upstreamUser: number): Promise<void> {
  await change("link", { user, upstream_user: upstreamUser });
}

/** Says which project of Label Studio a project is. @throws ApiError */
export async function linkProject(project: number, upstreamProject: number): Promise<void> {
  await change("link", { project, upstream_project: upstreamProject });
}
