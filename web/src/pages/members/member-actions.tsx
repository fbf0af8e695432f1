/** Menu of a row in the list of members, with the actions on that member. */
import { Button, Menu, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Member } from "../../api/members.ts";
import { ChevronIcon } from "../../ui/icons.tsx";
import { personName } from "../../ui/person-name.tsx";
import type { MemberChange } from "./member-dialogs.tsx";
import type { Rights } from "./member-rights.ts";

interface MemberActionsProps {
  readonly member: Member;
  readonly rights: Rights;
  /** Somebody chose a change of this member; the table asks what it must. */
  readonly onChange: (change: MemberChange) => void;
}

/** The menu of one row. */
export function MemberActions({ member: { user }, rights, onChange }: MemberActionsProps) {
  return (
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
        <Changes rights={rights} onChoose={onChange} />
      </Menu.Dropdown>
    </Menu>
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
