/** One workspace: its members with who gave it to them, its projects, and what can be done to it. */
import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { changeWorkspace, type Workspace, workspaceQuery } from "../../api/workspaces.ts";
import { may } from "../../boot.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PlaceDialog } from "../../ui/place-dialog.tsx";
import { ArchiveWorkspace, DeleteWorkspace } from "./workspace-dialogs.tsx";
import { WorkspaceMembers } from "./workspace-members.tsx";
import { WorkspaceProjects } from "./workspace-projects.tsx";

const back = { to: "/organization/workspaces", label: "Workspaces" } as const;

/** The page. */
export function WorkspacePage() {
  const { id } = useParams({ from: "/organization/workspaces/$id" });
  const workspace = useQuery(workspaceQuery(id));
  if (workspace.isError) {
    return (
      <>
        <PageHeader title="Workspace" back={back} />
        <ErrorState error={workspace.error} onRetry={() => void workspace.refetch()} />
      </>
    );
  }
  if (workspace.data === undefined) {
    return (
      <>
        <PageHeader title="Workspace" back={back} />
        <Loading lines={6} />
      </>
    );
  }
  return <WorkspaceView key={id} workspace={workspace.data} />;
}

type Dialog = "edit" | "archive" | "delete";

function WorkspaceView({ workspace }: { readonly workspace: Workspace }) {
  const [open, setOpen] = useState<Dialog | null>(null);
  const close = () => setOpen(null);
  const { id, title, description, is_archived: isArchived } = workspace;
  return (
    <>
      <PageHeader
        title={title}
        {...(description !== "" && { lead: description })}
        back={back}
        actions={
          may("workspaces:write") && (
            <>
              <Button variant="default" onClick={() => setOpen("edit")}>
                Rename…
              </Button>
              <Button variant="default" onClick={() => setOpen("archive")}>
                {isArchived ? "Bring back…" : "Archive…"}
              </Button>
              <Button color="red" variant="light" onClick={() => setOpen("delete")}>
                Delete…
              </Button>
            </>
          )
        }
      />
      <Stack gap="lg">
        {isArchived && (
          <Notice title="This workspace is archived.">
            It is left out of lists. Its members keep what they have.
          </Notice>
        )}
        <WorkspaceMembers workspace={workspace} />
        <WorkspaceProjects workspace={workspace} />
      </Stack>
      <PlaceDialog
        isOpen={open === "edit"}
        onClose={close}
        heading="Rename the workspace"
        saveLabel="Save"
        initial={{ title, description }}
        onSave={async (fields) => await changeWorkspace(id, fields)}
      >
        <Notice tone="warn">
          Group mappings name workspaces by title. A mapping that says “{title}” makes a new
          workspace of that title at the next sign-on, until it is changed too.
        </Notice>
      </PlaceDialog>
      <ArchiveWorkspace workspace={workspace} isOpen={open === "archive"} onClose={close} />
      <DeleteWorkspace workspace={workspace} isOpen={open === "delete"} onClose={close} />
    </>
  );
}
