/**
 * The names of the four attributes: of a preset, as the metadata announces them, as they came in
 * responses, or made by hand (PRODUCT 3); and the NameID, which is none of them.
 */
import { Autocomplete, Button, NativeSelect, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { lastSignOnsQuery, seenAttributes } from "../../api/last-sign-ins.ts";
import { Notice } from "../../ui/notice.tsx";
import {
  type AttributeNames,
  attributePresets,
  fittingPreset,
  isSameNames,
  presetNames,
} from "./attribute-presets.ts";
import { errorOf } from "./form-parts.tsx";
import { NameIdField } from "./nameid-field.tsx";
import { providerOf } from "./providers.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const labels: Readonly<Record<keyof AttributeNames, string>> = {
  mapping_email: "E-mail",
  mapping_first_name: "First name",
  mapping_last_name: "Last name",
  mapping_groups: "Groups",
};

/** The preset, what was detected, and the four names. */
export function AttributeFields({ form }: { readonly form: SettingsForm }) {
  const { values } = form;
  const announced = values.metadata?.attribute_names ?? [];
  const { data: signOns = [] } = useQuery(lastSignOnsQuery);
  const seen = seenAttributes(signOns);
  const known = [...new Set([...announced, ...seen])];
  return (
    <Stack gap="md">
      <Proposal form={form} announced={announced} seen={seen} />
      <PresetSelect form={form} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {(Object.keys(labels) as (keyof AttributeNames)[]).map((field) => (
          <Autocomplete
            key={field}
            label={labels[field]}
            data={known}
            value={values[field]}
            onChange={(name) => form.set({ [field]: name })}
            autoComplete="off"
            spellCheck={false}
            classNames={{ input: "lg-code" }}
            {...errorOf(form.errors, field)}
          />
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        Names compare exactly, case included. As long as nobody has chosen a preset or a name, they
        are detected, and the sign-in log says from which attribute each was read. The person is
        known by the e-mail attribute, never by the NameID. Leave a name empty to take nothing from
        it; the e-mail is needed.
      </Text>
      {seen.length > 0 && (
        <Text size="sm" c="dimmed">
          Seen at sign-ons: <span className="lg-code">{seen.join(", ")}</span>
        </Text>
      )}
      <NameIdField form={form} />
    </Stack>
  );
}

function PresetSelect({ form }: { readonly form: SettingsForm }) {
  const { values } = form;
  const [isHandMade, setIsHandMade] = useState(false);
  const preset = presetOf(values.idp_provider);
  const names = presetNames(preset);
  const isPreset = names !== null && isSameNames(values, names) && !isHandMade;
  return (
    <NativeSelect
      label="Names of"
      description="A preset fills the four names; change them where your provider uses others."
      value={isPreset ? (preset ?? "custom") : "custom"}
      onChange={(event) => {
        const key = event.currentTarget.value;
        setIsHandMade(key === "custom");
        applyPreset(form, key);
      }}
      data={[
        ...Object.entries(attributePresets).map(([value, { label }]) => ({ value, label })),
        { value: "custom", label: "Hand-made" },
      ]}
      {...errorOf(form.errors, "idp_provider")}
    />
  );
}

/** The preset behind `idp_provider`, which may be a provider of ours that uses another's names. */
function presetOf(idp: string | null): string | null {
  if (presetNames(idp) !== null) return idp;
  return providerOf(idp)?.preset ?? null;
}

/** Fills the names; the provider stays where its own preset is chosen. */
function applyPreset(form: SettingsForm, key: string): void {
  const names = presetNames(key);
  if (names === null) return;
  const stays = presetOf(form.values.idp_provider) === key;
  form.set({ ...names, ...(!stays && { idp_provider: key }) });
}

function Proposal({
  form,
  announced,
  seen,
}: {
  readonly form: SettingsForm;
  readonly announced: readonly string[];
  readonly seen: readonly string[];
}) {
  const announcedFit = fittingPreset(announced);
  const key = announcedFit ?? fittingPreset(seen);
  const names = presetNames(key);
  if (key === null || names === null) return null;
  const label = attributePresets[key]?.label ?? key;
  const where = announcedFit === null ? "The last responses carry" : "The metadata announces";
  if (isSameNames(form.values, names)) {
    return <Notice tone="good">{where} these very names.</Notice>;
  }
  const plain = presetNames("default");
  const isDetected =
    form.values.idp_provider === null && plain !== null && isSameNames(form.values, plain);
  return (
    <Notice
      tone={isDetected ? "accent" : "warn"}
      title={
        isDetected ? "Nobody has chosen names yet: they are detected." : "Other names are used."
      }
      action={
        <Button variant="default" onClick={() => applyPreset(form, key)}>
          Use these names
        </Button>
      }
    >
      {where} the names of the preset “{label}”:{" "}
      <span className="lg-code">{Object.values(names).join(", ")}</span>
    </Notice>
  );
}
