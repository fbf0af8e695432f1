/** Common parts of every form over the settings: its frame, its refusal, the error of a field. */
import { Stack } from "@mantine/core";
import type { ReactNode, SubmitEvent } from "react";
import type { SamlFields } from "../../../../src/access/settings-table.ts";
import { ApiError, type FieldErrors } from "../../api/client.ts";
import type { HandMadeProvider } from "../../api/saml-settings.ts";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

/** Field of a form over the settings. */
export type FormField = keyof SamlFields | keyof HandMadeProvider;

interface FormFrameProps {
  readonly form: SettingsForm;
  /** The fields that show their own errors; those of others are told above the buttons. */
  readonly fields: readonly FormField[];
  readonly onSubmit: () => unknown;
  readonly children: ReactNode;
  /** The buttons. */
  readonly footer: ReactNode;
}

/** The form; the browser's own validation stays out of it. */
export function FormFrame({ form, fields, onSubmit, children, footer }: FormFrameProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!form.isBusy) onSubmit();
  };
  return (
    <form ref={form.frame} onSubmit={submit} noValidate>
      <Stack gap="lg">
        {children}
        <Refusal error={form.error} fields={fields} />
        {footer}
      </Stack>
    </form>
  );
}

/** Why nothing was saved. */
function Refusal({
  error,
  fields,
}: {
  readonly error: Error | null;
  readonly fields: readonly FormField[];
}) {
  if (error === null) return null;
  if (!(error instanceof ApiError)) return <ErrorNotice error={error} />;
  const elsewhere = Object.entries(error.fieldErrors).filter(
    ([name]) => !(fields as readonly string[]).includes(name),
  );
  const isToldByFields = error.status === 400 && Object.keys(error.fieldErrors).length > 0;
  return (
    <div tabIndex={-1} data-refusal>
      {isToldByFields ? (
        <Notice tone="bad" isLive title="Nothing was saved.">
          {elsewhere.length === 0
            ? "Mend what is marked above, then save again. What you typed is still there."
            : elsewhere.flatMap(([, sentences]) => sentences).join(" ")}
        </Notice>
      ) : (
        <ErrorNotice error={error} />
      )}
    </div>
  );
}

/** The `error` of an input, where the field has one. */
export function errorOf(errors: FieldErrors, field: FormField): { error?: string } {
  const sentences = errors[field];
  return sentences === undefined || sentences.length === 0 ? {} : { error: sentences.join(" ") };
}
