/** The role that a hand gives somebody in a project, beside what groups grant (PRODUCT 1.5). */
import { Button, Group, Select, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { type ProjectRole, projectRoleNames } from "../../../../src/access/roles.ts";
import { type ProjectMember, setProjectRole } from "../../api/projects.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { personName } from "../../ui/person-name.tsx";
import { roleChoices } from "./role-choices.ts";

interface RoleHereProps {
  readonly projectId: number;
  /** Member whose role is edited, or null while nobody's is. */
  readonly member: ProjectMember | null;
  readonly onClose: () => void;
}

/** The dialog. */
export function RoleHere({ projectId, member, onClose }: RoleHereProps) {
  return (
    <Dialog
      opened={member !== null}
      onClose={onClose}
      title={member === null ? "" : `Role of ${personName(member)} here`}
    >
      {member !== null && <RoleForm projectId={projectId} member={member} onClose={onClose} />}
    </Dialog>
  );
}

function RoleForm({
  projectId,
  member,
  onClose,
}: RoleHereProps & { readonly member: ProjectMember }) {
  const manual = member.grants.find(({ source }) => source === "manual" || source === "api");
  const granted = member.grants.filter(({ source }) => source === "saml" || source === "scim");
  const [role, setRole] = useState<ProjectRole>(manual?.role ?? "IN");
  const save = useMutation({
    mutationFn: async () => await setProjectRole(projectId, member, role),
    onSuccess: () => {
      notifyDone(`${personName(member)} has the role ${projectRoleNames[role]} by hand.`);
      onClose();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Select
          data-autofocus
          label="Role by hand"
          description="Inherit means that the organization role counts."
          allowDeselect={false}
          data={roleChoices}
          value={role}
          onChange={(value) => value !== null && setRole(value)}
        />
        {granted.length > 0 && (
          <Notice>
            Their groups give {granted.map((grant) => projectRoleNames[grant.role]).join(" and ")}{" "}
            too. The higher role counts.
          </Notice>
        )}
        {save.error !== null && <ErrorNotice error={save.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save the role
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
