/** The members of a workspace, who gave it to them, and adding and removing by hand (PRODUCT 1.4). */
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { organizationQuery } from "../../api/organization.ts";
import {
  addWorkspaceMembers,
  removeWorkspaceMember,
  type Workspace,
  type WorkspaceMember,
  workspaceMembersQuery,
} from "../../api/workspaces.ts";
import { may } from "../../boot.ts";
import { AddPeople } from "../../ui/add-people.tsx";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { MembersManaged } from "../../ui/members-managed.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { PersonLink, personName } from "../../ui/person-name.tsx";
import { RoleBadge } from "../../ui/role-badge.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Section } from "../../ui/section.tsx";
import { SourceBadge } from "../../ui/source-badge.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";

const pageSize = 25;

/** The list with its search, and the field that adds people. */
export function WorkspaceMembers({ workspace: { id, title } }: { readonly workspace: Workspace }) {
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(1);
  const [removing, setRemoving] = useState<WorkspaceMember | null>(null);
  const members = useQuery(workspaceMembersQuery(id, { search, page, page_size: pageSize }));
  const organization = useQuery(organizationQuery);
  const isManaged = organization.data?.billing.manual_workspace_management === false;
  const mayChange = may("workspace_members:write");
  const columns = useMemo(
    () => (mayChange ? [...memberColumns, removeColumn(isManaged, setRemoving)] : memberColumns),
    [mayChange, isManaged],
  );
  return (
    <Section title="Members">
      {isManaged && <MembersManaged of="workspaces" />}
      {mayChange && (
        <AddPeople
          isManaged={isManaged}
          onAdd={async (userIds) => await addWorkspaceMembers(id, userIds)}
        />
      )}
      <SearchField
        label="Search the members of this workspace"
        value={search}
        onSearch={(text) => {
          setSearch(text);
          setPage(1);
        }}
      />
      {members.isError ? (
        <ErrorState error={members.error} onRetry={() => void members.refetch()} />
      ) : (
        <DataTable
          caption="Members of the workspace"
          columns={columns}
          rows={members.data?.results}
          rowKey={(member) => member.id}
          isBusy={members.isPlaceholderData}
          paging={{
            kind: "numbered",
            page,
            pageSize,
            count: members.data?.count ?? 0,
            onPage: setPage,
          }}
          empty={
            <EmptyState title={search === "" ? "It has no members yet." : "Nobody matches."} />
          }
        />
      )}
      <ConfirmTyped
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        title={removing === null ? "" : `Remove ${personName(removing)} from ${title}?`}
        confirmLabel="Remove"
        onConfirm={async () => {
          if (removing === null) return;
          await removeWorkspaceMember(id, removing.id);
          notifyDone(`${personName(removing)} was removed from ${title}.`, () =>
            addWorkspaceMembers(id, [removing.id]),
          );
        }}
      >
        They lose its projects too, but for those they were given by themselves.
        {removing?.sources.some(isGranted) === true &&
          " What the identity provider grants stays, so they remain a member."}
      </ConfirmTyped>
    </Section>
  );
}

const memberColumns: readonly Column<WorkspaceMember>[] = [
  { title: "Person", render: (member) => <PersonLink person={member} /> },
  {
    title: "Role",
    isNarrow: true,
    render: ({ organization_membership: { role } }) => <RoleBadge role={role} />,
  },
  {
    title: "Given",
    render: ({ sources }) => (
      <Group gap={6} display="inline-flex">
        {sources.map((source) => (
          <SourceBadge key={source} source={source} />
        ))}
      </Group>
    ),
  },
  { title: "Last sign-on", isNarrow: true, render: ({ last_activity: at }) => <TimeAgo at={at} /> },
];

function isGranted(source: WorkspaceMember["sources"][number]): boolean {
  return source === "saml" || source === "scim";
}

function removeColumn(
  isManaged: boolean,
  onRemove: (member: WorkspaceMember) => void,
): Column<WorkspaceMember> {
  return {
    title: "Actions",
    isNarrow: true,
    render: (member) =>
      member.sources.every(isGranted) ? (
        <Text component="span" size="sm" c="dimmed">
          By groups alone
        </Text>
      ) : (
        <Button
          variant="default"
          size="compact-sm"
          disabled={isManaged}
          aria-label={`Remove ${personName(member)}`}
          onClick={() => onRemove(member)}
        >
          Remove
        </Button>
      ),
  };
}
