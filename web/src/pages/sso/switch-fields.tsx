/** The security switches, with what each of them means (PRODUCT 2.3, 2.4, 5). */
import { NativeSelect, Stack, Switch, Text } from "@mantine/core";
import type { ReactNode } from "react";
import {
  type SamlFields,
  samlRowByField,
  samlRows,
} from "../../../../src/access/settings-table.ts";
import { boot } from "../../boot.ts";
import { Notice } from "../../ui/notice.tsx";
import { Tag } from "../../ui/tag.tsx";
import { errorOf } from "./form-parts.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

type Rows = typeof samlRows;

/** A setting with a control among the security switches. */
type SwitchField = {
  [Field in keyof Rows]: Rows[Field] extends { readonly label: string } ? Field : never;
}[keyof Rows];

/** Every one of them, in the order of the table. */
export const switchFields = [...samlRowByField]
  .filter(([, { label }]) => label !== undefined)
  .map(([field]) => field as SwitchField);

interface ServerRow {
  readonly variable: string;
  readonly on: string;
  readonly off: string;
}

/** The server's choice, where this page knows it. */
function serverWords(field: SwitchField, { variable, on, off }: ServerRow): string {
  if (field !== "manual_role_management") return `Follow the server (${variable})`;
  const words = boot.flags.manual_role_management ? on : off;
  return `Follow the server (${variable}): ${words.toLowerCase()}`;
}

/** Label of a switch, and its value in words. */
export function switchFact(values: SamlFields, field: SwitchField): readonly [string, ReactNode] {
  const row = samlRows[field];
  const { label } = row;
  const value = values[field];
  if (row.kind === "flagOrServer" && value === null) return [label, serverWords(field, row)];
  if (row.kind === "flagOrServer") return [label, value ? row.on : row.off];
  if (!value || !("weakens" in row)) return [label, value ? "On" : "Off"];
  return [
    label,
    <Tag key={field} tone="bad">
      On, not advised
    </Tag>,
  ];
}

/** Every switch. */
export function SwitchFields({ form }: { readonly form: SettingsForm }) {
  return (
    <Stack gap="lg">
      {switchFields.map((field) => (
        <Choice key={field} form={form} field={field} />
      ))}
    </Stack>
  );
}

function Choice({ form, field }: { readonly form: SettingsForm; readonly field: SwitchField }) {
  const row = samlRows[field];
  const value = form.values[field];
  const common = { label: row.label, description: row.help, ...errorOf(form.errors, field) };
  if (row.kind === "flagOrServer") {
    return (
      <NativeSelect
        {...common}
        value={String(value)}
        onChange={(event) => form.set({ [field]: parsed(event.currentTarget.value) })}
        data={[
          { value: "null", label: serverWords(field, row) },
          { value: "true", label: row.on },
          { value: "false", label: row.off },
        ]}
      />
    );
  }
  const isWeakening = "weakens" in row;
  return (
    <Framed isOn={value === true && isWeakening}>
      <Switch
        {...common}
        {...(isWeakening && { color: "red" })}
        checked={value === true}
        onChange={(event) => form.set({ [field]: event.currentTarget.checked })}
      />
    </Framed>
  );
}

function parsed(value: string): boolean | null {
  return value === "null" ? null : value === "true";
}

/** Red, and in words, while it is on. */
function Framed({ isOn, children }: { readonly isOn: boolean; readonly children: ReactNode }) {
  if (!isOn) return children;
  return (
    <Notice tone="bad">
      {children}
      <Text size="sm" fw={600} mt="xs" c="var(--lg-bad)">
        This weakens sign-on for everybody in the organization.
      </Text>
    </Notice>
  );
}
