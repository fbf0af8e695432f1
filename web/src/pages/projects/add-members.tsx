/** Adds people to a project by hand, with a role of their own where one is chosen. */
import { Button, Group, Select, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ProjectRole } from "../../../../src/access/roles.ts";
import { addedSentence, type Candidate } from "../../api/members.ts";
import { addProjectMembers } from "../../api/projects.ts";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { PeoplePicker } from "../../ui/people-picker.tsx";
import { roleChoices } from "./role-choices.ts";

interface AddProps {
  readonly projectId: number;
  /** Groups alone give members here. */
  readonly isManaged: boolean;
}

/** The fields; a disabled button where groups alone decide. */
export function AddProjectMembers({ projectId, isManaged }: AddProps) {
  const [chosen, setChosen] = useState<readonly Candidate[]>([]);
  const [role, setRole] = useState<ProjectRole>("IN");
  const add = useMutation({
    mutationFn: async (people: readonly Candidate[]) =>
      await addProjectMembers(
        projectId,
        people.map(({ id }) => id),
        role,
      ),
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
          whyNot={(person) => (role === "IN" ? null : roleless(person))}
        />
        <Select
          label="Role here"
          allowDeselect={false}
          data={roleChoices}
          value={role}
          onChange={(value) => value !== null && setRole(value)}
        />
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

/** A Manager or above is never lowered inside a project (PRODUCT 1.5). */
function roleless({ organization_membership: { role } }: Candidate): string | null {
  return role === "OW" || role === "AD" || role === "MA" ? "Keeps their own role" : null;
}
