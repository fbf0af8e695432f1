/**
 * Microsoft Entra ID: assertion signed only by default, default namespaces in the assertion, claim
 * URIs as names, AttributeStatement before AuthnStatement, object ids or names as groups, a link in
 * place of more than 150 of them; metadata that is WS-Federation as well and signed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIdpMetadata } from "../../src/saml/metadata.ts";
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

const tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
const idp = provider(`https://sts.windows.net/${tenant}/`);
const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const groupsClaim = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

const attribute = (name: string, ...values: string[]): string =>
  `<Attribute Name="${name}">${values.map((value) => `<AttributeValue>${value}</AttributeValue>`).join("")}</Attribute>`;

const defaultClaims = [
  attribute("http://schemas.microsoft.com/identity/claims/tenantid", tenant),
  attribute("http://schemas.microsoft.com/identity/claims/objectidentifier", "5f1c…"),
  attribute("http://schemas.microsoft.com/identity/claims/displayname", "Ada King-Noël"),
  attribute(
    "http://schemas.microsoft.com/claims/authnmethodsreferences",
    "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password",
  ),
  attribute(`${claims}/givenname`, ada.firstName),
  attribute(`${claims}/surname`, ada.lastName),
  attribute(`${claims}/emailaddress`, ada.email),
  attribute(`${claims}/name`, ada.email),
];

function response(attributes: readonly string[]): string {
  const issuer = idp.entityId;
  return `<samlp:Response ID="_0263f07b-ac80-48ad-9bf5-4c1b1a1b0500" Version="2.0" IssueInstant="${at(0)}" Destination="${acsUrl}" InResponseTo="${requestId}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${issuer}</Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><Assertion ID="_7a0b8b6f-5bd0-4e0c-8f0d-1f6a0e0c0600" IssueInstant="${at(0)}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>${issuer}</Issuer><Subject><NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${ada.email}</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${at(3600)}" Recipient="${acsUrl}"/></SubjectConfirmation></Subject><Conditions NotBefore="${at(-300)}" NotOnOrAfter="${at(3600)}"><AudienceRestriction><Audience>${acsUrl}</Audience></AudienceRestriction></Conditions><AttributeStatement>${attributes.join("")}</AttributeStatement><AuthnStatement AuthnInstant="${at(-7200)}" SessionIndex="_7a0b8b6f-5bd0-4e0c-8f0d-1f6a0e0c0600"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></samlp:Response>`;
}

const assertionStyle = { part: "Assertion", prefix: "" } as const;

test("Entra ID's default, a signed assertion with claim URIs, yields the identity", async () => {
  const xml = response([...defaultClaims, attribute(groupsClaim, ...ada.groups)]);
  const signed = signPart(idp, xml, assertionStyle);
  const { identity, assertion, hints } = await signOn(idp, signed, { preset: "azure" });
  assert.deepEqual(identity, adaIdentity);
  assert.deepEqual(hints, []);
  assert.equal(assertion.inResponseTo, requestId);
  assert.equal(assertion.isAssertionSigned, true);
  assert.equal(assertion.isResponseSigned, false);
});

test("Entra ID's option to sign the response as well works", async () => {
  const xml = response([...defaultClaims, attribute(groupsClaim, ...ada.groups)]);
  const both = signPart(idp, signPart(idp, xml, assertionStyle), { part: "Response", prefix: "" });
  const { identity, assertion } = await signOn(idp, both, {
    preset: "azure",
    wantResponseSigned: true,
    wantAssertionsSigned: true,
  });
  assert.deepEqual(identity, adaIdentity);
  assert.equal(assertion.isResponseSigned, true);
});

test("claim URIs answer to the preset for short names too", async () => {
  const xml = response([...defaultClaims, attribute(groupsClaim, ...ada.groups)]);
  const signed = signPart(idp, xml, assertionStyle);
  assert.deepEqual((await signOn(idp, signed, { preset: "azure_short" })).identity, adaIdentity);
});

test("the link in place of more than 150 groups tells none and is explained", async () => {
  const link = attribute(
    "http://schemas.microsoft.com/claims/groups.link",
    `https://graph.windows.net/${tenant}/users/5f1c/getMemberObjects`,
  );
  const signed = signPart(idp, response([...defaultClaims, link]), assertionStyle);
  const { identity, hints } = await signOn(idp, signed, { preset: "azure" });
  assert.equal(identity.groupsState, "overage");
  assert.deepEqual(identity.groups, []);
  assert.match(hints[0]?.text ?? "", /Entra ID sent a link in place of the groups/);
});

test("federation metadata with WS-Federation roles and a signature of its own is read", () => {
  const keyDescriptor = `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${idp.certificatePem.replaceAll(/-----[A-Z ]+-----|\s/g, "")}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
  const xml = `\uFEFF<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="_2c0a" entityID="${idp.entityId}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#_2c0a"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AA==</DigestValue></Reference></SignedInfo><SignatureValue>AA==</SignatureValue></Signature><RoleDescriptor xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">${keyDescriptor}<fed:ClaimTypesOffered><auth:ClaimType Uri="${claims}/name" xmlns:auth="http://docs.oasis-open.org/wsfed/authorization/200706"><auth:DisplayName>Name</auth:DisplayName></auth:ClaimType></fed:ClaimTypesOffered><fed:PassiveRequestorEndpoint><wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>https://login.microsoftonline.com/${tenant}/wsfed</wsa:Address></wsa:EndpointReference></fed:PassiveRequestorEndpoint></RoleDescriptor><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keyDescriptor}<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.microsoftonline.com/${tenant}/saml2"/><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.microsoftonline.com/${tenant}/saml2"/><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://login.microsoftonline.com/${tenant}/saml2"/></IDPSSODescriptor></EntityDescriptor>`;
  const metadata = parseIdpMetadata(xml, nowMs);
  assert.equal(metadata.entityId, idp.entityId);
  assert.equal(metadata.ssoRedirectUrl, `https://login.microsoftonline.com/${tenant}/saml2`);
  assert.deepEqual(
    metadata.signingCertificates.map(({ pem }) => pem),
    [idp.certificatePem],
  );
});
