/** The sign-in log (PRODUCT 8.4): attempts latest first, and one attempt by its reference. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Change, Reason } from "../../../src/access/changes.ts";
import { get } from "./client.ts";

/** How an attempt ended. */
export type Outcome = "admitted" | "not_activated" | "deactivated" | "refused";

/** The mapped attributes of an attempt, as they were read. */
export interface SignInIdentity {
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly groups: readonly string[];
  readonly groupsState: "absent" | "empty" | "present" | "overage";
}

/** One attempt. */
export interface SignIn {
  readonly id: number;
  readonly reference: string;
  readonly at: string;
  readonly outcome: Outcome;
  /** A code of the error table; null where nothing failed. */
  readonly code: string | null;
  readonly hint: string | null;
  readonly email: string | null;
  readonly user_id: number | null;
  readonly request_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly attribute_names: readonly string[];
  readonly identity: SignInIdentity | null;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
}

/** Empty text filters by nothing. */
export interface SignInFilter {
  readonly outcome: string;
  /** The whole address, in any case. */
  readonly email: string;
  readonly code: string;
  /** Counts alone: a reference names one attempt. */
  readonly reference: string;
  /** The id before which the page begins; empty for the newest. */
  readonly before: string;
}

interface SignInPage {
  readonly results: readonly SignIn[];
  readonly next: string | null;
}

const path = "/api/saml/sign-ins";
const pageSize = 50;

/** One page; `older` is the `before` of the next one, or null. */
export function signInsQuery(filter: SignInFilter) {
  return queryOptions({
    queryKey: ["sign-ins", filter],
    queryFn: async ({ signal }) => {
      const query = { ...filter, reference: filter.reference.toUpperCase(), page_size: pageSize };
      const { results, next } = await get<SignInPage>(path, { query, signal });
      return { results, older: next === null ? null : new URL(next).searchParams.get("before") };
    },
    placeholderData: keepPreviousData,
  });
}

/** The attempt with this reference, or null where the log has none. */
export function signInQuery(reference: string) {
  return queryOptions({
    queryKey: ["sign-in", reference],
    queryFn: async ({ signal }) => {
      const { results } = await get<SignInPage>(path, { query: { reference }, signal });
      return results[0] ?? null;
    },
  });
}
