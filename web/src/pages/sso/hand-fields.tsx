/**
 * The identity provider entered by hand, where it offers no metadata (PRODUCT 2.7): three fields, which the
 * server makes into metadata. Owns the fields and how a certificate's file is read into its own.
 */
import { Input, Stack, Textarea, TextInput } from "@mantine/core";
import { useId } from "react";
import type { FieldErrors } from "../../api/client.ts";
import type { HandMadeProvider } from "../../api/saml-settings.ts";
import { errorOf } from "./form-parts.tsx";

/** Nothing typed yet. */
export const noHandMade: HandMadeProvider = {
  idp_entity_id: "",
  idp_sso_url: "",
  idp_certificate: "",
};

/** The text of a certificate's file: PEM as it is, DER in base64. */
async function certificateText(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  // DER begins with the mark of a sequence, and PEM with text.
  if (bytes[0] !== 0x30 || bytes[1] === undefined || bytes[1] < 0x80) return await file.text();
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

interface HandFieldsProps {
  readonly made: HandMadeProvider;
  readonly errors: FieldErrors;
  set(changed: Partial<HandMadeProvider>): void;
}

/** The three fields. */
export function HandFields({ made, errors, set }: HandFieldsProps) {
  const id = useId();
  return (
    <Stack gap="md">
      <TextInput
        label="Entity ID of the provider"
        description="Also called Issuer, or Identity Provider ID."
        autoComplete="off"
        spellCheck={false}
        value={made.idp_entity_id}
        onChange={(event) => set({ idp_entity_id: event.currentTarget.value })}
        {...errorOf(errors, "idp_entity_id")}
      />
      <TextInput
        label="Single sign-on URL"
        description="Where people are sent to sign in."
        placeholder="https://idp.example.org/sso"
        type="url"
        autoComplete="off"
        spellCheck={false}
        value={made.idp_sso_url}
        onChange={(event) => set({ idp_sso_url: event.currentTarget.value })}
        {...errorOf(errors, "idp_sso_url")}
      />
      <Textarea
        label="Signing certificate"
        description="In PEM, or as base64. Enter a second one below the first while the provider changes its key."
        placeholder="-----BEGIN CERTIFICATE-----"
        autosize
        minRows={4}
        maxRows={12}
        spellCheck={false}
        classNames={{ input: "lg-code" }}
        value={made.idp_certificate}
        onChange={(event) => set({ idp_certificate: event.currentTarget.value })}
        {...errorOf(errors, "idp_certificate")}
      />
      <Input.Wrapper
        id={id}
        label="Or the certificate's file"
        description="In PEM or DER; its text is put into the field above."
      >
        <input
          id={id}
          type="file"
          className="lg-file"
          accept=".pem,.crt,.cer,.der,.cert,application/x-x509-ca-cert,application/x-pem-file"
          aria-describedby={`${id}-description`}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file === undefined) return;
            void certificateText(file).then((text) => set({ idp_certificate: text }));
          }}
        />
      </Input.Wrapper>
    </Stack>
  );
}
