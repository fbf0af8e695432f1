/** Asks before the page is left while something on it is not saved. */
import { Button, Group, Stack, Text } from "@mantine/core";
// biome-ignore lint/suspicious/noDeprecatedImports: only the old ways to call it are deprecated
import { useBlocker } from "@tanstack/react-router";
import { Dialog } from "../../ui/dialog.tsx";

/** The question; links within the page, such as those of its filters, do not ask. */
export function LeaveGuard({ isDirty }: { readonly isDirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  return (
    <Dialog
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
    >
      <Stack>
        <Text>The mappings that you changed are not saved, and the changes would be lost.</Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            Leave without saving
          </Button>
          <Button data-autofocus onClick={() => blocker.reset?.()}>
            Stay here
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
