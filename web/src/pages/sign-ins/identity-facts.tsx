/** Who an attempt was about: the mapped attributes, the groups, and the names of all attributes. */
import { Group, Text } from "@mantine/core";
import type { SignIn, SignInIdentity } from "../../api/sign-ins.ts";
import { Facts } from "../../ui/facts.tsx";
import { Tag } from "../../ui/tag.tsx";

const groupsWords: Readonly<Record<SignInIdentity["groupsState"], string>> = {
  absent: "The response has no attribute of groups. Roles and places stay as they were.",
  empty: "The attribute of groups is empty: the person is in no group.",
  present: "None.",
  overage:
    "The person is in more groups than Entra ID sends in a response. Send only the groups assigned to the application.",
};

/** The facts; a sentence where nobody was named. */
export function IdentityFacts({ attempt }: { readonly attempt: SignIn }) {
  const { identity, attribute_names: names } = attempt;
  return (
    <>
      {identity === null ? (
        <Text c="dimmed">
          The attempt ended before the person was known. Nothing that a response says of a person is
          kept before it is checked.
        </Text>
      ) : (
        <Facts
          facts={[
            ["E-mail", identity.email],
            ["First name", identity.firstName ?? "Not sent"],
            ["Last name", identity.lastName ?? "Not sent"],
            ["Groups", <Groups key="groups" identity={identity} />],
          ]}
        />
      )}
      {names.length > 0 && (
        <Facts facts={[["Attribute names", <Codes key="names" values={names} />]]} />
      )}
    </>
  );
}

function Groups({ identity: { groups, groupsState } }: { readonly identity: SignInIdentity }) {
  if (groups.length === 0) return <>{groupsWords[groupsState]}</>;
  return (
    <Group gap={6}>
      {[...new Set(groups)].map((group) => (
        <Tag key={group}>{group}</Tag>
      ))}
    </Group>
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
