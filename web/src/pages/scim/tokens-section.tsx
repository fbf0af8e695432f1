/** The tokens of identity providers: made, told apart, revoked. The secret is new-token.tsx's. */
import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import {
  type ListedScimToken,
  maxActiveTokens,
  revokeScimToken,
  scimTokensQuery,
} from "../../api/scim.ts";
import { may } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { PlusIcon } from "../../ui/icons.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag } from "../../ui/tag.tsx";
import { Day, TimeAgo } from "../../ui/time-ago.tsx";
import { NewTokenDialog } from "./new-token.tsx";

/** The section. */
export function TokensSection() {
  const { data, error, refetch } = useQuery(scimTokensQuery);
  const [isMaking, setIsMaking] = useState(false);
  const active = data?.filter((token) => token.is_active) ?? [];
  const isFull = active.length >= maxActiveTokens;
  return (
    <Section
      title="Tokens"
      lead={
        isFull
          ? "Two tokens are active, which is as many as there may be. Revoke the one that is no longer used before you make another."
          : "A token is shown once, when it is made. Two may be active, so that one can be changed for another without an interruption."
      }
      actions={
        may("scim_settings:write") && (
          <Button
            leftSection={<PlusIcon />}
            disabled={isFull || data === undefined}
            onClick={() => setIsMaking(true)}
          >
            Make a token
          </Button>
        )
      }
    >
      {error !== null && data === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <Tokens tokens={data} activeCount={active.length} />
      )}
      <NewTokenDialog isOpen={isMaking} onClose={() => setIsMaking(false)} />
    </Section>
  );
}

interface TokensProps {
  readonly tokens: readonly ListedScimToken[] | undefined;
  readonly activeCount: number;
}

function Tokens({ tokens, activeCount }: TokensProps) {
  const [revoking, setRevoking] = useState<ListedScimToken | null>(null);
  const [showsEnded, setShowsEnded] = useState(false);
  const columns = useMemo(() => columnsWith(setRevoking), []);
  const ended = tokens?.filter((token) => !token.is_active).length ?? 0;
  const isOnly = activeCount === 1;
  return (
    <Stack gap="sm">
      <DataTable
        caption="SCIM tokens"
        columns={columns}
        rows={tokens?.filter((token) => token.is_active || showsEnded)}
        rowKey={({ id }) => id}
        empty={<NoToken />}
      />
      {ended > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: "flex-start" }}
          onClick={() => setShowsEnded(!showsEnded)}
          aria-pressed={showsEnded}
        >
          {showsEnded ? "Hide tokens that ended" : `Show ${ended} that ended`}
        </Button>
      )}
      <ConfirmTyped
        isOpen={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke the token ${revoking?.name ?? ""}?`}
        phrase={isOnly ? "revoke" : null}
        confirmLabel="Revoke the token"
        onConfirm={async () => {
          if (revoking === null) return;
          await revokeScimToken(revoking.id);
          notifyDone(`The token ${revoking.name} is revoked.`);
        }}
      >
        Requests with it are refused from now on, and it cannot be had back.
        {isOnly &&
          " It is the only active token: until the identity provider has another, nobody is made, changed or deactivated by it."}
      </ConfirmTyped>
    </Stack>
  );
}

function NoToken() {
  return (
    <EmptyState title="No token is active.">
      Make one and give it to the identity provider together with the base URL.
    </EmptyState>
  );
}

function columnsWith(
  onRevoke: (token: ListedScimToken) => void,
): readonly Column<ListedScimToken>[] {
  const columns: readonly Column<ListedScimToken>[] = [
    {
      title: "Name",
      render: ({ name, prefix, review }) => (
        <>
          {name}
          <Text size="sm" c="dimmed" className="lg-code" component="div">
            {prefix}…
          </Text>
          {review !== null && <Text size="sm">{review}</Text>}
        </>
      ),
    },
    { title: "State", isNarrow: true, render: (token) => <TokenState token={token} /> },
    { title: "Made", isNarrow: true, render: ({ created_at: at }) => <Day at={at} /> },
    { title: "Last used", isNarrow: true, render: ({ last_used_at: at }) => <TimeAgo at={at} /> },
    { title: "Expires", isNarrow: true, render: ({ expires_at: at }) => <Day at={at} /> },
  ];
  if (!may("scim_settings:write")) return columns;
  return [
    ...columns,
    {
      title: "",
      isNarrow: true,
      render: (token) =>
        token.is_active && (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => onRevoke(token)}
            aria-label={`Revoke ${token.name}`}
          >
            Revoke
          </Button>
        ),
    },
  ];
}

const soonMs = 30 * 86_400_000;

function TokenState({ token }: { readonly token: ListedScimToken }) {
  const { is_active: isActive, revoked_at: revokedAt, expires_at: expiresAt, review } = token;
  if (revokedAt !== null) return <Tag>Revoked</Tag>;
  if (!isActive) return <Tag tone="bad">Expired</Tag>;
  if (review !== null) return <Tag tone="warn">Look at it</Tag>;
  const isEnding = expiresAt !== null && Date.parse(expiresAt) - Date.now() < soonMs;
  return isEnding ? <Tag tone="warn">Expires soon</Tag> : <Tag tone="good">Active</Tag>;
}
