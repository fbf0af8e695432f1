import assert from "node:assert/strict";
import { test } from "node:test";
import { XmlDocument } from "libxml2-wasm";
import { createSigner } from "../../demo/signer.ts";
import { renderSpMetadata } from "./sp-metadata.ts";

const acsUrl = "https://label.example/saml/t0k/acs";
const { certificatePem: pem } = createSigner({ entityId: "a", ssoUrl: "b", keyType: "ec256" });
const { certificatePem: nextPem } = createSigner({ entityId: "c", ssoUrl: "d", keyType: "ec256" });
const base64Of = (text: string): string => text.replaceAll(/-----[A-Z ]+-----|\s/g, "");

const usual = {
  entityId: acsUrl,
  acsUrl,
  certificates: [{ pem, use: "both" as const }],
  wantAssertionsSigned: true,
  authnRequestsSigned: false,
};

/** What another parser finds at `path`. */
function read(xml: string, path: string): string[] {
  using document = XmlDocument.fromString(xml);
  const namespaces = {
    md: "urn:oasis:names:tc:SAML:2.0:metadata",
    ds: "http://www.w3.org/2000/09/xmldsig#",
  };
  return document.find(path, namespaces).map((node) => node.content);
}

test("SP metadata names the ACS URL, the transient NameID and what it wants signed", () => {
  const xml = renderSpMetadata(usual);
  assert.deepEqual(read(xml, "/md:EntityDescriptor/@entityID"), [acsUrl]);
  const role = "/md:EntityDescriptor/md:SPSSODescriptor";
  assert.deepEqual(read(xml, `${role}/@AuthnRequestsSigned`), ["false"]);
  assert.deepEqual(read(xml, `${role}/@WantAssertionsSigned`), ["true"]);
  assert.deepEqual(read(xml, `${role}/md:NameIDFormat`), [
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
  ]);
  assert.deepEqual(
    read(xml, `${role}/md:AssertionConsumerService[@index="0" and @isDefault="true"]/@Location`),
    [acsUrl],
  );
});

test("a certificate for both uses appears under each, the active one before the next", () => {
  const certificates = [
    { pem, use: "both" as const },
    { pem: nextPem, use: "both" as const },
  ];
  const xml = renderSpMetadata({ ...usual, certificates });
  for (const use of ["signing", "encryption"]) {
    const path = `//md:KeyDescriptor[@use="${use}"]//ds:X509Certificate`;
    assert.deepEqual(read(xml, path), [base64Of(pem), base64Of(nextPem)]);
  }
});

test("a certificate for one use appears under that use only", () => {
  const certificates = [
    { pem, use: "signing" as const },
    { pem: nextPem, use: "encryption" as const },
  ];
  const xml = renderSpMetadata({ ...usual, certificates });
  const path = (use: string): string => `//md:KeyDescriptor[@use="${use}"]//ds:X509Certificate`;
  assert.deepEqual(read(xml, path("signing")), [base64Of(pem)]);
  assert.deepEqual(read(xml, path("encryption")), [base64Of(nextPem)]);
});

test("encryption asks for AES-GCM and RSA-OAEP, never for CBC or RSA 1.5", () => {
  const methods = read(renderSpMetadata(usual), "//md:EncryptionMethod/@Algorithm");
  assert.deepEqual(methods, [
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
  ]);
});

test("the organization's title is escaped, and absent where there is none", () => {
  const xml = renderSpMetadata({ ...usual, organizationTitle: 'R&D <"labels">' });
  assert.deepEqual(read(xml, "//md:OrganizationDisplayName"), ['R&D <"labels">']);
  assert.deepEqual(read(xml, "//md:OrganizationURL"), ["https://label.example"]);
  assert.deepEqual(read(renderSpMetadata(usual), "//md:Organization"), []);
});
