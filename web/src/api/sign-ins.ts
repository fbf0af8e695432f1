/** The sign-in log (PRODUCT 8.4): attempts latest first, and one attempt by its reference. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { signInsAnswer } from "../../../src/http/openapi/sign-on-answers.ts";
import { get } from "./client.ts";

type SignInPage = z.output<typeof signInsAnswer>;

/** One attempt. */
export type SignIn = SignInPage["results"][number];

export type Outcome = SignIn["outcome"];

/** Empty text filters by nothing. */
export interface SignInFilter {
  readonly outcome: string;
  /** The whole address, in any case. */
  readonly email: string;
  readonly code: string;
  /** "true" for what a key of the identity provider had signed, "false" for what none had. */
  readonly signed: string;
  /** Counts alone: a reference names one attempt. */
  readonly reference: string;
  /** The id before which the page begins; empty for the newest. */
  readonly before: string;
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
