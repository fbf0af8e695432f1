/**
 * Okta: response and assertion signed, prefix saml2, namespaces declared again on every child,
 * PrefixList "xs", values typed xs:string; optionally encrypted, the EncryptedKey beside its data.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../src/errors.ts";
import {
  acsUrl,
  ada,
  adaIdentity,
  at,
  encryptPart,
  provider,
  requestId,
  signOn,
  signPart,
} from "./provider.ts";

const idp = provider("http://www.okta.com/exk1fcia6d6EMsf331d8");
const saml2 = 'xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"';
const xs = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';

const attribute = (name: string, ...values: readonly string[]): string =>
  `<saml2:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified">${values
    .map(
      (value) =>
        `<saml2:AttributeValue ${xs} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml2:AttributeValue>`,
    )
    .join("")}</saml2:Attribute>`;

const unsigned = `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response Destination="${acsUrl}" ID="id1153870138274251312839464" InResponseTo="${requestId}" IssueInstant="${at(0)}" Version="2.0" xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ${xs}><saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" ${saml2}>${idp.entityId}</saml2:Issuer><saml2p:Status xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion ID="id11538701383347241459736893" IssueInstant="${at(0)}" Version="2.0" ${saml2} ${xs}><saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" ${saml2}>${idp.entityId}</saml2:Issuer><saml2:Subject ${saml2}><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${ada.email}</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${at(300)}" Recipient="${acsUrl}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="${at(-300)}" NotOnOrAfter="${at(300)}" ${saml2}><saml2:AudienceRestriction><saml2:Audience>${acsUrl}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="${requestId}" ${saml2}><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement ${saml2}>${attribute("email", ada.email)}${attribute("firstName", ada.firstName)}${attribute("lastName", ada.lastName)}${attribute("groups", ...ada.groups)}</saml2:AttributeStatement></saml2:Assertion></saml2p:Response>`;

const assertionStyle = { part: "Assertion", prefixList: ["xs"] } as const;
const responseStyle = { part: "Response", prefixList: ["xs"] } as const;

test("Okta's default, response and assertion signed, yields the identity", async () => {
  const xml = signPart(idp, signPart(idp, unsigned, assertionStyle), responseStyle);
  assert.equal(xml.match(/PrefixList="xs"/g)?.length, 2);
  const { identity, assertion, hints } = await signOn(idp, xml, { preset: "okta" });
  assert.deepEqual(identity, adaIdentity);
  assert.deepEqual(hints, []);
  assert.equal(assertion.isAssertionSigned, true);
  assert.equal(assertion.isResponseSigned, true);
  assert.equal(assertion.inResponseTo, requestId);
});

test("either signature of Okta's alone is enough", async () => {
  for (const style of [assertionStyle, responseStyle]) {
    const { identity } = await signOn(idp, signPart(idp, unsigned, style), { preset: "okta" });
    assert.deepEqual(identity, adaIdentity);
  }
});

for (const algorithm of ["aes256-gcm", "aes256-cbc", "aes128-gcm", "aes128-cbc"] as const) {
  test(`an assertion that Okta encrypts with ${algorithm} in a signed response yields the identity`, async () => {
    const encrypted = encryptPart(signPart(idp, unsigned, assertionStyle), {
      algorithm,
      digest: "sha1",
      keyPlace: "sibling",
    });
    const xml = signPart(idp, encrypted, responseStyle);
    const { identity, assertion } = await signOn(idp, xml, { preset: "okta" });
    assert.deepEqual(identity, adaIdentity);
    assert.equal(assertion.wasEncrypted, true);
  });
}

test("what Okta encrypts for another service provider is refused", async () => {
  const encrypted = encryptPart(signPart(idp, unsigned, assertionStyle), { keyPlace: "sibling" });
  const xml = signPart(idp, encrypted, responseStyle);
  await assert.rejects(
    signOn(idp, xml, { preset: "okta", decryptionKeys: [idp.privateKey] }),
    (error) => error instanceof AppError && error.code === "saml_decryption_failed",
  );
});
