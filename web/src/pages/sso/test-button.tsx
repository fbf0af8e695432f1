/**
 * Begins a test sign-in (PRODUCT 8.2): with what is saved in this window, with what is typed in a new
 * one, so that nothing typed is lost on the way.
 */
import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { prepareTest, type SamlPatch } from "../../api/saml-settings.ts";
import { asError } from "../../ui/as-error.ts";
import type { SettingsForm } from "./use-settings-form.ts";

interface TestButtonProps {
  readonly form: SettingsForm;
  /** Settings to test over the saved ones; those typed in the form by default. */
  readonly patch?: SamlPatch;
  readonly isPrimary?: boolean;
}

/** The button; refusals are shown by the form. */
export function TestButton({ form, patch = form.patch, isPrimary = false }: TestButtonProps) {
  const [isBusy, setIsBusy] = useState(false);
  const [blockedUrl, setBlockedUrl] = useState<string | null>(null);
  const begin = async () => {
    setIsBusy(true);
    setBlockedUrl(null);
    // A window is let open only in answer to the click itself.
    const opened = form.isDirty ? window.open("", "_blank") : window;
    // The provider's page is not to reach back into this one.
    if (opened !== null && opened !== window) opened.opener = null;
    try {
      const { url } = await prepareTest(patch);
      if (opened === null) setBlockedUrl(url);
      else opened.location.assign(new URL(url, window.location.origin));
    } catch (error) {
      if (opened !== window) opened?.close();
      form.refuse(asError(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Stack gap={4} align="flex-start">
      <Button
        variant={isPrimary ? "filled" : "default"}
        loading={isBusy}
        onClick={() => void begin()}
      >
        {form.isDirty ? "Test unsaved changes" : "Test sign-on"}
      </Button>
      {blockedUrl !== null && (
        <Text size="sm">
          Your browser kept the window shut.{" "}
          <Anchor href={blockedUrl} target="_blank" rel="noopener">
            Open the test
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}
