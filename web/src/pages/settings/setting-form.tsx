/** One setting with its button: saved by itself, so that a slip in one holds up no other. */
import { Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode, SubmitEvent } from "react";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { notifyDone } from "../../ui/notify.tsx";

interface SettingFormProps {
  /** The field, labelled. */
  readonly children: ReactNode;
  readonly isChanged: boolean;
  /** Sentence that names who may change it, where the person signed in may not; null where they may. */
  readonly whyNot: string | null;
  readonly onSave: () => Promise<unknown>;
  /** Says what holds now, and takes it back. */
  readonly done: string;
  readonly undo: () => Promise<unknown>;
}

/** The form. */
export function SettingForm(props: SettingFormProps) {
  const { children, isChanged, whyNot, onSave, done, undo } = props;
  const save = useMutation({
    mutationFn: async (_told: Pick<SettingFormProps, "done" | "undo">) => await onSave(),
    onSuccess: (_, told) => notifyDone(told.done, told.undo),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    // What takes it back is known now; once it is saved, the page knows the new value alone.
    if (isChanged) save.mutate({ done, undo });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <div className="lg-setting">
          {children}
          {whyNot === null && (
            <Button type="submit" disabled={!isChanged} loading={save.isPending}>
              Save
            </Button>
          )}
        </div>
        {whyNot !== null && (
          <Text size="sm" c="dimmed">
            {whyNot}
          </Text>
        )}
        {save.error !== null && <ErrorNotice error={save.error} />}
      </Stack>
    </form>
  );
}
