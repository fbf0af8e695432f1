/**
 * The service provider's addresses of one organization (PRODUCT 2.1). Owns their spelling only;
 * who serves them is sso/'s and pages/' business.
 */

/** What an administrator copies into the identity provider. */
export interface ServiceProviderUrls {
  /** Assertion Consumer Service; also the SP's entityID, Audience and Recipient. */
  readonly acs: string;
  readonly login: string;
  readonly logout: string;
  /** SP metadata for the identity provider to import. */
  readonly metadata: string;
  /** The identity provider's metadata on record. */
  readonly xml: string;
}

/** The NameID format that requests ask for; identity never comes from it (PRODUCT 2.5). */
export const nameIdFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/** The addresses of the organization with this path `token`, under `baseUrl` without a final slash. */
export function serviceProviderUrls(baseUrl: string, token: string): ServiceProviderUrls {
  const base = `${baseUrl}/saml/${token}`;
  return {
    acs: `${base}/acs`,
    login: `${base}/login`,
    logout: `${base}/logout`,
    metadata: `${base}/metadata`,
    xml: `${base}/xml`,
  };
}
