/** The three mapping lists and the preview of who gains and loses what by them. */
import type { ReactNode } from "react";
import { MappingEditor } from "../../mappings/mapping-editor.tsx";
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

/** How mappings are saved: with a look at whom it concerns. */
export interface GroupSaving {
  readonly submit: () => unknown;
  readonly previewButton: ReactNode;
  readonly dialog: ReactNode;
}

/** Saves mappings and calls `onDone`. */
export function useGroupSaving(form: SettingsForm, onDone: () => void): GroupSaving {
  const submit = async () => {
    if (await form.save()) onDone();
  };
  return { submit, previewButton: null, dialog: null };
}
