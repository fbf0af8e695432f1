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
  assertRefused("nothing", "metadata_not_xml", /not well-formed XML: .* \(at character 1\)/);
  assertRefused('{"issuer": "x"}', "metadata_not_xml", /JSON/);
  assertRefused(
    "https://idp.example.com/metadata",
    "metadata_not_xml",
    /enter it as the metadata URL/,
  );
  assertRefused("-----BEGIN CERTIFICATE-----\nMIIC", "metadata_not_xml", /certificate/);
  assertRefused("MIICnTCCAYUCBgF", "metadata_not_xml", /certificate/);
  assertRefused("%PDF-1.7", "metadata_not_xml", /a PDF/);
  assertRefused(Buffer.from("%PDF-1.7\n%\xe2\xe3", "latin1"), "metadata_not_xml", /a PDF/);
  assertRefused(Buffer.from([0x30, 0x82, 0x03, 0x90]), "metadata_not_xml", /certificate \(DER\)/);
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

test("metadata is read in every encoding that it may say it is in (PRODUCT 2.7)", () => {
  const named = idp.metadataXml().replace("<md:", "<!-- Zürich --><md:");
  const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>${named}`;
  const utf16be = Buffer.from(`\uFEFF${declared("UTF-16")}`, "utf16le").swap16();
  const documents = {
    "UTF-8 with a mark": Buffer.from(`\uFEFF${declared("UTF-8")}`),
    "UTF-16, little end first": Buffer.from(`\uFEFF${declared("UTF-16")}`, "utf16le"),
    "UTF-16, big end first": utf16be,
    "UTF-16 without mark": Buffer.from(declared("UTF-16LE"), "utf16le"),
    "ISO-8859-1": Buffer.from(declared("ISO-8859-1"), "latin1"),
    "windows-1252": Buffer.from(declared("windows-1252"), "latin1"),
    "US-ASCII": Buffer.from(declared("US-ASCII").replace("ü", "ue"), "latin1"),
    "text already decoded, whatever it declares": declared("UTF-16"),
  };
  for (const [what, document] of Object.entries(documents)) {
    assert.equal(parseIdpMetadata(document, nowMs).entityId, idp.entityId, what);
  }
});

test("an encoding that is not read is refused by its name, and one that is not true is refused", () => {
  const document = (encoding: string, text: string) =>
    Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><!-- ${text} -->`, "latin1");
  assertRefused(document("UTF-7", ""), "metadata_not_xml", /encoding UTF-7/);
  assertRefused(document("EBCDIC-CP-US", ""), "metadata_not_xml", /EBCDIC-CP-US/);
  assertRefused(document("US-ASCII", "ü"), "metadata_not_xml", /not the US-ASCII text/);
  assertRefused(document("UTF-8", "ü"), "metadata_not_xml", /not UTF-8/);
});

test("a DTD is refused in every encoding, since it could expand or rename what is read", () => {
  const xml = `<!DOCTYPE x [<!ENTITY e "v">]>${idp.metadataXml()}`;
  assertRefused(xml, "metadata_not_xml", /must not have: <!DOCTYPE/);
  const utf16 = Buffer.from(`\uFEFF${xml}`, "utf16le");
  assertRefused(utf16, "metadata_not_xml", /must not have: <!DOCTYPE/);
});

test("processing instructions are passed over and CDATA is text", () => {
  const xml = idp.metadataXml();
  const certificate = /<ds:X509Certificate>([^<]+)</.exec(xml)?.[1] ?? "";
  const sections = xml.replaceAll(certificate, `<![CDATA[${certificate}]]>`);
  const edited = `<?xml-stylesheet href="a?b"?>${sections}<?end?>`;
  const metadata = parseIdpMetadata(edited, nowMs);
  assert.equal(metadata.signingCertificates.length, 1);
  assertRefused(`${xml}<![CDATA[x]]>`, "metadata_not_xml", /outside the root/);
  assertRefused(
    xml.replace("<md:", "<?xml version='1.0'?><md:").replace("<?", " \n<a/><?"),
    "metadata_not_xml",
    /./,
  );
});

test("the prefix xml may be declared with its own namespace, as Shibboleth's template does", () => {
  const own = ' xmlns:xml="http://www.w3.org/XML/1998/namespace"';
  const withXml = idp.metadataXml().replace(" entityID", `${own} entityID`);
  assert.equal(parseIdpMetadata(withXml, nowMs).entityId, idp.entityId);
  for (const hostile of [' xmlns:xml="urn:x"', `${own}${own}`, ' xmlns:xmlns="urn:x"']) {
    const xml = idp.metadataXml().replace(" entityID", `${hostile} entityID`);
    assertRefused(xml, "metadata_not_xml", /reserved prefix/);
  }
});

test("a location goes out in ASCII, and one that cannot is refused", () => {
  const located = (url: string) =>
    idp.metadataXml().replaceAll(/Location="[^"]*"/g, `Location="${url}"`);
  const { ssoRedirectUrl } = parseIdpMetadata(
    located("https://kc.example.org/realms/Москва/saml"),
    nowMs,
  );
  assert.equal(
    ssoRedirectUrl,
    "https://kc.example.org/realms/%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0/saml",
  );
  const idn = parseIdpMetadata(located("https://bücher.example/saml"), nowMs);
  assert.equal(idn.ssoRedirectUrl, "https://xn--bcher-kva.example/saml");
  for (const url of ["javascript:alert(1)", "https://", "/saml", "https://a b/"]) {
    assertRefused(located(url), "metadata_no_endpoint", /http or https URL/);
  }
});
