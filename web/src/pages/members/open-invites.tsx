/** Invitations that nobody has accepted yet, and how to revoke them. */
import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type OpenInvite, openInvitesQuery, revokeInvite } from "../../api/invites.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { RoleBadge } from "../../ui/role-badge.tsx";
import { Section } from "../../ui/section.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";

/** The list. */
export function OpenInvites() {
  const invites = useQuery(openInvitesQuery);
  const [revoking, setRevoking] = useState<OpenInvite | null>(null);
  const columns = useMemo(() => columnsWith(setRevoking), []);
  return (
    <Section title="Open invitations">
      {invites.isError ? (
        <ErrorState error={invites.error} onRetry={() => void invites.refetch()} />
      ) : (
        <DataTable
          caption="Open invitations"
          columns={columns}
          rows={invites.data}
          rowKey={({ email }) => email}
          empty={<Text c="dimmed">Nobody is invited who has not come yet.</Text>}
        />
      )}
      <ConfirmTyped
        isOpen={revoking !== null}
        onClose={() => setRevoking(null)}
        title="Revoke this invitation?"
        confirmLabel="Revoke"
        onConfirm={async () => {
          if (revoking === null) return;
          await revokeInvite(revoking.email);
          notifyDone(`The invitation of ${revoking.email} is revoked.`);
        }}
      >
        The link that {revoking?.email ?? "the person"} got stops working. You can invite them
        again.
      </ConfirmTyped>
    </Section>
  );
}

function columnsWith(onRevoke: (invite: OpenInvite) => void): readonly Column<OpenInvite>[] {
  return [
    { title: "E-mail", render: ({ email }) => email },
    { title: "Role", render: ({ role }) => <RoleBadge role={role} /> },
    { title: "Invited", render: ({ created_at: at }) => <TimeAgo at={at} /> },
    { title: "Expires", render: ({ expires_at: at }) => <TimeAgo at={at} /> },
    {
      title: "Actions",
      isNarrow: true,
      render: (invite) => (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`Revoke the invitation of ${invite.email}`}
          onClick={() => onRevoke(invite)}
        >
          Revoke
        </Button>
      ),
    },
  ];
}
