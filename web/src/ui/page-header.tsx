/** The head of every page: where one is, its heading, a sentence, and what can be done here. */
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { type PagePath, TextLink } from "./links.tsx";
import { usePageTitle } from "./use-page-title.ts";

interface PageHeaderProps {
  readonly title: string;
  /** One or two sentences on what the page is for. */
  readonly lead?: ReactNode;
  /** Buttons at the right. */
  readonly actions?: ReactNode;
  /** The page above this one. */
  readonly back?: { readonly to: PagePath; readonly label: string };
}

/** Stands once on each page, first. */
export function PageHeader({ title, lead, actions, back }: PageHeaderProps) {
  const heading = usePageTitle(title);
  return (
    <Box component="header" mb="lg">
      {back !== undefined && (
        <Text size="sm" mb={4}>
          <TextLink to={back.to}>← {back.label}</TextLink>
        </Text>
      )}
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} miw={0} flex="1 1 20rem">
          <Title order={1} size="1.625rem" ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {lead !== undefined && (
            <Text c="dimmed" maw="44rem" component="div">
              {lead}
            </Text>
          )}
        </Stack>
        {actions !== undefined && <Group gap="sm">{actions}</Group>}
      </Group>
    </Box>
  );
}
