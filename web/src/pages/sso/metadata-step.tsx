/** Step 4: the identity provider's metadata, saved and then looked at before going on. */
import { Stack } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Notice } from "../../ui/notice.tsx";
import { FormFrame } from "./form-parts.tsx";
import {
  MetadataFields,
  metadataFieldNames,
  saveMetadata,
  useMetadataChoice,
} from "./metadata-fields.tsx";
import { MetadataView } from "./metadata-view.tsx";
import { guideOf, type StepProps } from "./setup-steps.tsx";
import { StepCard, StepFooter } from "./step-card.tsx";
import { isConfigured } from "./steps.ts";
import { useSettingsForm } from "./use-settings-form.ts";

/** The step; its button saves while there is something to save, and goes on otherwise. */
export function MetadataStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const provider = guideOf(settings);
  const choice = useMetadataChoice(form, provider?.metadataBy ?? "url");
  const [isSaved, setIsSaved] = useState(false);
  const isUnsaved = choice.isDirty || !isConfigured(settings);
  const submit = async () => {
    if (!isUnsaved) place.onDone();
    else if (await saveMetadata(form, choice)) setIsSaved(true);
  };
  return (
    <StepCard
      place={place}
      title="What does the identity provider say about itself?"
      lead="Its metadata tells where people sign in and which certificates its responses are signed with."
      guide={provider === null ? null : { provider, now: "metadata" }}
    >
      <FormFrame
        form={form}
        fields={metadataFieldNames}
        onSubmit={submit}
        footer={
          <StepFooter
            place={place}
            label={isUnsaved ? "Save the metadata" : "Continue"}
            isBusy={form.isBusy}
          />
        }
      >
        <MetadataFields
          form={form}
          choice={choice}
          example={provider?.metadataExample ?? "https://idp.example.org/metadata"}
        />
        {!choice.isDirty && <SavedMetadata settings={settings} isNew={isSaved} />}
      </FormFrame>
    </StepCard>
  );
}

/** The saved metadata; just saved, it says so and takes the focus. */
function SavedMetadata({
  settings: { metadata },
  isNew,
}: {
  readonly settings: StepProps["settings"];
  readonly isNew: boolean;
}) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isNew) frame.current?.focus({ preventScroll: true });
  }, [isNew]);
  if (metadata === null) return null;
  const { last_error: problem } = metadata;
  return (
    <Stack gap="md" ref={frame} tabIndex={-1} className="lg-result">
      {problem !== null && (
        <Notice tone="warn" title="The metadata could not be read yet.">
          {problem} It is tried again in the background; you may go on meanwhile by the steps above.
        </Notice>
      )}
      {metadata.entity_id !== null && (
        <>
          <Notice
            tone="good"
            title={isNew ? "The metadata is saved." : "This metadata is on record."}
          >
            Check that it is your provider, then continue.
          </Notice>
          <MetadataView metadata={metadata} />
        </>
      )}
    </Stack>
  );
}
