/** The confirmed facts against those that stand: equal in every field that decides who vouches. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unconfirmedFields, type VouchingFacts, vouchedByNobody } from "./vouching.ts";

const byText: VouchingFacts = {
  ...vouchedByNobody,
  entityId: "https://idp.example",
  keys: ["a", "b"],
  domains: ["contoso.com", "fabrikam.com"],
};
const byUrl: VouchingFacts = { ...byText, metadataUrl: "https://idp.example/m", keys: null };

describe("what the Owner confirmed", () => {
  test("stands whatever the order of keys and domains", () => {
    const turned = { ...byText, keys: ["b", "a"], domains: ["fabrikam.com", "contoso.com"] };
    assert.deepEqual(unconfirmedFields(byText, turned), []);
    assert.deepEqual(unconfirmedFields(byUrl, byUrl), []);
  });

  test("does not stand with a key, a name, a domain or an attribute more, less or other", () => {
    const others: readonly [Partial<VouchingFacts>, string][] = [
      [{ keys: ["a"] }, "metadata_xml"],
      [{ keys: ["a", "b", "c"] }, "metadata_xml"],
      [{ keys: ["a", "c"] }, "metadata_xml"],
      [{ entityId: "https://evil.example" }, "metadata_xml"],
      [{ metadataUrl: "https://evil.example/m", keys: null }, "metadata_url"],
      [{ metadataUrl: "https://evil.example/m" }, "metadata_url"],
      [{ mappingEmail: "department" }, "mapping_email"],
      [{ idpProvider: "okta" }, "idp_provider"],
      [{ domains: ["contoso.com"] }, "domain"],
      [{ domains: ["contoso.com", "evil.example"] }, "domain"],
      [{ announcedEmail: "mail" }, "metadata_xml"],
      [{ allowSha1: true }, "allow_sha1"],
    ];
    for (const [other, field] of others) {
      assert.deepEqual(unconfirmedFields(byText, { ...byText, ...other }), [field]);
    }
  });

  test("stands where SHA-1 is refused that was accepted, and whatever a chosen attribute's metadata announces", () => {
    assert.deepEqual(unconfirmedFields({ ...byText, allowSha1: true }, byText), []);
    for (const chosen of [{ mappingEmail: "title" }, { idpProvider: "okta" }]) {
      const confirmed = { ...byText, ...chosen };
      assert.deepEqual(unconfirmedFields(confirmed, { ...confirmed, announcedEmail: "mail" }), []);
    }
    assert.deepEqual(unconfirmedFields(byUrl, { ...byUrl, announcedEmail: "mail" }), []);
  });

  test("a URL that was never read names its provider; a text beside it does not", () => {
    const unread = { ...byUrl, entityId: null };
    assert.deepEqual(unconfirmedFields(unread, byUrl), []);
    const text = { ...byUrl, keys: ["a"] };
    assert.deepEqual(unconfirmedFields(unread, text), ["metadata_url"]);
    assert.deepEqual(unconfirmedFields(byUrl, { ...byUrl, entityId: "https://x" }), [
      "metadata_url",
    ]);
  });
});
