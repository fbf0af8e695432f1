/**
 * Auth0: assertion signed, or the response by option; names as URIs unless mapped to short ones;
 * values typed as strings, booleans and xs:anyType, some with elements inside.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acsUrl, ada, adaIdentity, at, provider, requestId, signOn, signPart } from "./provider.ts";

const idp = provider("urn:contoso.eu.auth0.com");
const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

const attribute = (name: string, ...values: readonly string[]): string =>
  `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">${values
    .map((value) => `<saml:AttributeValue xsi:type="xs:string">${value}</saml:AttributeValue>`)
    .join("")}</saml:Attribute>`;

/** What Auth0 adds for a boolean, for null and for an object of the profile. */
const otherTypes =
  '<saml:Attribute Name="http://schemas.auth0.com/email_verified" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue xsi:type="xs:boolean">true</saml:AttributeValue></saml:Attribute><saml:Attribute Name="http://schemas.auth0.com/nickname" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue xsi:type="xs:anyType"/></saml:Attribute><saml:Attribute Name="http://schemas.auth0.com/app_metadata"><saml:AttributeValue xsi:type="xs:anyType"><plan>free<level>1</level></plan></saml:AttributeValue></saml:Attribute>';

const response = (attributes: string): string =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_d6a2f0c1d0e34a51" InResponseTo="${requestId}" Version="2.0" IssueInstant="${at(0)}" Destination="${acsUrl}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${idp.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="_5Gm2Wg7sV0xYp" IssueInstant="${at(0)}"><saml:Issuer>${idp.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">auth0|5f7c8ec7c33c6c004bbafe82</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${at(3600)}" Recipient="${acsUrl}" InResponseTo="${requestId}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(0)}" NotOnOrAfter="${at(3600)}"><saml:AudienceRestriction><saml:Audience>${acsUrl}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="_k0B0c"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${attributes}${otherTypes}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;

const short = [
  attribute("email", ada.email),
  attribute("given_name", ada.firstName),
  attribute("family_name", ada.lastName),
  attribute("groups", ...ada.groups),
].join("");

for (const part of ["Assertion", "Response"] as const) {
  test(`Auth0's signature over the ${part} yields the identity`, async () => {
    const xml = signPart(idp, response(short), { part, prefix: "" });
    const { identity, attributeNames } = await signOn(idp, xml, { preset: "auth0" });
    assert.deepEqual(identity, adaIdentity);
    assert.equal(attributeNames.length, 7);
  });
}

test("Auth0's claim URIs answer to the preset azure", async () => {
  const uris = [
    attribute(`${claims}/nameidentifier`, "auth0|5f7c"),
    attribute(`${claims}/emailaddress`, ada.email),
    attribute(`${claims}/givenname`, ada.firstName),
    attribute(`${claims}/surname`, ada.lastName),
  ].join("");
  const xml = signPart(idp, response(uris), { part: "Assertion", prefix: "" });
  const { identity } = await signOn(idp, xml, { preset: "azure" });
  assert.deepEqual(identity, { ...adaIdentity, groups: [], groupsState: "absent" });
});
