/** A person in a list: the name, and the address that tells two of one name apart. */
import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { may } from "../boot.ts";
import { TextLink } from "./links.tsx";

/** As much of a person as a line shows. */
export interface NamedPerson {
  readonly email: string;
  /** Names may be empty. */
  readonly first_name: string;
  readonly last_name: string;
}

interface PersonNameProps {
  readonly person: NamedPerson;
  /** The name as a link or the like; the plain name where absent. */
  readonly children?: ReactNode;
}

/** The name over the address; the address alone where there is no name. */
export function PersonName({ person, children }: PersonNameProps) {
  const name = personName(person);
  return (
    <Stack gap={0}>
      <span>{children ?? name}</span>
      {name !== person.email && (
        <Text size="sm" c="dimmed" fw={400}>
          {person.email}
        </Text>
      )}
    </Stack>
  );
}

/** The person's name, or the address where none is known. */
export function personName({ email, first_name: first, last_name: last }: NamedPerson): string {
  return `${first} ${last}`.trim() || email;
}

/** The person, with the way to their page for those who may open it. */
export function PersonLink({ person }: { readonly person: NamedPerson & { readonly id: number } }) {
  if (!may("members:read")) return <PersonName person={person} />;
  return (
    <PersonName person={person}>
      <TextLink to="/organization/members/$id" params={{ id: String(person.id) }}>
        {personName(person)}
      </TextLink>
    </PersonName>
  );
}
