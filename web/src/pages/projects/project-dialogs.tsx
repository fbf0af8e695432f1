/** A project to be made or changed, with its workspace; and the question before it is deleted. */
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteProject, type Project } from "../../api/projects.ts";
import { workspacesQuery } from "../../api/workspaces.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { PlaceDialog, type PlaceFields } from "../../ui/place-dialog.tsx";

/** A workspace, as much of it as a choice shows. */
export interface Chosen {
  readonly id: number;
  readonly title: string;
}

interface ProjectDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly heading: string;
  readonly saveLabel: string;
  readonly initial: PlaceFields & { readonly workspace: Chosen | null };
  readonly onSave: (
    fields: PlaceFields & { readonly workspace: number | null },
  ) => Promise<unknown>;
}

/** The dialog. */
export function ProjectDialog({ initial, onSave, onClose, ...props }: ProjectDialogProps) {
  const [workspace, setWorkspace] = useState(initial.workspace);
  const close = () => {
    setWorkspace(initial.workspace);
    onClose();
  };
  return (
    <PlaceDialog
      {...props}
      initial={initial}
      onClose={close}
      onSave={async (fields) => await onSave({ ...fields, workspace: workspace?.id ?? null })}
    >
      <WorkspaceField chosen={workspace} onChoose={setWorkspace} />
    </PlaceDialog>
  );
}

const maxOffered = 20;
const pauseMs = 200;

/** The choice of no workspace, which no id is. */
const none = "none";
const noneLabel = "No workspace";

/** Searched on the server; what is chosen stays among the choices. */
export function WorkspaceField({
  chosen,
  onChoose,
}: {
  readonly chosen: Chosen | null;
  readonly onChoose: (workspace: Chosen | null) => void;
}) {
  const label = chosen?.title ?? noneLabel;
  const [typed, setTyped] = useState(label);
  const [settled] = useDebouncedValue(typed, pauseMs);
  // The field shows the title of what is chosen, which is nothing to search for.
  const search = settled === label ? "" : settled.trim();
  const found = useQuery(
    workspacesQuery({ search, ordering: "title", page: 1, page_size: maxOffered }),
  );
  const known = new Map<string, Chosen>();
  for (const one of [...(chosen === null ? [] : [chosen]), ...(found.data?.results ?? [])]) {
    known.set(String(one.id), one);
  }
  return (
    <Select
      label="Workspace"
      description="Its members belong to the project. A project may stand alone."
      searchable
      allowDeselect={false}
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage="No workspace matches."
      data={[
        { value: none, label: noneLabel },
        ...[...known].map(([value, { title }]) => ({ value, label: title })),
      ]}
      value={chosen === null ? none : String(chosen.id)}
      onChange={(value) => onChoose(known.get(value ?? none) ?? null)}
    />
  );
}

interface DeleteProps {
  readonly project: Project;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The question before a project is deleted. */
export function DeleteProject({ project: { id, title }, isOpen, onClose }: DeleteProps) {
  const navigate = useNavigate();
  return (
    <ConfirmTyped
      isOpen={isOpen}
      onClose={onClose}
      title={`Delete ${title}?`}
      phrase={title}
      confirmLabel="Delete the project"
      onConfirm={async () => {
        await deleteProject(id);
        notifyDone(`The project ${title} is deleted.`);
        await navigate({ to: "/organization/projects" });
      }}
    >
      Everybody loses their membership of it, and this cannot be undone. Group mappings that name
      the number {id} do nothing from then on.
    </ConfirmTyped>
  );
}
