/** The group of a mapping: free text, since names compare exactly, with those that were seen offered. */
import { Autocomplete, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type KnownGroup, knownGroupsQuery } from "../api/mapping-targets.ts";
import { type FieldProps, inputProps } from "./row-field.tsx";

/** Typing pauses for as long as this when it is done. */
const pauseMs = 200;
const maxOffered = 20;

/** The field. Where no groups can be asked for it is a field for text. */
export function GroupField(props: FieldProps<string>) {
  const { value, onChange } = props;
  const [isOpen, setIsOpen] = useState(false);
  const [isTyped, setIsTyped] = useState(false);
  const wanted = isTyped ? value.trim() : "";
  const [search] = useDebouncedValue(wanted, pauseMs);
  const { data = [], isPlaceholderData } = useQuery({
    ...knownGroupsQuery(search, maxOffered),
    enabled: isOpen,
    placeholderData: keepPreviousData,
  });
  const byName = new Map<string, readonly KnownGroup[]>();
  // What was found for less text is offered as far as it still fits.
  const isSettled = search === wanted && !isPlaceholderData;
  const fits = ({ group }: KnownGroup) =>
    isSettled || group.toLowerCase().includes(wanted.toLowerCase());
  for (const known of data.filter(fits))
    byName.set(known.group, [...(byName.get(known.group) ?? []), known]);
  return (
    <Autocomplete
      {...inputProps(props)}
      value={value}
      data={[...byName.keys()]}
      filter={({ options }) => options}
      withScrollArea={false}
      classNames={{ options: "lg-map-options" }}
      openOnFocus={false}
      onFocus={() => setIsTyped(false)}
      onDropdownOpen={() => setIsOpen(true)}
      onDropdownClose={() => setIsOpen(false)}
      onChange={(group) => {
        setIsTyped(true);
        onChange(group);
      }}
      renderOption={({ option }) => <Offered name={option.value} ways={byName.get(option.value)} />}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

function Offered({
  name,
  ways = [],
}: {
  readonly name: string;
  readonly ways?: readonly KnownGroup[] | undefined;
}) {
  return (
    <div>
      <Text span className="lg-map-offered">
        {name}
      </Text>
      <Text size="xs" c="dimmed">
        {ways.map(wayOf).join(", ")}
      </Text>
    </div>
  );
}

function wayOf({ members, source }: KnownGroup): string {
  const people = members === 1 ? "1 member" : `${members.toLocaleString()} members`;
  return source === "saml" ? `${people} by SAML` : `${people} by SCIM`;
}
