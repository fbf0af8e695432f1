/**
 * What real identity providers send (saml-security section 3) is accepted, each by its habits.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { element } from "../../demo/canonical-text.ts";
import { signatureOf } from "../../demo/sign-xml.ts";
import { createSigner, type RespondOptions } from "../../demo/signer.ts";
import {
  acsUrl,
  assertAccepted,
  assertRefused,
  cut,
  email,
  idp,
  nowMs,
  receiver,
  replaced,
  respond,
  responseOptions,
  signer,
  stranger,
} from "../fixtures/saml.ts";

const forUs = { certificatePem: receiver.certificatePem };
const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const signWith = { privateKey: signer.privateKey, certificatePem: null };

function valuesOf(assertion: Awaited<ReturnType<typeof assertAccepted>>, name: string) {
  return assertion.attributes
    .filter((attribute) => attribute.name === name)
    .map((attribute) => attribute.values);
}

describe("Identity providers", () => {
  test("Entra ID: assertion signed, claim URIs as names", async () => {
    const assertion = await assertAccepted(
      respond({
        attributeNames: {
          email: `${claims}/emailaddress`,
          firstName: `${claims}/givenname`,
          lastName: `${claims}/surname`,
          groups: "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        },
      }),
    );
    assert.deepEqual(valuesOf(assertion, `${claims}/emailaddress`), [[email]]);
    assert.equal(assertion.inResponseTo, "_request1");
    assert.equal(assertion.isAssertionSigned, true);
    assert.equal(assertion.isResponseSigned, false);
  });

  test("Entra ID: response and assertion signed", async () => {
    const assertion = await assertAccepted(respond({ sign: "both" }));
    assert.equal(assertion.isAssertionSigned && assertion.isResponseSigned, true);
  });

  for (const algorithm of ["aes256-cbc", "aes256-gcm", "aes128-cbc", "aes128-gcm"] as const) {
    test(`Okta: both signed, encrypted by ${algorithm}, EncryptedKey as sibling`, async () => {
      const encryptFor = { ...forUs, algorithm, keyPlace: "sibling" } as const;
      const assertion = await assertAccepted(respond({ sign: "both", encryptFor }));
      assert.equal(assertion.wasEncrypted, true);
      assert.equal(assertion.isAssertionSigned && assertion.isResponseSigned, true);
    });
  }

  test("Google: response signed", async () => {
    const assertion = await assertAccepted(respond({ sign: "response" }));
    assert.equal(assertion.isResponseSigned, true);
    assert.equal(assertion.isAssertionSigned, false);
  });

  test("OneLogin: SHA-1 on old apps, where the organization allows it", async () => {
    await assertAccepted(respond({ algorithm: "rsa-sha1", digest: "sha1", sign: "both" }), {
      expected: { allowSha1: true },
    });
  });

  test("PingOne: one comma-joined group string stays one value", async () => {
    const assertion = await assertAccepted(respond({ groups: ["LS-Admins,LS-Managers"] }));
    assert.deepEqual(valuesOf(assertion, "Groups"), [["LS-Admins,LS-Managers"]]);
  });

  test("Keycloak: &#13; inside base64 text", async () => {
    const broken = respond().replace(
      /<ds:(SignatureValue|X509Certificate)>([^<]*)/g,
      (_, name: string, base64: string) =>
        `<ds:${name}>${base64.replaceAll(/.{76}/g, "$&&#13;\n")}`,
    );
    assert.match(broken, /&#13;/);
    await assertAccepted(broken);
  });

  test("Keycloak: role attributes repeated under one name are all there", async () => {
    const attributes = [
      { name: "Email", values: [email] },
      { name: "Role", values: ["reviewer"] },
      { name: "Role", values: ["manager"] },
    ];
    const assertion = await assertAccepted(respond({ attributes }));
    assert.deepEqual(valuesOf(assertion, "Role"), [["reviewer"], ["manager"]]);
  });

  test("Old Keycloak: no Destination on an unsigned response", async () => {
    await assertAccepted(respond({ destination: null }));
  });

  test("ADFS: encrypted without a signature around it", async () => {
    const assertion = await assertAccepted(respond({ encryptFor: forUs }));
    assert.equal(assertion.wasEncrypted, true);
  });

  test("An encrypted assertion without signature of its own counts in a signed response", async () => {
    const assertion = await assertAccepted(respond({ sign: "response", encryptFor: forUs }));
    assert.equal(assertion.isResponseSigned, true);
    assert.equal(assertion.isAssertionSigned, false);
  });

  test("An encrypted assertion may use the namespaces of its surroundings", async () => {
    for (const sign of ["response", "assertion", "both"] as const) {
      await assertAccepted(respond({ sign, encryptFor: forUs, inheritNamespaces: true }));
    }
  });
});

describe("Signatures", () => {
  const rsa = ["rsa-sha256", "rsa-sha384", "rsa-sha512"] as const;
  const pss = ["rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512"] as const;
  const digests = ["sha256", "sha384", "sha512"] as const;
  for (const [at, algorithm] of [...rsa, ...pss].entries()) {
    const digest = digests[at % 3] ?? "sha256";
    for (const canonicalization of ["exclusive", "inclusive"] as const) {
      test(`${algorithm} with ${digest} over ${canonicalization} form`, async () => {
        const options = { algorithm, digest, canonicalization, sign: "both" } as const;
        await assertAccepted(respond(options));
        await assertRefused(
          "saml_digest_mismatch",
          replaced(respond(options), "LS-Managers", "LS-Admins"),
        );
      });
    }
  }

  for (const [keyType, algorithm] of [
    ["ec256", "ecdsa-sha256"],
    ["ec384", "ecdsa-sha384"],
    ["ec521", "ecdsa-sha512"],
    ["ec256", "ecdsa-sha512"],
  ] as const) {
    test(`${algorithm} by a key on ${keyType}, and never by another key`, async () => {
      const elliptic = createSigner({ ...signer, keyType, keyPair: undefined as never });
      const xml = elliptic.respond(responseOptions({ algorithm, sign: "both" }));
      const mine = { key: elliptic.publicKey, fingerprint: keyType };
      const assertion = await assertAccepted(xml, {
        idp: { signingKeys: [...idp.signingKeys, mine] },
      });
      assert.equal(assertion.keyFingerprint, keyType);
      await assertRefused("saml_signature_invalid", xml);
    });
  }

  test("Of several signing certificates any may have signed", async () => {
    const others = [{ key: stranger.publicKey, fingerprint: "new" }];
    const assertion = await assertAccepted(respond(), {
      idp: { signingKeys: [...others, ...idp.signingKeys] },
    });
    assert.equal(assertion.keyFingerprint, "idp");
  });

  test("A PrefixList makes unused namespaces part of what is signed", async () => {
    const xml = respond({ valueType: "xs:string", prefixList: "xs", sign: "both" });
    await assertAccepted(xml);
    await assertRefused(
      "saml_digest_mismatch",
      xml.replaceAll('http://www.w3.org/2001/XMLSchema"', 'urn:other"'),
    );
  });
});

describe("Spelling", () => {
  test("Timestamps with fractions and with +00:00", async () => {
    const editAssertion = (xml: string): string =>
      xml
        .replaceAll(/(NotOnOrAfter|NotBefore)="([^"]*)Z"/g, '$1="$2+00:00"')
        .replaceAll(/\.000\+00:00/g, ".1234567+00:00");
    await assertAccepted(respond({ editAssertion }));
  });

  test("Upper- and lower-case prefixes side by side, and a default namespace", async () => {
    const rename = (xml: string): string =>
      xml.replaceAll("saml:", "SAML:").replaceAll("xmlns:saml=", "xmlns:SAML=");
    for (const renamed of [rename, asDefaultNamespace]) {
      const plain = respond({ sign: "none" });
      const assertion = renamed(cut(plain, "saml:Assertion"));
      const issuerEnd = assertion.indexOf("Issuer>", assertion.indexOf("Issuer ") + 1) + 7;
      const signed =
        assertion.slice(0, issuerEnd) +
        signatureOf(assertion, signWith) +
        assertion.slice(issuerEnd);
      await assertAccepted(replaced(plain, cut(plain, "saml:Assertion"), signed));
    }
  });

  test("Values typed xs:anyType, and an unsigned response around them", async () => {
    await assertAccepted(respond({ valueType: "xs:anyType" }));
  });

  test("A value with an element inside is skipped whole, an empty one is empty text", async () => {
    const nested = element("saml:NameID", {}, "someone");
    const attributes = [
      { name: "Email", values: [email] },
      { name: "Mixed", values: [{ xml: `before${nested}after` }, "kept", ""] },
      { name: "None", values: [] },
    ];
    const assertion = await assertAccepted(respond({ attributes }));
    assert.deepEqual(valuesOf(assertion, "Mixed"), [["kept", ""]]);
    assert.deepEqual(valuesOf(assertion, "None"), [[]]);
  });

  test("Attribute values arrive exactly as they were sent", async () => {
    const groups = [" a ", '<b> & "c"', "d\r\ne\tf", "\u{1F600} \uE000", "Ünï"];
    const assertion = await assertAccepted(respond({ groups }));
    assert.deepEqual(valuesOf(assertion, "Groups"), [groups]);
  });

  test("FriendlyName is passed on", async () => {
    const attributes = [{ name: "urn:oid:0.9.2342", friendlyName: "mail", values: [email] }];
    const assertion = await assertAccepted(respond({ attributes }));
    assert.equal(assertion.attributes[0]?.friendlyName, "mail");
  });

  test("saml:Advice is signed and never read", async () => {
    const advice = element("saml:Assertion", { ID: "_advice" }, "<saml:Whatever></saml:Whatever>");
    const assertion = await assertAccepted(respond({ advice }));
    assert.equal(assertion.id, "_assertion1");
  });

  test("White space around Issuer and Audience does not count", async () => {
    const editAssertion = (xml: string): string =>
      xml
        .replace(acsUrl, acsUrl)
        .replace(`<saml:Audience>${acsUrl}`, `<saml:Audience>\n  ${acsUrl}\n`);
    await assertAccepted(respond({ editAssertion }));
  });

  test("A clock five minutes off is tolerated where the limit says so", async () => {
    const options: Partial<RespondOptions> = { notBeforeMs: nowMs + 299_000 };
    await assertAccepted(respond(options), { expected: { clockSkewMs: 300_000 } });
    await assertRefused("saml_not_yet_valid", respond(options));
  });
});

/** Writes the saml namespace as the default one. */
function asDefaultNamespace(xml: string): string {
  return xml.replaceAll("<saml:", "<").replaceAll("</saml:", "</").replace("xmlns:saml=", "xmlns=");
}
