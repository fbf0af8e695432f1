/** The questions before a workspace is archived or deleted. */
import { useNavigate } from "@tanstack/react-router";
import { changeWorkspace, deleteWorkspace, type Workspace } from "../../api/workspaces.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { notifyDone } from "../../ui/notify.tsx";

interface DialogProps {
  readonly workspace: Workspace;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Puts it away, or brings it back. */
export function ArchiveWorkspace({ workspace, isOpen, onClose }: DialogProps) {
  const { id, title, is_archived: isArchived } = workspace;
  return (
    <ConfirmTyped
      isOpen={isOpen}
      onClose={onClose}
      isDanger={false}
      title={isArchived ? `Bring ${title} back?` : `Archive ${title}?`}
      confirmLabel={isArchived ? "Bring back" : "Archive"}
      onConfirm={async () => {
        await changeWorkspace(id, { is_archived: !isArchived });
        notifyDone(isArchived ? `${title} is back.` : `${title} is archived.`, () =>
          changeWorkspace(id, { is_archived: isArchived }),
        );
      }}
    >
      {isArchived
        ? "It stands in the lists again."
        : "It is left out of lists until it is brought back. Members and projects stay as they are."}
    </ConfirmTyped>
  );
}

/** Deletes it, once it holds no projects. */
export function DeleteWorkspace({ workspace, isOpen, onClose }: DialogProps) {
  const navigate = useNavigate();
  const { id, title, projects_count: projects } = workspace;
  return (
    <ConfirmTyped
      isOpen={isOpen}
      onClose={onClose}
      title={`Delete ${title}?`}
      phrase={title}
      confirmLabel="Delete the workspace"
      onConfirm={async () => {
        await deleteWorkspace(id);
        notifyDone(`The workspace ${title} is deleted.`);
        await navigate({ to: "/organization/workspaces" });
      }}
    >
      Everybody loses their membership of it, and this cannot be undone.
      {projects > 0 &&
        ` It holds ${projects === 1 ? "1 project" : `${projects} projects`}: move or delete them first.`}
      {" A mapping that names it makes it anew."}
    </ConfirmTyped>
  );
}
