/**
 * OneLogin: response or assertion signed, SHA-1 on old applications, CBC where encryption is on,
 * xs and xsi declared on the assertion.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../src/errors.ts";
import {
  acsUrl,
  ada,
  adaIdentity,
  atSecond,
  encryptPart,
  provider,
  requestId,
  signOn,
  signPart,
} from "./provider.ts";

const idp = provider("https://app.onelogin.com/saml/metadata/6b1cd6b0-3f8e-4a32-9f6e-8d0d6e7a0002");

const attribute = (name: string, ...values: readonly string[]): string =>
  `<saml:Attribute NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic" Name="${name}">${values
    .map((value) => `<saml:AttributeValue xsi:type="xs:string">${value}</saml:AttributeValue>`)
    .join("")}</saml:Attribute>`;

const unsigned = `<samlp:Response xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="Re2b0a9b0d7c44e5f" Version="2.0" IssueInstant="${atSecond(0)}" Destination="${acsUrl}" InResponseTo="${requestId}"><saml:Issuer>${idp.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Version="2.0" ID="A1f0d5d1a7b6c4e3f" IssueInstant="${atSecond(0)}"><saml:Issuer>${idp.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${ada.email}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${atSecond(180)}" Recipient="${acsUrl}" InResponseTo="${requestId}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${atSecond(-180)}" NotOnOrAfter="${atSecond(180)}"><saml:AudienceRestriction><saml:Audience>${acsUrl}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${atSecond(-1)}" SessionNotOnOrAfter="${atSecond(86_400)}" SessionIndex="_c0a8"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attribute("Email", ada.email)}${attribute("FirstName", ada.firstName)}${attribute("LastName", ada.lastName)}${attribute("Groups", ...ada.groups)}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;

for (const part of ["Response", "Assertion"] as const) {
  test(`OneLogin's signature over the ${part} yields the identity`, async () => {
    const xml = signPart(idp, unsigned, { part });
    assert.deepEqual((await signOn(idp, xml, { preset: "onelogin" })).identity, adaIdentity);
  });
}

test("SHA-1 of an old application is refused, and accepted where the organization allows it", async () => {
  const xml = signPart(idp, unsigned, { part: "Response", hash: "sha1" });
  await assert.rejects(
    signOn(idp, xml, { preset: "onelogin" }),
    (error) => error instanceof AppError && error.code === "saml_sha1_refused",
  );
  const { identity } = await signOn(idp, xml, { preset: "onelogin", allowSha1: true });
  assert.deepEqual(identity, adaIdentity);
});

test("OneLogin's CBC encryption is accepted in a signed response", async () => {
  const encrypted = encryptPart(unsigned, { algorithm: "aes256-cbc" });
  const xml = signPart(idp, encrypted, { part: "Response" });
  const { identity, assertion } = await signOn(idp, xml, { preset: "onelogin" });
  assert.deepEqual(identity, adaIdentity);
  assert.equal(assertion.wasEncrypted, true);
});

test("CBC without a signed response is refused, and accepted where the organization allows it", async () => {
  const signed = signPart(idp, unsigned, { part: "Assertion" });
  const xml = encryptPart(signed, { algorithm: "aes256-cbc" });
  await assert.rejects(
    signOn(idp, xml, { preset: "onelogin" }),
    (error) => error instanceof AppError && error.code === "saml_encryption_algorithm",
  );
  const { identity } = await signOn(idp, xml, { preset: "onelogin", allowCbc: true });
  assert.deepEqual(identity, adaIdentity);
});
