/**
 * The preview before mappings are saved (PRODUCT 8.1): who gains and loses what, losses first, and a
 * phrase to type where many would lose. Saving itself is the form's.
 */
import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useCallbackRef, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError } from "../api/client.ts";
import { type Preview, type Previewed, previewQuery } from "../api/preview.ts";
import { ConfirmForm } from "../ui/confirm-form.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorState } from "../ui/error-state.tsx";
import { Notice } from "../ui/notice.tsx";
import { PreviewPeople } from "./preview-people.tsx";
import { PreviewSummary } from "./preview-summary.tsx";
import "./preview.css";

type DialogProps = Previewed & {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Saves. The dialog closes when that is done, and shows why where it failed. */
  readonly onConfirm: () => Promise<unknown>;
  /** Takes a refusal of the settings, as saving would give it; the dialog closes then. */
  readonly onRefused?: (error: ApiError) => void;
  /** Label of the button, "Save the mappings" by default. */
  readonly confirmLabel?: string;
};

/** The dialog; Escape and "Go back" leave everything as it is. */
export function PreviewDialog(props: DialogProps) {
  const isNarrow = useMediaQuery("(max-width: 48em)") ?? false;
  return (
    <Dialog
      opened={props.isOpen}
      onClose={props.onClose}
      title="Who gains and loses what"
      size="52rem"
      centered={false}
      fullScreen={isNarrow}
    >
      <Content {...props} />
    </Dialog>
  );
}

function Content(props: DialogProps) {
  const { kind, patch, onClose, onRefused } = props;
  const [page, setPage] = useState(1);
  const previewed = { kind, patch } as Previewed;
  const { data, error, isPlaceholderData, refetch } = useQuery(previewQuery(previewed, page));
  const refused = error instanceof ApiError && error.status === 400 ? error : null;
  const handOver = useCallbackRef((refusal: ApiError) => {
    if (onRefused === undefined) return;
    onRefused(refusal);
    onClose();
  });
  useEffect(() => {
    if (refused !== null) handOver(refused);
  }, [refused, handOver]);
  if (error !== null) {
    return (
      <Stack>
        {refused === null ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <Notice tone="bad" isLive title="The mappings cannot be saved like this.">
            {Object.values(refused.fieldErrors).flat().join(" ")}
          </Notice>
        )}
        <Group justify="flex-end">
          <Button data-autofocus onClick={onClose}>
            Go back and mend it
          </Button>
        </Group>
      </Stack>
    );
  }
  if (data === undefined) return <Computing onClose={onClose} />;
  return (
    <Stack gap="lg">
      <Text c="dimmed">{when[kind]}</Text>
      <PreviewSummary preview={data} />
      {data.warnings.filter(isOfPreview).map(({ message }) => (
        <Notice key={message} tone="warn">
          {message}
        </Notice>
      ))}
      <PreviewPeople preview={data} page={page} isBusy={isPlaceholderData} onPage={setPage} />
      <ConfirmForm
        phrase={data.confirmation}
        consequence={consequence(data)}
        confirmLabel={props.confirmLabel ?? "Save the mappings"}
        cancelLabel="Go back"
        isDanger={data.confirmation !== null}
        className="lg-preview-confirm"
        onConfirm={props.onConfirm}
        onClose={onClose}
      />
    </Stack>
  );
}

const when = {
  saml: "This is what each person's next sign-on would do, by the groups that they came with last.",
  scim: "This is what saving does at once, by the groups that were pushed. What it takes, nobody keeps until the next sync.",
} as const;

/** Of the warnings those that are about what is shown; the others stand on the page. */
function isOfPreview({ code }: { readonly code: string }): boolean {
  return ["groups_unknown", "results_cut", "no_groups_attribute"].includes(code);
}

function Computing({ onClose }: { readonly onClose: () => void }) {
  return (
    <Stack role="status">
      <Text>Going through the members. With very many of them this takes some seconds.</Text>
      <Progress value={100} animated aria-label="The preview is being computed" />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function consequence({ summary }: Preview): string {
  const { losing_access: people, losing_administrator: administrators } = summary;
  const told = [
    ...(people > 0 ? [`${counted(people, "person loses", "people lose")} all access`] : []),
    ...(administrators > 0
      ? [
          `${counted(administrators, "Administrator is", "Administrators are")} no Administrator any more`,
        ]
      : []),
  ];
  return `${told.join(", and ")}.`;
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}
