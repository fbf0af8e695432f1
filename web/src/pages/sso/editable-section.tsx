/** A subject of the settings: what it stands on, and its form in the same place while it is edited. */
import { Button, Group } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { Section } from "../../ui/section.tsx";
import { type FormField, FormFrame } from "./form-parts.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

interface EditableSectionProps {
  readonly id: string;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly form: SettingsForm;
  readonly fields: readonly FormField[];
  /** Present values, while nothing is edited. */
  readonly summary: ReactNode;
  /** The fields, while it is edited. */
  readonly children: ReactNode;
  /** More buttons beside Save. */
  readonly actions?: ReactNode;
  /** True where there is something to save; the form's own state by default. */
  readonly isDirty?: boolean;
  /** True while it is being saved; the form's own state by default. */
  readonly isBusy?: boolean;
  /** Saves and closes; the form's own saving, unless told. */
  readonly onSave?: () => unknown;
}

/** The section; opening it gives the focus to its first field, closing it back to the button. */
export function EditableSection(props: EditableSectionProps) {
  const { id, title, lead, isOpen, onOpen, summary } = props;
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (wasOpen.current && !isOpen) button.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return (
    <Section
      id={id}
      title={title}
      {...(lead !== undefined && { lead })}
      actions={
        isOpen ? undefined : (
          <Button
            variant="default"
            ref={button}
            aria-label={`Edit: ${title}`}
            onClick={() => onOpen(true)}
          >
            Edit
          </Button>
        )
      }
    >
      {isOpen ? <SectionForm {...props} /> : summary}
    </Section>
  );
}

function SectionForm(props: EditableSectionProps) {
  const { form, fields, children, actions, onOpen } = props;
  const { isDirty = form.isDirty, isBusy = form.isBusy } = props;
  const { frame } = form;
  useEffect(() => {
    frame.current?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
  }, [frame]);
  const save = async () => {
    if (await form.save()) onOpen(false);
  };
  return (
    <FormFrame
      form={form}
      fields={fields}
      onSubmit={props.onSave ?? save}
      footer={
        <Group justify="flex-end" gap="sm">
          <Button
            variant="default"
            onClick={() => {
              form.discard();
              onOpen(false);
            }}
          >
            Cancel
          </Button>
          {actions}
          <Button type="submit" loading={isBusy} disabled={!isDirty}>
            Save
          </Button>
        </Group>
      }
    >
      {children}
    </FormFrame>
  );
}
