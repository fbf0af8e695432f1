/** The question before a page is left while something on it is not saved. Who asks it, and when, says the page. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { Dialog } from "./dialog.tsx";

interface LeaveProps {
  /** Result of the router's useBlocker with a resolver; its status is "blocked" while it asks. */
  readonly blocker: {
    readonly status: string;
    readonly reset?: (() => void) | undefined;
    readonly proceed?: (() => void) | undefined;
  };
  /** Sentence about what would be lost. */
  readonly children: string;
}

/** The dialog; Escape and "Stay here" leave everything as it is. */
export function LeaveQuestion({ blocker, children }: LeaveProps) {
  return (
    <Dialog
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
    >
      <Stack>
        <Text>{children}</Text>
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
