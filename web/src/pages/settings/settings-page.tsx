/**
 * Settings of the organization: name, new members, seats, passwords, its transfer, and the revisions
 * of the SAML and SCIM settings. What only the Owner changes is shown to Administrators and says so.
 */
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { organizationQuery } from "../../api/organization.ts";
import { may } from "../../boot.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { DefaultRole, SeatLimit, Title } from "./organization-sections.tsx";
import { Passwords } from "./passwords.tsx";
import { Revisions } from "./revisions.tsx";
import { Transfer } from "./transfer.tsx";

/** The page. */
export function SettingsPage() {
  const organization = useQuery(organizationQuery);
  return (
    <>
      <PageHeader
        title="Settings"
        lead="The organization, who joins it how, and what its settings were before."
      />
      {organization.error !== null && (
        <ErrorState error={organization.error} onRetry={() => void organization.refetch()} />
      )}
      {organization.data === undefined && organization.error === null && <Loading lines={8} />}
      {organization.data !== undefined && (
        <Stack gap="lg">
          <Title organization={organization.data} />
          <DefaultRole organization={organization.data} />
          <SeatLimit organization={organization.data} />
          {may("saml_settings:read") && <Passwords />}
          {may("saml_settings:read") && <Revisions />}
          {may("organization:transfer") && <Transfer />}
        </Stack>
      )}
    </>
  );
}
