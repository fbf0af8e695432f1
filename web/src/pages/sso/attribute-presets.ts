/**
 * The attribute names that identity providers use out of the box, by the settings that hold them, to be
 * shown before they are saved (PRODUCT 3.1). The table is the server's own.
 */
import type { SamlFields } from "../../../../src/access/settings-table.ts";
import { presets, proposePreset } from "../../../../src/saml/presets.ts";

/** The four settings that name attributes. */
export type AttributeNames = Pick<
  SamlFields,
  "mapping_email" | "mapping_first_name" | "mapping_last_name" | "mapping_groups"
>;

interface Preset {
  readonly label: string;
  readonly names: AttributeNames;
}

/** Every preset by the word that `idp_provider` holds for it. */
export const attributePresets: Readonly<Record<string, Preset>> = Object.fromEntries(
  Object.entries(presets).map(([key, { label, mapping }]) => {
    const { email, firstName, lastName, groups } = mapping;
    const names = { mapping_email: email, mapping_first_name: firstName };
    return [
      key,
      { label, names: { ...names, mapping_last_name: lastName, mapping_groups: groups } },
    ];
  }),
);

/** The names of a preset; null for a word that is none. */
export function presetNames(key: string | null): AttributeNames | null {
  return (
    (key !== null && Object.hasOwn(attributePresets, key) && attributePresets[key]?.names) || null
  );
}

/** The preset that fits announced names, as the server finds it (PRODUCT 3.2). */
export const fittingPreset = proposePreset;

/** True where the four are the very names of the other. */
export function isSameNames(left: AttributeNames, right: AttributeNames): boolean {
  return (
    left.mapping_email === right.mapping_email &&
    left.mapping_first_name === right.mapping_first_name &&
    left.mapping_last_name === right.mapping_last_name &&
    left.mapping_groups === right.mapping_groups
  );
}
