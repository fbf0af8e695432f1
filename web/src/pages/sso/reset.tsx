/** Putting everything back to the start, after a typed word, and having it back again (PRODUCT 6.3). */
import { Button, Group, List, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { resetSamlSettings, type UndoReset } from "../../api/saml-settings.ts";
import { asError } from "../../ui/as-error.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";

/** The section with the button. `onReset` gets the way back. */
export function ResetSection({ onReset }: { readonly onReset: (undo: UndoReset) => void }) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Section
      id="reset"
      title="Reset"
      lead="Puts every setting of this page back to its default. The former settings are kept and can be had back."
    >
      <Group>
        <Button variant="outline" color="red" onClick={() => setIsAsking(true)}>
          Reset single sign-on
        </Button>
      </Group>
      <ConfirmTyped
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title="Reset single sign-on?"
        phrase="reset single sign-on"
        confirmLabel="Reset single sign-on"
        onConfirm={async () => onReset(await resetSamlSettings())}
      >
        <Stack gap="xs">
          <Text>What happens:</Text>
          <List spacing={4}>
            <List.Item>Nobody can sign on through your identity provider.</List.Item>
            <List.Item>
              The SCIM mappings are emptied and the records of what SCIM groups give are deleted.
              People keep what they have, as given by hand.
            </List.Item>
            <List.Item>The addresses and our keys stay as they are.</List.Item>
          </List>
        </Stack>
      </ConfirmTyped>
    </Section>
  );
}

/** Stands over the page after a reset, until it is undone or the page is left. */
export function ResetNotice({
  undo,
  onUndone,
}: {
  readonly undo: UndoReset;
  readonly onUndone: () => void;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const takeBack = async () => {
    setIsBusy(true);
    setError(null);
    try {
      await undo();
      notifyDone("The former settings are back.");
      onUndone();
    } catch (thrown) {
      setError(asError(thrown));
      setIsBusy(false);
    }
  };
  return (
    <Stack gap="sm" mb="lg">
      <Notice
        tone="warn"
        isLive
        title="Single sign-on was reset."
        action={
          <Button variant="default" loading={isBusy} onClick={() => void takeBack()}>
            Undo
          </Button>
        }
      >
        The former settings are kept among the revisions, where you find them later too.
      </Notice>
      {error !== null && <ErrorNotice error={error} />}
    </Stack>
  );
}
