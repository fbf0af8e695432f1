/**
 * PingOne and PingFederate: assertion or response signed, all groups in one value with commas.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acsUrl, ada, adaIdentity, at, provider, requestId, signOn, signPart } from "./provider.ts";

const idp = provider("https://auth.pingone.eu/6b1cd6b0-3f8e-4a32-9f6e-8d0d6e7a0001");
const samlNs = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

const attribute = (name: string, value: string): string =>
  `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xsi:type="xs:string" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${value}</saml:AttributeValue></saml:Attribute>`;

const response = (groups: string): string =>
  `<samlp:Response Version="2.0" ID="YnN4xvJ.0aMZ-pq_L7cVgKbWZ6k" IssueInstant="${at(0)}" InResponseTo="${requestId}" Destination="${acsUrl}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><saml:Issuer ${samlNs}>${idp.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="UTx.3fXo-E4CrYLkcrZ8M9S1f6y" IssueInstant="${at(0)}" Version="2.0" ${samlNs}><saml:Issuer>${idp.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">f81d4fae</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="${acsUrl}" NotOnOrAfter="${at(60)}" InResponseTo="${requestId}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(-60)}" NotOnOrAfter="${at(60)}"><saml:AudienceRestriction><saml:Audience>${acsUrl}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement SessionIndex="UTx.3fXo-E4CrYLkcrZ8M9S1f6y" AuthnInstant="${at(-1)}" SessionNotOnOrAfter="${at(3600)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attribute("emailAddress", ada.email)}${attribute("givenName", ada.firstName)}${attribute("surname", ada.lastName)}${attribute("Groups", groups)}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;

for (const part of ["Response", "Assertion"] as const) {
  test(`PingOne's signature over the ${part} yields the identity, its groups taken apart`, async () => {
    for (const groups of [ada.groups.join(","), ada.groups.join(", ")]) {
      const xml = signPart(idp, response(groups), { part });
      const { identity, assertion } = await signOn(idp, xml, { preset: "pingone" });
      assert.deepEqual(identity, adaIdentity);
      assert.equal(assertion.sessionNotOnOrAfterMs, Date.parse(at(3600)));
    }
  });
}

test("one group and no group come through as they are", async () => {
  const one = signPart(idp, response("LS-Admins"), { part: "Response" });
  assert.deepEqual((await signOn(idp, one, { preset: "pingone" })).identity.groups, ["LS-Admins"]);
  const none = signPart(idp, response(""), { part: "Response" });
  const { identity } = await signOn(idp, none, { preset: "pingone" });
  assert.equal(identity.groupsState, "empty");
});

test("without the preset a joined value stays one group", async () => {
  const xml = signPart(idp, response("a,b"), { part: "Response" });
  const { identity } = await signOn(idp, xml, { preset: "azure_short" });
  // azure_short reads "groups", which differs from "Groups" by case only.
  assert.equal(identity.groupsState, "absent");
});
