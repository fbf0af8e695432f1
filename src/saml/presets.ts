/**
 * The attribute names that identity providers use out of the box (PRODUCT 3.1).
 * Owns the table; how a configured name finds an attribute is attributes.ts's business.
 */

/** The names of the four attributes that matter; an empty name maps nothing. */
export interface AttributeMapping {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly groups: string;
}

/** A preset as the settings page lists it. */
export interface Preset {
  readonly label: string;
  readonly mapping: AttributeMapping;
}

const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

/** The claim URIs of Entra ID and AD FS, by what they mean. */
export const claimUris: AttributeMapping = {
  email: `${claims}/emailaddress`,
  firstName: `${claims}/givenname`,
  lastName: `${claims}/surname`,
  groups: "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
};

/** The same four as Entra ID spells them where an administrator asks for short names. */
export const shortClaims: AttributeMapping = {
  email: "emailAddress",
  firstName: "givenName",
  lastName: "surname",
  groups: "groups",
};

const plain: AttributeMapping = {
  email: "Email",
  firstName: "FirstName",
  lastName: "LastName",
  groups: "Groups",
};

/** Every preset by the key that `idp_provider` names, in the order of the settings page. */
export const presets = {
  default: { label: "Default", mapping: plain },
  auth0: {
    label: "Auth0",
    mapping: {
      email: "email",
      firstName: "given_name",
      lastName: "family_name",
      groups: "groups",
    },
  },
  azure_short: { label: "Microsoft Entra ID (short names)", mapping: shortClaims },
  google: { label: "Google", mapping: plain },
  pingone: {
    label: "PingOne, PingFederate",
    mapping: { ...shortClaims, groups: "Groups" },
  },
  okta: {
    label: "Okta",
    mapping: { email: "email", firstName: "firstName", lastName: "lastName", groups: "groups" },
  },
  onelogin: { label: "OneLogin", mapping: plain },
  azure: { label: "Microsoft Entra ID (full URIs)", mapping: claimUris },
} as const satisfies Record<string, Preset>;

export type PresetKey = keyof typeof presets;

const presetKeys = Object.keys(presets) as readonly PresetKey[];

/** The names that the preset `key` fills in, or null where it is `custom` or unknown. */
export function presetMapping(key: string): AttributeMapping | null {
  return presetKeys.includes(key as PresetKey) ? presets[key as PresetKey].mapping : null;
}

/**
 * The preset that fits the names which metadata announces (PRODUCT 3.2): e-mail and both names must
 * be among them, the groups decide between several. Null where none fits.
 */
export function proposePreset(attributeNames: readonly string[]): PresetKey | null {
  const announced = new Set(attributeNames);
  const fitting = presetKeys.filter((key) => {
    const { email, firstName, lastName } = presets[key].mapping;
    return announced.has(email) && announced.has(firstName) && announced.has(lastName);
  });
  const withGroups = fitting.find((key) => announced.has(presets[key].mapping.groups));
  return withGroups ?? fitting[0] ?? null;
}
