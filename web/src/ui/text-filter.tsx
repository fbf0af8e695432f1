/** Fields to filter a log by: what is typed counts once it is finished, by Enter or by leaving the field. */
import { Autocomplete, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { peopleSearchQuery } from "../api/people-search.ts";

interface TextFilterProps {
  readonly label: string;
  readonly placeholder?: string;
  /** Text of the present filter; where it changes from outside, give the field it as `key` too. */
  readonly value: string;
  readonly onFilter: (text: string) => void;
}

/** A field for any text. */
export function TextFilter({ label, placeholder, value, onFilter }: TextFilterProps) {
  const typing = useTyping(value, onFilter);
  return (
    <TextInput
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      value={typing.text}
      onChange={(event) => typing.type(event.currentTarget.value)}
      onBlur={typing.finish}
      onKeyDown={typing.onKeyDown}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

/** A field for a person's e-mail address; suggests members by any part of name or address. */
export function PersonFilter({ label, placeholder, value, onFilter }: TextFilterProps) {
  const typing = useTyping(value, onFilter);
  const [searched] = useDebouncedValue(typing.text, pauseMs);
  const { data = [] } = useQuery(peopleSearchQuery(searched === value ? "" : searched));
  return (
    <Autocomplete
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      data={data}
      // The server searched; names that it found by need not stand in the address.
      filter={({ options }) => options}
      value={typing.text}
      onChange={typing.type}
      onOptionSubmit={(email) => {
        typing.type(email);
        onFilter(email);
      }}
      onBlur={typing.finish}
      onKeyDown={typing.onKeyDown}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

const pauseMs = 200;

function useTyping(value: string, onFilter: (text: string) => void) {
  const [text, setText] = useState(value);
  const finish = () => {
    if (text.trim() !== value) onFilter(text.trim());
  };
  return {
    text,
    type: setText,
    finish,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter") finish();
    },
  };
}
