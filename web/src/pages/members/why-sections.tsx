/** Sections about a member's role and memberships, each with source, time and reason (PRODUCT 8.5). */
import { Group, Stack, Text } from "@mantine/core";
import {
  hasAccess,
  type OrgRole,
  projectRoleNames,
  roleName,
  type Source,
} from "../../../../src/access/roles.ts";
import type { Why } from "../../api/members.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { TextLink } from "../../ui/links.tsx";
import { RoleBadge } from "../../ui/role-badge.tsx";
import { Section } from "../../ui/section.tsx";
import { SourceBadge } from "../../ui/source-badge.tsx";
import { Moment, TimeAgo } from "../../ui/time-ago.tsx";
import { ruleName } from "./rule-names.ts";

/** The role in the organization. */
export function RoleSection({
  role: { role, source, set_at: at, reasons, rule, group },
  whyNot,
}: {
  readonly role: Why["role"];
  /** Why nothing can be changed here, or null. */
  readonly whyNot: string | null;
}) {
  return (
    <Section title="Role" {...(whyNot !== null && { lead: whyNot })}>
      <Group gap={6}>
        <RoleBadge role={role} />
        <SourceBadge source={source} />
      </Group>
      <Sentences sentences={reasons} />
      <Facts
        facts={[
          ["Set", <Moment key="set" at={at} />],
          ...(group === null
            ? []
            : [
                [
                  "Group",
                  <span key="group" className="lg-code">
                    {group}
                  </span>,
                ] as const,
              ]),
          ...(rule === null ? [] : [["Rule", ruleName(rule)] as const]),
        ]}
      />
    </Section>
  );
}

type WorkspaceRow = Why["workspaces"][number];

const workspaceColumns: readonly Column<WorkspaceRow>[] = [
  {
    title: "Workspace",
    render: ({ id, title }) => (
      <TextLink to="/organization/workspaces/$id" params={{ id: String(id) }}>
        {title}
      </TextLink>
    ),
  },
  {
    title: "Given",
    render: ({ sources }) => (
      <Stack gap={4}>
        {sources.map(({ source, granted_at: at }) => (
          <Given key={source} source={source} at={at} />
        ))}
      </Stack>
    ),
  },
  { title: "Why", render: ({ reasons }) => <Sentences sentences={reasons} /> },
];

/** The workspaces that they belong to. */
export function WorkspacesSection({
  workspaces,
}: {
  readonly workspaces: readonly WorkspaceRow[];
}) {
  return (
    <Section title="Workspaces">
      <DataTable
        caption="Workspaces"
        columns={workspaceColumns}
        rows={workspaces}
        rowKey={({ id }) => id}
        empty={<Text c="dimmed">They belong to no workspace.</Text>}
      />
    </Section>
  );
}

type ProjectRow = Why["projects"][number];

const projectColumns: readonly Column<ProjectRow>[] = [
  {
    title: "Project",
    render: ({ id, title }) => (
      <TextLink to="/organization/projects/$id" params={{ id: String(id) }}>
        {title}
      </TextLink>
    ),
  },
  { title: "Role there", isNarrow: true, render: ({ role }) => <RoleBadge role={role} /> },
  {
    title: "Given",
    render: ({ sources, through_workspace: workspace }) => (
      <Stack gap={4}>
        {sources.map(({ source, role, granted_at: at, is_pending: isPending }) => (
          <Given
            key={source}
            source={source}
            at={at}
            note={isPending ? `${projectRoleNames[role]}, once activated` : projectRoleNames[role]}
          />
        ))}
        {workspace !== null && <Text size="sm">Through the workspace {workspace}</Text>}
      </Stack>
    ),
  },
  { title: "Why", render: ({ reasons }) => <Sentences sentences={reasons} /> },
];

/** The projects that they belong to. */
export function ProjectsSection({
  projects,
  orgRole,
}: {
  readonly projects: readonly ProjectRow[];
  readonly orgRole: OrgRole;
}) {
  const seesAll = orgRole === "OW" || orgRole === "AD";
  return (
    <Section
      title="Projects"
      {...(seesAll && {
        lead: `As ${roleName(orgRole)} they see every project; here stand those given to them by name.`,
      })}
    >
      <DataTable
        caption="Projects"
        columns={projectColumns}
        rows={projects}
        rowKey={({ id }) => id}
        empty={
          <Text c="dimmed">
            {hasAccess(orgRole) ? "They were given no project." : "They see no project."}
          </Text>
        }
      />
    </Section>
  );
}

function Given({
  source,
  at,
  note,
}: {
  readonly source: Source;
  readonly at: string | null;
  readonly note?: string;
}) {
  return (
    <Group gap={6}>
      <SourceBadge source={source} />
      <Text size="sm" c="dimmed">
        {note !== undefined && `${note}, `}
        <TimeAgo at={at} never="some time ago" />
      </Text>
    </Group>
  );
}

function Sentences({ sentences }: { readonly sentences: readonly string[] }) {
  return (
    <Stack gap={2}>
      {sentences.map((sentence) => (
        <Text key={sentence} size="sm">
          {sentence}
        </Text>
      ))}
    </Stack>
  );
}
