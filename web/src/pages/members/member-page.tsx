/**
 * One member: why they have what they have, and what their next sign-in would do (PRODUCT 8.5); role,
 * sessions and leaving are changed here too.
 */
import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Why, whyQuery } from "../../api/members.ts";
import { organizationQuery } from "../../api/organization.ts";
import { may } from "../../boot.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { personName } from "../../ui/person-name.tsx";
import { type MemberChange, MemberDialogs } from "./member-dialogs.tsx";
import { type Rights, rightsOver } from "./member-rights.ts";
import { MemberSessions } from "./member-sessions.tsx";
import { RolesManagedNotice } from "./roles-managed.tsx";
import { ProjectsSection, RoleSection, WorkspacesSection } from "./why-sections.tsx";
import { LastSignOn, NextSignOn } from "./why-sign-ons.tsx";

const back = { to: "/organization/members", label: "Members" } as const;

/** The page. */
export function MemberPage() {
  const { id } = useParams({ from: "/organization/members/$id" });
  const why = useQuery(whyQuery(id));
  const organization = useQuery(organizationQuery);
  if (why.isError) {
    return (
      <>
        <PageHeader title="Member" back={back} />
        <ErrorState error={why.error} onRetry={() => void why.refetch()} />
      </>
    );
  }
  if (why.data === undefined || organization.data === undefined) {
    return (
      <>
        <PageHeader title="Member" back={back} />
        <Loading lines={8} />
      </>
    );
  }
  const isManaged = !organization.data.billing.manual_role_management;
  return <MemberView key={id} why={why.data} isManaged={isManaged} />;
}

function MemberView({ why, isManaged }: { readonly why: Why; readonly isManaged: boolean }) {
  const navigate = useNavigate();
  const [change, setChange] = useState<MemberChange | null>(null);
  const { user } = why;
  const name = personName(user);
  const { role } = why.role;
  const rights = rightsOver({ userId: user.id, role }, isManaged);
  return (
    <>
      <PageHeader
        title={name}
        {...(name !== user.email && { lead: user.email })}
        back={back}
        actions={<Actions rights={rights} onChoose={setChange} />}
      />
      <Stack gap="lg">
        {isManaged && role !== "OW" && <RolesManagedNotice />}
        <RoleSection role={why.role} whyNot={rights.whyNot} />
        <WorkspacesSection workspaces={why.workspaces} />
        <ProjectsSection projects={why.projects} orgRole={role} />
        <LastSignOn signOn={why.last_sign_on} />
        <NextSignOn next={why.next_sign_on} projects={why.projects} />
        {may("sessions:read") && (
          <MemberSessions userId={user.id} name={name} isOwner={role === "OW"} />
        )}
      </Stack>
      <MemberDialogs
        subject={{ userId: user.id, role, name }}
        rights={rights}
        open={change}
        onClose={() => setChange(null)}
        onRemoved={() => void navigate({ to: "/organization/members" })}
      />
    </>
  );
}

function Actions({
  rights,
  onChoose,
}: {
  readonly rights: Rights;
  readonly onChoose: (change: MemberChange) => void;
}) {
  if (rights.whyNot !== null) return null;
  return (
    <>
      <Button
        variant="default"
        disabled={rights.isManaged}
        {...(rights.isManaged && { title: "Managed by the identity provider" })}
        onClick={() => onChoose("role")}
      >
        Change the role…
      </Button>
      {rights.mayDeactivate && (
        <Button color="red" variant="light" onClick={() => onChoose("deactivate")}>
          Deactivate…
        </Button>
      )}
      {rights.mayReactivate && rights.isManaged && (
        <Button variant="default" onClick={() => onChoose("reactivate")}>
          Lift the deactivation…
        </Button>
      )}
      {rights.mayRemove && (
        <Button color="red" variant="subtle" onClick={() => onChoose("remove")}>
          Remove…
        </Button>
      )}
    </>
  );
}
