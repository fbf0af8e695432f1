/**
 * The questions before a member's role is changed, and before access is taken or given back. What was
 * done can be undone from the news that follows, where the API allows it.
 */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { hasAccess, type OrgRole, roleName } from "../../../../src/access/roles.ts";
import { removeMember, setRole } from "../../api/members.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import type { Rights, Subject } from "./member-rights.ts";

/** Kind of change that a dialog asks to confirm. */
export type MemberChange = "role" | "deactivate" | "reactivate" | "remove";

interface DialogProps {
  readonly subject: Subject & { readonly name: string };
  readonly rights: Rights;
  readonly onClose: () => void;
  /** The member is gone, and so is their page. */
  readonly onRemoved?: () => void;
}

/** The dialog of the change that is open, if one is. */
export function MemberDialogs({
  open,
  ...props
}: DialogProps & { readonly open: MemberChange | null }) {
  return (
    <>
      <Dialog
        opened={open === "role"}
        onClose={props.onClose}
        title={`Change the role of ${props.subject.name}`}
      >
        <RoleForm {...props} />
      </Dialog>
      <Deactivation {...props} isOpen={open === "deactivate"} />
      <Reactivation {...props} isOpen={open === "reactivate"} />
      <Removal {...props} isOpen={open === "remove"} />
    </>
  );
}

/** Undo gives back the role that was; where hands give none, there is nothing to undo by. */
async function change(
  { subject, rights }: DialogProps,
  { role, sentence }: { readonly role: OrgRole; readonly sentence: string },
): Promise<void> {
  const { userId, role: former } = subject;
  await setRole(userId, role);
  notifyDone(sentence, rights.isManaged ? undefined : () => setRole(userId, former));
}

function RoleForm(props: DialogProps) {
  const { subject, rights, onClose } = props;
  const [role, setChosen] = useState<OrgRole | null>(null);
  const save = useMutation({
    mutationFn: async (wanted: OrgRole) =>
      await change(props, {
        role: wanted,
        sentence: `${subject.name} is ${roleName(wanted)} now.`,
      }),
    onSuccess: onClose,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (role !== null) save.mutate(role);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Select
          data-autofocus
          label="Role in the organization"
          description={`${roleName(subject.role)} now.`}
          placeholder="Choose a role"
          data={rights.roles.map((each) => ({ value: each, label: roleName(each) }))}
          value={role}
          onChange={setChosen}
          allowDeselect={false}
        />
        {role !== null && <Text size="sm">{consequence(subject.role, role)}</Text>}
        {save.error !== null && <ErrorNotice error={save.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={role === null}>
            Change the role
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function consequence(from: OrgRole, to: OrgRole): string {
  const groups = "A role mapping that matches their groups sets it again at the next sign-on.";
  if (!hasAccess(to)) return `They keep their account, and nothing opens for them. ${groups}`;
  if (!hasAccess(from)) return `They can sign in and take a seat. ${groups}`;
  return groups;
}

function Deactivation(props: DialogProps & { readonly isOpen: boolean }) {
  const { subject, rights, isOpen, onClose } = props;
  return (
    <ConfirmTyped
      isOpen={isOpen}
      onClose={onClose}
      title={`Deactivate ${subject.name}?`}
      confirmLabel="Deactivate"
      onConfirm={() =>
        change(props, { role: "DI", sentence: `${subject.name} is deactivated and signed out.` })
      }
    >
      Their sessions, API tokens and open invitations end at once, and no sign-on brings them back
      until somebody lifts this by hand. Their account and what they did stay.
      {rights.isManaged && " This works although roles are managed by the identity provider."}
    </ConfirmTyped>
  );
}

/** Dialog of a reactivation. Where groups give the roles, it restores no more than Not Activated. */
function Reactivation(props: DialogProps & { readonly isOpen: boolean }) {
  const { subject, isOpen, onClose } = props;
  return (
    <ConfirmTyped
      isOpen={isOpen}
      onClose={onClose}
      isDanger={false}
      title={`Lift the deactivation of ${subject.name}?`}
      confirmLabel="Lift it"
      onConfirm={() =>
        change(props, {
          role: "NO",
          sentence: `${subject.name} is Not Activated; their groups give the role.`,
        })
      }
    >
      They become Not Activated. Their groups at the identity provider give the role at the next
      sign-on.
    </ConfirmTyped>
  );
}

function Removal({ subject, isOpen, onClose, onRemoved }: DialogProps & { isOpen: boolean }) {
  return (
    <ConfirmTyped
      isOpen={isOpen}
      onClose={onClose}
      title={`Remove ${subject.name} from the organization?`}
      phrase="remove"
      confirmLabel="Remove"
      onConfirm={async () => {
        await removeMember(subject.userId);
        notifyDone(`${subject.name} was removed.`);
        onRemoved?.();
      }}
    >
      Their role, workspaces, projects, sessions and API tokens here are gone. The account itself
      stays, and single sign-on makes them a new member. To keep somebody out, deactivate them
      instead.
    </ConfirmTyped>
  );
}
