import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultSamlSettings } from "../access/settings-table.ts";
import { mergeSaml, mergeScim } from "./merge.ts";

const current = {
  ...defaultSamlSettings,
  idpProvider: "okta",
  mappingEmail: "mail",
  mappingGroups: "teams",
  allowUnsolicited: true,
  allowSha1: true,
  roles: [{ role: "MA", group: "m" }],
} as const;

describe("partial update (PRODUCT 6.2)", () => {
  it("an empty patch changes nothing", () => {
    assert.deepEqual(mergeSaml(current, {}), current);
  });

  it("null puts every field back to its default", () => {
    const merged = mergeSaml(
      { ...current, domain: "x.example", metadataUrl: "https://x.example", metadataXml: "<x/>" },
      {
        domain: null,
        metadata_url: null,
        metadata_xml: null,
        idp_provider: null,
        mapping_email: null,
        mapping_first_name: null,
        mapping_last_name: null,
        mapping_groups: null,
        manual_role_management: null,
        allow_unsolicited: null,
        want_assertions_signed: null,
        want_response_signed: null,
        allow_sha1: null,
        allow_cbc: null,
        disable_password_login: null,
        roles_groups: null,
        workspaces_groups: null,
        projects_groups: null,
      },
    );
    assert.deepEqual(merged, defaultSamlSettings);
  });

  it("a preset fills what the request does not set, even where it was set before", () => {
    const merged = mergeSaml(current, { idp_provider: "auth0", mapping_groups: "g" });
    assert.equal(merged.mappingEmail, "email");
    assert.equal(merged.mappingFirstName, "given_name");
    assert.equal(merged.mappingLastName, "family_name");
    assert.equal(merged.mappingGroups, "g");
  });

  it("a preset of an earlier request fills nothing again", () => {
    assert.equal(mergeSaml(current, { mapping_first_name: "f" }).mappingEmail, "mail");
  });

  it("an unknown provider is custom and fills nothing", () => {
    for (const key of ["custom", "Our IdP", "__proto__", "constructor", "toString"]) {
      const merged = mergeSaml(current, { idp_provider: key });
      assert.equal(merged.idpProvider, key);
      assert.equal(merged.mappingEmail, "mail");
    }
  });

  it("a preset's key is known in any case and with space around it", () => {
    assert.equal(mergeSaml(current, { idp_provider: " PingOne " }).idpProvider, "pingone");
    assert.equal(mergeSaml(current, { idp_provider: " " }).idpProvider, null);
  });

  it("repeated entries collapse and the order of the rest stays", () => {
    const merged = mergeScim(
      { roles: [], workspaces: [], projects: [], userTypes: [] },
      {
        roles_groups: [
          { role: "AN", group: "b" },
          { role: "AD", group: "a" },
          { role: "AN", group: "b" },
        ],
      },
    );
    assert.deepEqual(merged.roles, [
      { role: "AN", group: "b" },
      { role: "AD", group: "a" },
    ]);
  });
});
