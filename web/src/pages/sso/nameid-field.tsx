/** The NameID that requests ask for (PRODUCT 2.5). Nobody is known by it; some providers refuse what is asked. */
import { NativeSelect } from "@mantine/core";
import {
  type NameIdFormat,
  nameIdFormatOf,
  nameIdFormats,
} from "../../../../src/access/nameid-format.ts";
import { errorOf } from "./form-parts.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

const labels: Readonly<Record<NameIdFormat, string>> = {
  transient: "Transient, the default",
  unspecified: "None is asked for",
  emailAddress: "E-mail address",
  persistent: "Persistent",
};

/** The format in words; the setting holds its URN. */
export function nameIdWords(urn: string): string {
  const format = nameIdFormatOf(urn);
  return format === undefined ? urn : labels[format];
}

/** The choice, with when to make it. */
export function NameIdField({ form }: { readonly form: SettingsForm }) {
  return (
    <NativeSelect
      label="NameID format"
      description="What requests ask for. Nobody is known by the NameID, so leave it unless the provider answers InvalidNameIDPolicy, as AD FS does without a claim rule for the NameID (MSIS7070): then choose that none is asked for."
      value={form.values.nameid_format}
      onChange={(event) => form.set({ nameid_format: event.currentTarget.value })}
      data={(Object.keys(labels) as NameIdFormat[]).map((format) => ({
        value: nameIdFormats[format],
        label: labels[format],
      }))}
      {...errorOf(form.errors, "nameid_format")}
    />
  );
}
