/**
 * The demo identity provider against other people's code: its text is canonical by libxml2, its
 * signatures hold for xml-crypto, its encryption opens for node-saml. What the other tests
 * build on it is therefore not judged by our own verifier alone.
 */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
import { SignedXml } from "xml-crypto";
import { createSigner, type RespondOptions } from "../../demo/signer.ts";
import { makeSpCertificate } from "../../src/saml/certificate.ts";

const nowMs = Date.UTC(2026, 5, 1);
const idp = createSigner({
  entityId: "https://idp.example/a&b",
  ssoUrl: "https://idp.example/sso",
});
const ecIdp = createSigner({
  entityId: "https://ec.example",
  ssoUrl: "https://ec.example/",
  keyType: "ec256",
});
const spKey = generateKeyPairSync("rsa", { modulusLength: 2048 });
const certificatePem = makeSpCertificate({
  commonName: "sp",
  serial: Buffer.of(1),
  notBeforeMs: nowMs,
  notAfterMs: nowMs + 1e10,
  ...spKey,
});

const person: RespondOptions = {
  acsUrl: "https://sp.example/acs?a=1&b=2",
  nowMs,
  inResponseTo: "_request",
  email: "ada@example.com",
  firstName: 'Ada "<&>" \r\n',
  lastName: "O’Brien \u{1f600}",
  groups: ["a&b", "c>d", "e"],
  sessionNotOnOrAfterMs: nowMs + 1e6,
};

function canonical(xml: string): string {
  using document = XmlDocument.fromString(xml);
  return document.canonicalizeToString({
    mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
    inclusiveNamespacePrefixes: ["xs"],
  });
}

/** The parents' names of the signatures that xml-crypto accepts. */
function verifiedParents(xml: string, certificate: string): string[] {
  const signatures = [...xml.matchAll(/<ds:Signature .*?<\/ds:Signature>/g)].map((m) => m[0]);
  return signatures.map((signature) => {
    const verifier = new SignedXml({ publicCert: certificate });
    verifier.loadSignature(signature);
    assert.equal(verifier.checkSignature(xml), true);
    return /^<(\S+)/.exec(verifier.getSignedReferences()[0] ?? "")?.[1] ?? "";
  });
}

/** Whether the signature in the element called `name` holds, in inclusive canonical form. */
function isInclusivelySigned(xml: string, name: string): boolean {
  const canonicalPart = (text: string, path: string): string => {
    using document = XmlDocument.fromString(text);
    return document.get(path)?.canonicalizeToString() ?? "";
  };
  const owner = `//*[local-name()='${name}']`;
  const signature = `${owner}/*[local-name()='Signature']`;
  const signedInfo = canonicalPart(xml, `${signature}/*[local-name()='SignedInfo']`);
  const written = canonicalPart(xml, signature);
  const value = Buffer.from(/SignatureValue>([^<]*)/.exec(written)?.[1] ?? "", "base64");
  const uri = /URI="#([^"]*)"/.exec(written)?.[1] ?? "";
  const unsigned = withoutSignature(xml, uri);
  const digest = createHash("sha256").update(canonicalPart(unsigned, owner)).digest("base64");
  return (
    digest === /DigestValue>([^<]*)/.exec(written)?.[1] &&
    verify("sha256", Buffer.from(signedInfo), idp.publicKey, value)
  );
}

function withoutSignature(xml: string, id: string): string {
  const reference = xml.indexOf(`URI="#${id}"`);
  const start = xml.lastIndexOf("<ds:Signature ", reference);
  const end = xml.indexOf("</ds:Signature>", reference) + "</ds:Signature>".length;
  return xml.slice(0, start) + xml.slice(end);
}

