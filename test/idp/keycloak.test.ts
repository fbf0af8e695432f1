/**
 * Keycloak: `&#13;` inside base64 text, KeyName and KeyValue beside the certificate, attributes that
 * are repeated for each value, no Destination on unsigned responses of old versions.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
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

const idp = provider("https://keycloak.example/realms/labels");

const attribute = (name: string, value: string): string =>
  `<saml:Attribute FriendlyName="${name}" Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml:AttributeValue></saml:Attribute>`;

const unsigned = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Destination="${acsUrl}" ID="ID_0d8e2a4b-6f1d-4c0e-9f3c-0a1b2c3d4e5f" InResponseTo="${requestId}" IssueInstant="${at(0)}" Version="2.0"><saml:Issuer>${idp.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="ID_f6d0b1a2-0c0d-4e0f-8a1b-2c3d4e5f6a7b" IssueInstant="${at(0)}" Version="2.0"><saml:Issuer>${idp.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">G-3f0c</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${at(58)}" Recipient="${acsUrl}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(-2)}" NotOnOrAfter="${at(58)}"><saml:AudienceRestriction><saml:Audience>${acsUrl}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="d7f7::0e6c" SessionNotOnOrAfter="${at(36_000)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attribute("Email", ada.email)}${attribute("FirstName", ada.firstName)}${attribute("LastName", ada.lastName)}${ada.groups.map((group) => attribute("Groups", group)).join("")}${attribute("Role", "offline_access")}${attribute("Role", "uma_authorization")}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;

/** Base64 in lines that end with a carriage return written as a reference, as Java's writer does. */
const withReturns = (signature: string): string =>
  signature
    .replaceAll(/>([A-Za-z0-9+/=]{100,})</g, (_, text: string) => {
      return `>${text.replaceAll(/(.{76})/g, "$1&#13;\n")}<`;
    })
    .replace(
      "<dsig:X509Data>",
      "<dsig:KeyName>J1ydbqd9VjRS0_g0P2JvmVC2DpW4</dsig:KeyName><dsig:X509Data>",
    )
    .replace(
      "</dsig:KeyInfo>",
      "<dsig:KeyValue><dsig:RSAKeyValue><dsig:Modulus>AQAB</dsig:Modulus><dsig:Exponent>AQAB</dsig:Exponent></dsig:RSAKeyValue></dsig:KeyValue></dsig:KeyInfo>",
    );

const style = { prefix: "dsig", edit: withReturns } as const;

for (const part of ["Response", "Assertion"] as const) {
  test(`Keycloak's signature over the ${part}, carriage returns in its base64, yields the identity`, async () => {
    const xml = signPart(idp, unsigned, { part, ...style });
    assert.equal(xml.includes("&#13;"), true);
    const { identity, attributeNames } = await signOn(idp, xml, { preset: "default" });
    assert.deepEqual(identity, adaIdentity);
    assert.deepEqual(attributeNames, ["Email", "FirstName", "LastName", "Groups", "Role"]);
  });
}

test("an unsigned response without Destination around a signed assertion is accepted", async () => {
  const without = unsigned.replace(` Destination="${acsUrl}"`, "");
  const xml = signPart(idp, without, { part: "Assertion", ...style });
  assert.deepEqual((await signOn(idp, xml, { preset: "default" })).identity, adaIdentity);
});

for (const keyPlace of ["inside", "sibling"] as const) {
  test(`Keycloak's encryption with the key ${keyPlace} yields the identity`, async () => {
    const signed = signPart(idp, unsigned, { part: "Assertion", ...style });
    const encrypted = encryptPart(signed, {
      algorithm: "aes256-gcm",
      keyTransport: "rsa-oaep",
      digest: "sha256",
      mask: "sha256",
      keyPlace,
    });
    const xml = signPart(idp, encrypted, { part: "Response", ...style });
    const { identity, assertion } = await signOn(idp, xml, { preset: "default" });
    assert.deepEqual(identity, adaIdentity);
    assert.equal(assertion.wasEncrypted, true);
  });
}
