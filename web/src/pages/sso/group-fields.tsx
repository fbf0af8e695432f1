/**
 * The three mapping lists, and saving them: whoever would gain or lose anything is shown first, and
 * nothing is shown where nobody would.
 */
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { previewQuery } from "../../api/preview.ts";
import { queryClient } from "../../api/query-client.ts";
import { MappingEditor } from "../../mappings/mapping-editor.tsx";
import { PreviewDialog } from "../../mappings/preview-dialog.tsx";
import { asError } from "../../ui/as-error.ts";
import type { SettingsForm } from "./use-settings-form.ts";

/** The fields of the mapping lists. */
export const groupFieldNames = ["roles_groups", "workspaces_groups", "projects_groups"] as const;

/** The three tables. */
export function GroupFields({ form }: { readonly form: SettingsForm }) {
  return (
    <MappingEditor
      kind="saml"
      value={form.values}
      onChange={({ roles_groups, workspaces_groups, projects_groups }) =>
        form.set({ roles_groups, workspaces_groups, projects_groups })
      }
      errors={form.errors}
      warnings={form.saved.warnings}
    />
  );
}

/** Saving of mappings, with a preview of the people whom it concerns. */
export interface GroupSaving {
  readonly isBusy: boolean;
  readonly submit: () => unknown;
  /** Null while there is nothing to look ahead to. */
  readonly previewButton: ReactNode;
  /** Stands outside the form. */
  readonly dialog: ReactNode;
}

/** Saves mappings and calls `onDone`. */
export function useGroupSaving(form: SettingsForm, onDone: () => void): GroupSaving {
  const [isLooking, setIsLooking] = useState(false);
  const [isShown, setIsShown] = useState(false);
  const previewed = { kind: "saml", patch: form.patch } as const;
  const save = async () => {
    if (await form.save()) onDone();
  };
  const submit = async () => {
    if (!form.isDirty) return onDone();
    setIsLooking(true);
    try {
      const { summary } = await queryClient.fetchQuery(previewQuery(previewed, 1));
      if (summary.changed > 0) setIsShown(true);
      else await save();
    } catch (error) {
      form.refuse(asError(error));
    } finally {
      setIsLooking(false);
    }
  };
  return {
    isBusy: isLooking || form.isBusy,
    submit,
    previewButton: form.isDirty && (
      <Button variant="default" onClick={() => setIsShown(true)}>
        Preview
      </Button>
    ),
    dialog: (
      <PreviewDialog
        {...previewed}
        isOpen={isShown}
        onClose={() => setIsShown(false)}
        onConfirm={save}
        onRefused={form.refuse}
      />
    ),
  };
}
