/** Person of an attempt: the mapped attributes with the groups, and the names of all attributes. */
import { Group } from "@mantine/core";
import type { SignIn } from "../../api/sign-ins.ts";
import { Identity } from "../../story/identity.tsx";
import { Facts } from "../../ui/facts.tsx";

/** The facts; a sentence where nobody was named. */
export function IdentityFacts({ attempt }: { readonly attempt: SignIn }) {
  const { identity, attribute_names: names } = attempt;
  const named = identity && {
    email: identity.email,
    first_name: identity.firstName,
    last_name: identity.lastName,
    groups: identity.groups,
    groups_state: identity.groupsState,
  };
  return (
    <>
      <Identity identity={named} />
      {names.length > 0 && (
        <Facts facts={[["Attribute names", <Codes key="names" values={names} />]]} />
      )}
    </>
  );
}

function Codes({ values }: { readonly values: readonly string[] }) {
  return (
    <Group gap={6}>
      {[...new Set(values)].map((value) => (
        <code key={value} className="lg-code">
          {value}
        </code>
      ))}
    </Group>
  );
}
