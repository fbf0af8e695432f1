/** Source of a role or a membership (PRODUCT 1.3). */
import { Tooltip } from "@mantine/core";
import type { Source } from "../../../src/access/roles.ts";

const words: Readonly<Record<Source, readonly [short: string, long: string]>> = {
  manual: ["By hand", "Somebody gave this by hand, here or by an invitation."],
  saml: ["SAML group", "A group at the identity provider gave this at a sign-on."],
  scim: ["SCIM", "The identity provider gave this by provisioning."],
  api: ["API", "A program gave this through the API."],
};

/** The source in two words; what it means on hover and for screen readers. */
export function SourceBadge({ source }: { readonly source: Source }) {
  const [short, long] = words[source];
  return (
    <Tooltip label={long}>
      <span className="lg-tag" data-tone="plain">
        {short}
      </span>
    </Tooltip>
  );
}
