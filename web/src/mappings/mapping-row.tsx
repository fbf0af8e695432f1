/** One mapping: its fields, what is likely to be a slip in it, and the button that removes it. */
import { ActionIcon, Button, Text } from "@mantine/core";
import { memo, type ReactNode } from "react";
import { TrashIcon } from "../ui/icons.tsx";
import { GroupField } from "./group-field.tsx";
import type { MappingKind } from "./kinds.tsx";
import type { RowProblem } from "./problems.ts";
import { hintsOf, type RowHint } from "./row-hints.ts";

/** Component that draws the fields before the group. */
export type TargetFields<Entry> = (props: {
  readonly entry: Entry;
  readonly position: number;
  readonly error: string | undefined;
  readonly onChange: (entry: Entry) => void;
}) => ReactNode;

interface RowProps<Entry> {
  readonly id: number;
  readonly entry: Entry;
  readonly position: number;
  readonly kind: MappingKind<Entry>;
  readonly Target: TargetFields<Entry>;
  readonly problem: RowProblem | undefined;
  readonly isRepeated: boolean;
  readonly conflict: string | null;
  readonly isSeen: boolean;
  readonly instead: string | undefined;
  readonly insteadMembers: number | undefined;
  readonly onChange: (id: number, entry: Entry) => void;
  readonly onRemove: (id: number) => void;
}

function PlainRow<Entry>(props: RowProps<Entry>) {
  const { id, entry, position, kind, Target, problem, onChange, onRemove } = props;
  const group = kind.group(entry);
  const hints = hintsOf(group, props);
  const change = (changed: Entry) => onChange(id, changed);
  const errorOf = (field: RowProblem["field"]) =>
    problem?.field === field ? problem.text : undefined;
  return (
    <li className="lg-map-row" data-row={id}>
      <fieldset>
        <legend className="lg-hidden">Mapping {position}</legend>
        <Target entry={entry} position={position} error={errorOf("target")} onChange={change} />
        <div className="lg-map-cell">
          <GroupField
            label="Group"
            position={position}
            value={group}
            error={errorOf("group")}
            onChange={(changed) => change(kind.withGroup(entry, changed))}
          />
          {hints.map((hint) => (
            <Hint
              key={hint.text}
              hint={hint}
              onFix={(name) => change(kind.withGroup(entry, name))}
            />
          ))}
        </div>
        <ActionIcon
          className="lg-map-remove"
          variant="subtle"
          color="red"
          size="input-sm"
          aria-label={`Remove mapping ${position}${group === "" ? "" : `, ${group}`}`}
          onClick={() => onRemove(id)}
        >
          <TrashIcon />
        </ActionIcon>
      </fieldset>
    </li>
  );
}

/** Drawn anew only where it changed: there may be many. */
export const MappingRow = memo(PlainRow) as typeof PlainRow;

function Hint({
  hint: { text, fix },
  onFix,
}: {
  readonly hint: RowHint;
  readonly onFix: (group: string) => void;
}) {
  return (
    <Text size="sm" className="lg-map-hint" component="div">
      {text}{" "}
      {fix !== undefined && (
        <Button size="compact-sm" variant="default" onClick={() => onFix(fix.group)}>
          {fix.label}
        </Button>
      )}
    </Text>
  );
}
