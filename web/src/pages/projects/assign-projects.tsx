/** Many projects put into a workspace at once: the boxes in the list, the bar above it, the dialog. */
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { assignProjects, type Project } from "../../api/projects.ts";
import { ConfirmForm } from "../../ui/confirm-form.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { type Chosen, WorkspaceField } from "./project-dialogs.tsx";
import type { Selection } from "./use-selection.ts";

interface BoxProps {
  readonly project: Project;
  readonly selection: Selection;
}

/** A project's number, as the box that chooses it. */
export function SelectBox({ project, selection: { chosen, set } }: BoxProps) {
  const { id, title } = project;
  return (
    <Checkbox
      label={`#${id}`}
      aria-label={`Select #${id} ${title}`}
      checked={chosen.has(id)}
      onChange={(event) => set([project], event.currentTarget.checked)}
    />
  );
}

interface BarProps {
  readonly selection: Selection;
  /** The projects of the page that is shown. */
  readonly shown: readonly Project[];
}

/** Number of chosen projects, a box for the whole page, and the actions on them. */
export function SelectionBar({ selection, shown }: BarProps) {
  const [isAsking, setIsAsking] = useState(false);
  const { chosen, set, clear } = selection;
  const chosenHere = shown.filter(({ id }) => chosen.has(id)).length;
  const isWhole = shown.length > 0 && chosenHere === shown.length;
  return (
    <Group gap="sm" mih="2.25rem">
      <Checkbox
        label="Select all on this page"
        checked={isWhole}
        indeterminate={chosenHere > 0 && !isWhole}
        disabled={shown.length === 0}
        onChange={() => set(shown, !isWhole)}
      />
      <Text size="sm" c="dimmed" role="status">
        {chosen.size === 0 ? "None selected" : `${chosen.size.toLocaleString()} selected`}
      </Text>
      {chosen.size > 0 && (
        <>
          <Button onClick={() => setIsAsking(true)}>Assign to a workspace…</Button>
          <Button variant="default" onClick={clear}>
            Clear the selection
          </Button>
        </>
      )}
      <Dialog
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Assign ${countOf(chosen.size)} to a workspace`}
      >
        <AssignForm selection={selection} onClose={() => setIsAsking(false)} />
      </Dialog>
    </Group>
  );
}

interface FormProps {
  readonly selection: Selection;
  readonly onClose: () => void;
}

function AssignForm({ selection: { chosen, clear }, onClose }: FormProps) {
  const [workspace, setWorkspace] = useState<Chosen | null>(null);
  const assign = async () => {
    const count = countOf(await assignProjects([...chosen], workspace?.id ?? null));
    clear();
    notifyDone(
      workspace === null
        ? `${count} taken out of any workspace.`
        : `${count} assigned to ${workspace.title}.`,
    );
  };
  return (
    <ConfirmForm
      phrase={null}
      confirmLabel={workspace === null ? "Take out of any workspace" : "Assign"}
      cancelLabel="Cancel"
      isDanger={workspace === null}
      onConfirm={assign}
      onClose={onClose}
    >
      <Stack gap="sm">
        <WorkspaceField chosen={workspace} onChoose={setWorkspace} />
        <Text size="sm" c="dimmed">
          A project stands in one workspace at most: whoever belonged to it by its former workspace
          alone loses it.
        </Text>
      </Stack>
    </ConfirmForm>
  );
}

function countOf(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? "project" : "projects"}`;
}
