/** The reasons of an attempt, grouped by what they are about; hints first, since they ask for something. */
import { Box, Stack, Title } from "@mantine/core";
import type { Reason, ReasonSubject } from "../../../src/access/changes.ts";
import { ReasonList } from "../ui/reason-list.tsx";

const groups: readonly (readonly [title: string, subjects: readonly ReasonSubject[]])[] = [
  ["Worth a look", ["hint"]],
  ["Account", ["account", "name"]],
  ["Role", ["role", "seat"]],
  ["Workspaces", ["workspace"]],
  ["Projects", ["project"]],
];

/** The groups that have a reason. */
export function GroupedReasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  return (
    <Stack gap="lg">
      {groups.map(([title, subjects]) => {
        const found = reasons.filter(({ subject }) => subjects.includes(subject));
        if (found.length === 0) return null;
        return (
          <Box key={title}>
            <Title order={3} size="1rem" mb="xs">
              {title}
            </Title>
            <ReasonList reasons={found} />
          </Box>
        );
      })}
    </Stack>
  );
}
