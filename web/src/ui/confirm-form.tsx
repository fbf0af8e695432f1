/** The end of a dialog that asks before it acts: a phrase to type where much depends on it, and two buttons. */
import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { asError } from "./as-error.ts";
import { ErrorNotice } from "./error-state.tsx";

interface ConfirmFormProps {
  /** Phrase that must be typed; null where a click is enough. */
  readonly phrase: string | null;
  /** Sentence under the phrase, where it is asked for. */
  readonly consequence?: string;
  /** The dialog opens with the focus in the phrase's field. */
  readonly isPhraseFirst?: boolean;
  /** Label of the button, a verb with its object: "Remove access". */
  readonly confirmLabel: string;
  readonly cancelLabel: string;
  readonly isDanger: boolean;
  readonly className?: string;
  /** Does it. `onClose` follows when that is done; where it failed, the form says why. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** The form, below what `children` say. */
export function ConfirmForm(props: ConfirmFormProps) {
  const { phrase, consequence, isPhraseFirst = false, children, className } = props;
  const [typed, setTyped] = useState("");
  const { confirm, isBusy, error } = useConfirm(props);
  const isMatched = phrase === null || typed.trim() === phrase;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    // A dialog is drawn elsewhere, yet its events reach the form that it belongs to.
    event.stopPropagation();
    if (isMatched && !isBusy) void confirm();
  };
  return (
    <form onSubmit={submit} className={className}>
      <Stack gap="md">
        {children}
        {phrase !== null && (
          <TextInput
            label={`Type “${phrase}” to confirm`}
            description={consequence}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            {...(isPhraseFirst && { "data-autofocus": true })}
          />
        )}
        {error !== null && <ErrorNotice error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={props.onClose}>
            {props.cancelLabel}
          </Button>
          <Button
            type="submit"
            loading={isBusy}
            disabled={!isMatched}
            {...(props.isDanger && { color: "red" })}
          >
            {props.confirmLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useConfirm({ onConfirm, onClose }: Pick<ConfirmFormProps, "onConfirm" | "onClose">) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const confirm = async () => {
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
  return { confirm, isBusy, error };
}
