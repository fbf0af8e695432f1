/** The projects of a workspace; where one belongs is changed on the project's own page. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Project, projectsQuery } from "../../api/projects.ts";
import type { Workspace } from "../../api/workspaces.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { TextLink } from "../../ui/links.tsx";
import { Section } from "../../ui/section.tsx";
import { Day } from "../../ui/time-ago.tsx";

const pageSize = 10;

const columns: readonly Column<Project>[] = [
  {
    title: "Project",
    render: ({ id, title }) => (
      <TextLink to="/organization/projects/$id" params={{ id: String(id) }}>
        {title}
      </TextLink>
    ),
  },
  { title: "Made", isNarrow: true, render: ({ created_at: at }) => <Day at={at} /> },
];

/** The list. */
export function WorkspaceProjects({ workspace: { id } }: { readonly workspace: Workspace }) {
  const [page, setPage] = useState(1);
  const projects = useQuery(
    projectsQuery({ workspaces: id, ordering: "title", page, page_size: pageSize }),
  );
  return (
    <Section title="Projects">
      {projects.isError ? (
        <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
      ) : (
        <DataTable
          caption="Projects of the workspace"
          columns={columns}
          rows={projects.data?.results}
          rowKey={(project) => project.id}
          isBusy={projects.isPlaceholderData}
          paging={{
            kind: "numbered",
            page,
            pageSize,
            count: projects.data?.count ?? 0,
            onPage: setPage,
          }}
          empty={
            <Text c="dimmed">
              It holds no project. Choose the workspace when you make a project, or on the page of
              one.
            </Text>
          }
        />
      )}
    </Section>
  );
}
