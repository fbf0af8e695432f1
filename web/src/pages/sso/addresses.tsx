/** The addresses of this service provider, to carry to the identity provider. */
import { Button, Group, Stack } from "@mantine/core";
import type { SamlSettings } from "../../api/saml-settings.ts";
import { CopyField } from "../../ui/copy-field.tsx";
import type { Provider } from "./providers.ts";

interface AddressesProps {
  readonly settings: SamlSettings;
  /** Tells what the provider calls them, where it is known. */
  readonly provider: Provider | null;
}

/** Each address with its copy button, and the metadata as a file. */
export function Addresses({ settings, provider }: AddressesProps) {
  const called = (name: string | null | undefined): string =>
    name == null || provider === null ? "" : ` ${callerOf(provider)} “${name}”.`;
  return (
    <Stack gap="md">
      <CopyField
        label="ACS URL"
        value={settings.acs_url}
        hint={`Assertion Consumer Service: where people come back to after they signed in.${called(provider?.calls.acs)}`}
      />
      <CopyField
        label="Entity ID"
        value={settings.acs_url}
        hint={`The same value as the ACS URL; also the Audience.${called(provider?.calls.entityId)}`}
      />
      <CopyField
        label="Login URL"
        value={settings.login_url}
        hint={`Where signing in begins; a link to give to people.${called(provider?.calls.login)}`}
      />
      <CopyField
        label="Logout URL"
        value={settings.logout_url}
        hint="Ends the session here. There is no single logout at the identity provider."
      />
      <CopyField
        label="SP metadata URL"
        value={settings.sp_metadata_url}
        hint="All of the above with our certificates, for providers that import it."
      />
      <Group>
        <Button
          component="a"
          variant="default"
          href={settings.sp_metadata_url}
          download="labelgate-sp-metadata.xml"
        >
          Download SP metadata
        </Button>
      </Group>
    </Stack>
  );
}

function callerOf({ key, name }: Provider): string {
  return key === "other" ? "Often called" : `${name} calls it`;
}
