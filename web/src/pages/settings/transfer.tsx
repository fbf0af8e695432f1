/** Handing the organization to a new Owner (PRODUCT 1.3). */
import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { hasAccess, roleName } from "../../../../src/access/roles.ts";
import type { Candidate } from "../../api/members.ts";
import { transferOrganization } from "../../api/organization.ts";
import { boot } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { PeoplePicker } from "../../ui/people-picker.tsx";
import { personName } from "../../ui/person-name.tsx";
import { Section } from "../../ui/section.tsx";

/** The section; only the Owner sees it. */
export function Transfer() {
  const [chosen, setChosen] = useState<readonly Candidate[]>([]);
  const [isAsking, setIsAsking] = useState(false);
  const [person] = chosen;
  const name = person === undefined ? "" : personName(person);
  return (
    <Section
      title="Hand the organization over"
      lead="There is one Owner. Whoever you choose becomes it, and you become Administrator."
    >
      <PeoplePicker
        label="New Owner"
        isSingle
        chosen={chosen}
        onChoose={setChosen}
        whyNot={unfit}
      />
      <Group>
        <Button
          color="red"
          variant="light"
          disabled={person === undefined}
          onClick={() => setIsAsking(true)}
        >
          Hand over…
        </Button>
      </Group>
      <ConfirmTyped
        isOpen={isAsking && person !== undefined}
        onClose={() => setIsAsking(false)}
        title={`Make ${name} the Owner?`}
        phrase={person?.email ?? null}
        confirmLabel="Hand the organization over"
        onConfirm={async () => {
          if (person === undefined) return;
          await transferOrganization(person.id);
          // What this page may do was told with the document, and is another thing now.
          window.location.assign("/organization/members");
        }}
      >
        They decide about everything here, and only they can hand it back to you.
      </ConfirmTyped>
    </Section>
  );
}

/** The new Owner must be an active member, and another one. */
function unfit({ id, organization_membership: { role } }: Candidate): string | null {
  if (id === boot.user.id) return "You";
  return hasAccess(role) ? null : roleName(role);
}
