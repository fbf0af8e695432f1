/** What the last sign-ons tell about the configuration, from the sign-in log (PRODUCT 3.2, 8.4). */
import { queryOptions } from "@tanstack/react-query";
import { get } from "./client.ts";

/** As many attempts are looked at; providers rarely change what they send. */
const looked = 20;

interface Attempt {
  readonly reference: string;
  readonly at: string;
  readonly outcome: string;
  readonly email: string | null;
  readonly attribute_names: readonly string[] | null;
}

/** The last sign-ons, the latest first. */
export const lastSignInsQuery = queryOptions({
  queryKey: ["sign-ins", "last"],
  queryFn: async ({ signal }) => {
    const query = { page_size: looked };
    const page = await get<{ readonly results: readonly Attempt[] }>("/api/saml/sign-ins", {
      query,
      signal,
    });
    return page.results;
  },
});

/** The attribute names that they carried, each once, those of the latest first. */
export function seenAttributes(attempts: readonly Attempt[]): readonly string[] {
  return [...new Set(attempts.flatMap((attempt) => attempt.attribute_names ?? []))];
}
