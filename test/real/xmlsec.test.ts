/**
 * xmlsec1's second opinion: its verdict on generated signatures and on the demo identity provider's
 * responses equals ours, and each side opens what the other has encrypted.
 * Run by .ci/run, which installs xmlsec1; `npm test` asks libxml2 alone (test/saml/differential.test.ts).
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import fc from "fast-check";
import { encryptElement } from "../../demo/encrypt-xml.ts";
import { createSigner, type RespondOptions, type Signer } from "../../demo/signer.ts";
import { AppError } from "../../src/errors.ts";
import { readIdentity } from "../../src/saml/attributes.ts";
import { parseIdpMetadata, trustOf } from "../../src/saml/metadata.ts";
import { presets } from "../../src/saml/presets.ts";
import { type Expected, verifyResponse } from "../../src/saml/response.ts";
import {
  signedCases,
  signedLocal,
  signedNamespace,
  signingKeys,
} from "../saml/signed-documents.ts";
import { ourVerdict } from "../saml/verdict.ts";

const nowMs = Date.UTC(2026, 5, 1);
const acsUrl = "https://label.example/saml/t/acs";
const rsaIdp = createSigner({ entityId: "https://rsa.example", ssoUrl: "https://rsa.example/" });
const ecIdp = createSigner({
  entityId: "https://ec.example",
  ssoUrl: "https://ec.example/",
  keyType: "ec384",
});
const sp = createSigner({ entityId: acsUrl, ssoUrl: acsUrl });
const person: RespondOptions = {
  acsUrl,
  nowMs,
  email: "ada@example.com",
  firstName: "Ada <&> \u{1f600}\r",
  groups: ["a", "b"],
};

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "xmlsec-"));
  await keep("sp.pem", sp.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  await keep("sp.crt", sp.certificatePem);
});

after(async () => {
  await rm(directory, { recursive: true });
});

/** Writes a file for xmlsec1 and answers its path. */
async function keep(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

/** Runs xmlsec1; `isDone` is whether it succeeded. */
function xmlsec(
  ...options: readonly string[]
): Promise<{ isDone: boolean; output: string; log: string }> {
  return new Promise((resolve) => {
    execFile("xmlsec1", options, { maxBuffer: 1e8 }, (error, output, log) => {
      // Not being there is no verdict.
      if (error !== null && error.code === "ENOENT") throw error;
      resolve({ isDone: error === null, output, log });
    });
  });
}

/** What xmlsec1 says about the signature of the element with this name. */
async function theirVerdict(
  xml: string,
  { keyPem, namespace, local }: { keyPem: string; namespace: string; local: string },
): Promise<boolean> {
  const document = await keep("document.xml", xml);
  const key = await keep("key.pem", keyPem);
  const ids = [
    `${namespace}:${local}`,
    "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
    "urn:oasis:names:tc:SAML:2.0:protocol:Response",
  ].flatMap((name) => ["--id-attr:ID", name]);
  const path = `//*[local-name()='${local}']/*[local-name()='Signature']`;
  const { isDone } = await xmlsec(
    "--verify",
    "--pubkey-pem",
    key,
    "--enabled-key-data",
    "rsa,ecdsa",
    ...ids,
    "--node-xpath",
    path,
    document,
  );
  return isDone;
}

const pemOf = (idp: Pick<Signer, "publicKey">): string =>
  idp.publicKey.export({ type: "spki", format: "pem" }).toString();

const expected: Expected = {
  acsUrl,
  entityId: acsUrl,
  wantAssertionsSigned: false,
  wantResponseSigned: false,
  allowSha1: true,
  allowCbc: true,
  clockSkewMs: 0,
  decryptionKeys: [sp.privateKey],
};

/** The e-mail address that we read, or the code of the refusal. */
async function ourAnswer(idp: Signer, xml: string): Promise<string> {
  const trust = trustOf(parseIdpMetadata(idp.metadataXml(), nowMs));
  try {
    const assertion = await verifyResponse(Buffer.from(xml), trust, expected, nowMs);
    return readIdentity(assertion, presets.default.mapping, {
      splitGroupsOnComma: false,
      isMapped: () => false,
    }).identity.email;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

suite("xmlsec1 and we agree about signatures", () => {
  test("over 600 generated documents, most of them tampered with", async () => {
    const keyPem = pemOf(signingKeys);
    const counts = { valid: 0, invalid: 0 };
    await fc.assert(
      fc.asyncProperty(signedCases, async ({ xml, tampering }) => {
        const isValid = await theirVerdict(xml, {
          keyPem,
          namespace: signedNamespace,
          local: signedLocal,
        });
        assert.equal(ourVerdict(xml), isValid, tampering);
        counts[isValid ? "valid" : "invalid"] += 1;
      }),
      { numRuns: 600, endOnFailure: true },
    );
    assert.ok(counts.valid > 100 && counts.invalid > 100, JSON.stringify(counts));
  });

  const algorithms = [
    ["rsa-sha1", rsaIdp],
    ["rsa-sha256", rsaIdp],
    ["rsa-sha384", rsaIdp],
    ["rsa-sha512", rsaIdp],
    ["ecdsa-sha256", ecIdp],
    ["ecdsa-sha384", ecIdp],
    ["ecdsa-sha512", ecIdp],
  ] as const;
  for (const [algorithm, idp] of algorithms) {
    test(`made with ${algorithm}, in every kind of response, genuine and tampered with`, async () => {
      for (const canonicalization of ["exclusive", "inclusive"] as const) {
        for (const valueType of [null, "xs:string"] as const) {
          const options = {
            ...person,
            sign: "both",
            algorithm,
            canonicalization,
            valueType,
          } as const;
          const xml = idp.respond(options);
          const tampered = xml.replace("ada@example.com", "eve@example.com");
          for (const local of ["Response", "Assertion"]) {
            const about = { keyPem: pemOf(idp), namespace: "urn:x", local };
            assert.equal(await theirVerdict(xml, about), true);
            assert.equal(await theirVerdict(tampered, about), false);
          }
          assert.equal(await ourAnswer(idp, xml), "ada@example.com");
          assert.equal(await ourAnswer(idp, tampered), "saml_digest_mismatch");
        }
      }
    });
  }

  test("by another key than the trusted one", async () => {
    const xml = rsaIdp.respond(person);
    const other = createSigner({ entityId: rsaIdp.entityId, ssoUrl: rsaIdp.ssoUrl });
    const about = { keyPem: pemOf(other), namespace: "urn:x", local: "Assertion" };
    assert.equal(await theirVerdict(xml, about), false);
    assert.equal(await ourAnswer(other, xml), "saml_signature_invalid");
  });
});

const xenc = "http://www.w3.org/2001/04/xmlenc#";
const ciphers = [
  ["aes128-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm", "aes-128"],
  ["aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes256-gcm", "aes-256"],
  ["aes128-cbc", `${xenc}aes128-cbc`, "aes-128"],
  ["aes256-cbc", `${xenc}aes256-cbc`, "aes-256"],
] as const;

suite("xmlsec1 and we open each other's encryption", () => {
  for (const [algorithm, uri, sessionKey] of ciphers) {
    test(`xmlsec1 opens what the demo identity provider encrypts with ${algorithm}`, async () => {
      const plain = "<a>text \u{1f600}</a>";
      const xml = encryptElement("EncryptedAssertion", plain, {
        certificatePem: sp.certificatePem,
        algorithm,
      });
      const document = await keep("encrypted.xml", xml);
      const { output } = await xmlsec(
        "--decrypt",
        "--privkey-pem",
        join(directory, "sp.pem"),
        document,
      );
      assert.match(output, /<a>text &#x1F600;<\/a>/);
    });

    test(`we open what xmlsec1 encrypts with ${algorithm}`, async () => {
      let assertion = "";
      const shell = rsaIdp.respond({
        ...person,
        sign: "assertion",
        editSignedAssertion: (xml) => {
          assertion = xml;
          return "<!--place-->";
        },
      });
      const template = `<EncryptedData xmlns="${xenc}" Type="${xenc}Element"><EncryptionMethod Algorithm="${uri}"/><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><EncryptedKey xmlns="${xenc}"><EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"/><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"/><CipherData><CipherValue/></CipherData></EncryptedKey></KeyInfo><CipherData><CipherValue/></CipherData></EncryptedData>`;
      const { output, log } = await xmlsec(
        "--encrypt",
        ...["--pubkey-cert-pem", join(directory, "sp.crt"), "--session-key", sessionKey],
        ...["--xml-data", await keep("assertion.xml", assertion), "--node-xpath", "/*"],
        await keep("template.xml", template),
      );
      const data = output.replace(/^<\?xml[^>]*>\s*/, "");
      const wrapped = `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}</saml:EncryptedAssertion>`;
      const xml = shell.replace("<!--place-->", () => wrapped);
      assert.equal(await ourAnswer(rsaIdp, xml), "ada@example.com", log);
    });
  }
});
