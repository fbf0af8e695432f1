/**
 * The domains that the operator vouches for (PRODUCT 4.9a): how they are written, and their row of the
 * table of variables. What a proven domain is worth is access/proof.ts's.
 */
import { isIP } from "node:net";
import type { z } from "zod";
import { parsed } from "./config-values.ts";
import { variable } from "./config-variable.ts";

/** Domains that the operator vouches for: `contoso.com` or `contoso.com=3`, separated by commas. */
const schema: z.ZodType<
  readonly { readonly domain: string; readonly organizationId: number | null }[],
  string
> = parsed((list) => {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const read = entries.map((entry) => /^([\p{L}\p{M}\p{N}.-]+)(?:=([1-9]\d{0,14}))?$/u.exec(entry));
  const wrong = entries.filter((_, at) => read[at] == null || domainOf(read[at]) === null);
  if (wrong.length > 0) {
    const names = wrong.map((entry) => `"${entry}"`).join(", ");
    return {
      must: `must list mail domains such as contoso.com, or contoso.com=3 for organization 3; not understood: ${names}`,
    };
  }
  return {
    value: read.flatMap((match) => {
      const domain = match === null ? null : domainOf(match);
      const number = match?.[2];
      return domain === null
        ? []
        : [{ domain, organizationId: number === undefined ? null : Number(number) }];
    }),
  };
});

/** The ASCII form in which settings keep a domain, or null for what is none. */
function domainOf([, name = ""]: RegExpExecArray): string | null {
  const host = URL.parse(`http://${name}`)?.hostname ?? "";
  return host.includes(".") && isIP(host) === 0 ? host : null;
}

/** The row of TRUSTED_DOMAINS. */
export const trustedDomains = variable({
  name: "TRUSTED_DOMAINS",
  section: "Sign-in pages and passwords",
  schema,
  fallback: [],
  shownDefault:
    "unset; all domains of the first organization are trusted while `DISABLE_SIGNUP_WITHOUT_LINK=1`",
  doc: "Mail domains that you vouch for, separated by commas: `contoso.com` for the first organization, `fabrikam.com=2` for organization 2. Only a trusted domain leads from the sign-in form to its organization, lets people in who belong to another organization here, and lets the organization speak for those who have an address there.",
});
