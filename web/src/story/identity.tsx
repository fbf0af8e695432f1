/** Person that a response names, by the attribute names of the settings. */
import { Group, Text } from "@mantine/core";
import type { ReportIdentity } from "../api/trials.ts";
import { Facts } from "../ui/facts.tsx";
import { Tag } from "../ui/tag.tsx";

/** More groups are counted. */
const maxGroups = 100;

const withoutGroups: Readonly<Record<ReportIdentity["groups_state"], string>> = {
  absent: "The response has no attribute of groups, which counts as no groups.",
  empty: "The attribute of groups is empty: the person is in no group.",
  present: "None.",
  overage:
    "Unknown: the person is in more groups than Entra ID sends in a response, so that nothing of their access changes. Send only the groups assigned to the application.",
};

/** The facts; a sentence where nobody was named. */
export function Identity({ identity }: { readonly identity: ReportIdentity | null }) {
  if (identity === null) {
    return <Text c="dimmed">A check failed before it was known who the person is.</Text>;
  }
  return (
    <Facts
      facts={[
        ["E-mail", identity.email],
        ["First name", identity.first_name ?? "Not sent"],
        ["Last name", identity.last_name ?? "Not sent"],
        ["Groups", <Groups key="groups" identity={identity} />],
      ]}
    />
  );
}

function Groups({
  identity: { groups, groups_state: state },
}: {
  readonly identity: ReportIdentity;
}) {
  if (groups.length === 0) return <>{withoutGroups[state]}</>;
  const names = [...new Set(groups)];
  return (
    <Group gap={6}>
      {names.slice(0, maxGroups).map((group) => (
        <Tag key={group}>{group}</Tag>
      ))}
      {names.length > maxGroups && `and ${names.length - maxGroups} more`}
    </Group>
  );
}
