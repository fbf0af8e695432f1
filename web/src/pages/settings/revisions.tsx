/** The saves of the SAML and SCIM settings: who, when, what changed, and having them back (PRODUCT 8.6). */
import "./settings.css";
import { Button, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type FieldChange,
  type Revision,
  restoreRevision,
  revisionsQuery,
} from "../../api/revisions.ts";
import { may } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag } from "../../ui/tag.tsx";
import { Moment } from "../../ui/time-ago.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { fieldName, valueText } from "./field-names.ts";

const kinds = [
  { value: "saml", label: "SAML" },
  { value: "scim", label: "SCIM" },
];

/** The section; which settings, and from where on, stands in the address. */
export function Revisions() {
  const { search, set } = useSearchState();
  const kind = search["revisions"] === "scim" ? "scim" : "saml";
  const before = search["before"] ?? "";
  const revisions = useQuery(revisionsQuery(kind, before));
  const [restoring, setRestoring] = useState<Restoring | null>(null);
  return (
    <Section
      id="revisions"
      title="Former settings"
      lead="Every save of the SAML and SCIM settings is kept. What was can be had back."
      actions={
        <SegmentedControl
          aria-label="Which settings"
          data={kinds}
          value={kind}
          onChange={(value) => set({ revisions: value === "scim" ? value : "", before: "" })}
        />
      }
    >
      {revisions.error !== null && (
        <ErrorState error={revisions.error} onRetry={() => void revisions.refetch()} />
      )}
      {revisions.data === undefined && revisions.error === null && <Loading lines={4} />}
      {revisions.data !== undefined && (
        <List
          revisions={revisions.data.results}
          isFirst={before === ""}
          isBusy={revisions.isPlaceholderData}
          onRestore={setRestoring}
        />
      )}
      <Pages
        next={revisions.data?.next ?? null}
        isFirst={before === ""}
        onBefore={(id) => set({ before: id })}
      />
      <RestoreDialog restoring={restoring} onClose={() => setRestoring(null)} />
    </Section>
  );
}

interface Restoring {
  readonly revision: Revision;
  readonly state: "after" | "before";
  /** The fields that were saved since, where this page shows every save since. */
  readonly since: readonly string[];
}

function List({
  revisions,
  isFirst,
  isBusy,
  onRestore,
}: {
  readonly revisions: readonly Revision[];
  readonly isFirst: boolean;
  readonly isBusy: boolean;
  readonly onRestore: (restoring: Restoring) => void;
}) {
  if (revisions.length === 0) {
    return (
      <EmptyState title="Nothing was saved yet.">
        The first save will stand here, with what it changed.
      </EmptyState>
    );
  }
  return (
    <ol className="lg-revisions" aria-busy={isBusy}>
      {revisions.map((revision, index) => (
        <li key={revision.id}>
          <Save
            revision={revision}
            since={isFirst ? fieldsOf(revisions.slice(0, index)) : []}
            onRestore={onRestore}
          />
        </li>
      ))}
    </ol>
  );
}

function fieldsOf(revisions: readonly Revision[]): readonly string[] {
  return [...new Set(revisions.flatMap(({ changes }) => changes.map(({ field }) => field)))];
}

function Save({
  revision,
  since,
  onRestore,
}: {
  readonly revision: Revision;
  readonly since: readonly string[];
  readonly onRestore: (restoring: Restoring) => void;
}) {
  const { id, at, actor, changes, is_current: isCurrent } = revision;
  const mayRestore = may("saml_settings:write");
  return (
    <>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={0} flex="1 1 14rem">
          <Group gap="xs">
            <Title order={3} size="1rem" id={`revision-${id}`}>
              <Moment at={at} />
            </Title>
            {isCurrent && <Tag tone="good">As it is now</Tag>}
          </Group>
          <Text size="sm" c="dimmed">
            {actor === null ? "By the server itself" : `By ${actor.name || actor.email}`}
          </Text>
        </Stack>
        {mayRestore && (
          <Group gap="xs">
            {!isCurrent && (
              <Button
                variant="default"
                size="compact-sm"
                aria-describedby={`revision-${id}`}
                onClick={() => onRestore({ revision, state: "after", since })}
              >
                Restore…
              </Button>
            )}
            {isCurrent && (
              <Button
                variant="default"
                size="compact-sm"
                aria-describedby={`revision-${id}`}
                onClick={() => onRestore({ revision, state: "before", since })}
              >
                Undo this save…
              </Button>
            )}
          </Group>
        )}
      </Group>
      <Difference changes={changes} />
    </>
  );
}

