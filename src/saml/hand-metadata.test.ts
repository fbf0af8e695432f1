/** An identity provider entered by hand (PRODUCT 2.7): certificates in PEM or DER, and what is none. */
import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { readCertificates, renderHandMetadata } from "./hand-metadata.ts";
import { parseIdpMetadata } from "./metadata.ts";

const idp = createSigner({ entityId: "https://idp.example/", ssoUrl: "https://idp.example/sso" });
const next = createSigner({ entityId: idp.entityId, ssoUrl: idp.ssoUrl });
const base64 = new X509Certificate(idp.certificatePem).raw.toString("base64");
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const pemsOf = (text: string): readonly string[] => {
  const read = readCertificates(text);
  assert.ok("certificates" in read, JSON.stringify(read));
  const { certificates } = read;
  const xml = renderHandMetadata({ entityId: idp.entityId, ssoUrl: idp.ssoUrl, certificates });
  return parseIdpMetadata(xml, Date.UTC(2026, 5, 1)).signingCertificates.map(({ pem }) => pem);
};

test("a certificate comes as PEM, as base64 of DER, broken into lines or with words around it", () => {
  for (const text of [
    idp.certificatePem,
    `\uFEFF\r\n${idp.certificatePem.replaceAll("\n", "\r\n")}`,
    base64,
    ` ${base64.replaceAll(/.{50}/g, "$& \n")}\n`,
    `Bag Attributes\n    friendlyName: x\nsubject=CN = x\n${idp.certificatePem}`,
    idp.certificatePem.replaceAll("CERTIFICATE", "X509 CERTIFICATE"),
    idp.certificatePem + idp.certificatePem,
  ]) {
    assert.deepEqual(pemsOf(text), [idp.certificatePem]);
  }
  assert.deepEqual(pemsOf(`${idp.certificatePem}\n${next.certificatePem}`), [
    idp.certificatePem,
    next.certificatePem,
  ]);
});

test("what goes into the document cannot break out of it", () => {
  const entityId = 'urn:x"><md:IDPSSODescriptor/><!--';
  const ssoUrl = "https://idp.example/sso?a=1&b=<2>\"'";
  const xml = renderHandMetadata({ entityId, ssoUrl: encodeURI(ssoUrl), certificates: [base64] });
  const metadata = parseIdpMetadata(xml, 0);
  assert.equal(metadata.entityId, entityId);
  assert.equal(metadata.signingCertificates.length, 1);
});

const rows: Readonly<Record<string, readonly [text: string, sentence: RegExp]>> = {
  nothing: [" \n", /^Enter the provider's signing certificate/],
  "a private key": [
    privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    /holds a private key.*replace it/,
  ],
  "a private key beside the certificate": [
    idp.certificatePem + privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    /holds a private key/,
  ],
  "a public key": [
    publicKey.export({ type: "spki", format: "pem" }).toString(),
    /a public key, not a certificate/,
  ],
  "a request": [
    "-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----",
    /a certificate request, not a certificate/,
  ],
  "a chain": ["-----BEGIN PKCS7-----\nMIIC\n-----END PKCS7-----", /a pkcs7, not a certificate/],
  "half a certificate": [idp.certificatePem.slice(0, 300), /cut off/],
  "a damaged certificate": [base64.replace("M", "N"), /no X\.509 certificate, or is damaged/],
  "a fingerprint": [
    "SHA256 Fingerprint=3A:5B:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD",
    /a fingerprint, not the certificate/,
  ],
  "a bare fingerprint": ["3a 5b 00 11 22 33 44 55 66 77 88 99 aa bb cc dd", /a fingerprint/],
  "a URL": ["https://idp.example/cert.pem", /a URL, not a certificate/],
  metadata: [idp.metadataXml(), /enter it as the metadata/],
  "a web page": ["<html><body>Sign in</body></html>", /web page \(HTML\), not a certificate/],
  JSON: ['{"x5c": ["MIIC"]}', /JSON.*not a certificate/],
  "a PDF": ["%PDF-1.7", /a PDF, not a certificate/],
  "an SSH key": ["ssh-rsa AAAAB3Nza a@b", /an SSH key, not a certificate/],
  words: ["my certificate!", /^This is no certificate\./],
};
for (const [what, [text, sentence]] of Object.entries(rows)) {
  test(`${what} is told from a certificate`, () => {
    const read = readCertificates(text);
    assert.ok("problem" in read, "read as a certificate");
    assert.match(read.problem, sentence);
    assert.match(read.problem, /\.$/);
  });
}

test("a certificate whose key is too weak is refused with the reason", () => {
  const weak = createSigner({ ...idp, keyType: "rsa1024" });
  const read = readCertificates(weak.certificatePem);
  assert.ok("problem" in read);
  assert.match(read.problem, /has 1024 bits; at least 2048/);
});

test("endless texts are no certificates", () => {
  for (const text of [
    "-----BEGIN A-----".repeat(4000),
    "aa:".repeat(20_000),
    "A".repeat(65_000),
    "a ".repeat(30_000),
  ]) {
    assert.ok("problem" in readCertificates(text));
  }
});
