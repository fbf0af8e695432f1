/** The security switches, with what each of them means (PRODUCT 2.3, 2.4, 5). */
import { NativeSelect, Stack, Switch, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { SamlFields } from "../../api/saml-settings.ts";
import { boot } from "../../boot.ts";
import { Notice } from "../../ui/notice.tsx";
import { errorOf } from "./form-parts.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

type ServerSwitch =
  | "allow_unsolicited"
  | "want_assertions_signed"
  | "want_response_signed"
  | "manual_role_management";

type WeakSwitch = "allow_sha1" | "allow_cbc";

interface ServerSwitchText {
  readonly label: string;
  readonly about: string;
  readonly on: string;
  readonly off: string;
  /** The variable that counts where the organization does not choose. */
  readonly variable: string;
}

/** What the switches that may follow the server's configuration are called and mean. */
export const serverSwitches: Readonly<Record<ServerSwitch, ServerSwitchText>> = {
  allow_unsolicited: {
    label: "Sign-on that starts at the provider",
    about:
      "A tile on the provider's dashboard needs this. A response that nobody asked for is easier to abuse, so leave it off where nobody uses such a tile.",
    on: "Allowed",
    off: "Refused",
    variable: "SAML_ALLOW_UNSOLICITED",
  },
  want_assertions_signed: {
    label: "Signature on the assertion",
    about:
      "Something is always signed. This asks for a signature on the assertion itself, whatever else is signed.",
    on: "Required",
    off: "Not required",
    variable: "SAML_WANT_ASSERTIONS_SIGNED",
  },
  want_response_signed: {
    label: "Signature on the response",
    about:
      "This asks for a signature on the response itself. Google and Entra ID sign only one of the two unless told.",
    on: "Required",
    off: "Not required",
    variable: "SAML_WANT_RESPONSE_SIGNED",
  },
  manual_role_management: {
    label: "Roles given by hand",
    about:
      "Where roles come from groups alone, a person in no mapped group is deactivated at the next sign-on, and no page or API changes a role. This counts for SAML and SCIM alike.",
    on: "Allowed beside groups",
    off: "Not allowed; groups alone decide",
    variable: "MANUAL_ROLE_MANAGEMENT",
  },
};

/** What the switches that weaken the checks are called and mean. */
export const weakSwitches: Readonly<
  Record<WeakSwitch, { readonly label: string; readonly about: string }>
> = {
  allow_sha1: {
    label: "Accept SHA-1 signatures",
    about: "SHA-1 can be forged. Choose SHA-256 at the identity provider instead.",
  },
  allow_cbc: {
    label: "Accept AES-CBC encryption without a signed response around it",
    about: "It can be attacked. Choose AES-GCM, or have the response signed, instead.",
  },
};

/** The server's choice, where this page knows it. */
function serverWords({ on, off, variable }: ServerSwitchText, field: ServerSwitch): string {
  if (field !== "manual_role_management") return `Follow the server (${variable})`;
  const words = boot.flags.manual_role_management ? on : off;
  return `Follow the server (${variable}): ${words.toLowerCase()}`;
}

/** What a switch stands on, in words. */
export function switchWords(values: SamlFields, field: ServerSwitch): string {
  const text = serverSwitches[field];
  const value = values[field];
  if (value === null) return serverWords(text, field);
  return value ? text.on : text.off;
}

/** Every switch. */
export function SwitchFields({ form }: { readonly form: SettingsForm }) {
  return (
    <Stack gap="lg">
      {(Object.keys(serverSwitches) as ServerSwitch[]).map((field) => (
        <ServerChoice key={field} form={form} field={field} />
      ))}
      {(Object.keys(weakSwitches) as WeakSwitch[]).map((field) => (
        <WeakChoice key={field} form={form} field={field} />
      ))}
    </Stack>
  );
}

function ServerChoice({
  form,
  field,
}: {
  readonly form: SettingsForm;
  readonly field: ServerSwitch;
}) {
  const text = serverSwitches[field];
  return (
    <NativeSelect
      label={text.label}
      description={text.about}
      value={String(form.values[field])}
      onChange={(event) => form.set({ [field]: parsed(event.currentTarget.value) })}
      data={[
        { value: "null", label: serverWords(text, field) },
        { value: "true", label: text.on },
        { value: "false", label: text.off },
      ]}
      {...errorOf(form.errors, field)}
    />
  );
}

function parsed(value: string): boolean | null {
  return value === "null" ? null : value === "true";
}

function WeakChoice({ form, field }: { readonly form: SettingsForm; readonly field: WeakSwitch }) {
  const { label, about } = weakSwitches[field];
  const isOn = form.values[field];
  return (
    <Framed isOn={isOn}>
      <Switch
        label={label}
        description={about}
        color="red"
        checked={isOn}
        onChange={(event) => form.set({ [field]: event.currentTarget.checked })}
        {...errorOf(form.errors, field)}
      />
    </Framed>
  );
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
