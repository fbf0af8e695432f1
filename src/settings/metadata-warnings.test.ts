import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { defaultSamlSettings } from "../access/settings-table.ts";
import { parseIdpMetadata } from "../saml/metadata.ts";
import type { SamlRecord } from "../store/saml-settings.ts";
import { readRecordMetadata } from "./answer.ts";
import { metadataWarnings } from "./metadata-warnings.ts";

const dayMs = 86_400_000;
const endMs = Date.UTC(2027, 0, 1);
const signer = createSigner({
  entityId: "https://idp.example",
  ssoUrl: "https://idp.example/sso",
  keyType: "ec256",
  certificateNotBeforeMs: Date.UTC(2025, 0, 1),
  certificateNotAfterMs: endMs,
});

function recordOf(change: Partial<SamlRecord> = {}): SamlRecord {
  return {
    organizationId: 1,
    token: "t",
    version: 1,
    settings: { ...defaultSamlSettings, metadataXml: signer.metadataXml() },
    idpMetadata: signer.metadataXml(),
    idpMetadataFetchedAt: null,
    idpMetadataCheckedAt: null,
    idpMetadataError: null,
    ownerConfirmation: null,
    organization: { title: "Contoso", defaultRole: "AN", isFirst: true },
    ...change,
  };
}

function warningsOf(record: SamlRecord, nowMs: number) {
  return metadataWarnings({
    record,
    read: readRecordMetadata(record, nowMs),
    scim: { roles: [], workspaces: [], projects: [], userTypes: [] },
    similarWorkspaces: new Map(),
    isTlsUnchecked: false,
    nowMs,
  });
}

describe("warnings about metadata (PRODUCT 2.7)", () => {
  it("a certificate that lasts longer than 60 days is not warned about", () => {
    assert.deepEqual(warningsOf(recordOf(), endMs - 61 * dayMs), []);
  });

  for (const [days, words] of [
    [59.5, "within 60 days"],
    [30.5, "within 60 days"],
    [29.5, "within 30 days"],
    [13.5, "within 14 days"],
    [6.5, "within 7 days"],
    [1.5, "within 7 days"],
    [0.5, "within a day"],
  ] as const) {
    it(`a certificate that expires in ${days} days is warned about: ${words}`, () => {
      const [warning, ...more] = warningsOf(recordOf(), endMs - days * dayMs);
      assert.equal(warning?.code, "certificate_expiring");
      assert.match(warning?.message ?? "", new RegExp(`expires on 2027-01-01, ${words}`));
      assert.deepEqual(more, []);
    });
  }

  it("an expired certificate is a warning and no failure", () => {
    const [warning] = warningsOf(recordOf(), endMs + 1);
    assert.equal(warning?.code, "certificate_expired");
  });

  it("metadata that has ended is unusable, and one that ends within a week is warned about", () => {
    const xml = signer.metadataXml({ validUntilMs: endMs - 100 * dayMs });
    const record = recordOf({ idpMetadata: xml });
    assert.deepEqual(
      warningsOf(record, endMs - 105 * dayMs).map(({ code }) => code),
      ["metadata_ends"],
    );
    assert.deepEqual(
      warningsOf(record, endMs - 99 * dayMs).map(({ code }) => code),
      ["metadata_unusable"],
    );
  });

  it("a URL that was never read says that sign-on waits, later that the last copy stays", () => {
    const settings = { ...defaultSamlSettings, metadataUrl: "https://idp.example/md" };
    const unread = recordOf({ settings, idpMetadata: null, idpMetadataError: "It is down." });
    assert.match(warningsOf(unread, 0)[0]?.message ?? "", /^It is down\. Sign-on answers/);
    const stale = recordOf({ settings, idpMetadataFetchedAt: 1, idpMetadataError: "It is down." });
    const [warning] = warningsOf(stale, endMs - 100 * dayMs);
    assert.match(warning?.message ?? "", /^It is down\. The last good metadata stays/);
  });

  it("the preset that the announced names fit is proposed until it is configured", () => {
    const xml = signer.metadataXml({ attributeNames: ["email", "given_name", "family_name"] });
    const settings = { ...defaultSamlSettings, idpProvider: "custom" };
    const record = recordOf({ idpMetadata: xml, settings });
    const nowMs = endMs - 100 * dayMs;
    assert.equal(parseIdpMetadata(xml, nowMs).attributeNames.length, 3);
    const [warning] = warningsOf(record, nowMs);
    assert.equal(warning?.code, "preset_proposed");
    assert.match(warning?.message ?? "", /"auth0"/);
  });

  it("names that nobody chose are told with the reason for which they were detected", () => {
    const xml = signer.metadataXml({ attributeNames: ["email", "given_name", "family_name"] });
    const [warning, ...others] = warningsOf(recordOf({ idpMetadata: xml }), endMs - 100 * dayMs);
    assert.equal(warning?.code, "names_detected");
    assert.match(warning?.message ?? "", /e-mail "email", first name "given_name"/);
    assert.match(warning?.message ?? "", /since the metadata announces them/);
    assert.ok(!others.some(({ code }) => code === "preset_proposed"));
  });
});
