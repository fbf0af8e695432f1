/** The open sessions of a member, and ending them (PRODUCT 9.6). */
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { endSessions, type Session, sessionsQuery } from "../../api/members.ts";
import { boot, may } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag } from "../../ui/tag.tsx";
import { Moment, TimeAgo } from "../../ui/time-ago.tsx";

const methods: Readonly<Record<Session["method"], string>> = {
  saml: "Single sign-on",
  password: "Password",
  link: "One-time link",
};

const columns: readonly Column<Session>[] = [
  {
    title: "Signed in by",
    isNarrow: true,
    render: ({ method, is_current: isCurrent }) => (
      <Group gap={6}>
        {methods[method]}
        {isCurrent && <Tag tone="accent">This session</Tag>}
      </Group>
    ),
  },
  { title: "Since", isNarrow: true, render: ({ created_at: at }) => <TimeAgo at={at} /> },
  { title: "Last seen", isNarrow: true, render: ({ last_seen_at: at }) => <TimeAgo at={at} /> },
  { title: "Ends", render: ({ expires_at: at }) => <Moment at={at} /> },
  { title: "Address", isNarrow: true, render: ({ ip_address: ip }) => ip ?? "Unknown" },
  {
    title: "Browser",
    render: ({ user_agent: agent }) => (
      <Text size="sm" c="dimmed" lineClamp={2} title={agent ?? ""}>
        {agent ?? "Unknown"}
      </Text>
    ),
  },
];

interface SessionsProps {
  readonly userId: number;
  readonly name: string;
  /** An Owner's sessions are ended by the Owner alone. */
  readonly isOwner: boolean;
}

/** The list, and the button that ends all of it. */
export function MemberSessions({ userId, name, isOwner }: SessionsProps) {
  const sessions = useQuery(sessionsQuery(userId));
  const [isEnding, setIsEnding] = useState(false);
  const isSelf = userId === boot.user.id;
  const others = sessions.data?.filter(({ is_current: isCurrent }) => !isCurrent) ?? [];
  return (
    <Section
      title="Sessions"
      actions={
        may("sessions:write") &&
        (isSelf || !isOwner) &&
        others.length > 0 && (
          <Button color="red" variant="light" onClick={() => setIsEnding(true)}>
            {isSelf ? "End all others…" : "End all sessions…"}
          </Button>
        )
      }
    >
      {sessions.isError ? (
        <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <DataTable
          caption="Sessions"
          columns={columns}
          rows={sessions.data}
          rowKey={({ id }) => id}
          empty={<Text c="dimmed">They are signed in nowhere.</Text>}
        />
      )}
      <ConfirmTyped
        isOpen={isEnding}
        onClose={() => setIsEnding(false)}
        title={isSelf ? "End your other sessions?" : `End every session of ${name}?`}
        confirmLabel="End the sessions"
        onConfirm={async () => {
          const ended = await endSessions(userId);
          notifyDone(ended === 1 ? "1 session ended." : `${ended} sessions ended.`);
        }}
      >
        {isSelf
          ? "You are signed out everywhere but here."
          : "They are signed out everywhere at once, and may sign in again. To keep somebody out, deactivate them."}
      </ConfirmTyped>
    </Section>
  );
}
