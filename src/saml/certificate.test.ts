import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { makeSpCertificate } from "./certificate.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-384" });

function certificate(
  pair: { privateKey: KeyObject; publicKey: KeyObject },
  changes: Partial<Parameters<typeof makeSpCertificate>[0]> = {},
): X509Certificate {
  const pem = makeSpCertificate({
    commonName: "Labelgate label.example",
    serial: Buffer.from("00f1a2", "hex"),
    notBeforeMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    notAfterMs: Date.UTC(2036, 0, 2),
    ...pair,
    ...changes,
  });
  return new X509Certificate(pem);
}

for (const [name, pair] of Object.entries({ rsa, ec })) {
  test(`a certificate of an ${name} key is signed by that key and carries it`, () => {
    const read = certificate(pair);
    assert.equal(read.verify(pair.publicKey), true);
    assert.equal(read.checkPrivateKey(pair.privateKey), true);
    assert.equal(read.publicKey.equals(pair.publicKey), true);
    assert.equal(read.subject, "CN=Labelgate label.example");
    assert.equal(read.issuer, read.subject);
    assert.equal(read.ca, false);
  });
}

test("dates keep their second, before and after 2050", () => {
  const read = certificate(rsa, { notAfterMs: Date.UTC(2051, 11, 31, 23, 59, 59) });
  assert.equal(read.validFromDate.getTime(), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(read.validToDate.getTime(), Date.UTC(2051, 11, 31, 23, 59, 59));
});

test("a serial number is positive and in its shortest form", () => {
  assert.equal(certificate(ec).serialNumber, "F1A2");
  assert.equal(certificate(ec, { serial: Buffer.from("7f", "hex") }).serialNumber, "7F");
  assert.equal(certificate(ec, { serial: Buffer.alloc(4) }).serialNumber, "0");
});

test("a common name may be any text and is cut to 64 characters", () => {
  assert.equal(
    certificate(ec, { commonName: "Ärzte, O=x" }).toLegacyObject().subject["CN"],
    "Ärzte, O=x",
  );
  const long = "😀".repeat(80);
  assert.equal(
    certificate(ec, { commonName: long }).toLegacyObject().subject["CN"],
    "😀".repeat(64),
  );
});

test("an RSA key may sign and encrypt keys, an ECDSA key may sign", () => {
  const keyUsage = (der: Buffer): string => {
    const at = der.indexOf(Buffer.from("0603551d0f0101ff0404", "hex"));
    return der.subarray(at + 10, at + 14).toString("hex");
  };
  assert.equal(keyUsage(certificate(rsa).raw), "030205a0");
  assert.equal(keyUsage(certificate(ec).raw), "03020780");
});
