/**
 * A list of mappings to edit: filter, rows a page at a time, "Add mapping", what was removed with its
 * undo, and the sentences about the list as a whole.
 */
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useCallbackRef } from "@mantine/hooks";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { PlusIcon } from "../ui/icons.tsx";
import { Notice } from "../ui/notice.tsx";
import { SearchField } from "../ui/search-field.tsx";
import type { MappingKind } from "./kinds.tsx";
import { MappingRow, type TargetFields } from "./mapping-row.tsx";
import type { ToldProblems } from "./problems.ts";
import type { SeenRow } from "./row-hints.ts";
import { standingsOf } from "./standings.ts";
import { usePage } from "./use-page.ts";
import { useProblems } from "./use-problems.ts";
import { type Row, useRows } from "./use-rows.ts";
import { useSeenGroups } from "./use-seen-groups.ts";

/** Fewer are seen at a glance. */
const minToFilter = 8;

/** A list, its kind, and what is told about it. */
export interface TableProps<Entry> {
  readonly kind: MappingKind<Entry>;
  readonly Target: TargetFields<Entry>;
  readonly source: "saml" | "scim";
  /** Groups of all three lists: what one of them names exactly is no slip in another. */
  readonly groups: readonly string[];
  readonly list: readonly Entry[];
  readonly onChange: (list: readonly Entry[]) => void;
  /** The server's sentences about the list. */
  readonly errors: readonly string[];
  /** Warnings that no row tells by itself. */
  readonly warnings: readonly string[];
  /** More text of an entry to find it by. */
  readonly textOf?: (entry: Entry) => string;
}

/** The table. */
export function MappingTable<Entry>(props: TableProps<Entry>) {
  const { kind, Target, list, onChange } = props;
  const headingId = useId();
  const edited = useRows(list, onChange);
  const { rows } = edited;
  const told = useProblems(props.errors, rows, kind.name);
  const paged = usePage(rows, {
    textOf: (entry) => `${kind.text(entry)} ${props.textOf?.(entry) ?? ""}`,
    wanted: told.first,
  });
  const shown = paged.shown.map(({ entry }) => kind.group(entry));
  const seen = useSeenGroups(props.source, props.groups, shown);
  const { frame, focusOn } = useFocus();

  const add = () => {
    const id = edited.add(kind.blank);
    paged.showNew(rows.length + 1);
    focusOn(`[data-row="${id}"] :is(select, input)`);
  };
  const change = useCallbackRef((id: number, entry: Entry) => {
    told.forget(id);
    edited.change(id, entry);
  });
  const remove = useCallbackRef((id: number) => {
    const at = paged.shown.findIndex((row) => row.id === id);
    const next = paged.shown[at + 1] ?? paged.shown[at - 1];
    edited.remove(id);
    focusOn(next === undefined ? "[data-add]" : `[data-row="${next.id}"] .lg-map-remove`);
  });
  const undo = () => {
    const id = edited.undo();
    if (id !== null) focusOn(`[data-row="${id}"] .lg-map-remove`);
  };

  return (
    <section ref={frame} aria-labelledby={headingId} className="lg-map">
      <Head kind={kind} headingId={headingId} count={rows.length} />
      <ListNotices general={told.general} warnings={props.warnings} />
      {rows.length > minToFilter && (
        <div className="lg-map-find">
          <SearchField
            key={paged.filterKey}
            label={`Find in ${kind.title.toLowerCase()}`}
            value={paged.filter}
            onSearch={paged.setFilter}
          />
        </div>
      )}
      <RowList
        {...{ kind, Target, seen, told, headingId, rows }}
        shown={paged.shown}
        firstPosition={paged.positionOf}
        onChange={change}
        onRemove={remove}
      />
      {paged.filter !== "" && paged.count === 0 && (
        <Text c="dimmed">No mapping has this text.</Text>
      )}
      <TenantQueue paged={paged} title={kind.title} />
      <Group gap="md">
        <Button variant="default" leftSection={<PlusIcon />} onClick={add} data-add>
          Add mapping
          <span className="lg-hidden"> to {kind.title.toLowerCase()}</span>
        </Button>
        <Removed rows={edited.removed.map(({ row }) => row)} kind={kind} onUndo={undo} />
      </Group>
    </section>
  );
}

