/**
 * The demo identity provider's metadata: an EntityDescriptor with one IDPSSODescriptor, and the
 * variations that real providers and the tests need.
 */
import { declare, element, text } from "./canonical-text.ts";
import { keyInfo } from "./sign-xml.ts";

/** What metadata may say beyond the usual; null leaves a thing out. */
export interface MetadataOptions {
  /** Default: the signer's own one. Each becomes a KeyDescriptor. */
  readonly certificates?: readonly string[];
  /** KeyDescriptor's `use`; null for none, which means both signing and encryption. */
  readonly use?: "signing" | "encryption" | null;
  readonly redirectUrl?: string | null;
  readonly postUrl?: string | null;
  readonly wantAuthnRequestsSigned?: boolean;
  readonly validUntilMs?: number;
  readonly cacheDuration?: string;
  readonly attributeNames?: readonly string[];
}

const protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
const bindings = "urn:oasis:names:tc:SAML:2.0:bindings";

/** The metadata document, without an XML declaration. */
export function renderIdpMetadata(
  idp: { readonly entityId: string; readonly ssoUrl: string; readonly certificatePem: string },
  options: MetadataOptions,
): string {
  const { certificates = [idp.certificatePem], use = "signing" } = options;
  const service = (binding: string, url: string | null | undefined): string =>
    url === null
      ? ""
      : element("md:SingleSignOnService", {
          Binding: `${bindings}:${binding}`,
          Location: url ?? idp.ssoUrl,
        });
  const role = element(
    "md:IDPSSODescriptor",
    {
      WantAuthnRequestsSigned: String(options.wantAuthnRequestsSigned ?? false),
      protocolSupportEnumeration: protocol,
    },
    ...certificates.map((pem) => element("md:KeyDescriptor", { use }, keyInfo(pem, declare("ds")))),
    service("HTTP-Redirect", options.redirectUrl),
    service("HTTP-POST", options.postUrl),
    ...(options.attributeNames ?? []).map((name) =>
      element("saml:Attribute", { ...declare("saml"), Name: name }),
    ),
  );
  const { validUntilMs } = options;
  return element(
    "md:EntityDescriptor",
    {
      ...declare("md"),
      entityID: idp.entityId,
      cacheDuration: options.cacheDuration ?? null,
      validUntil: validUntilMs === undefined ? null : new Date(validUntilMs).toISOString(),
    },
    role,
  );
}

/** `metadata` documents gathered in one EntitiesDescriptor, as federations publish them. */
export function renderEntities(metadata: readonly string[], name = "demo"): string {
  return element("md:EntitiesDescriptor", { ...declare("md"), Name: text(name) }, ...metadata);
}
