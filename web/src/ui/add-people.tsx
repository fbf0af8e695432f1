/** Adds people to a workspace or a project by hand: whom, what else is asked, and the button. */
import { Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Added, addedSentence, type Candidate } from "../api/members.ts";
import { ErrorNotice } from "./error-state.tsx";
import { notifyDone } from "./notify.tsx";
import { PeoplePicker } from "./people-picker.tsx";

interface AddProps {
  /** Groups alone give members here. */
  readonly isManaged: boolean;
  /** Adds the people with these ids; answers who was added. */
  readonly onAdd: (userIds: readonly number[]) => Promise<Added>;
  /** Short reason why a person cannot be chosen, though shown; null for the others. */
  readonly whyNot?: (person: Candidate) => string | null;
  /** More fields, between the people and the button. */
  readonly children?: ReactNode;
}

/** The fields; a disabled button where groups alone decide. */
export function AddPeople({ isManaged, onAdd, whyNot, children }: AddProps) {
  const [chosen, setChosen] = useState<readonly Candidate[]>([]);
  const add = useMutation({
    mutationFn: async (people: readonly Candidate[]) => await onAdd(people.map(({ id }) => id)),
    onSuccess: (added) => {
      setChosen([]);
      notifyDone(addedSentence(added));
    },
  });
  if (isManaged) {
    return (
      <Group>
        <Button disabled>Add people</Button>
      </Group>
    );
  }
  return (
    <Stack gap="xs">
      <div className="lg-add">
        <PeoplePicker
          label="Add people"
          chosen={chosen}
          onChoose={setChosen}
          {...(whyNot !== undefined && { whyNot })}
        />
        {children}
        <Button
          disabled={chosen.length === 0}
          loading={add.isPending}
          onClick={() => add.mutate(chosen)}
        >
          Add
        </Button>
      </div>
      {add.error !== null && <ErrorNotice error={add.error} />}
    </Stack>
  );
}
