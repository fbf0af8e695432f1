/**
 * The attribute names that identity providers use out of the box, to be shown before they are saved
 * (PRODUCT 3.1), and which of them fits what metadata announces (3.2). The server's own table is
 * src/saml/presets.ts; a test holds the two alike.
 */

/** The four settings that name attributes. */
export interface AttributeNames {
  readonly mapping_email: string;
  readonly mapping_first_name: string;
  readonly mapping_last_name: string;
  readonly mapping_groups: string;
}

interface Preset {
  readonly label: string;
  readonly names: AttributeNames;
}

const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

const namesOf = (
  ...[email, first, last, groups]: readonly [string, string, string, string]
): AttributeNames => ({
  mapping_email: email,
  mapping_first_name: first,
  mapping_last_name: last,
  mapping_groups: groups,
});

const plain = namesOf("Email", "FirstName", "LastName", "Groups");

/** Every preset by the word that `idp_provider` holds for it. */
export const attributePresets: Readonly<Record<string, Preset>> = {
  default: { label: "Default", names: plain },
  auth0: { label: "Auth0", names: namesOf("email", "given_name", "family_name", "groups") },
  azure_short: {
    label: "Microsoft Entra ID (short names)",
    names: namesOf("emailAddress", "givenName", "surname", "groups"),
  },
  google: { label: "Google", names: plain },
  pingone: {
    label: "PingOne, PingFederate",
    names: namesOf("emailAddress", "givenName", "surname", "Groups"),
  },
  okta: { label: "Okta", names: namesOf("email", "firstName", "lastName", "groups") },
  onelogin: { label: "OneLogin", names: plain },
  azure: {
    label: "Microsoft Entra ID (full URIs)",
    names: namesOf(
      `${claims}/emailaddress`,
      `${claims}/givenname`,
      `${claims}/surname`,
      "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    ),
  },
};

/** The names of a preset; null for a word that is none. */
export function presetNames(key: string | null): AttributeNames | null {
  return (
    (key !== null && Object.hasOwn(attributePresets, key) && attributePresets[key]?.names) || null
  );
}

/**
 * The preset that fits announced names: e-mail and both names must be among them, the groups decide
 * between several. Null where none fits.
 */
export function fittingPreset(announced: readonly string[]): string | null {
  const names = new Set(announced);
  const fitting = Object.entries(attributePresets).filter(
    ([, { names: preset }]) =>
      names.has(preset.mapping_email) &&
      names.has(preset.mapping_first_name) &&
      names.has(preset.mapping_last_name),
  );
  const withGroups = fitting.find(([, preset]) => names.has(preset.names.mapping_groups));
  return (withGroups ?? fitting[0])?.[0] ?? null;
}

/** True where the four are the very names of the other. */
export function isSameNames(left: AttributeNames, right: AttributeNames): boolean {
  return (
    left.mapping_email === right.mapping_email &&
    left.mapping_first_name === right.mapping_first_name &&
    left.mapping_last_name === right.mapping_last_name &&
    left.mapping_groups === right.mapping_groups
  );
}
