/** In place of a list that has nothing in it: why, and what to do about it. */
import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface EmptyStateProps {
  /** A sentence: what there is none of. */
  readonly title: string;
  /** Announcement of what will be here, or the way to create it. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Centred in the card that would hold the list. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text c="dimmed" maw="32rem" component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
