/** One project: its members with their roles and sources, and what can be done to it. */
import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { changeProject, type Project, projectQuery } from "../../api/projects.ts";
import { boot, may } from "../../boot.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { TextLink } from "../../ui/links.tsx";
import { Loading } from "../../ui/loading.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { DeleteProject, ProjectDialog } from "./project-dialogs.tsx";
import { ProjectMembers } from "./project-members.tsx";

const back = { to: "/organization/projects", label: "Projects" } as const;

/** The page. */
export function ProjectPage() {
  const { id } = useParams({ from: "/organization/projects/$id" });
  const project = useQuery(projectQuery(id));
  if (project.isError) {
    return (
      <>
        <PageHeader title="Project" back={back} />
        <ErrorState error={project.error} onRetry={() => void project.refetch()} />
      </>
    );
  }
  if (project.data === undefined) {
    return (
      <>
        <PageHeader title="Project" back={back} />
        <Loading lines={6} />
      </>
    );
  }
  return <ProjectView key={id} project={project.data} />;
}

function ProjectView({ project }: { readonly project: Project }) {
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const close = () => setOpen(null);
  const { id, title, description, workspace, workspace_title: workspaceTitle } = project;
  const chosen = workspace === null ? null : { id: workspace, title: workspaceTitle ?? "" };
  return (
    <>
      <PageHeader
        title={title}
        lead={<Lead project={project} />}
        back={back}
        actions={
          <>
            <StudioLink project={project} />
            {may("projects:write") && (
              <>
                <Button variant="default" onClick={() => setOpen("edit")}>
                  Change…
                </Button>
                <Button color="red" variant="light" onClick={() => setOpen("delete")}>
                  Delete…
                </Button>
              </>
            )}
          </>
        }
      />
      <Stack gap="lg">
        <ProjectMembers project={project} />
      </Stack>
      <ProjectDialog
        // The choice of a workspace begins with what the project has now.
        key={String(workspace)}
        isOpen={open === "edit"}
        onClose={close}
        heading="Change the project"
        saveLabel="Save"
        initial={{ title, description, workspace: chosen }}
        onSave={async (fields) => {
          await changeProject(id, fields);
          notifyDone("The project is saved.", () =>
            changeProject(id, { title, description, workspace }),
          );
        }}
      />
      <DeleteProject project={project} isOpen={open === "delete"} onClose={close} />
    </>
  );
}

/** The way to the project in Label Studio, where it is there; only then does it have a number of its own. */
function StudioLink({ project: { id } }: { readonly project: Project }) {
  if (boot.studio_url === null || id <= 0) return null;
  return (
    <Button component="a" href={`${boot.studio_url}/projects/${id}/data`}>
      Open in Label Studio
    </Button>
  );
}

function Lead({ project }: { readonly project: Project }) {
  const { id, description, workspace, workspace_title: title } = project;
  return (
    <>
      {description !== "" && <Text>{description}</Text>}
      <Text>
        Number {id}, which is how group mappings name it.{" "}
        {workspace === null ? (
          "It stands in no workspace."
        ) : (
          <>
            In the workspace{" "}
            <TextLink to="/organization/workspaces/$id" params={{ id: String(workspace) }}>
              {title}
            </TextLink>
            .
          </>
        )}
      </Text>
    </>
  );
}
