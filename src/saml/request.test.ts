import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { describe, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
import { SignedXml } from "xml-crypto";
import { nameIdFormatOf, nameIdFormats } from "../access/nameid-format.ts";
import { makeSpCertificate } from "./certificate.ts";
import { encodePost, encodeRedirect, renderAuthnRequest } from "./request.ts";

const keyPair = generateKeyPairSync("rsa", { modulusLength: 3072 });
const certificatePem = makeSpCertificate({
  commonName: "sp",
  serial: Buffer.of(1),
  notBeforeMs: 0,
  notAfterMs: 1e12,
  ...keyPair,
});
const acsUrl = 'https://label.example/saml/t/acs?a=1&b="2"';
const authnRequest = renderAuthnRequest({
  id: "_request",
  issueInstantMs: Date.UTC(2026, 5, 1, 12),
  destination: "https://idp.example/sso?x=1&y=2",
  acsUrl,
  entityId: `${acsUrl}&<>`,
});

/** What another parser finds at `path`. */
function read(xml: string, path: string): string | undefined {
  using document = XmlDocument.fromString(xml);
  const namespaces = {
    saml: "urn:oasis:names:tc:SAML:2.0:assertion",
    samlp: "urn:oasis:names:tc:SAML:2.0:protocol",
  };
  return document.get(path, namespaces)?.content;
}

test("the request names itself, its time, both addresses and the issuer", () => {
  const root = "/samlp:AuthnRequest";
  assert.equal(read(authnRequest, `${root}/@ID`), "_request");
  assert.equal(read(authnRequest, `${root}/@Version`), "2.0");
  assert.equal(read(authnRequest, `${root}/@IssueInstant`), "2026-06-01T12:00:00.000Z");
  assert.equal(read(authnRequest, `${root}/@Destination`), "https://idp.example/sso?x=1&y=2");
  assert.equal(read(authnRequest, `${root}/@AssertionConsumerServiceURL`), acsUrl);
  assert.equal(
    read(authnRequest, `${root}/@ProtocolBinding`),
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
  );
  assert.equal(read(authnRequest, `${root}/saml:Issuer`), `${acsUrl}&<>`);
});

test("the request asks for a transient NameID, without AllowCreate (PRODUCT 2.5, errata E14)", () => {
  const policy = "/samlp:AuthnRequest/samlp:NameIDPolicy";
  assert.equal(
    read(authnRequest, `${policy}/@Format`),
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
  );
  assert.doesNotMatch(authnRequest, /AllowCreate/);
});

test("the request is its own exclusive canonical form", () => {
  using document = XmlDocument.fromString(authnRequest);
  const mode = XmlC14NMode.XML_C14N_EXCLUSIVE_1_0;
  assert.equal(document.canonicalizeToString({ mode }), authnRequest);
});

test("HTTP-Redirect carries the request deflated, beside what the location's query holds", () => {
  const url = new URL(
    encodeRedirect({
      ssoUrl: "https://idp.example/sso?tenant=7",
      authnRequest,
      relayState: "/a?b=ü&c",
      signWith: null,
    }),
  );
  assert.deepEqual([...url.searchParams.keys()], ["tenant", "SAMLRequest", "RelayState"]);
  assert.equal(url.searchParams.get("RelayState"), "/a?b=ü&c");
  const deflated = Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64");
  assert.equal(inflateRawSync(deflated).toString(), authnRequest);
});

test("a location's fragment is dropped, and no RelayState is sent where there is none", () => {
  const url = encodeRedirect({
    ssoUrl: "https://idp.example/sso#top",
    authnRequest,
    relayState: null,
    signWith: null,
  });
  assert.match(url, /^https:\/\/idp\.example\/sso\?SAMLRequest=[^&#]+$/);
});

test("the signature of HTTP-Redirect covers the very octets of the query", () => {
  for (const relayState of ["/back to (it)!", null]) {
    const ssoUrl = "https://idp.example/sso?tenant=7";
    const url = encodeRedirect({ ssoUrl, authnRequest, relayState, signWith: keyPair.privateKey });
    const [octets = "", signature = ""] = url.slice(ssoUrl.length + 1).split("&Signature=");
    assert.match(
      octets,
      /&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256$/,
    );
    assert.equal(octets.includes("RelayState"), relayState !== null);
    const value = Buffer.from(decodeURIComponent(signature), "base64");
    assert.equal(verify("sha256", Buffer.from(octets), keyPair.publicKey, value), true);
  }
});

test("HTTP-POST carries the request in base64, unsigned where no key is given", () => {
  assert.deepEqual(encodePost({ authnRequest, relayState: "/x", signWith: null }), {
    SAMLRequest: Buffer.from(authnRequest).toString("base64"),
    RelayState: "/x",
  });
  assert.deepEqual(Object.keys(encodePost({ authnRequest, relayState: null, signWith: null })), [
    "SAMLRequest",
  ]);
});

test("the signature of HTTP-POST stands behind the Issuer and holds for xml-crypto", () => {
  const signWith = { privateKey: keyPair.privateKey, certificatePem };
  const fields = encodePost({ authnRequest, relayState: null, signWith });
  const xml = Buffer.from(String(fields["SAMLRequest"]), "base64").toString();
  const signature = /<\/saml:Issuer>(<ds:Signature.*<\/ds:Signature>)/.exec(xml)?.[1] ?? "";
  const verifier = new SignedXml({ publicCert: certificatePem });
  verifier.loadSignature(signature);
  assert.equal(verifier.checkSignature(xml), true);
  assert.deepEqual(verifier.getSignedReferences(), [authnRequest]);
  const forged = new SignedXml({ publicCert: certificatePem });
  forged.loadSignature(signature);
  assert.equal(forged.checkSignature(xml.replace("12:00", "13:00")), false);
});

describe("the NameID format (PRODUCT 2.5)", () => {
  const options = {
    id: "_a",
    issueInstantMs: 0,
    destination: "https://idp.example/sso",
    acsUrl: "https://label.example/acs",
    entityId: "https://label.example/acs",
  };

  test("is transient without AllowCreate unless another is chosen", () => {
    const transient = renderAuthnRequest(options);
    assert.match(transient, /<samlp:NameIDPolicy Format="[^"]*:2\.0:nameid-format:transient">/);
    assert.doesNotMatch(transient, /AllowCreate/);
    const email = renderAuthnRequest({ ...options, nameIdFormat: "emailAddress" });
    assert.match(email, /<samlp:NameIDPolicy Format="[^"]*:1\.1:nameid-format:emailAddress">/);
    const persistent = renderAuthnRequest({ ...options, nameIdFormat: "persistent" });
    assert.match(
      persistent,
      /AllowCreate="true"[^>]*nameid-format:persistent|nameid-format:persistent[^>]*AllowCreate="true"/,
    );
  });

  test("unspecified asks for none, so that no provider has to issue one", () => {
    const none = renderAuthnRequest({ ...options, nameIdFormat: "unspecified" });
    assert.doesNotMatch(none, /NameIDPolicy/);
  });

  test("is known by its short name or its URN, in any case, and by nothing else", () => {
    for (const [name, urn] of Object.entries(nameIdFormats)) {
      assert.equal(nameIdFormatOf(name.toUpperCase()), name);
      assert.equal(nameIdFormatOf(` ${urn} `), name);
    }
    for (const other of [
      "",
      "email",
      "entity",
      "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos",
    ]) {
      assert.equal(nameIdFormatOf(other), undefined);
    }
  });
});
