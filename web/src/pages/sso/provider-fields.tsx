/** The identity provider, chosen from tiles; the choice brings its attribute names. */
import { Radio, Stack, Text } from "@mantine/core";
import { presetNames } from "./attribute-presets.ts";
import { type Provider, providerOf, providers, type Variant } from "./providers.ts";
import type { SettingsForm } from "./use-settings-form.ts";

/** Tiles, and the variants of the chosen one where it has several. */
export function ProviderFields({ form }: { readonly form: SettingsForm }) {
  const idp = form.values.idp_provider;
  const chosen = providerOf(idp);
  const error = form.errors["idp_provider"]?.join(" ");
  return (
    <Stack gap="md">
      <fieldset className="lg-tiles" aria-invalid={error === undefined ? undefined : true}>
        <legend>Identity provider</legend>
        {providers.map((provider) => (
          <label key={provider.key} className="lg-tile">
            <input
              type="radio"
              name="provider"
              checked={provider.key === chosen?.key}
              onChange={() => choose(form, provider, provider.variants[0])}
            />
            <span className="lg-tile-name">{provider.name}</span>
            <span className="lg-tile-note">{provider.note}</span>
          </label>
        ))}
      </fieldset>
      {error !== undefined && (
        <Text size="sm" c="var(--lg-bad)">
          {error}
        </Text>
      )}
      {chosen !== null && chosen.variants.length > 1 && (
        <Radio.Group
          label="Attribute names"
          value={idp ?? ""}
          onChange={(value) => {
            const variant = chosen.variants.find((candidate) => candidate.idp === value);
            if (variant !== undefined) choose(form, chosen, variant);
          }}
        >
          <Stack gap="xs" mt="xs">
            {chosen.variants.map((variant) => (
              <Radio key={variant.idp} value={variant.idp} label={variant.label} />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </Stack>
  );
}

/** Another provider keeps the names that stand; one that was chosen already keeps what was typed. */
function choose(form: SettingsForm, provider: Provider, { idp }: Variant): void {
  const names = presetNames(provider.preset ?? idp);
  form.set({ idp_provider: idp, ...names });
}
