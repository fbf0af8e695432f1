/**
 * Attribute names where nobody has chosen any (PRODUCT 3.2): no preset, and the name still the default
 * one. From the metadata, which announces names or is a known provider's, else from what the assertion
 * has under the spellings that providers use. A name that somebody chose is never looked past.
 */
import type { IdpMetadata } from "./metadata.ts";
import {
  type AttributeMapping,
  claimUris,
  type PresetKey,
  presetMapping,
  presets,
} from "./presets.ts";
import type { AssertionAttribute } from "./response.ts";

type Kind = keyof AttributeMapping;

/** Result of detecting the attribute names. */
export interface Detection {
  /** Of which of the four nobody chose the name. */
  readonly unchosen: ReadonlySet<Kind>;
  /** Names by the metadata; those absent are looked for in each assertion. */
  readonly names: Partial<AttributeMapping>;
  /** The provider by its entityID, where that is known. */
  readonly provider: PresetKey | null;
  /** Why `names` are those; null where the metadata tells none. */
  readonly because: string | null;
}

/** The settings that name attributes. */
export interface NameSettings {
  readonly idpProvider: string | null;
  readonly mappingEmail: string;
  readonly mappingFirstName: string;
  readonly mappingLastName: string;
  readonly mappingGroups: string;
}

const kinds = ["email", "firstName", "lastName", "groups"] as const;

const defaults = presets.default.mapping;

/** Names and FriendlyNames of eduPerson's and inetOrgPerson's attributes (RFC 2798, RFC 4519). */
const directoryNames: Readonly<Record<Kind, readonly string[]>> = {
  email: ["urn:oid:0.9.2342.19200300.100.1.3", "mail", "urn:oid:1.2.840.113549.1.9.1"],
  firstName: ["urn:oid:2.5.4.42"],
  lastName: ["urn:oid:2.5.4.4", "sn"],
  groups: ["urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "isMemberOf"],
};

/** The spellings of each of the four, the likeliest first: presets, claim URIs, directories. */
export const knownNames: Readonly<Record<Kind, readonly string[]>> = {
  email: spellings("email"),
  firstName: spellings("firstName"),
  lastName: spellings("lastName"),
  groups: spellings("groups"),
};

function spellings(kind: Kind): readonly string[] {
  const uri = claimUris[kind];
  const ofPresets = Object.values(presets).map(({ mapping }) => mapping[kind]);
  const segment = uri.slice(uri.lastIndexOf("/") + 1);
  return [...new Set([...ofPresets, uri, segment, ...directoryNames[kind]])];
}

/** Hosted providers by the entityID that they give themselves. */
const providers: readonly (readonly [preset: PresetKey, label: string, entityId: RegExp])[] = [
  ["azure", "Microsoft Entra ID", /^https:\/\/sts\.(?:windows\.net|chinacloudapi\.cn)\//],
  ["google", "Google", /^https:\/\/accounts\.google\.com\/o\/saml2/],
  ["okta", "Okta", /^https?:\/\/www\.okta\.com\//],
  ["onelogin", "OneLogin", /^https:\/\/app\.onelogin\.com\/saml\/metadata/],
  ["pingone", "PingOne", /^https:\/\/auth\.pingone\.[a-z.]+\//],
  ["auth0", "Auth0", /^urn:[a-z0-9.-]+\.auth0\.com$/],
];

/** Detects attribute names by these settings and this metadata; null where everything is chosen. */
export function detectNames(
  settings: NameSettings,
  metadata: Pick<IdpMetadata, "entityId" | "attributeNames"> | null,
): Detection | null {
  if (settings.idpProvider !== null) return null;
  const configured: AttributeMapping = {
    email: settings.mappingEmail,
    firstName: settings.mappingFirstName,
    lastName: settings.mappingLastName,
    groups: settings.mappingGroups,
  };
  const unchosen = new Set(kinds.filter((kind) => configured[kind] === defaults[kind]));
  if (unchosen.size === 0) return null;
  const [provider, label] = providerOf(metadata?.entityId ?? "");
  const announced = announcedNames(metadata?.attributeNames ?? []);
  const preset = provider === null ? null : presetMapping(provider);
  const names = announced.email === undefined ? { ...preset, ...announced } : announced;
  const reasons = [
    ...(Object.keys(announced).length === 0 ? [] : ["the metadata announces them"]),
    ...(names === announced || preset === null ? [] : [`the entityID is that of ${label}`]),
  ];
  return {
    unchosen,
    names: Object.fromEntries(
      Object.entries(names).filter(([kind]) => [...unchosen].some((one) => one === kind)),
    ),
    provider,
    because: reasons.length === 0 ? null : reasons.join(", and "),
  };
}

/** The e-mail attribute by the metadata, for settings in which nobody chose one; null where it tells none. */
export function announcedEmail(metadata: Pick<IdpMetadata, "entityId" | "attributeNames">) {
  const unchosen = {
    ...{ idpProvider: null, mappingEmail: defaults.email, mappingFirstName: defaults.firstName },
    ...{ mappingLastName: defaults.lastName, mappingGroups: defaults.groups },
  };
  return detectNames(unchosen, metadata)?.names.email ?? null;
}

function providerOf(entityId: string): readonly [PresetKey | null, string] {
  const found = providers.find(([, , pattern]) => pattern.test(entityId));
  return found === undefined ? [null, ""] : [found[0], found[1]];
}

/** Of each kind the known spelling that is announced; none of the e-mail where several are. */
function announcedNames(attributeNames: readonly string[]): Partial<AttributeMapping> {
  const announced = new Set(attributeNames);
  const found = kinds.flatMap((kind) => {
    const names = knownNames[kind].filter((name) => announced.has(name));
    const [name] = names;
    const isClear = name !== undefined && (kind !== "email" || names.length === 1);
    return isClear ? [[kind, name] as const] : [];
  });
  return Object.fromEntries(found);
}

/** The attributes of this kind under its known spellings: of the e-mail all, else of the likeliest. */
export function detectAttributes(
  attributes: readonly AssertionAttribute[],
  kind: Kind,
): readonly AssertionAttribute[] {
  const named = (name: string) =>
    attributes.filter((one) => one.name === name || one.friendlyName === name);
  // Two of the e-mail that disagree must be seen, since nobody said which of them counts.
  if (kind === "email") return [...new Set(knownNames.email.flatMap(named))];
  for (const name of knownNames[kind]) {
    const found = named(name);
    if (found.length > 0) return found;
  }
  return [];
}
