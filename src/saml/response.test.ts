/** What verifyResponse answers, and the posted field. Refusals are in test/saml/attacks.test.ts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  acsUrl,
  assertAccepted,
  assertRefused,
  assertThrowsCode,
  email,
  expected,
  nowMs,
  receiver,
  respond,
  signer,
} from "../../test/fixtures/saml.ts";
import { decodeResponseField } from "./response.ts";

const forUs = { certificatePem: receiver.certificatePem };

describe("A verified assertion", () => {
  test("says what was signed, and how", async () => {
    const assertion = await assertAccepted(respond({ sessionIndex: "_session1" }));
    assert.deepEqual(assertion, {
      id: "_assertion1",
      issuer: signer.entityId,
      inResponseTo: "_request1",
      notOnOrAfterMs: nowMs + 300_000,
      replayUntilMs: nowMs + 300_000 + expected.clockSkewMs,
      sessionNotOnOrAfterMs: null,
      authnInstantMs: nowMs,
      sessionIndex: "_session1",
      nameId: "alice-name-id",
      attributes: [
        { name: "Email", friendlyName: null, values: [email] },
        { name: "FirstName", friendlyName: null, values: ["Alice"] },
        { name: "LastName", friendlyName: null, values: ["Example"] },
        { name: "Groups", friendlyName: null, values: ["LS-Managers", "LS-Annotators"] },
      ],
      isResponseSigned: false,
      isAssertionSigned: true,
      wasEncrypted: false,
      keyFingerprint: "idp",
    });
  });

  test("must be remembered exactly as long as it could be accepted", async () => {
    const xml = respond({
      confirmationNotOnOrAfterMs: nowMs + 60_000,
      notOnOrAfterMs: nowMs + 90_000,
    });
    const { replayUntilMs } = await assertAccepted(xml);
    assert.equal(replayUntilMs, nowMs + 60_000 + expected.clockSkewMs);
    await assertAccepted(xml, { nowMs: replayUntilMs - 1 });
    await assertRefused("saml_expired", xml, { nowMs: replayUntilMs });
  });

  test("ends with its confirmation where Conditions set no end", async () => {
    const { notOnOrAfterMs } = await assertAccepted(respond({ notOnOrAfterMs: null }));
    assert.equal(notOnOrAfterMs, nowMs + 300_000);
  });

  test("says when its session ends", async () => {
    const xml = respond({ sessionNotOnOrAfterMs: nowMs + 3_600_000 });
    assert.equal((await assertAccepted(xml)).sessionNotOnOrAfterMs, nowMs + 3_600_000);
  });

  test("has no inResponseTo where sign-on began at the identity provider", async () => {
    assert.equal((await assertAccepted(respond({ inResponseTo: null }))).inResponseTo, null);
  });

  test("reads an EncryptedID, by CBC too, since the assertion's signature covers it", async () => {
    for (const algorithm of ["aes256-gcm", "aes128-cbc"] as const) {
      const assertion = await assertAccepted(
        respond({ encryptNameIdFor: { ...forUs, algorithm } }),
      );
      assert.equal(assertion.nameId, "alice-name-id");
      assert.equal(assertion.wasEncrypted, false);
    }
  });

  test("needs no NameID", async () => {
    assert.equal((await assertAccepted(respond({ nameId: null }))).nameId, null);
  });
});

describe("A refusal", () => {
  test("says what was expected and what was found", async () => {
    const { evidence } = await assertRefused(
      "saml_audience_mismatch",
      respond({ audience: "https://other.example/" }),
    );
    assert.deepEqual(evidence, { expected: acsUrl, found: ["https://other.example/"] });
  });

  test("tells the nested status code and the message", async () => {
    const status = { code: "urn:a", nested: "urn:b", message: "not assigned" };
    const { evidence } = await assertRefused("saml_status_not_success", respond({ status }));
    assert.equal(evidence["found"], "urn:a");
    assert.equal(evidence["nested"], "urn:b");
    assert.equal(evidence["message"], "not assigned");
  });

  test("repeats no more of a message than a log row should hold", async () => {
    const { evidence } = await assertRefused(
      "saml_destination_mismatch",
      respond({ destination: "x".repeat(100_000) }),
    );
    assert.ok(JSON.stringify(evidence).length < 1_000);
  });
});

describe("The posted field", () => {
  const field = Buffer.from("<a>\u00E9</a>").toString("base64");

  test("is base64 whose lines may be broken, by character references too", () => {
    for (const sent of [
      field,
      ` ${field}\r\n`,
      field.replace(/.{4}/g, "$&&#13;&#10;&#xD;\n&#x0A;"),
    ]) {
      assert.equal(decodeResponseField(sent, 100).toString(), "<a>\u00E9</a>");
    }
  });

  test("is refused where it is empty or no base64", () => {
    for (const sent of ["", "<a/>", field.slice(1), `${field}&lt;`, `${field}!`]) {
      assertThrowsCode("saml_bad_encoding", () => decodeResponseField(sent, 100));
    }
  });

  test("is refused where its bytes are no UTF-8", () => {
    const bytes = Buffer.of(0x3c, 0xff);
    assertThrowsCode("saml_bad_encoding", () => decodeResponseField(bytes.toString("base64"), 100));
  });

  test("is accepted up to the limit and refused beyond it", () => {
    const of = (length: number): string => Buffer.alloc(length, "x").toString("base64");
    assert.equal(decodeResponseField(of(1000), 1000).length, 1000);
    const { evidence } = assertThrowsCode("saml_too_large", () =>
      decodeResponseField(of(1001), 1000),
    );
    assert.deepEqual(evidence, { limitBytes: 1000, found: 1001 });
    assertThrowsCode("saml_too_large", () => decodeResponseField("\n".repeat(1_000_000), 1000));
  });
});
