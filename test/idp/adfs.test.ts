/**
 * AD FS: encrypted by default (AES-256-CBC, RSA-OAEP with SHA-1), assertion signed, message signed
 * by option; Consent attribute, default namespaces; metadata with WS-Federation roles, announced
 * attributes and several certificates.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../src/errors.ts";
import { parseIdpMetadata } from "../../src/saml/metadata.ts";
import { proposePreset } from "../../src/saml/presets.ts";
import {
  acsUrl,
  ada,
  adaIdentity,
  at,
  encryptPart,
  nowMs,
  provider,
  requestId,
  signOn,
  signPart,
} from "./provider.ts";

const idp = provider("http://adfs.contoso.com/adfs/services/trust");
const nextKey = provider(idp.entityId);
const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const groupsClaim = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

const attribute = (name: string, ...values: readonly string[]): string =>
  `<Attribute Name="${name}">${values.map((value) => `<AttributeValue>${value}</AttributeValue>`).join("")}</Attribute>`;

const unsigned = `<samlp:Response ID="_3f0c1a2b-9d0e-4c5b-8a7d-6e5f4a3b2c1d" Version="2.0" IssueInstant="${at(0)}" Destination="${acsUrl}" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" InResponseTo="${requestId}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${idp.entityId}</Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success" /></samlp:Status><Assertion ID="_c4d5e6f7-1a2b-4c3d-9e8f-7a6b5c4d3e2f" IssueInstant="${at(0)}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>${idp.entityId}</Issuer><Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">CONTOSO\\ada</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${at(300)}" Recipient="${acsUrl}" /></SubjectConfirmation></Subject><Conditions NotBefore="${at(0)}" NotOnOrAfter="${at(3600)}"><AudienceRestriction><Audience>${acsUrl}</Audience></AudienceRestriction></Conditions><AttributeStatement>${attribute(`${claims}/emailaddress`, ada.email)}${attribute(`${claims}/givenname`, ada.firstName)}${attribute(`${claims}/surname`, ada.lastName)}${attribute(groupsClaim, ...ada.groups)}</AttributeStatement><AuthnStatement AuthnInstant="${at(-30)}" SessionIndex="_c4d5e6f7-1a2b-4c3d-9e8f-7a6b5c4d3e2f"><AuthnContext><AuthnContextClassRef>urn:federation:authentication:windows</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></samlp:Response>`;

const signedAssertion = signPart(idp, unsigned, { part: "Assertion", prefix: "ds" });
const encryptedAssertion = encryptPart(signedAssertion, { algorithm: "aes256-cbc", digest: "sha1" })
  // AD FS uses its own prefixes and a default namespace for what surrounds the ciphertext.
  .replaceAll("saml:EncryptedAssertion", "EncryptedAssertion")
  .replace("xmlns:saml=", "xmlns=")
  .replaceAll("ds:KeyInfo", "KeyInfo")
  .replaceAll("ds:DigestMethod", "DigestMethod")
  .replace("<KeyInfo xmlns:ds=", "<KeyInfo xmlns=");

test("AD FS's default, an encrypted signed assertion, needs allow_cbc or a signed message", async () => {
  await assert.rejects(
    signOn(idp, encryptedAssertion, { preset: "azure" }),
    (error) => error instanceof AppError && error.code === "saml_encryption_algorithm",
  );
  const allowed = await signOn(idp, encryptedAssertion, { preset: "azure", allowCbc: true });
  assert.deepEqual(allowed.identity, adaIdentity);
  assert.equal(allowed.assertion.isAssertionSigned, true);
  const message = signPart(idp, encryptedAssertion, { part: "Response", prefix: "ds" });
  const { identity, assertion } = await signOn(idp, message, { preset: "azure" });
  assert.deepEqual(identity, adaIdentity);
  assert.equal(assertion.isResponseSigned, true);
  assert.equal(assertion.wasEncrypted, true);
});

test("without encryption AD FS's signed assertion yields the identity", async () => {
  assert.deepEqual((await signOn(idp, signedAssertion, { preset: "azure" })).identity, adaIdentity);
});

/** Shaped like FederationMetadata.xml: signed, WS-Federation roles first, two token certificates. */
function federationMetadata(): string {
  const base64 = [idp, nextKey].map(({ certificatePem }) =>
    certificatePem.replaceAll(/-----[A-Z ]+-----|\s/g, ""),
  );
  const keyInfo = (text: string): string =>
    `<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${text}</X509Certificate></X509Data></KeyInfo>`;
  const keys = [
    `<KeyDescriptor use="encryption">${keyInfo(base64[0] ?? "")}</KeyDescriptor>`,
    ...base64.map((text) => `<KeyDescriptor use="signing">${keyInfo(text)}</KeyDescriptor>`),
  ].join("");
  const announced = [
    [`${claims}/emailaddress`, "E-Mail Address"],
    [`${claims}/givenname`, "Given Name"],
    [`${claims}/name`, "Name"],
    [`${claims}/upn`, "UPN"],
    ["http://schemas.xmlsoap.org/claims/Group", "Group"],
    [`${claims}/surname`, "Surname"],
  ].map(
    ([name, friendly]) =>
      `<Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="${friendly}" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>`,
  );
  const service = (binding: string): string =>
    `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="https://adfs.contoso.com/adfs/ls/"/>`;
  return `<EntityDescriptor ID="_2fb6" entityID="${idp.entityId}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/><ds:SignatureValue>AA==</ds:SignatureValue>${keyInfo(base64[0] ?? "")}</ds:Signature><RoleDescriptor xsi:type="fed:ApplicationServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" ServiceDisplayName="Contoso" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706"><fed:TargetScopes><EndpointReference xmlns="http://www.w3.org/2005/08/addressing"><Address>https://adfs.contoso.com/adfs/ls/</Address></EndpointReference></fed:TargetScopes></RoleDescriptor><SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys}<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://adfs.contoso.com/adfs/ls/"/><NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</NameIDFormat>${service("HTTP-Redirect")}${service("HTTP-POST")}${announced.join("")}</IDPSSODescriptor></EntityDescriptor>`;
}

test("AD FS's metadata gives both token certificates and the announced claims", async () => {
  const metadata = parseIdpMetadata(federationMetadata(), nowMs);
  assert.deepEqual(
    metadata.signingCertificates.map(({ pem }) => pem),
    [idp.certificatePem, nextKey.certificatePem],
  );
  assert.equal(metadata.ssoPostUrl, "https://adfs.contoso.com/adfs/ls/");
  assert.equal(metadata.attributeNames.length, 6);
  assert.equal(proposePreset(metadata.attributeNames), "azure");
});

test("a response signed with AD FS's next certificate is accepted while both are listed", async () => {
  const xml = signPart(nextKey, unsigned, { part: "Assertion" });
  const metadata = federationMetadata();
  assert.deepEqual((await signOn(idp, xml, { preset: "azure", metadata })).identity, adaIdentity);
  await assert.rejects(
    signOn(idp, xml, { preset: "azure" }),
    (error) => error instanceof AppError && error.code === "saml_signature_invalid",
  );
});
