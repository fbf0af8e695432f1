/** The NameID formats that an organization may have its requests ask for (PRODUCT 2.5). */

/** The NameID formats that requests may ask for; identity never comes from the NameID (PRODUCT 2.5). */
export const nameIdFormats = {
  transient: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
  persistent: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  emailAddress: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
  /** Requests then ask for none. */
  unspecified: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
} as const;

/** A format by its short name. */
export type NameIdFormat = keyof typeof nameIdFormats;

/** The format with this short name, in any case, or this URN; undefined where there is none. */
export function nameIdFormatOf(text: string): NameIdFormat | undefined {
  const sought = text.trim().toLowerCase();
  const known = Object.keys(nameIdFormats) as readonly NameIdFormat[];
  return known.find(
    (name) => name.toLowerCase() === sought || nameIdFormats[name].toLowerCase() === sought,
  );
}
