/** Projects: the list, and making one. Managers see theirs, which the API decides (PRODUCT 1.6). */
import { Anchor, Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { makeProject, type Project, projectsQuery } from "../../api/projects.ts";
import { boot, may } from "../../boot.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { PlusIcon } from "../../ui/icons.tsx";
import { TextLink } from "../../ui/links.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Day } from "../../ui/time-ago.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { SelectBox, SelectionBar } from "./assign-projects.tsx";
import { ProjectDialog } from "./project-dialogs.tsx";
import { type Selection, useSelection } from "./use-selection.ts";

const pageSize = 25;
const blank = { title: "", description: "", workspace: null };

/** The way to each project in Label Studio; those that are only here have a number below zero. */
function studioColumn(studioUrl: string): Column<Project> {
  return {
    title: "Label Studio",
    isNarrow: true,
    render: ({ id, title }) =>
      id > 0 ? (
        <Anchor
          href={`${studioUrl}/projects/${id}/data`}
          aria-label={`Open ${title} in Label Studio`}
        >
          Open
        </Anchor>
      ) : (
        "Not linked"
      ),
  };
}

/** The number, with a box to choose the project where chosen ones can be assigned. */
function numberColumn(selection: Selection | null): Column<Project> {
  return {
    title: "Number",
    isNarrow: true,
    render: (project) =>
      selection === null ? `#${project.id}` : <SelectBox project={project} selection={selection} />,
  };
}

const otherColumns: readonly Column<Project>[] = [
  {
    title: "Project",
    render: ({ id, title }) => (
      <TextLink to="/organization/projects/$id" params={{ id: String(id) }}>
        {title}
      </TextLink>
    ),
  },
  {
    title: "Workspace",
    render: ({ workspace, workspace_title: title }) =>
      // Label Studio's own record has no workspace; ours is written into it.
      typeof workspace === "number" ? (
        <TextLink to="/organization/workspaces/$id" params={{ id: String(workspace) }}>
          {title}
        </TextLink>
      ) : (
        "None"
      ),
  },
  { title: "Made", isNarrow: true, render: ({ created_at: at }) => <Day at={at} /> },
  ...(boot.studio_url === null ? [] : [studioColumn(boot.studio_url)]),
];

/** Only projects of Label Studio are assigned in numbers; the others are made one by one. */
const mayAssign = boot.studio_url !== null && may("upstream:write");

/** The page. */
export function ProjectsPage() {
  const { search, set } = useSearchState();
  const selection = useSelection();
  const columns = useMemo(
    () => [numberColumn(mayAssign ? selection : null), ...otherColumns],
    [selection],
  );
  const [isMaking, setIsMaking] = useState(false);
  const navigate = useNavigate();
  const page = Math.max(1, Number(search["page"]) || 1);
  const words = search["search"] ?? "";
  const projects = useQuery(
    projectsQuery({ search: words, ordering: "title", page, page_size: pageSize }),
  );
  return (
    <>
      <PageHeader
        title="Projects"
        lead={
          boot.user.role === "MA"
            ? "The projects that you belong to or made. Group mappings name a project by its number."
            : "Group mappings name a project by its number."
        }
        actions={
          may("projects:write") && (
            <Button leftSection={<PlusIcon />} onClick={() => setIsMaking(true)}>
              New project
            </Button>
          )
        }
      />
      <section className="lg-card" aria-label="Projects">
        <Stack gap="md">
          <SearchField
            label="Search projects"
            value={words}
            onSearch={(text) => set({ search: text, page: "" })}
          />
          {mayAssign && <SelectionBar selection={selection} shown={projects.data?.results ?? []} />}
          {projects.isError ? (
            <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
          ) : (
            <DataTable
              caption="Projects"
              columns={columns}
              rows={projects.data?.results}
              rowKey={({ id }) => id}
              isBusy={projects.isPlaceholderData}
              paging={{
                kind: "numbered",
                page,
                pageSize,
                count: projects.data?.count ?? 0,
                onPage: (next) => set({ page: next === 1 ? "" : String(next) }),
              }}
              empty={<NoProjects isSearch={words !== ""} />}
            />
          )}
        </Stack>
      </section>
      <ProjectDialog
        isOpen={isMaking}
        onClose={() => setIsMaking(false)}
        heading="New project"
        saveLabel="Make the project"
        initial={blank}
        onSave={async (fields) => {
          const { id } = await makeProject(fields);
          await navigate({ to: "/organization/projects/$id", params: { id: String(id) } });
        }}
      />
    </>
  );
}

function NoProjects({ isSearch }: { readonly isSearch: boolean }) {
  if (isSearch) return <EmptyState title="No project matches." />;
  return (
    <EmptyState title="There is no project to show.">
      Make one here; groups can then be mapped to it by its number.
    </EmptyState>
  );
}
