/**
 * Provisioning by SCIM (PRODUCT 7): how to connect an identity provider, its tokens, what its groups
 * give, and what it asked lately.
 */
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { samlSettingsQuery } from "../../api/saml-settings.ts";
import { TextLink } from "../../ui/links.tsx";
import { Notice } from "../../ui/notice.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { ConnectSection } from "./connect-section.tsx";
import { MappingsSection } from "./mappings-section.tsx";
import { RequestLog } from "./request-log.tsx";
import { TokensSection } from "./tokens-section.tsx";

/** The page. */
export function ScimPage() {
  return (
    <>
      <PageHeader
        title="SCIM"
        lead="The identity provider makes people, keeps their profile, pushes groups, and takes access away the moment somebody leaves. Signing in stays SAML's."
      />
      <Stack gap="lg">
        <RolesDiffer />
        <ConnectSection />
        <TokensSection />
        <MappingsSection />
        <RequestLog />
      </Stack>
    </>
  );
}

/** Both protocols set roles, and the last to run wins (PRODUCT 7.7). */
function RolesDiffer() {
  const { data } = useQuery(samlSettingsQuery);
  const warning = data?.warnings.find(({ code }) => code === "roles_differ_from_scim");
  if (warning === undefined) return null;
  return (
    <Notice tone="warn" title="SAML and SCIM do not agree on roles.">
      {warning.message} Compare them with{" "}
      <TextLink to="/organization/security/sso">the mappings of SAML</TextLink>.
    </Notice>
  );
}
