/** A field to search by; asks once the typing pauses. */
import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { InspectIcon } from "./icons.tsx";

/** Typing pauses for as long as this when it is done. */
const pauseMs = 250;

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder?: string;
  /** Text of the present search. */
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** The field; what is typed stands at once, and is searched for after the pause. */
export function SearchField({ label, placeholder, value, onSearch }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback(onSearch, pauseMs);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      leftSection={<InspectIcon />}
      value={typed}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        search(text.trim());
      }}
    />
  );
}
