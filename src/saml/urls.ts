/**
 * The service provider's addresses of one organization (PRODUCT 2.1). Owns their spelling only;
 * who serves them is sso/'s and pages/' business.
 */

/** Addresses that an administrator copies into the identity provider. */
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

const authorityRe = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s;
const unreservedRe = /^[A-Za-z0-9\-._~]$/;
const defaultPorts: Readonly<Record<string, string>> = { http: "80", https: "443" };

/**
 * Compares two absolute URLs (PRODUCT 2.2; RFC 3986 6.2.2.1, 6.2.2.2 and 6.2.3): case of scheme and
 * host, default port and percent-encoding of unreserved characters do not count; everything else
 * does, dot segments and trailing slashes too.
 */
export function isSameUrl(left: string, right: string): boolean {
  return left === right || normalizedUrl(left) === normalizedUrl(right);
}

function normalizedUrl(url: string): string {
  const decoded = url.replaceAll(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return unreservedRe.test(character) ? character : code.toUpperCase();
  });
  const [, scheme, authority = "", rest = ""] = authorityRe.exec(decoded) ?? [];
  if (scheme === undefined) return decoded;
  const lower = scheme.toLowerCase();
  const [, host = "", port = ""] = /^(.*?)(?::(\d*))?$/s.exec(authority) ?? [];
  const shownPort = port === "" || port === defaultPorts[lower] ? "" : `:${port}`;
  return `${lower}://${asciiLower(host)}${shownPort}${rest}`;
}

/** Letters beyond ASCII keep their case: the Kelvin sign must not become a k. */
function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
