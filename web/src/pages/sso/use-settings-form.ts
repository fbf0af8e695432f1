/**
 * State of a form over the saved settings. Both the steps of the set-up and the sections of the page
 * are such forms. Typed text stays through every refusal; the first field that the server refuses
 * gets the focus.
 */
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { SamlFields } from "../../../../src/access/settings-table.ts";
import { ApiError, type FieldErrors } from "../../api/client.ts";
import { type SamlPatch, type SamlSettings, saveSamlSettings } from "../../api/saml-settings.ts";
import { asError } from "../../ui/as-error.ts";
import { useUnsaved } from "./unsaved.tsx";

type Draft = Partial<SamlFields>;

const attributeFields = [
  ...(["mapping_email", "mapping_first_name"] as const),
  ...(["mapping_last_name", "mapping_groups"] as const),
];

/** A form over a part of the settings. */
export interface SettingsForm {
  /** As they are saved. */
  readonly saved: SamlSettings;
  /** As they are saved, with what is typed over them. */
  readonly values: SamlSettings;
  /** Changes that saving would send. */
  readonly patch: SamlPatch;
  readonly isDirty: boolean;
  readonly isBusy: boolean;
  /** Why the last attempt was refused; null where it was not. */
  readonly error: Error | null;
  readonly errors: FieldErrors;
  /** The element whose first refused field gets the focus. */
  readonly frame: RefObject<HTMLFormElement | null>;
  set(changed: Draft): void;
  discard(): void;
  /** Saves, by default what was typed. True when that is done; a refusal is in `error`. */
  save(work?: () => Promise<unknown>): Promise<boolean>;
  /** Shows a refusal of something that was done with the form's values. */
  refuse(error: Error): void;
}

/** A form over `saved`. */
export function useSettingsForm(saved: SamlSettings): SettingsForm {
  const [draft, setDraft] = useState<Draft>({});
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const frame = useRef<HTMLFormElement>(null);
  const patch = patchOf(saved, draft);
  const isDirty = Object.keys(patch).length > 0;
  const markClean = useUnsaved(isDirty);
  useFocusOnRefusal(frame, error);
  const discard = useCallback(() => {
    setDraft({});
    setError(null);
  }, []);
  return {
    ...{ saved, patch, isDirty, isBusy, error, frame, discard },
    values: { ...saved, ...draft },
    errors: error instanceof ApiError ? error.fieldErrors : {},
    set: (changed) => setDraft((before) => ({ ...before, ...changed })),
    refuse: setError,
    save: async (work = async () => isDirty && (await saveSamlSettings(patch))) => {
      setIsBusy(true);
      setError(null);
      try {
        await work();
        markClean();
        setDraft({});
        return true;
      } catch (thrown) {
        setError(asError(thrown));
        return false;
      } finally {
        setIsBusy(false);
      }
    },
  };
}

/**
 * The fields that differ from the saved ones. Where the provider changes all four attribute names are
 * sent, since the server fills in the preset's for those that are not.
 */
function patchOf(saved: SamlFields, draft: Draft): SamlPatch {
  const names = Object.keys(draft) as (keyof SamlFields)[];
  const changed = names.filter((name) => !isSame(saved[name], draft[name]));
  const values = { ...saved, ...draft };
  const sent = changed.includes("idp_provider")
    ? new Set([...changed, ...attributeFields])
    : new Set(changed);
  return Object.fromEntries([...sent].map((name) => [name, values[name]]));
}

function isSame(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

function useFocusOnRefusal(frame: RefObject<HTMLFormElement | null>, error: Error | null): void {
  useEffect(() => {
    if (error === null) return;
    const refused =
      frame.current?.querySelector<HTMLElement>('[aria-invalid="true"]') ??
      frame.current?.querySelector<HTMLElement>("[data-refusal]");
    refused?.focus();
  }, [frame, error]);
}
