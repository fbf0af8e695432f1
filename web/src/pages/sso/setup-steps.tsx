/** The first steps of the set-up: whose people, which provider, and which addresses to carry there. */
import { ApiError } from "../../api/client.ts";
import type { SamlSettings } from "../../api/saml-settings.ts";
import { Addresses } from "./addresses.tsx";
import { AttributeFields } from "./attribute-fields.tsx";
import { DomainFields } from "./domain-fields.tsx";
import { FormFrame } from "./form-parts.tsx";
import { nameInText } from "./guide.tsx";
import { ProviderFields } from "./provider-fields.tsx";
import { type Provider, providerOf } from "./providers.ts";
import { StepCard, StepFooter, type StepPlace } from "./step-card.tsx";
import { type SettingsForm, useSettingsForm } from "./use-settings-form.ts";

export interface StepProps {
  readonly settings: SamlSettings;
  readonly place: StepPlace;
}

/** Saves and goes on where that was done; a field that the step needs is refused while it is empty. */
export async function saveAndGoOn(
  form: SettingsForm,
  place: StepPlace,
  missing: { readonly field: string; readonly sentence: string } | null = null,
): Promise<void> {
  if (missing !== null) {
    const { field, sentence } = missing;
    const fieldErrors = { [field]: [sentence] };
    form.refuse(new ApiError({ status: 400, detail: sentence, fieldErrors }));
    return;
  }
  if (await form.save()) place.onDone();
}

/** The guide of the chosen provider for a step. */
export function guideOf(settings: SamlSettings): Provider | null {
  return providerOf(settings.idp_provider);
}

/** Step 1. */
export function DomainStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const isEmpty = form.values.domain.trim() === "";
  const missing = { field: "domain", sentence: "Enter the domain of your people's addresses." };
  return (
    <StepCard
      place={place}
      title="Which addresses are yours?"
      lead="The part after the @ in your people's e-mail addresses, as your identity provider knows them."
    >
      <FormFrame
        form={form}
        fields={["domain"]}
        onSubmit={() => saveAndGoOn(form, place, isEmpty ? missing : null)}
        footer={<StepFooter place={place} label="Save and continue" isBusy={form.isBusy} />}
      >
        <DomainFields form={form} />
      </FormFrame>
    </StepCard>
  );
}

/** Step 2. */
export function ProviderStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const provider = providerOf(form.values.idp_provider);
  const missing = { field: "idp_provider", sentence: "Choose your identity provider." };
  return (
    <StepCard
      place={place}
      title="Which identity provider do you use?"
      lead="The choice brings the provider's usual attribute names and the clicks to make there. Both can be changed later."
      guide={provider === null ? null : { provider }}
    >
      <FormFrame
        form={form}
        fields={["idp_provider"]}
        onSubmit={() => saveAndGoOn(form, place, provider === null ? missing : null)}
        footer={<StepFooter place={place} label="Save and continue" isBusy={form.isBusy} />}
      >
        <ProviderFields form={form} />
      </FormFrame>
    </StepCard>
  );
}

/** Step 3. */
export function AddressesStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const provider = guideOf(settings);
  const where = provider === null ? "your identity provider" : nameInText(provider);
  return (
    <StepCard
      place={place}
      title={`Carry these addresses to ${where}`}
      lead="They are fixed for your organization and stay as they are, even after a reset."
      guide={provider === null ? null : { provider, now: "addresses" }}
    >
      <FormFrame
        form={form}
        fields={[]}
        onSubmit={place.onDone}
        footer={<StepFooter place={place} label="Continue" />}
      >
        <Addresses settings={settings} provider={provider} />
      </FormFrame>
    </StepCard>
  );
}

/** Step 5. */
export function AttributesStep({ settings, place }: StepProps) {
  const form = useSettingsForm(settings);
  const provider = guideOf(settings);
  return (
    <StepCard
      place={place}
      title="What are the attributes called?"
      lead="A response carries the person's e-mail, names and groups under names that the provider chooses. These must be the same here and there."
      guide={provider === null ? null : { provider, now: "attributes" }}
    >
      <FormFrame
        form={form}
        fields={[
          ...(["idp_provider", "mapping_email", "mapping_first_name"] as const),
          ...(["mapping_last_name", "mapping_groups", "nameid_format"] as const),
        ]}
        onSubmit={() => saveAndGoOn(form, place)}
        footer={<StepFooter place={place} label="Save and continue" isBusy={form.isBusy} />}
      >
        <AttributeFields form={form} />
      </FormFrame>
    </StepCard>
  );
}
