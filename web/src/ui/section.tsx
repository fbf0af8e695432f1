/** A card with a heading: one subject of a page. */
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface SectionProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** Buttons at the right of the heading. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
  /** The fragment by which links reach it. */
  readonly id?: string;
}

/** A region of the page, named by its heading. */
export function Section({ title, lead, actions, children, id }: SectionProps) {
  const headingId = useId();
  return (
    <Box component="section" className="lg-card" aria-labelledby={headingId} {...(id && { id })}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Box miw={0} flex="1 1 16rem">
            <Title order={2} size="1.125rem" id={headingId}>
              {title}
            </Title>
            {lead !== undefined && (
              <Text c="dimmed" size="sm" mt={4} maw="44rem" component="div">
                {lead}
              </Text>
            )}
          </Box>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
        {children}
      </Stack>
    </Box>
  );
}
