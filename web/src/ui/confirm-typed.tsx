/**
 * The question before something that takes access or cannot be had back: what will happen, and a phrase
 * to type where much depends on it.
 */
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { asError } from "./as-error.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-state.tsx";

interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What will happen, in sentences. */
  readonly children: ReactNode;
  /** What must be typed; nothing where a click is enough. */
  readonly phrase?: string | null;
  /** What the button does, as a verb with its object: "Remove access". */
  readonly confirmLabel: string;
  readonly isDanger?: boolean;
  /** Does it. The dialog closes when that is done, and shows why where it failed. */
  readonly onConfirm: () => Promise<unknown>;
}

/** The dialog; Escape and "Cancel" leave everything as it is. */
export function ConfirmTyped(props: ConfirmProps) {
  const { isOpen, onClose, title } = props;
  return (
    <Dialog opened={isOpen} onClose={onClose} title={title}>
      <Question {...props} />
    </Dialog>
  );
}

function Question(props: ConfirmProps) {
  const { onClose, children, phrase = null, confirmLabel, isDanger = true, onConfirm } = props;
  const [typed, setTyped] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const isMatched = phrase === null || typed.trim() === phrase;
  const confirm = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!isMatched || isBusy) return;
    setIsBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(asError(thrown));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form onSubmit={confirm}>
      <Stack gap="md">
        <Text component="div">{children}</Text>
        {phrase !== null && (
          <TextInput
            data-autofocus
            label={`Type “${phrase}” to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        {error !== null && <ErrorNotice error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={isBusy}
            disabled={!isMatched}
            {...(isDanger && { color: "red" })}
          >
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
