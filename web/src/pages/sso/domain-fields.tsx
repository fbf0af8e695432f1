/** The domains of the organization. */
import { TextInput } from "@mantine/core";
import { errorOf } from "./form-parts.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

/** One field: domains with commas between them. */
export function DomainFields({ form }: { readonly form: SettingsForm }) {
  return (
    <TextInput
      label="E-mail domains"
      description="Commas between several. Whoever enters an address of one on the sign-in page is sent to your identity provider, and only these addresses are let in."
      placeholder="contoso.com, contoso.de"
      autoComplete="off"
      spellCheck={false}
      value={form.values.domain}
      onChange={(event) => form.set({ domain: event.currentTarget.value })}
      {...errorOf(form.errors, "domain")}
    />
  );
}
