/** Short news in the corner: what was done, with a way to take it back where there is one. */
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ApiError } from "../api/client.ts";
import { asError } from "./as-error.ts";

/** News that can be undone stay long enough to be read and reached by keyboard. */
const undoMs = 15_000;
const doneMs = 5_000;

/** Says what was done. `undo`, where given, takes it back. */
export function notifyDone(sentence: string, undo?: () => Promise<unknown>): void {
  if (undo === undefined) {
    notifications.show({ message: sentence, autoClose: doneMs });
    return;
  }
  const id = notifications.show({
    autoClose: undoMs,
    message: (
      <Group justify="space-between" gap="sm">
        <Text size="sm">{sentence}</Text>
        <Button size="compact-sm" variant="default" onClick={() => void takeBack(id, undo)}>
          Undo
        </Button>
      </Group>
    ),
  });
}

/** Says what did not work, where no form is there to say it. */
export function notifyFailed(error: Error): void {
  const message =
    error instanceof ApiError ? error.detail : "Something went wrong. Load the page again.";
  notifications.show({ message, color: "red", autoClose: false });
}

async function takeBack(id: string, undo: () => Promise<unknown>): Promise<void> {
  notifications.hide(id);
  try {
    await undo();
    notifyDone("Taken back.");
  } catch (error) {
    notifyFailed(asError(error));
  }
}