function Difference({ changes }: { readonly changes: readonly FieldChange[] }) {
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed" mt="xs">
        It was saved as it was.
      </Text>
    );
  }
  return (
    <dl className="lg-difference">
      {changes.map((change) => (
        <FieldDifference key={change.field} change={change} />
      ))}
    </dl>
  );
}

function FieldDifference({ change }: { readonly change: FieldChange }) {
  const { field, from, to, is_cut: isCut, added, removed } = change;
  const isOrder = added?.length === 0 && removed?.length === 0;
  const gone = removed ?? [from];
  const come = added ?? [to];
  return (
    <>
      <dt>{fieldName(field)}</dt>
      <dd>
        {isOrder && "Only the order changed."}
        {gone.map((value) => (
          <del key={JSON.stringify(value)}>{valueText(value)}</del>
        ))}
        {come.map((value) => (
          <ins key={JSON.stringify(value)}>{valueText(value)}</ins>
        ))}
        {isCut && (
          <Text size="sm" c="dimmed">
            This is not all of it.
          </Text>
        )}
      </dd>
    </>
  );
}

function Pages({
  next,
  isFirst,
  onBefore,
}: {
  readonly next: string | null;
  readonly isFirst: boolean;
  readonly onBefore: (id: string) => void;
}) {
  if (next === null && isFirst) return null;
  const older = next === null ? null : new URL(next).searchParams.get("before");
  return (
    <Group component="nav" aria-label="Pages of former settings" justify="flex-end" gap="sm">
      <Button variant="default" disabled={isFirst} onClick={() => onBefore("")}>
        Newest
      </Button>
      <Button variant="default" disabled={older === null} onClick={() => onBefore(older ?? "")}>
        Older
      </Button>
    </Group>
  );
}

function RestoreDialog({
  restoring,
  onClose,
}: {
  readonly restoring: Restoring | null;
  readonly onClose: () => void;
}) {
  const isUndo = restoring?.state === "before";
  return (
    <ConfirmTyped
      isOpen={restoring !== null}
      onClose={onClose}
      title={isUndo ? "Undo this save?" : "Restore these settings?"}
      confirmLabel={isUndo ? "Undo the save" : "Restore"}
      onConfirm={async () => {
        if (restoring === null) return;
        await restoreRevision(restoring.revision.id, restoring.state);
        notifyDone("The settings are restored. Members change at their next sign-on.");
      }}
    >
      {restoring !== null && (
        <>
          <Text>
            {isUndo
              ? "The settings become what they were before "
              : "The settings become what the save of "}
            <Moment at={restoring.revision.at} />
            {isUndo ? "." : " left, every field of them."} They are checked as any save is, and the
            restoring is a save of its own that can be undone.
          </Text>
          {!isUndo && restoring.since.length > 0 && (
            <Text mt="xs">
              What was saved since is undone: {restoring.since.map(fieldName).join(", ")}.
            </Text>
          )}
          {isUndo && <Difference changes={restoring.revision.changes.map(reversed)} />}
        </>
      )}
    </ConfirmTyped>
  );
}

function reversed(change: FieldChange): FieldChange {
  const { from, to, added, removed } = change;
  return {
    ...change,
    from: to,
    to: from,
    ...(added !== undefined && { removed: added }),
    ...(removed !== undefined && { added: removed }),
  };
}
