/** Notice where groups alone decide on memberships (PRODUCT 5). */
import { Notice } from "./notice.tsx";

const flags = {
  workspaces: "MANUAL_WORKSPACE_MANAGEMENT",
  projects: "MANUAL_PROJECT_MEMBER_MANAGEMENT",
} as const;

/** Stands above the controls, which are then disabled. */
export function MembersManaged({ of }: { readonly of: keyof typeof flags }) {
  return (
    <Notice title={`Members of ${of} are managed by the identity provider.`}>
      Nobody is added or removed by hand, since {flags[of]} is off on this server. Change a person's
      groups there, and their {of} follow at the next sign-on or push.
    </Notice>
  );
}
