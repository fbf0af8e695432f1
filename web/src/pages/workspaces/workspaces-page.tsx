/** Workspaces: the list, and making one. Managers see theirs, which the API decides (PRODUCT 1.6). */
import { Button, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { makeWorkspace, type Workspace, workspacesQuery } from "../../api/workspaces.ts";
import { boot, may } from "../../boot.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Filters } from "../../ui/filters.tsx";
import { PlusIcon } from "../../ui/icons.tsx";
import { TextLink } from "../../ui/links.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PlaceDialog } from "../../ui/place-dialog.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Tag } from "../../ui/tag.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";

const pageSize = 25;
const blank = { title: "", description: "" };

/** Archived ones are shown when asked for. */
const archivedChoices = [
  { value: "all", label: "Archived ones too" },
  { value: "only", label: "Archived ones alone" },
];
const archivedFlags: Readonly<Record<string, boolean | undefined>> = { all: undefined, only: true };

const columns: readonly Column<Workspace>[] = [
  {
    title: "Workspace",
    render: ({ id, title, is_archived: isArchived }) => (
      <>
        <TextLink to="/organization/workspaces/$id" params={{ id: String(id) }}>
          {title}
        </TextLink>
        {isArchived && (
          <>
            {" "}
            <Tag>Archived</Tag>
          </>
        )}
      </>
    ),
  },
  {
    title: "Description",
    render: ({ description }) => (
      <Text component="span" size="sm" c="dimmed" lineClamp={2}>
        {description || "None"}
      </Text>
    ),
  },
  {
    title: "Projects",
    isNarrow: true,
    render: ({ projects_count: count }) => count.toLocaleString(),
  },
];

/** The page. */
export function WorkspacesPage() {
  const { search, set } = useSearchState();
  const [isMaking, setIsMaking] = useState(false);
  const navigate = useNavigate();
  const page = Math.max(1, Number(search["page"]) || 1);
  const archived = search["archived"] ?? "";
  const workspaces = useQuery(
    workspacesQuery({
      search: search["search"] ?? "",
      is_archived: archived in archivedFlags ? archivedFlags[archived] : false,
      ordering: "title",
      page,
      page_size: pageSize,
    }),
  );
  return (
    <>
      <PageHeader
        title="Workspaces"
        lead={
          boot.user.role === "MA"
            ? "The workspaces that you belong to or made. Their members belong to every project in them."
            : "Members of a workspace belong to every project in it."
        }
        actions={
          may("workspaces:write") && (
            <Button leftSection={<PlusIcon />} onClick={() => setIsMaking(true)}>
              New workspace
            </Button>
          )
        }
      />
      <section className="lg-card" aria-label="Workspaces">
        <Stack gap="md">
          <WorkspaceFilters />
          {workspaces.isError ? (
            <ErrorState error={workspaces.error} onRetry={() => void workspaces.refetch()} />
          ) : (
            <DataTable
              caption="Workspaces"
              columns={columns}
              rows={workspaces.data?.results}
              rowKey={({ id }) => id}
              isBusy={workspaces.isPlaceholderData}
              paging={{
                kind: "numbered",
                page,
                pageSize,
                count: workspaces.data?.count ?? 0,
                onPage: (next) => set({ page: next === 1 ? "" : String(next) }),
              }}
              empty={<NoWorkspaces isSearch={(search["search"] ?? "") !== ""} />}
            />
          )}
        </Stack>
      </section>
      <PlaceDialog
        isOpen={isMaking}
        onClose={() => setIsMaking(false)}
        heading="New workspace"
        saveLabel="Make the workspace"
        initial={blank}
        onSave={async (fields) => {
          const { id } = await makeWorkspace(fields);
          await navigate({ to: "/organization/workspaces/$id", params: { id: String(id) } });
        }}
      />
    </>
  );
}

function WorkspaceFilters() {
  const { search, set } = useSearchState();
  const archived = search["archived"] ?? "";
  return (
    <Filters
      label="Filter the workspaces"
      onClear={archived === "" ? null : () => set({ archived: "", page: "" })}
    >
      <SearchField
        label="Search workspaces"
        value={search["search"] ?? ""}
        onSearch={(text) => set({ search: text, page: "" })}
      />
      <Select
        aria-label="Archived workspaces"
        placeholder="Without archived ones"
        data={archivedChoices}
        value={archived === "" ? null : archived}
        onChange={(value) => set({ archived: value ?? "", page: "" })}
      />
    </Filters>
  );
}

function NoWorkspaces({ isSearch }: { readonly isSearch: boolean }) {
  if (isSearch) return <EmptyState title="No workspace matches." />;
  return (
    <EmptyState title="There is no workspace to show.">
      Make one here, or map a group to a workspace: it is made when the first person of that group
      signs in.
    </EmptyState>
  );
}
