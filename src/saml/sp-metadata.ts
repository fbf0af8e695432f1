/**
 * Our own metadata, for the identity provider to import (PRODUCT 2.1, 2.6).
 */

import { type NameIdFormat, nameIdFormats } from "../access/nameid-format.ts";
import { escapeText } from "./canonical.ts";
import { ns } from "./structure.ts";
import { writeElement } from "./xml-writer.ts";

/** Contents of the service provider's metadata. */
export interface SpMetadataOptions {
  readonly entityId: string;
  readonly acsUrl: string;
  /** The format that requests ask for; `transient` unless told. */
  readonly nameIdFormat?: NameIdFormat;
  /** In the order in which the identity provider should prefer them. */
  readonly certificates: readonly {
    readonly pem: string;
    readonly use: "signing" | "encryption" | "both";
  }[];
  readonly wantAssertionsSigned: boolean;
  readonly authnRequestsSigned: boolean;
  readonly organizationTitle?: string;
}

const md = "urn:oasis:names:tc:SAML:2.0:metadata";
const httpPost = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/** Methods that an identity provider may encrypt with (PRODUCT 2.3), the best first. */
const encryptionMethods = [
  "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  "http://www.w3.org/2009/xmlenc11#aes128-gcm",
  "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
] as const;

/** The EntityDescriptor of this service provider, as a document of its own. */
export function renderSpMetadata(options: SpMetadataOptions): string {
  const { nameIdFormat: format = "transient" } = options;
  const role = writeElement(
    "md:SPSSODescriptor",
    {
      AuthnRequestsSigned: String(options.authnRequestsSigned),
      WantAssertionsSigned: String(options.wantAssertionsSigned),
      protocolSupportEnumeration: ns.samlp,
    },
    ...keyDescriptors(options),
    ...(format === "unspecified"
      ? []
      : [writeElement("md:NameIDFormat", {}, nameIdFormats[format])]),
    writeElement("md:AssertionConsumerService", {
      Binding: httpPost,
      Location: options.acsUrl,
      index: "0",
      isDefault: "true",
    }),
  );
  const attributes = { "xmlns:md": md, entityID: options.entityId };
  const entity = writeElement("md:EntityDescriptor", attributes, role, organization(options));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${entity}\n`;
}

/** One for each use: several identity providers overlook a KeyDescriptor that names none. */
function keyDescriptors({ certificates }: SpMetadataOptions): readonly string[] {
  const signing = certificates.filter(({ use }) => use !== "encryption");
  const encryption = certificates.filter(({ use }) => use !== "signing");
  const methods = encryptionMethods.map((Algorithm) =>
    writeElement("md:EncryptionMethod", { Algorithm }),
  );
  return [
    ...signing.map(({ pem }) => writeElement("md:KeyDescriptor", { use: "signing" }, keyInfo(pem))),
    ...encryption.map(({ pem }) =>
      writeElement("md:KeyDescriptor", { use: "encryption" }, keyInfo(pem), ...methods),
    ),
  ];
}

function keyInfo(pem: string): string {
  const base64 = pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const certificate = writeElement("ds:X509Certificate", {}, base64);
  return writeElement(
    "ds:KeyInfo",
    { "xmlns:ds": ns.ds },
    writeElement("ds:X509Data", {}, certificate),
  );
}

/** Names and address come together or not at all (SAML Metadata 2.3.2.1). */
function organization({ organizationTitle, acsUrl }: SpMetadataOptions): string {
  if (organizationTitle === undefined || organizationTitle === "") return "";
  const inEnglish = { "xml:lang": "en" };
  const title = escapeText(organizationTitle);
  return writeElement(
    "md:Organization",
    {},
    writeElement("md:OrganizationName", inEnglish, title),
    writeElement("md:OrganizationDisplayName", inEnglish, title),
    writeElement("md:OrganizationURL", inEnglish, escapeText(new URL(acsUrl).origin)),
  );
}
