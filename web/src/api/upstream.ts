/** The Label Studio behind Labelgate as administrators see it (GATEWAY 10.1, 10.5). */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { syncAnswer, upstreamAnswer } from "../../../src/http/openapi/upstream-answers.ts";
import { get, post } from "./client.ts";
import { queryClient } from "./query-client.ts";

/** As much as there is to say: nothing more where no Label Studio is connected. */
export type StudioStatus = z.output<typeof upstreamAnswer>;

/** Facts about the connected Label Studio, and the people and projects that are in step. */
export type ConnectedStudio = Extract<StudioStatus, { connected: true }>;

/** One line of the check. */
export type Finding = ConnectedStudio["findings"][number];

/** Somebody who has no account in Label Studio yet, and why. */
export type WaitingPerson = ConnectedStudio["people"]["problems"][number];

/** A project from before Label Studio was connected; `suggested` are numbers of equal title there. */
export type UnlinkedProject = ConnectedStudio["projects"]["to_link"][number];

/**
 * Result of the last synchronization of all people and projects; `problem` is null where it went
 * well.
 */
export type LastSync = z.output<typeof syncAnswer>;

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
