/** The last steps of the set-up: what groups give, and a sign-in to try it all. */
import { Stack, Text } from "@mantine/core";
import { TextLink } from "../../ui/links.tsx";
import { Notice } from "../../ui/notice.tsx";
import { FormFrame } from "./form-parts.tsx";
import { GroupFields, groupFieldNames, useGroupSaving } from "./group-fields.tsx";
import { nameInText } from "./guide.tsx";
import { guideOf, type StepProps } from "./setup-steps.tsx";
import { StepCard, StepFooter } from "./step-card.tsx";
import { hasMappings, isConfigured } from "./steps.ts";
import { TestButton } from "./test-button.tsx";
import { useSettingsForm } from "./use-settings-form.ts";
import { WarningList } from "./warning-list.tsx";

/** Step 6. */
export function GroupsStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const saving = useGroupSaving(form, place.onDone);
  return (
    <StepCard
      place={place}
      title="What do groups give?"
      lead="At every sign-on a person's role, workspaces and projects are brought to what their groups give. Names compare exactly: LS-Admins is not ls-admins. You can also do this later."
    >
      <FormFrame
        form={form}
        fields={groupFieldNames}
        onSubmit={saving.submit}
        footer={
          <StepFooter
            place={place}
            label={form.isDirty ? "Save and continue" : "Continue"}
            isBusy={saving.isBusy}
          >
            {saving.previewButton}
            {form.isDirty && isConfigured(settings) && <TestButton form={form} />}
          </StepFooter>
        }
      >
        <GroupFields form={form} />
      </FormFrame>
      {saving.dialog}
    </StepCard>
  );
}

/** Step 7. */
export function TestStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const provider = guideOf(settings);
  const where = provider === null ? "your identity provider" : nameInText(provider);
  return (
    <StepCard
      place={place}
      title="Try it"
      lead={`A test goes to ${where} and back, and shows every check, attribute and group, and the role that would come of it. It signs nobody in and changes nothing.`}
      guide={provider === null ? null : { provider, now: "test" }}
    >
      <FormFrame
        form={form}
        fields={[]}
        onSubmit={place.onDone}
        footer={<StepFooter place={place} label="Finish" isPrimary={!isConfigured(settings)} />}
      >
        <Stack gap="md">
          {isConfigured(settings) ? (
            <TestButton form={form} isPrimary />
          ) : (
            <Notice tone="warn" title="There is nothing to test yet.">
              The identity provider's metadata is missing.{" "}
              <TextLink
                underline="always"
                to="/organization/security/sso"
                search={{ step: "metadata" }}
              >
                Go to the metadata
              </TextLink>
            </Notice>
          )}
          {!hasMappings(settings) && (
            <Text size="sm" c="dimmed">
              No group is mapped yet, so the test ends with the default role.
            </Text>
          )}
          <WarningList warnings={settings.warnings} />
        </Stack>
      </FormFrame>
    </StepCard>
  );
}
