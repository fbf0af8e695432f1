/** Making a token: its name and life, and then the secret, which is shown this once. */
import { Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client.ts";
import { type MadeScimToken, makeScimToken } from "../../api/scim.ts";
import { CopyField } from "../../ui/copy-field.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Day } from "../../ui/time-ago.tsx";

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The dialog. While a secret is shown only its button closes it, so that none is lost by a slip. */
export function NewTokenDialog({ isOpen, onClose }: DialogProps) {
  const [made, setMade] = useState<MadeScimToken | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  return (
    <Dialog
      opened={isOpen}
      onClose={close}
      size="lg"
      title={made === null ? "Make a token" : `The token ${made.name}`}
      withCloseButton={made === null}
      closeOnEscape={made === null}
      closeOnClickOutside={made === null}
    >
      {made === null ? (
        <Wanted onMade={setMade} onClose={close} />
      ) : (
        <Made made={made} onClose={close} />
      )}
    </Dialog>
  );
}

const lives = [
  { value: "90", label: "In 90 days" },
  { value: "180", label: "In 180 days" },
  { value: "365", label: "In a year" },
  { value: "730", label: "In two years" },
  { value: "", label: "Never" },
];

function Wanted({
  onMade,
  onClose,
}: {
  readonly onMade: (made: MadeScimToken) => void;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("365");
  const making = useMutation({ mutationFn: makeScimToken, onSuccess: onMade });
  const { error } = making;
  const fields = error instanceof ApiError ? error.fieldErrors : {};
  const isToldByField = fields["name"] !== undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (making.isPending) return;
    making.mutate({ name, expires_in_days: days === "" ? null : Number(days) });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Name"
          description="What tells it from others, such as the identity provider's."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          {...(isToldByField && { error: fields["name"]?.join(" ") })}
        />
        <NativeSelect
          label="Expires"
          description="The token ends by itself then. Make the next one before, and give it to the identity provider."
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data={lives}
        />
        {error !== null && !isToldByField && <ErrorNotice error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={making.isPending}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Made({ made, onClose }: { readonly made: MadeScimToken; readonly onClose: () => void }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => frame.current?.querySelector("input")?.focus(), []);
  return (
    <Stack gap="md" ref={frame}>
      <Notice tone="warn" title="Copy it now.">
        The token is not shown again: only a fingerprint of it is kept. Whoever has it can make,
        change and deactivate people here.
      </Notice>
      <CopyField label="Token" value={made.token} />
      <Text size="sm" c="dimmed">
        {made.expires_at === null ? (
          "It does not expire."
        ) : (
          <>
            It expires on <Day at={made.expires_at} />.
          </>
        )}
      </Text>
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
