/** Title and description of a workspace or a project, to be made or changed. */
import { Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { ApiError } from "../api/client.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-state.tsx";

export interface PlaceFields {
  readonly title: string;
  readonly description: string;
}

interface PlaceDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly heading: string;
  readonly saveLabel: string;
  readonly initial: PlaceFields;
  /** Further fields, whose values are the page's. */
  readonly children?: ReactNode;
  /** Saves. The dialog closes when that is done, and shows why where it failed. */
  readonly onSave: (fields: PlaceFields) => Promise<unknown>;
}

/** The dialog; its fields begin anew each time it opens. */
export function PlaceDialog(props: PlaceDialogProps) {
  const { isOpen, onClose, heading } = props;
  return (
    <Dialog opened={isOpen} onClose={onClose} title={heading}>
      <PlaceForm {...props} />
    </Dialog>
  );
}

function PlaceForm({ onClose, saveLabel, initial, children, onSave }: PlaceDialogProps) {
  const [title, setTitle] = useState(initial.title);
  const [description, setDescription] = useState(initial.description);
  const save = useMutation({ mutationFn: onSave, onSuccess: onClose });
  const problems = save.error instanceof ApiError ? save.error.fieldErrors : {};
  const problemOf = (field: string) => {
    const sentences = problems[field];
    return sentences === undefined ? {} : { error: sentences.join(" ") };
  };
  const isTold = problems["title"] !== undefined || problems["description"] !== undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate({ title, description });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Title"
          required
          maxLength={1000}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          {...problemOf("title")}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxRows={8}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          {...problemOf("description")}
        />
        {children}
        {save.error !== null && !isTold && <ErrorNotice error={save.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={title.trim() === ""}>
            {saveLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
