/**
 * Inviting people: by e-mail, one address and one role each; or by the link, which anybody who has it
 * may use (PRODUCT 9.7). Without mail on the server the links are copied from here.
 */
import { Button, Group, Select, Stack, Tabs, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { type OrgRole, orgRoles, roleName, roleRank } from "../../../../src/access/roles.ts";
import { ApiError } from "../../api/client.ts";
import {
  inviteLinkQuery,
  invitePeople,
  type MadeInvite,
  resetInviteLink,
} from "../../api/invites.ts";
import { boot } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { CopyField } from "../../ui/copy-field.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice, ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";

interface InviteProps {
  readonly onClose: () => void;
  /** Groups alone give roles here. */
  readonly isManaged: boolean;
  readonly defaultRole: OrgRole;
}

/** The dialog. */
export function InviteDialog({ isOpen, ...props }: InviteProps & { readonly isOpen: boolean }) {
  return (
    <Dialog opened={isOpen} onClose={props.onClose} title="Invite people" size="lg">
      <Tabs defaultValue="email" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="email">By e-mail</Tabs.Tab>
          <Tabs.Tab value="link">By link</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="email">
          <ByEmail {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="link">
          <ByLink />
        </Tabs.Panel>
      </Tabs>
    </Dialog>
  );
}

function ByEmail({ onClose, isManaged, defaultRole }: InviteProps) {
  const [text, setText] = useState("");
  const [role, setRole] = useState<OrgRole>(isManaged ? "NO" : defaultRole);
  const invite = useMutation({
    mutationFn: async (emails: readonly string[]) => await invitePeople(emails, role),
  });
  if (invite.data !== undefined) {
    return <Invited invites={invite.data} onClose={onClose} onMore={() => invite.reset()} />;
  }
  const emails = text.split(/[\s,;]+/).filter((word) => word !== "");
  const problems = invite.error instanceof ApiError ? invite.error.fieldErrors["emails"] : [];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (emails.length > 0) invite.mutate(emails);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Textarea
          data-autofocus
          label="E-mail addresses"
          description="Up to 100, with spaces, commas or new lines between them."
          autosize
          minRows={3}
          maxRows={8}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          {...(problems !== undefined && problems.length > 0 && { error: problems.join(" ") })}
        />
        <Select
          label="Role"
          description={
            isManaged
              ? "Roles are managed by the identity provider: people join as Not Activated, and their groups give the role."
              : "What they are as soon as they accept."
          }
          disabled={isManaged}
          allowDeselect={false}
          data={rolesToGive.map((each) => ({ value: each, label: roleName(each) }))}
          value={role}
          onChange={(value) => value !== null && setRole(value)}
        />
        <Text size="sm" c="dimmed">
          Whoever accepts chooses a password. People who come by single sign-on need no invitation:
          their first sign-on makes the account.
        </Text>
        {invite.error !== null && <ErrorNotice error={invite.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending} disabled={emails.length === 0}>
            {emails.length > 1 ? `Invite ${emails.length} people` : "Invite"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const rolesToGive = orgRoles.filter(
  (role) => role !== "OW" && role !== "DI" && roleRank(role) <= roleRank(boot.user.role),
);

function Invited({
  invites,
  onClose,
  onMore,
}: {
  readonly invites: readonly MadeInvite[];
  readonly onClose: () => void;
  readonly onMore: () => void;
}) {
  const sent = invites.filter(({ is_sent: isSent }) => isSent);
  const toHandOver = invites.filter(({ invite_url: url }) => url !== null);
  return (
    <Stack gap="md">
      {sent.length > 0 && (
        <Notice tone="good" isLive>
          An invitation is on its way to {sent.map(({ email }) => email).join(", ")}.
        </Notice>
      )}
      {toHandOver.length > 0 && (
        <Notice tone="warn" isLive title="Hand these links over yourself.">
          No mail went out. Each link works once, for its address, for 14 days, and is not shown
          again.
        </Notice>
      )}
      {toHandOver.map(({ email, role, invite_url: url }) => (
        <CopyField key={email} label={`${email}, ${roleName(role)}`} value={url ?? ""} />
      ))}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onMore}>
          Invite more
        </Button>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

function ByLink() {
  const link = useQuery(inviteLinkQuery);
  const [isResetting, setIsResetting] = useState(false);
  if (link.isError) {
    return <ErrorState error={link.error} onRetry={() => void link.refetch()} />;
  }
  if (link.data === undefined) return <Loading lines={2} />;
  return (
    <Stack gap="md">
      <CopyField
        label="Invitation link"
        value={link.data.invite_url}
        hint="Anybody who has it may join. They are Not Activated until somebody gives them a role."
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={() => setIsResetting(true)}>
          Make a new link…
        </Button>
      </Group>
      <ConfirmTyped
        isOpen={isResetting}
        onClose={() => setIsResetting(false)}
        title="Make a new invitation link?"
        confirmLabel="Make a new link"
        onConfirm={async () => {
          await resetInviteLink();
          notifyDone("The invitation link is a new one now.");
        }}
      >
        The present link stops working at once, wherever it was sent.
      </ConfirmTyped>
    </Stack>
  );
}
