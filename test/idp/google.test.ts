/**
 * Google Workspace: response signed, or the assertion by option; values typed xs:anyType; base64 in
 * lines; metadata with an expired-soon validUntil and one certificate.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  acsUrl,
  ada,
  adaIdentity,
  at,
  nowMs,
  provider,
  requestId,
  signOn,
  signPart,
} from "./provider.ts";

const idp = provider("https://accounts.google.com/o/saml2?idpid=C02w7tkfz");

const attribute = (name: string, ...values: readonly string[]): string =>
  `<saml2:Attribute Name="${name}">${values
    .map(
      (value) =>
        `<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:anyType">${value}</saml2:AttributeValue>`,
    )
    .join("")}</saml2:Attribute>`;

const unsigned = `<?xml version="1.0" encoding="UTF-8" standalone="no"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${acsUrl}" ID="_a6e0d4c7b7d8e4f9a3c2" InResponseTo="${requestId}" IssueInstant="${at(0)}" Version="2.0"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${idp.entityId}</saml2:Issuer><saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_3bb1a6f4d2b9" IssueInstant="${at(0)}" Version="2.0"><saml2:Issuer>${idp.entityId}</saml2:Issuer><saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${ada.email}</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${at(300)}" Recipient="${acsUrl}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="${at(-300)}" NotOnOrAfter="${at(300)}"><saml2:AudienceRestriction><saml2:Audience>${acsUrl}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AttributeStatement>${attribute("Email", ada.email)}${attribute("FirstName", ada.firstName)}${attribute("LastName", ada.lastName)}${attribute("Groups", ...ada.groups)}<saml2:Attribute Name="Department"/></saml2:AttributeStatement><saml2:AuthnStatement AuthnInstant="${at(-60)}" SessionIndex="_3bb1a6f4d2b9"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement></saml2:Assertion></saml2p:Response>`;

/** Google breaks base64 into lines. */
const inLines = (signature: string): string =>
  signature.replaceAll(/>([A-Za-z0-9+/=]{100,})</g, (_, text: string) => {
    return `>${text.replaceAll(/(.{76})/g, "$1\n")}\n<`;
  });

for (const part of ["Response", "Assertion"] as const) {
  test(`Google's signature over the ${part} yields the identity`, async () => {
    const xml = signPart(idp, unsigned, { part, edit: inLines });
    const { identity, assertion, attributeNames } = await signOn(idp, xml, { preset: "google" });
    assert.deepEqual(identity, adaIdentity);
    assert.equal(assertion.isResponseSigned, part === "Response");
    assert.deepEqual(attributeNames, ["Email", "FirstName", "LastName", "Groups", "Department"]);
  });
}

test("a person in no mapped group has the attribute absent", async () => {
  const without = unsigned.replace(attribute("Groups", ...ada.groups), "");
  const { identity } = await signOn(idp, signPart(idp, without, { part: "Response" }), {
    preset: "google",
  });
  assert.equal(identity.groupsState, "absent");
});

test("Google's metadata, valid for five years, is read", async () => {
  const metadata = idp.metadataXml({ validUntilMs: nowMs + 5 * 365 * 86_400_000 });
  const xml = signPart(idp, unsigned, { part: "Response" });
  const { identity } = await signOn(idp, xml, { preset: "google", metadata });
  assert.deepEqual(identity, adaIdentity);
});