function Head<Entry>({
  kind,
  headingId,
  count,
}: {
  readonly kind: MappingKind<Entry>;
  readonly headingId: string;
  readonly count: number;
}) {
  return (
    <div>
      <Title order={3} size="1rem" id={headingId}>
        {kind.title}
        {count > 0 && (
          <Text span c="dimmed" fw={400}>
            {" "}
            ({count.toLocaleString()})
          </Text>
        )}
      </Title>
      <Text size="sm" c="dimmed" maw="44rem">
        {kind.lead}
      </Text>
    </div>
  );
}

function ListNotices({
  general,
  warnings,
}: {
  readonly general: readonly string[];
  readonly warnings: readonly string[];
}) {
  if (general.length + warnings.length === 0) return null;
  return (
    <Stack gap="xs">
      {general.map((sentence) => (
        <Notice key={sentence} tone="bad" isLive>
          {sentence}
        </Notice>
      ))}
      {warnings.map((sentence) => (
        <Notice key={sentence} tone="warn">
          {sentence}
        </Notice>
      ))}
    </Stack>
  );
}

interface RowListProps<Entry> {
  readonly kind: MappingKind<Entry>;
  readonly Target: TargetFields<Entry>;
  readonly seen: (group: string) => SeenRow;
  readonly told: Pick<ToldProblems, "byRow">;
  readonly headingId: string;
  readonly rows: readonly Row<Entry>[];
  readonly shown: readonly Row<Entry>[];
  readonly firstPosition: (id: number) => number;
  readonly onChange: (id: number, entry: Entry) => void;
  readonly onRemove: (id: number) => void;
}

function RowList<Entry>(props: RowListProps<Entry>) {
  const { kind, Target, seen, told, rows, shown, onChange, onRemove } = props;
  const standingOf = useMemo(() => standingsOf(rows, kind), [rows, kind]);
  if (rows.length === 0) return <Text className="lg-map-empty">{kind.empty}</Text>;
  return (
    <div data-columns={kind.columns.length}>
      <div className="lg-map-columns" aria-hidden="true">
        {kind.columns.map((column) => (
          <span key={column}>{column}</span>
        ))}
      </div>
      <ol className="lg-map-rows" aria-labelledby={props.headingId}>
        {shown.map(({ id, entry }) => (
          <MappingRow
            key={id}
            {...{ id, entry, kind, Target, onChange, onRemove }}
            {...standingOf(id)}
            {...seen(kind.group(entry))}
            position={props.firstPosition(id)}
            problem={told.byRow.get(id)}
          />
        ))}
      </ol>
    </div>
  );
}

function TenantQueue({
  paged,
  title,
}: {
  readonly paged: ReturnType<typeof usePage>;
  readonly title: string;
}) {
  const { page, pages, first, count, shown, turn } = paged;
  if (pages <= 1) return null;
  return (
    <Group component="nav" aria-label={`Pages of ${title.toLowerCase()}`} gap="sm">
      <Button variant="default" size="xs" disabled={page === 0} onClick={() => turn(page - 1)}>
        Previous
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={page >= pages - 1}
        onClick={() => turn(page + 1)}
      >
        Next
      </Button>
      <Text size="sm" c="dimmed" role="status">
        {(first + 1).toLocaleString()}–{(first + shown.length).toLocaleString()} of{" "}
        {count.toLocaleString()}
      </Text>
    </Group>
  );
}

function Removed<Entry>({
  rows,
  kind,
  onUndo,
}: {
  readonly rows: readonly Row<Entry>[];
  readonly kind: MappingKind<Entry>;
  readonly onUndo: () => void;
}) {
  const last = rows.at(-1);
  const group = last === undefined ? "" : kind.group(last.entry);
  const named = group === "" ? "an empty mapping" : `the mapping of ${group}`;
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed" role="status">
        {last !== undefined && `Removed ${named}.`}
      </Text>
      {last !== undefined && (
        <Button size="compact-sm" variant="default" onClick={onUndo}>
          Undo<span className="lg-hidden"> removing {named}</span>
        </Button>
      )}
    </Group>
  );
}

/** Moves the focus once what was asked for is drawn. */
function useFocus() {
  const frame = useRef<HTMLElement>(null);
  const [wanted, setWanted] = useState<{ readonly selector: string } | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    frame.current?.querySelector<HTMLElement>(wanted.selector)?.focus();
  }, [wanted]);
  return { frame, focusOn: (selector: string) => setWanted({ selector }) };
}
