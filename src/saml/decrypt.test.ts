/** Every combination of algorithms that PRODUCT 2.3 accepts. Refusals are in test/saml/attacks.test.ts. */
import assert from "node:assert/strict";
import { createCipheriv, createPublicKey, publicEncrypt } from "node:crypto";
import { describe, test } from "node:test";
import { encryptElement } from "../../demo/encrypt-xml.ts";
import { cut, receiver, replaced, stranger } from "../../test/fixtures/saml.ts";
import { AppError } from "../errors.ts";
import { decryptElement } from "./decrypt.ts";
import { ns } from "./structure.ts";
import { parseXml } from "./xml.ts";
import { textOf } from "./xml-tree.ts";

const forUs = { certificatePem: receiver.certificatePem };
const policy = { keys: [receiver.privateKey], allowCbc: true };
const secret = `<saml:NameID xmlns:saml="${ns.saml}">secret</saml:NameID>`;
const digests = ["sha1", "sha256", "sha384", "sha512"] as const;

async function open(xml: string, around = policy): Promise<string | null> {
  return textOf(await decryptElement(parseXml(xml), "NameID", around));
}

describe("Decryption", () => {
  for (const algorithm of ["aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc"] as const) {
    for (const keyPlace of ["inside", "sibling"] as const) {
      test(`${algorithm}, EncryptedKey ${keyPlace}`, async () => {
        const options = { ...forUs, algorithm, keyPlace };
        assert.equal(await open(encryptElement("EncryptedID", secret, options)), "secret");
      });
    }
  }

  for (const digest of [null, ...digests]) {
    test(`rsa-oaep-mgf1p with digest ${digest ?? "unsaid"} masks by SHA-1`, async () => {
      const options = { ...forUs, keyTransport: "rsa-oaep-mgf1p", digest, mask: "sha1" } as const;
      assert.equal(await open(encryptElement("EncryptedID", secret, options)), "secret");
    });
    for (const mask of [null, ...digests]) {
      test(`rsa-oaep with digest ${digest ?? "unsaid"} and mask ${mask ?? "unsaid"}`, async () => {
        const options = { ...forUs, keyTransport: "rsa-oaep", digest, mask } as const;
        assert.equal(await open(encryptElement("EncryptedID", secret, options)), "secret");
      });
    }
  }

  test("OAEPparams are part of what was encrypted", async () => {
    const xml = encryptElement("EncryptedID", secret, forUs);
    const key = Buffer.alloc(32, 7);
    const label = Buffer.from("a label");
    const wrapped = publicEncrypt(
      { key: createPublicKey(receiver.certificatePem), oaepHash: "sha1", oaepLabel: label },
      key,
    );
    const method = cut(xml, "xenc:EncryptedKey");
    const withLabel = replaced(
      replaced(
        method,
        "</xenc:EncryptionMethod>",
        `<xenc:OAEPparams>${label.toString("base64")}</xenc:OAEPparams></xenc:EncryptionMethod>`,
      ),
      cut(method, "xenc:CipherValue"),
      `<xenc:CipherValue>${wrapped.toString("base64")}</xenc:CipherValue>`,
    );
    await assert.rejects(open(replaced(xml, method, withLabel)), {
      code: "saml_decryption_failed",
    });
    const nonce = Buffer.alloc(12, 1);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const bytes = Buffer.concat([
      nonce,
      cipher.update(secret),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const data = xml.replace(method, "");
    const opened = replaced(
      replaced(
        data,
        cut(data, "xenc:CipherValue"),
        `<xenc:CipherValue>${bytes.toString("base64")}</xenc:CipherValue>`,
      ),
      "</ds:KeyInfo>",
      `${withLabel}</ds:KeyInfo>`,
    );
    assert.equal(await open(opened), "secret");
    await assert.rejects(open(opened.replace(label.toString("base64"), "b3RoZXI=")), {
      code: "saml_decryption_failed",
    });
  });

  test("the old key serves until nobody encrypts for it any more", async () => {
    const xml = encryptElement("EncryptedID", secret, forUs);
    const keys = [stranger.privateKey, receiver.privateKey];
    assert.equal(await open(xml, { ...policy, keys }), "secret");
  });

  test("every failure behind the private key looks the same", async () => {
    const wrongs = [
      encryptElement("EncryptedID", secret, { certificatePem: stranger.certificatePem }),
      encryptElement("EncryptedID", "no xml", forUs),
      encryptElement("EncryptedID", "<other/>", forUs),
      encryptElement("EncryptedID", secret, {
        ...forUs,
        algorithm: "aes128-cbc",
        editCiphertext: (bytes) => bytes.subarray(0, -1),
      }),
      encryptElement("EncryptedID", secret, {
        ...forUs,
        editCiphertext: (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
      }),
      encryptElement("EncryptedID", secret, {
        ...forUs,
        keyTransport: "rsa-oaep",
        digest: "sha256",
      }).replace(/xmlenc#sha256/, "xmlenc#sha512"),
    ];
    const evidence = new Set<string>();
    for (const xml of wrongs) {
      await assert.rejects(open(xml), (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, "saml_decryption_failed");
        evidence.add(JSON.stringify(error.evidence));
        return true;
      });
    }
    assert.equal(evidence.size, 1);
  });

  test("a CipherReference is refused", async () => {
    const xml = encryptElement("EncryptedID", secret, forUs);
    const value = cut(xml, "xenc:CipherValue");
    const reference = '<xenc:CipherReference URI="http://mallory.example/"></xenc:CipherReference>';
    await assert.rejects(open(replaced(xml, value, reference)), { code: "saml_bad_structure" });
  });
});
