/**
 * The question before something that takes access or cannot be restored: what will happen, and a phrase
 * to type where much depends on it.
 */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ConfirmForm } from "./confirm-form.tsx";
import { Dialog } from "./dialog.tsx";

interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** Description of the effects, in sentences. */
  readonly children: ReactNode;
  /** Phrase that must be typed; none where a click is enough. */
  readonly phrase?: string | null;
  /** Label of the button, a verb with its object: "Remove access". */
  readonly confirmLabel: string;
  readonly isDanger?: boolean;
  /** Does it. The dialog closes when that is done, and shows why where it failed. */
  readonly onConfirm: () => Promise<unknown>;
}

/** The dialog; Escape and "Cancel" leave everything as it is. */
export function ConfirmTyped(props: ConfirmProps) {
  const { isOpen, onClose, title, children, phrase = null, isDanger = true } = props;
  return (
    <Dialog opened={isOpen} onClose={onClose} title={title}>
      <ConfirmForm
        phrase={phrase}
        isPhraseFirst
        confirmLabel={props.confirmLabel}
        cancelLabel="Cancel"
        isDanger={isDanger}
        onConfirm={props.onConfirm}
        onClose={onClose}
      >
        <Text component="div">{children}</Text>
      </ConfirmForm>
    </Dialog>
  );
}
