/** What can be done to one member of the list, in a menu of the row. */
import { Button, Menu, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Member } from "../../api/members.ts";
import { ChevronIcon } from "../../ui/icons.tsx";
import { personName } from "../../ui/person-name.tsx";
import { type MemberChange, MemberDialogs } from "./member-dialogs.tsx";
import { type Rights, rightsOver } from "./member-rights.ts";

interface MemberActionsProps {
  readonly member: Member;
  readonly isManaged: boolean;
}

/** The menu and the dialogs that it opens. */
export function MemberActions({ member: { user, role }, isManaged }: MemberActionsProps) {
  const [change, setChange] = useState<MemberChange | null>(null);
  const rights = rightsOver({ userId: user.id, role }, isManaged);
  return (
    <>
      <Menu position="bottom-end" width={264}>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-sm"
            rightSection={<ChevronIcon width={14} height={14} />}
            aria-label={`Actions for ${personName(user)}`}
          >
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            renderRoot={(props) => (
              <Link to="/organization/members/$id" params={{ id: String(user.id) }} {...props} />
            )}
          >
            Why they have what they have
          </Menu.Item>
          <Changes rights={rights} onChoose={setChange} />
        </Menu.Dropdown>
      </Menu>
      <MemberDialogs
        subject={{ userId: user.id, role, name: personName(user) }}
        rights={rights}
        open={change}
        onClose={() => setChange(null)}
      />
    </>
  );
}

function Changes({
  rights,
  onChoose,
}: {
  readonly rights: Rights;
  readonly onChoose: (change: MemberChange) => void;
}) {
  if (rights.whyNot !== null) {
    return (
      <Text size="sm" c="dimmed" px="sm" py={6}>
        {rights.whyNot}
      </Text>
    );
  }
  return (
    <>
      <Menu.Item disabled={rights.isManaged} onClick={() => onChoose("role")}>
        Change the role…
        {rights.isManaged && (
          <Text size="xs" c="dimmed">
            Managed by the identity provider
          </Text>
        )}
      </Menu.Item>
      {rights.mayDeactivate && (
        <Menu.Item color="red" onClick={() => onChoose("deactivate")}>
          Deactivate…
        </Menu.Item>
      )}
      {rights.mayReactivate && rights.isManaged && (
        <Menu.Item onClick={() => onChoose("reactivate")}>Lift the deactivation…</Menu.Item>
      )}
    </>
  );
}
