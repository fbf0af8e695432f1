import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { renderEntities } from "../../demo/signer-metadata.ts";
import { AppError } from "../errors.ts";
import { makeSpCertificate } from "./certificate.ts";
import { parseIdpMetadata, trustOf } from "./metadata.ts";

const nowMs = Date.UTC(2026, 5, 1);
const idp = createSigner({
  entityId: "https://idp.example/",
  ssoUrl: "https://idp.example/sso?a=1&b=2",
});
const other = createSigner({
  entityId: "https://other.example/",
  ssoUrl: "https://other.example/sso",
});

function certificateOf(
  pair: Pick<Parameters<typeof makeSpCertificate>[0], "privateKey" | "publicKey">,
): string {
  return makeSpCertificate({
    commonName: "odd",
    serial: Buffer.of(7),
    notBeforeMs: nowMs,
    notAfterMs: nowMs + 1000,
    ...pair,
  });
}

const weakPem = certificateOf(generateKeyPairSync("rsa", { modulusLength: 1024 }));
const oddCurvePem = certificateOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" }));

/** Asserts the refusal's code and its sentence. */
function assertRefused(xml: string | Uint8Array, code: string, detail: RegExp): void {
  assert.throws(
    () => parseIdpMetadata(xml, nowMs),
    (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, code);
      assert.match(error.detail ?? "", detail);
      return true;
    },
  );
}

