/** Facts about the configuration from the last sign-ins in the sign-in log (PRODUCT 3.2, 8.4). */
import { queryOptions } from "@tanstack/react-query";
import { get } from "./client.ts";
import type { SignIn } from "./sign-ins.ts";

/** As many attempts are looked through. */
const looked = 50;

/** The sign-ins by SAML among the last attempts, the latest first. */
export const lastSignOnsQuery = queryOptions({
  queryKey: ["sign-ins", "last-sign-ons"],
  queryFn: async ({ signal }) => {
    const query = { page_size: looked };
    const page = await get<{ readonly results: readonly SignIn[] }>("/api/saml/sign-ins", {
      query,
      signal,
    });
    return page.results.filter(({ evidence }) => evidence["method"] !== "password");
  },
});

/** The attribute names that they carried, each once, those of the latest first. */
export function seenAttributes(signOns: readonly SignIn[]): readonly string[] {
  return [...new Set(signOns.flatMap((signOn) => signOn.attribute_names))];
}
