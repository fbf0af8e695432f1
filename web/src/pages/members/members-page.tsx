/**
 * Members: who is in the organization, with which role, who gave it, and when they came last
 * (PRODUCT 1.3, 1.7, 9.8). Search, filters, order and pages are the server's.
 */
import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { membersQuery } from "../../api/members.ts";
import { organizationQuery } from "../../api/organization.ts";
import { may } from "../../boot.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { PlusIcon } from "../../ui/icons.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { InviteDialog } from "./invite-dialog.tsx";
import { MemberFilters } from "./member-filters.tsx";
import { MemberTable } from "./member-table.tsx";
import { OpenInvites } from "./open-invites.tsx";
import { RolesManagedNotice } from "./roles-managed.tsx";
import { SeatsNotice, seatsSentence } from "./seats.tsx";

const pageSize = 25;

/** The page. */
export function MembersPage() {
  const { search } = useSearchState();
  const [isInviting, setIsInviting] = useState(false);
  const page = Math.max(1, Number(search["page"]) || 1);
  const members = useQuery(
    membersQuery({
      search: search["search"] ?? "",
      role: search["role"] ?? "",
      role_source: search["source"] ?? "",
      has_password: search["password"] === "yes" ? true : undefined,
      ordering: search["order"] ?? "email",
      page,
      page_size: pageSize,
    }),
  );
  const organization = useQuery(organizationQuery);
  const isManaged = organization.data?.billing.manual_role_management === false;
  const seats = members.data?.seats;
  return (
    <>
      <PageHeader
        title="Members"
        lead={seats === undefined ? "Who is in the organization." : seatsSentence(seats)}
        actions={
          may("invites:write") && (
            <Button leftSection={<PlusIcon />} onClick={() => setIsInviting(true)}>
              Invite people
            </Button>
          )
        }
      />
      <Stack gap="lg">
        {isManaged && <RolesManagedNotice />}
        {seats !== undefined && <SeatsNotice seats={seats} />}
        <section className="lg-card" aria-label="Members">
          <Stack gap="md">
            <MemberFilters />
            {members.isError ? (
              <ErrorState error={members.error} onRetry={() => void members.refetch()} />
            ) : (
              <MemberTable
                rows={members.data?.results}
                count={members.data?.count ?? 0}
                page={page}
                pageSize={pageSize}
                isBusy={members.isPlaceholderData}
                isManaged={isManaged}
              />
            )}
          </Stack>
        </section>
        {may("invites:read") && <OpenInvites />}
        <InviteDialog
          isOpen={isInviting}
          onClose={() => setIsInviting(false)}
          isManaged={isManaged}
          defaultRole={organization.data?.default_role ?? "NO"}
        />
      </Stack>
    </>
  );
}
