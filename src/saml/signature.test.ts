/** The proof that verification makes. Algorithms and forgeries are in test/saml/. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { assertThrowsCode, idp, respond, signer, stranger } from "../../test/fixtures/saml.ts";
import { signedPart, verifySignature } from "./signature.ts";
import { parseXml } from "./xml.ts";
import { attributeOf, elementsOf, type XmlElement } from "./xml-tree.ts";

const policy = { keys: idp.signingKeys, allowSha1: false };

function child(element: XmlElement, local: string): XmlElement {
  const found = elementsOf(element).find((candidate) => candidate.local === local);
  assert.ok(found !== undefined, `no ${local}`);
  return found;
}

function verifiedResponse() {
  const root = parseXml(respond({ sign: "response" }));
  return { root, signed: verifySignature(root, child(root, "Signature"), policy) };
}

test("What verification returns is another tree, without the signature", () => {
  const { root, signed } = verifiedResponse();
  assert.notEqual(signed.root, root);
  assert.equal(attributeOf(signed.root, "ID"), "_response1");
  assert.ok(elementsOf(signed.root).every(({ local }) => local !== "Signature"));
  assert.equal(signed.keyFingerprint, "idp");
});

test("What a signed element contains is signed, what the posted tree contains is not", () => {
  const { root, signed } = verifiedResponse();
  const inside = child(signed.root, "Assertion");
  assert.equal(signedPart(signed, inside).root, inside);
  assert.throws(() => signedPart(signed, child(root, "Assertion")), /not part/);
});

test("A fragment that was parsed inside a signed element is part of it", () => {
  const { signed } = verifiedResponse();
  const context = child(signed.root, "Assertion");
  const fragment = parseXml("<saml:x/>", { context });
  assert.equal(signedPart(signed, fragment).root, fragment);
});

test("Nothing but verification makes a proof", () => {
  const { root, signed } = verifiedResponse();
  const pretended = { root, keyFingerprint: signed.keyFingerprint } as unknown as typeof signed;
  assert.throws(() => signedPart(pretended, child(root, "Assertion")), /not part/);
});

test("A signature by a key that is not trusted names the trusted keys and the one it claims", () => {
  const root = parseXml(respond());
  const assertion = child(root, "Assertion");
  const keys = [{ key: stranger.publicKey, fingerprint: "stranger" }];
  const { evidence } = assertThrowsCode("saml_signature_invalid", () =>
    verifySignature(assertion, child(assertion, "Signature"), { ...policy, keys }),
  );
  assert.deepEqual(evidence, {
    algorithm: "rsa-sha256",
    expected: ["stranger"],
    found: new X509Certificate(signer.certificatePem).fingerprint256,
  });
});
