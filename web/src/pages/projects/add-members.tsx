/** Adds people to a project by hand, with a role of their own where one is chosen. */
import { Select } from "@mantine/core";
import { useState } from "react";
import type { ProjectRole } from "../../../../src/access/roles.ts";
import type { Candidate } from "../../api/members.ts";
import { addProjectMembers } from "../../api/projects.ts";
import { AddPeople } from "../../ui/add-people.tsx";
import { roleChoices } from "./role-choices.ts";

interface AddProps {
  readonly projectId: number;
  /** Groups alone give members here. */
  readonly isManaged: boolean;
}

/** The fields; a disabled button where groups alone decide. */
export function AddProjectMembers({ projectId, isManaged }: AddProps) {
  const [role, setRole] = useState<ProjectRole>("IN");
  return (
    <AddPeople
      isManaged={isManaged}
      onAdd={async (userIds) => await addProjectMembers(projectId, userIds, role)}
      whyNot={(person) => (role === "IN" ? null : roleless(person))}
    >
      <Select
        label="Role here"
        allowDeselect={false}
        data={roleChoices}
        value={role}
        onChange={(value) => value !== null && setRole(value)}
      />
    </AddPeople>
  );
}

/** A Manager or above is never lowered inside a project (PRODUCT 1.5). */
function roleless({ organization_membership: { role } }: Candidate): string | null {
  return role === "OW" || role === "AD" || role === "MA" ? "Keeps their own role" : null;
}
