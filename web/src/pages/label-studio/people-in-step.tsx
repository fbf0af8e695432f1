/** People who have an account in Label Studio, and those for whom an administrator must decide. */
import { Button, Group, NumberInput, Text } from "@mantine/core";
import { type SubmitEvent, useState } from "react";
import { type ConnectedStudio, linkPerson, type WaitingPerson } from "../../api/upstream.ts";
import { may } from "../../boot.ts";
import { asError } from "../../ui/as-error.ts";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { Facts } from "../../ui/facts.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";

/** The section. */
export function PeopleInStep({ people }: { readonly people: ConnectedStudio["people"] }) {
  const { count, linked, waiting, problems, former_addresses: former } = people;
  return (
    <Section
      title="People"
      lead={`${linked} of ${count} people have an account in Label Studio.${waiting > 0 ? ` ${waiting} wait for theirs.` : ""}`}
    >
      {problems.map((person) => (
        <Waiting key={person.id} person={person} />
      ))}
      {former.length > 0 && (
        <>
          <Text>
            Label Studio cannot change an address: these people are known there by their former one.
          </Text>
          <Facts facts={former.map((each) => [each.email, each.upstream_email] as const)} />
        </>
      )}
    </Section>
  );
}

function Waiting({ person }: { readonly person: WaitingPerson }) {
  const { email, problem, is_undecided: isUndecided } = person;
  return (
    <div>
      <Text fw={600}>{email}</Text>
      <Text c="dimmed" size="sm">
        {problem ?? "The account is made at the next occasion."}
      </Text>
      {isUndecided && may("upstream:write") && <LinkForm person={person} />}
    </div>
  );
}

function LinkForm({ person: { id, email } }: { readonly person: WaitingPerson }) {
  const [number, setNumber] = useState<number | string>("");
  const [error, setError] = useState<Error | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setError(null);
    try {
      await linkPerson(id, Number(number));
      notifyDone(`${email} is linked to account ${number}.`);
    } catch (thrown) {
      setError(asError(thrown));
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group align="flex-end" gap="sm" mt="xs">
        <NumberInput
          label={`Number of the Label Studio account of ${email}`}
          value={number}
          onChange={setNumber}
          min={1}
          allowDecimal={false}
          hideControls
        />
        <Button type="submit" variant="default" disabled={number === ""}>
          Link
        </Button>
      </Group>
      {error !== null && <ErrorNotice error={error} />}
    </form>
  );
}
