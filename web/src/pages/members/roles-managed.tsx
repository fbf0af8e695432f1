/** Notice on pages where roles are not given manually (PRODUCT 5). */
import { TextLink } from "../../ui/links.tsx";
import { Notice } from "../../ui/notice.tsx";

/** Stands above controls that are then disabled. */
export function RolesManagedNotice() {
  return (
    <Notice title="Roles are managed by the identity provider.">
      Change a person's groups there, and the role follows at the next sign-on or push. Here you can
      still deactivate somebody at once. The switch is “manual role management” under{" "}
      <TextLink to="/organization/security/sso">SSO &amp; SAML</TextLink>, or MANUAL_ROLE_MANAGEMENT
      on the server.
    </Notice>
  );
}
