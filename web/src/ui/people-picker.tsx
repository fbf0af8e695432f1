/**
 * Chooses members of the organization by what is typed of their name or address. The server searches,
 * so that it does not matter how many there are.
 */
import "./people-picker.css";
import { Group, MultiSelect, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { hasAccess, roleName } from "../../../src/access/roles.ts";
import { type Candidate, candidatesQuery } from "../api/members.ts";
import { personName } from "./person-name.tsx";

/** Typing pauses for as long as this when it is done. */
const pauseMs = 200;

interface PeoplePickerProps {
  readonly label: string;
  readonly description?: string;
  readonly chosen: readonly Candidate[];
  readonly onChoose: (people: readonly Candidate[]) => void;
  /** One at most; several where absent. */
  readonly isSingle?: boolean;
  /**
   * Short reason why a person cannot be chosen, though shown; null for the others. The deactivated
   * have theirs anyhow.
   */
  readonly whyNot?: (person: Candidate) => string | null;
}

/** The field with its suggestions; who was chosen stands in it. */
export function PeoplePicker(props: PeoplePickerProps) {
  const { label, description, chosen, onChoose, isSingle = false, whyNot = () => null } = props;
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), pauseMs);
  const found = useQuery(candidatesQuery(search));
  const known = new Map<string, Candidate>();
  for (const person of [...chosen, ...(found.data ?? [])]) known.set(String(person.id), person);
  const refusal = (person: Candidate) => deactivated(person) ?? whyNot(person);
  return (
    <MultiSelect
      label={label}
      {...(description !== undefined && { description })}
      placeholder={chosen.length === 0 ? "Name or e-mail address" : ""}
      classNames={{ input: "lg-picker", inputField: "lg-picker-typed" }}
      searchable
      hidePickedOptions
      maxValues={isSingle ? 1 : 100}
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has searched already, in more than the label.
      filter={({ options }) => options}
      nothingFoundMessage={found.isFetching ? "Searching…" : "Nobody by this name."}
      data={[...known.values()].map((person) => ({
        value: String(person.id),
        label: personName(person),
        disabled: refusal(person) !== null && !chosen.some(({ id }) => id === person.id),
      }))}
      renderOption={({ option }) => {
        const person = known.get(option.value);
        return person === undefined ? option.label : <Option person={person} why={refusal} />;
      }}
      value={chosen.map(({ id }) => String(id))}
      onChange={(ids) => {
        onChoose(ids.flatMap((id) => known.get(id) ?? []));
        setTyped("");
      }}
    />
  );
}

function deactivated({ organization_membership: { role } }: Candidate): string | null {
  return role === "DI" ? roleName(role) : null;
}

function Option({
  person,
  why,
}: {
  readonly person: Candidate;
  readonly why: (person: Candidate) => string | null;
}) {
  const { role } = person.organization_membership;
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" flex={1}>
      <div>
        {personName(person)}
        {personName(person) !== person.email && (
          <Text size="xs" c="dimmed">
            {person.email}
          </Text>
        )}
      </div>
      <Text size="xs" c="dimmed" {...(!hasAccess(role) && { fw: 600 })}>
        {why(person) ?? roleName(role)}
      </Text>
    </Group>
  );
}