test("metadata of one identity provider is read", () => {
  const metadata = parseIdpMetadata(
    idp.metadataXml({
      validUntilMs: nowMs + 5000,
      cacheDuration: "PT2H",
      wantAuthnRequestsSigned: true,
      attributeNames: ["email", "groups", "email"],
      postUrl: "https://idp.example/post",
    }),
    nowMs,
  );
  const { signingCertificates, ...rest } = metadata;
  assert.deepEqual(rest, {
    entityId: "https://idp.example/",
    ssoRedirectUrl: "https://idp.example/sso?a=1&b=2",
    ssoPostUrl: "https://idp.example/post",
    wantAuthnRequestsSigned: true,
    validUntilMs: nowMs + 5000,
    cacheDurationMs: 7_200_000,
    attributeNames: ["email", "groups"],
  });
  assert.equal(signingCertificates.length, 1);
  const [certificate] = signingCertificates;
  assert.equal(certificate?.pem, idp.certificatePem);
  assert.equal(certificate?.subject, "CN=Demo IdP https://idp.example/");
  assert.match(certificate?.fingerprintSha256 ?? "", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.equal(certificate?.notBeforeMs, Date.UTC(2024, 0, 1));
  assert.equal(certificate?.notAfterMs, Date.UTC(2044, 0, 1));
  assert.equal(certificate?.keyType, "RSA 2048");
  assert.equal(certificate?.problem, null);
});

test("what the document does not say is null, false or empty", () => {
  const metadata = parseIdpMetadata(idp.metadataXml({ redirectUrl: null }), nowMs);
  assert.equal(metadata.ssoRedirectUrl, null);
  assert.equal(metadata.wantAuthnRequestsSigned, false);
  assert.equal(metadata.validUntilMs, null);
  assert.equal(metadata.cacheDurationMs, null);
  assert.deepEqual(metadata.attributeNames, []);
});

test("every signing certificate counts, each once, and a KeyDescriptor without use is one", () => {
  const certificates = [idp.certificatePem, other.certificatePem, idp.certificatePem];
  const metadata = parseIdpMetadata(idp.metadataXml({ certificates, use: null }), nowMs);
  assert.deepEqual(
    metadata.signingCertificates.map(({ pem }) => pem),
    [idp.certificatePem, other.certificatePem],
  );
  const trust = trustOf(metadata);
  assert.equal(trust.entityId, "https://idp.example/");
  assert.equal(trust.signingKeys[1]?.key.equals(other.publicKey), true);
  assert.equal(
    trust.signingKeys[1]?.fingerprint,
    metadata.signingCertificates[1]?.fingerprintSha256,
  );
});

test("an encryption certificate is no signing certificate", () => {
  assertRefused(
    idp.metadataXml({ use: "encryption" }),
    "metadata_no_signing_key",
    /^The metadata has no KeyDescriptor for signing\.$/,
  );
});

test("weak, odd and damaged certificates are listed with their problem and not trusted", () => {
  const damaged = idp.certificatePem.replace("MII", "MIJ");
  const certificates = [weakPem, oddCurvePem, damaged, idp.certificatePem];
  const metadata = parseIdpMetadata(idp.metadataXml({ certificates }), nowMs);
  assert.deepEqual(
    metadata.signingCertificates.map(({ keyType, isUsable, problem }) => [
      keyType,
      isUsable,
      problem,
    ]),
    [
      ["RSA 1024", false, "Its RSA key has 1024 bits; at least 2048 are needed."],
      [
        "ECDSA secp256k1",
        false,
        "Its curve, secp256k1, is not supported: P-256, P-384 or P-521 is needed.",
      ],
      ["", false, "It is no X.509 certificate, or is damaged."],
      ["RSA 2048", true, null],
    ],
  );
  assert.equal(trustOf(metadata).signingKeys.length, 1);
});

test("metadata with unusable certificates only is refused with the problem of each", () => {
  assertRefused(
    idp.metadataXml({ certificates: [weakPem] }),
    "metadata_no_signing_key",
    /^The metadata has no usable signing certificate\. CN=odd: Its RSA key has 1024 bits/,
  );
  assertRefused(
    idp.metadataXml().replace(/<ds:X509Data>.*<\/ds:X509Data>/, "<ds:KeyName>k</ds:KeyName>"),
    "metadata_no_signing_key",
    /has no X509Certificate/,
  );
});

test("an expired certificate of the identity provider is usable: its key is what counts", () => {
  const old = createSigner({
    entityId: "https://old.example",
    ssoUrl: "https://old.example/",
    certificateNotAfterMs: Date.UTC(2025, 0, 1),
  });
  const [certificate] = parseIdpMetadata(old.metadataXml(), nowMs).signingCertificates;
  assert.equal(certificate?.isUsable, true);
  assert.equal(certificate?.notAfterMs, Date.UTC(2025, 0, 1));
});

test("ECDSA P-256, P-384 and P-521 are usable", () => {
  const pairs = [
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
    generateKeyPairSync("ec", { namedCurve: "P-384" }),
    generateKeyPairSync("ec", { namedCurve: "P-521" }),
  ];
  const certificates = pairs.map(certificateOf);
  const metadata = parseIdpMetadata(idp.metadataXml({ certificates }), nowMs);
  assert.deepEqual(
    metadata.signingCertificates.map(({ keyType, isUsable }) => `${keyType} ${isUsable}`),
    ["ECDSA P-256 true", "ECDSA P-384 true", "ECDSA P-521 true"],
  );
});

test("certificates may be broken into lines, indented or armoured", () => {
  const base64 = idp.certificatePem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  for (const text of [idp.certificatePem, base64.replaceAll(/(.{64})/g, "\n      $1\r\n")]) {
    const xml = idp.metadataXml().replace(base64, text);
    assert.equal(parseIdpMetadata(xml, nowMs).signingCertificates[0]?.pem, idp.certificatePem);
  }
});

test("EntitiesDescriptor with exactly one identity provider is read, however deep", () => {
  const service =
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="sp"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"></md:SPSSODescriptor></md:EntityDescriptor>';
  const nested = renderEntities([service, renderEntities([idp.metadataXml()])]);
  assert.equal(parseIdpMetadata(nested, nowMs).entityId, "https://idp.example/");
  assertRefused(
    renderEntities([idp.metadataXml(), renderEntities([other.metadataXml()])]),
    "metadata_not_idp",
    /^The document holds 2 identity providers; it must hold exactly one\.$/,
  );
  assertRefused(
    renderEntities([service]),
    "metadata_not_idp",
    /^The document is the metadata of a service provider/,
  );
});

test("the earliest validUntil and the shortest cacheDuration around the provider count", () => {
  const xml = renderEntities([
    idp.metadataXml({ validUntilMs: nowMs + 9000, cacheDuration: "PT5M" }),
  ]).replace(
    ' Name="demo"',
    ' Name="demo" validUntil="2026-06-01T00:00:05+00:00" cacheDuration="P1D"',
  );
  const metadata = parseIdpMetadata(xml, nowMs);
  assert.equal(metadata.validUntilMs, nowMs + 5000);
  assert.equal(metadata.cacheDurationMs, 300_000);
  assert.throws(
    () => parseIdpMetadata(xml, nowMs + 5000),
    /valid until 2026-06-01T00:00:05.000Z only/,
  );
});

test("metadata whose validUntil has passed or makes no sense is refused", () => {
  assertRefused(
    idp.metadataXml({ validUntilMs: nowMs }),
    "metadata_expired",
    /^The metadata was valid until 2026-06-01T00:00:00.000Z only\.$/,
  );
  assertRefused(
    idp.metadataXml().replace("entityID=", 'validUntil="tomorrow" entityID='),
    "metadata_not_idp",
    /^The validUntil tomorrow is not a UTC date and time\.$/,
  );
});

test("a cacheDuration that makes no sense is passed over", () => {
  const metadata = parseIdpMetadata(idp.metadataXml({ cacheDuration: "an hour" }), nowMs);
  assert.equal(metadata.cacheDurationMs, null);
});

test("locations must be http or https URLs", () => {
  const bad = [
    "javascript:alert(1)",
    "data:text/html,x",
    "/sso",
    "",
    "https://",
    "https://a b/",
    "ftp://a/",
  ];
  for (const url of bad) {
    assertRefused(
      idp.metadataXml({ redirectUrl: url, postUrl: url }),
      "metadata_no_endpoint",
      /whose Location is an http or https URL/,
    );
    const metadata = parseIdpMetadata(idp.metadataXml({ redirectUrl: url }), nowMs);
    assert.equal(metadata.ssoRedirectUrl, null);
    assert.equal(metadata.ssoPostUrl, "https://idp.example/sso?a=1&b=2");
  }
  assertRefused(
    idp.metadataXml({ redirectUrl: null, postUrl: null }),
    "metadata_no_endpoint",
    /^The metadata names no SingleSignOnService\./,
  );
});

test("bindings other than Redirect and POST are no usable location", () => {
  assertRefused(
    idp.metadataXml({ redirectUrl: null }).replace("HTTP-POST", "SOAP"),
    "metadata_no_endpoint",
    /for urn:oasis:names:tc:SAML:2.0:bindings:SOAP\.$/,
  );
});

test("an identity provider without SAML 2.0, without entityID or with one too long is refused", () => {
  const xml = idp.metadataXml();
  assertRefused(
    xml.replace("SAML:2.0:protocol", "SAML:1.1:protocol"),
    "metadata_not_idp",
    /does not support SAML 2.0/,
  );
  assertRefused(xml.replace(idp.entityId, ""), "metadata_not_idp", /has no entityID/);
  const long = `https://${"a".repeat(1020)}`;
  assertRefused(xml.replace(idp.entityId, long), "metadata_not_idp", /longer than 1024/);
});

test("comments, a declaration, a byte order mark and blank lines around the document do not matter", () => {
  const commented = idp.metadataXml().replaceAll("><", "><!-- note -->\n<");
  const xml = `\uFEFF\n  <?xml version="1.0" encoding="utf-8"?>\r\n<!-- first -->${commented}\n\n`;
  assert.equal(parseIdpMetadata(xml, nowMs).entityId, idp.entityId);
  assert.equal(parseIdpMetadata(Buffer.from(xml), nowMs).entityId, idp.entityId);
});

test("what is not metadata is refused with a sentence that says what it is", () => {
  assertRefused(" \n", "metadata_not_xml", /^The document is empty\.$/);
  assertRefused("<!DOCTYPE html><html></html>", "metadata_not_idp", /web page \(HTML\)/);
  assertRefused("<html>", "metadata_not_idp", /web page/);
  assertRefused(
    "{}",
    "metadata_not_xml",
    /^The document is not well-formed XML: .* \(at character 1\)/,
  );
  assertRefused("<a><b></a>", "metadata_not_xml", /not well-formed XML/);
  assertRefused(
    "<feed/>",
    "metadata_not_idp",
    /^The document is not SAML metadata: its root is <feed>\.$/,
  );
  assertRefused(
    '<Response xmlns="urn:x"/>',
    "metadata_not_idp",
    /its root is <Response> in the namespace urn:x\.$/,
  );
  assertRefused(
    Buffer.of(0x3c, 0x61, 0xff),
    "metadata_not_xml",
    /^The document is not UTF-8 text\.$/,
  );
  assertRefused(
    `<!DOCTYPE md [<!ENTITY x "y">]>${idp.metadataXml()}`,
    "metadata_not_xml",
    /contains what metadata must not have: <!DOCTYPE/,
  );
  assertRefused(
    `<a>${"<b/>".repeat(20_001)}</a>`,
    "metadata_not_xml",
    /too large: .* limit of nodes/,
  );
});