test("every kind of response is its own exclusive canonical form", () => {
  const responses = [
    idp.respond({ ...person, sign: "both" }),
    idp.respond({ ...person, sign: "both", valueType: "xs:string" }),
    idp.respond({ ...person, sign: "response", encryptFor: { certificatePem } }),
    idp.respond({
      ...person,
      encryptFor: {
        certificatePem,
        keyPlace: "sibling",
        keyTransport: "rsa-oaep",
        mask: "sha256",
        digest: "sha256",
      },
    }),
    idp.respond({ ...person, sign: "both", encryptNameIdFor: { certificatePem } }),
    idp.respond({ ...person, status: { code: "urn:x", nested: "urn:y", message: "no <entry>" } }),
    idp.metadataXml({
      attributeNames: ["Email"],
      wantAuthnRequestsSigned: true,
      cacheDuration: "P1D",
    }),
  ];
  for (const xml of responses) assert.equal(canonical(xml), xml);
});

for (const valueType of [null, "xs:string"] as const) {
  test(`exclusive signatures over ${valueType ?? "untyped"} values hold for xml-crypto`, () => {
    const { certificatePem: pem } = idp;
    const options = { ...person, valueType };
    const both = verifiedParents(idp.respond({ ...options, sign: "both" }), pem);
    assert.deepEqual(both, ["samlp:Response", "saml:Assertion"]);
    const one = verifiedParents(idp.respond({ ...options, sign: "assertion" }), pem);
    assert.deepEqual(one, ["saml:Assertion"]);
    assert.deepEqual(verifiedParents(idp.respond({ ...options, sign: "none" }), pem), []);
  });

  test(`inclusive signatures over ${valueType ?? "untyped"} values hold by libxml2's canonical form`, () => {
    for (const sign of ["response", "assertion", "both"] as const) {
      const xml = idp.respond({ ...person, valueType, sign, canonicalization: "inclusive" });
      const names = {
        response: ["Response"],
        assertion: ["Assertion"],
        both: ["Response", "Assertion"],
      };
      for (const name of names[sign]) assert.equal(isInclusivelySigned(xml, name), true);
    }
  });
}

test("xs is no part of the digest where no PrefixList names it", () => {
  const xml = idp.respond({ ...person, valueType: "xs:string", prefixList: null, sign: "both" });
  assert.equal(xml.includes("InclusiveNamespaces"), false);
  assert.equal(verifiedParents(xml, idp.certificatePem).length, 2);
});

test("RSA signatures of every strength hold for xml-crypto", () => {
  for (const algorithm of ["rsa-sha1", "rsa-sha256", "rsa-sha512"] as const) {
    const xml = idp.respond({ ...person, algorithm, digest: "sha512" });
    assert.deepEqual(verifiedParents(xml, idp.certificatePem), ["saml:Assertion"]);
  }
  assert.match(ecIdp.respond(person), /ecdsa-sha256/);
});

for (const algorithm of ["aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc"] as const) {
  test(`node-saml opens an assertion encrypted with ${algorithm} and reads the identity`, async () => {
    const peer = new SAML({
      callbackUrl: person.acsUrl,
      issuer: person.acsUrl,
      audience: person.acsUrl,
      idpCert: idp.certificatePem,
      decryptionPvk: spKey.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      wantAuthnResponseSigned: false,
      validateInResponseTo: ValidateInResponseTo.never,
      acceptedClockSkewMs: -1,
    });
    const SAMLResponse = idp.respondBase64({
      ...person,
      encryptFor: { certificatePem, algorithm },
    });
    const { profile } = await peer.validatePostResponseAsync({ SAMLResponse });
    assert.equal(profile?.["Email"], person.email);
    assert.deepEqual(profile?.["Groups"], person.groups);
  });
}

test("hooks change a message between its steps", () => {
  const seen: string[] = [];
  const note = (step: string) => (xml: string) => {
    seen.push(`${step} ${xml.split("<ds:Signature ").length - 1}`);
    return xml;
  };
  idp.respond({
    ...person,
    sign: "both",
    editAssertion: note("assertion"),
    editSignedAssertion: note("signed assertion"),
    editResponse: note("response"),
    editMessage: note("message"),
  });
  assert.deepEqual(seen, ["assertion 0", "signed assertion 1", "response 1", "message 2"]);
});
