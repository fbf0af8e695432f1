/** The members of a project: the role that counts here, who gave it, and what the hand may change. */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { projectRoleNames, roleName } from "../../../../src/access/roles.ts";
import { organizationQuery } from "../../api/organization.ts";
import {
  addProjectMembers,
  type Project,
  type ProjectMember,
  projectMembersQuery,
  removeProjectMember,
} from "../../api/projects.ts";
import { may } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Filters } from "../../ui/filters.tsx";
import { MembersManaged } from "../../ui/members-managed.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { PersonLink, personName } from "../../ui/person-name.tsx";
import { RoleBadge } from "../../ui/role-badge.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Section } from "../../ui/section.tsx";
import { SourceBadge } from "../../ui/source-badge.tsx";
import { AddProjectMembers } from "./add-members.tsx";
import { RoleHere } from "./role-here.tsx";

const pageSize = 25;

const kinds = [
  { value: "explicit", label: "Added to the project" },
  { value: "implicit", label: "By workspace or role" },
];
const implicitFlags: Readonly<Record<string, boolean>> = { explicit: false, implicit: true };

/** The list with its filters, and the fields that add people. */
export function ProjectMembers({ project }: { readonly project: Project }) {
  const { id } = project;
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState<string | null>(null);
  const [page, setPage] = useState(1);
  const [open, setOpen] = useState<{ of: ProjectMember; what: "role" | "remove" } | null>(null);
  const filter = { search, implicit: kind === null ? undefined : implicitFlags[kind] };
  const members = useQuery(projectMembersQuery(id, { ...filter, page, page_size: pageSize }));
  const organization = useQuery(organizationQuery);
  const isManaged = organization.data?.billing.manual_project_member_management === false;
  const mayChange = may("project_members:write");
  const shownColumns = useMemo(
    () => (mayChange ? [...columns, changes(isManaged, setOpen)] : columns),
    [mayChange, isManaged],
  );
  const close = () => setOpen(null);
  return (
    <Section title="Members">
      {isManaged && <MembersManaged of="projects" />}
      {mayChange && <AddProjectMembers projectId={id} isManaged={isManaged} />}
      <MemberFilters
        search={search}
        kind={kind}
        onChange={(changed) => {
          setSearch(changed.search);
          setKind(changed.kind);
          setPage(1);
        }}
      />
      {members.isError ? (
        <ErrorState error={members.error} onRetry={() => void members.refetch()} />
      ) : (
        <DataTable
          caption="Members of the project"
          columns={shownColumns}
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
          empty={<EmptyState title="Nobody matches." />}
        />
      )}
      <RoleHere projectId={id} member={open?.what === "role" ? open.of : null} onClose={close} />
      <RemoveMember
        project={project}
        member={open?.what === "remove" ? open.of : null}
        onClose={close}
      />
    </Section>
  );
}

interface Shown {
  readonly search: string;
  readonly kind: string | null;
}

function MemberFilters({
  search,
  kind,
  onChange,
}: Shown & { readonly onChange: (shown: Shown) => void }) {
  return (
    <Filters
      label="Filter the members"
      onClear={kind === null ? null : () => onChange({ search, kind: null })}
    >
      <SearchField
        label="Search the members of this project"
        placeholder="Name or e-mail address"
        value={search}
        onSearch={(text) => onChange({ search: text, kind })}
      />
      <Select
        aria-label="How they belong to it"
        placeholder="Every member"
        data={kinds}
        value={kind}
        onChange={(value) => onChange({ search, kind: value })}
      />
    </Filters>
  );
}

const columns: readonly Column<ProjectMember>[] = [
  { title: "Person", render: (member) => <PersonLink person={member} /> },
  {
    title: "Role here",
    render: ({ project_role: own, organization_membership: { role } }) => (
      <Stack gap={2} align="flex-start" display="inline-flex">
        <RoleBadge role={own ?? role} />
        {own !== null && own !== role && (
          <Text size="xs" c="dimmed">
            {roleName(role)} in the organization
          </Text>
        )}
      </Stack>
    ),
  },
  {
    title: "Given",
    render: ({ implicit_member: isImplicit, grants, organization_membership: { role } }) =>
      isImplicit ? (
        <Text component="span" size="sm" c="dimmed">
          {role === "OW" || role === "AD" ? `As ${roleName(role)}` : "Through the workspace"}
        </Text>
      ) : (
        <Stack gap={4} display="inline-flex">
          {grants.map((grant) => (
            <Group key={grant.id} gap={6}>
              <SourceBadge source={grant.source} />
              <Text component="span" size="sm" c="dimmed">
                {projectRoleNames[grant.role]}
              </Text>
            </Group>
          ))}
        </Stack>
      ),
  },
];

function changes(
  isManaged: boolean,
  onOpen: (open: { of: ProjectMember; what: "role" | "remove" }) => void,
): Column<ProjectMember> {
  return {
    title: "Actions",
    isNarrow: true,
    render: (member) => {
      const { role } = member.organization_membership;
      const isGiven = member.grants.some(({ source }) => source === "manual" || source === "api");
      const hasRole = role === "AN" || role === "RE" || role === "NO";
      if (!hasRole && !isGiven) return null;
      return (
        <Group gap={6} display="inline-flex">
          {hasRole && (
            <Button
              variant="default"
              size="compact-sm"
              disabled={isManaged}
              aria-label={`Role of ${personName(member)}`}
              onClick={() => onOpen({ of: member, what: "role" })}
            >
              Role…
            </Button>
          )}
          {isGiven && (
            <Button
              variant="default"
              size="compact-sm"
              disabled={isManaged}
              aria-label={`Remove ${personName(member)}`}
              onClick={() => onOpen({ of: member, what: "remove" })}
            >
              Remove
            </Button>
          )}
        </Group>
      );
    },
  };
}

function RemoveMember({
  project: { id, title },
  member,
  onClose,
}: {
  readonly project: Project;
  readonly member: ProjectMember | null;
  readonly onClose: () => void;
}) {
  const name = member === null ? "" : personName(member);
  const manual = member?.grants.find(({ source }) => source === "manual" || source === "api");
  return (
    <ConfirmTyped
      isOpen={member !== null}
      onClose={onClose}
      title={`Remove ${name} from ${title}?`}
      confirmLabel="Remove"
      onConfirm={async () => {
        if (member === null) return;
        await removeProjectMember(id, member.id);
        notifyDone(`${name} was removed from ${title}.`, () =>
          addProjectMembers(id, [member.id], manual?.role ?? "IN"),
        );
      }}
    >
      What was given by hand is taken. What the identity provider grants stays, and so does what
      comes through the workspace.
    </ConfirmTyped>
  );
}
