/** Metadata in the settings API: by URL, as text, as a file; forms; what is warned about (PRODUCT 2.7, 6.2, 6.4). */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { parseIdpMetadata } from "../../src/saml/metadata.ts";
import { onEveryEngine } from "../engines.ts";
import {
  codesOf,
  MetadataServer,
  multipart,
  SettingsWorld,
  scimPath,
  settingsPath,
  sorted,
} from "./settings-world.ts";

const signer = createSigner({
  entityId: "https://idp.example/id",
  ssoUrl: "https://idp.example/sso",
});
const other = createSigner({
  entityId: "https://other.example",
  ssoUrl: "https://other.example/s",
});

onEveryEngine("metadata in the settings", (engine) => {
  const web = new MetadataServer();
  const opened: SettingsWorld[] = [];
  const open = async (env?: Record<string, string>): Promise<SettingsWorld> => {
    const world = await SettingsWorld.open(engine, env);
    opened.push(world);
    return world;
  };

  before(() => web.open());
  after(async () => {
    web.close();
    for (const world of opened) await world.test.close();
  });

  describe("metadata (PRODUCT 2.7, 6.2)", () => {
    it("a URL that cannot be reached just now is saved and warned about", async () => {
      const world = await open();
      const answer = await world.save({ metadata_url: "http://127.0.0.1:9/metadata" });
      assert.equal(answer.metadata_url, "http://127.0.0.1:9/metadata");
      assert.equal(answer.metadata.entity_id, null);
      assert.match(answer.metadata.last_error, /cannot be reached from this server/);
      assert.ok(codesOf(answer).includes("metadata_unread"));
      assert.deepEqual((await world.get()).body.warnings, answer.warnings);
      assert.equal((await world.record()).idpMetadata, null);
      const errors = web.serve("/busy", "later", 503);
      const again = await world.save({ metadata_url: errors });
      assert.equal(again.metadata.last_error, answer.metadata.last_error);
      assert.match(world.test.log(), /"reason":"status 503"/);
    });

    it("posting the URL again reads it again", async () => {
      const world = await open();
      const url = web.serve("/again", "later", 503);
      await world.save({ metadata_url: url });
      web.serve("/again", signer.metadataXml());
      const answer = await world.save({ metadata_url: url });
      assert.equal(answer.metadata.entity_id, "https://idp.example/id");
      assert.equal(answer.metadata.last_error, null);
    });

    it("a URL that fails later keeps the last good copy, and the rest is saved", async () => {
      const world = await open();
      const url = web.serve("/later", signer.metadataXml());
      await world.save({ metadata_url: url });
      web.serve("/later", "<html>maintenance</html>");
      const answer = await world.save({ metadata_url: url, idp_provider: "ours" });
      assert.equal(answer.metadata.entity_id, "https://idp.example/id");
      assert.equal(answer.idp_provider, "ours");
      assert.ok(codesOf(answer).includes("metadata_unread"));
      assert.equal((await world.record()).idpMetadata, signer.metadataXml());
    });

    it("another URL drops the copy of the former one", async () => {
      const world = await open();
      await world.save({ metadata_url: web.serve("/first", signer.metadataXml()) });
      const moved = await world.save({ metadata_url: "http://127.0.0.1:9/" });
      assert.equal(moved.metadata.entity_id, null);
      const cleared = await world.save({ metadata_url: "" });
      assert.equal(cleared.metadata, null);
    });

    it("with URL and text both set, the URL counts and the answer says so", async () => {
      const world = await open();
      const answer = await world.save({
        metadata_url: web.serve("/both", signer.metadataXml()),
        metadata_xml: other.metadataXml(),
      });
      assert.equal(answer.metadata.entity_id, "https://idp.example/id");
      assert.equal(answer.metadata_xml, other.metadataXml());
      assert.ok(codesOf(answer).includes("metadata_xml_superseded"));
      const cleared = await world.save({ metadata_url: null });
      assert.equal(cleared.metadata.entity_id, "https://other.example");
      assert.equal(cleared.metadata.source, "metadata_xml");
    });

    it("text given alone takes the place of a URL on record (PRODUCT 2.7)", async () => {
      const world = await open();
      await world.save({ metadata_url: web.serve("/former", other.metadataXml()) });
      const { metadata, metadata_url: url } = await world.save({
        metadata_xml: signer.metadataXml(),
      });
      assert.deepEqual(
        [url, metadata.source, metadata.entity_id],
        ["", "metadata_xml", "https://idp.example/id"],
      );
      const kept = await world.save({ metadata_xml: null });
      assert.equal(kept.metadata_url, "");
    });

    it("a provider is entered by hand, and becomes the metadata on record (PRODUCT 2.7)", async () => {
      const world = await open();
      await world.save({ metadata_url: web.serve("/before", other.metadataXml()) });
      const made = {
        idp_entity_id: " https://idp.example/id ",
        idp_sso_url: "https://idp.example/sso?a=1&b=2",
        idp_certificate: signer.certificatePem,
      };
      const { metadata, metadata_url: url } = await world.save(made);
      assert.deepEqual(
        [url, metadata.source, metadata.entity_id, metadata.sso_redirect_url],
        ["", "metadata_xml", "https://idp.example/id", made.idp_sso_url],
      );
      assert.equal(metadata.certificates[0].is_usable, true);
      const form = new URLSearchParams({
        ...made,
        idp_certificate: signer.certificatePem.replaceAll(/-----[A-Z ]+-----/g, ""),
      });
      const type = "application/x-www-form-urlencoded";
      const sent = await world.send("POST", settingsPath, { payload: form.toString(), type });
      assert.equal(sent.status, 200, JSON.stringify(sent.body));
      assert.equal("idp_certificate" in sent.body, false);
    });

    it("what is wrong with it is told together, by field, and nothing is saved", async () => {
      const world = await open();
      await world.save({ metadata_xml: other.metadataXml() });
      const refused = async (body: Readonly<Record<string, unknown>>) => {
        const { status, body: answer } = await world.post(body);
        assert.equal(status, 400, JSON.stringify(answer));
        assert.equal((await world.get()).body.metadata.entity_id, "https://other.example");
        return answer.validation_errors as Readonly<Record<string, readonly string[]>>;
      };
      const errors = await refused({
        ...{ idp_entity_id: "", idp_sso_url: "javascript:alert(1)" },
        ...{ idp_certificate: "https://idp.example/cert.pem", domain: "gmail.com" },
      });
      assert.deepEqual(sorted(Object.keys(errors)), [
        ...["domain", "idp_certificate", "idp_entity_id", "idp_sso_url"],
      ]);
      const whole = {
        ...{ idp_entity_id: "urn:x", idp_sso_url: "https://a b.example/" },
        idp_certificate: signer.certificatePem,
      };
      assert.match(String((await refused(whole))["idp_sso_url"]), /http or https URL/);
      assert.ok((await refused({ ...whole, idp_sso_url: 7 }))["idp_sso_url"]);
      const both = {
        ...whole,
        idp_sso_url: "https://a.example/",
        metadata_xml: signer.metadataXml(),
      };
      assert.match(String((await refused(both))["metadata_xml"]), /either the metadata or/);
      assert.ok((await refused({ idp_certificate: signer.certificatePem }))["idp_entity_id"]);
    });

    it("the text stands in until the URL was read for the first time", async () => {
      const world = await open();
      const answer = await world.save({
        metadata_url: "http://127.0.0.1:9/",
        metadata_xml: other.metadataXml(),
      });
      assert.equal(answer.metadata.entity_id, "https://other.example");
      assert.match(answer.metadata.last_error, /cannot be reached from this server/);
      assert.equal((await world.record()).idpMetadataFetchedAt, null);
    });

    it("white space and a byte order mark before the document are forgiven", async () => {
      const world = await open();
      const answer = await world.save({ metadata_xml: `\uFEFF \n${signer.metadataXml()}` });
      assert.equal(answer.metadata_xml, signer.metadataXml());
      assert.equal(answer.metadata.entity_id, "https://idp.example/id");
    });

    it("what is accepted but risky is warned about", async () => {
      const world = await open({ DISABLE_SAML_SSL_VALIDATION: "1" });
      await world.addWorkspace("Engineering");
      await world.save({ roles_groups: [["Manager", "LS-M"]] }, scimPath);
      const answer = await world.save({
        metadata_url: web.serve("/risky", signer.metadataXml()),
        allow_sha1: true,
        allow_cbc: true,
        roles_groups: [
          ["Manager", "ls-admins"],
          ["Administrator", "LS-Admins "],
          ["Annotator", "0f9cf0a1-94f7-4f0e-8b43-1d2c3b4a5968"],
        ],
        workspaces_groups: [["engineering", "LS-Team"]],
      });
      assert.deepEqual(sorted(codesOf(answer)), [
        "cbc_allowed",
        "group_near_miss",
        "group_object_id",
        "group_outer_space",
        "roles_differ_from_scim",
        "sha1_allowed",
        "ssl_validation_off",
        "workspace_near_miss",
      ]);
      const none = await world.save({ roles_groups: [], workspaces_groups: [] });
      assert.ok(codesOf(none).includes("no_groups_mapped"));
    });

    it("the preset that metadata's attribute names fit is proposed", async () => {
      const world = await open();
      const attributeNames = ["email", "firstName", "lastName", "groups"];
      const xml = signer.metadataXml({ attributeNames });
      assert.ok(codesOf(await world.save({ metadata_xml: xml })).includes("names_detected"));
      const other = codesOf(await world.save({ idp_provider: "custom" }));
      assert.ok(other.includes("preset_proposed") && !other.includes("names_detected"));
      const chosen = await world.save({ idp_provider: "okta" });
      assert.ok(!codesOf(chosen).includes("preset_proposed"));
    });
  });

  describe("forms and files (PRODUCT 6.2)", () => {
    const form = (fields: Record<string, string> | [string, string][]) => ({
      payload: new URLSearchParams(fields).toString(),
      type: "application/x-www-form-urlencoded",
    });

    it("a form saves what JSON would, lists being JSON text and switches words", async () => {
      const world = await open();
      const { status, body } = await world.send(
        "POST",
        settingsPath,
        form({
          domain: "contoso.com",
          manual_role_management: "False",
          allow_sha1: "on",
          want_response_signed: "",
          roles_groups: '[["Manager", "m"]]',
          workspaces_groups: "",
          metadata_xml: signer.metadataXml(),
          csrf_token: "x",
        }),
      );
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.manual_role_management, false);
      assert.equal(body.allow_sha1, true);
      assert.equal(body.want_response_signed, null);
      assert.deepEqual(body.roles_groups, [["Manager", "m"]]);
      assert.equal(body.metadata.entity_id, "https://idp.example/id");
    });

    it("a form's problems are told together too: sent twice, no JSON, no switch", async () => {
      const world = await open();
      const { status, body } = await world.send(
        "POST",
        settingsPath,
        form([
          ["domain", "a.example"],
          ["domain", "b.example"],
          ["roles_groups", "Manager=m"],
          ["allow_sha1", "perhaps"],
          ["idp_provider", "okta"],
          ["__proto__", "x"],
        ]),
      );
      assert.equal(status, 400);
      assert.deepEqual(
        new Map(Object.entries(body.validation_errors)),
        new Map(
          Object.entries({
            domain: ["Send this only once."],
            roles_groups: ['Send the list as JSON text, such as [["Manager", "my-group"]].'],
            allow_sha1: ["Send true or false."],
            ["__proto__"]: ["There is no such setting."],
          }),
        ),
      );
      assert.equal((await world.get()).body.idp_provider, null);
    });

    for (const name of ["metadata_xml", "metadata_file"]) {
      it(`a metadata file can be uploaded as ${name}, with other fields beside it`, async () => {
        const world = await open();
        const { status, body } = await world.send("POST", settingsPath, {
          ...multipart([
            { name: "domain", text: "contoso.com" },
            { name: "projects_groups", text: "[]" },
            { name, filename: "idp.xml", text: `\uFEFF${signer.metadataXml()}` },
          ]),
        });
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.domain, "contoso.com");
        assert.equal(body.metadata_xml, signer.metadataXml());
        assert.equal(body.metadata.entity_id, "https://idp.example/id");
      });
    }

    it("metadata of another encoding is sent on as the UTF-8 that it says it is then", async () => {
      const world = await open();
      const declared = `<?xml version="1.0" encoding="UTF-16"?>${signer.metadataXml()}`;
      const body = await world.save({ metadata_xml: declared });
      assert.equal(body.metadata_xml, declared, "the settings keep what was given");
      const sent = await world.get(new URL(body.metadata_xml_url).pathname);
      assert.equal(sent.status, 200);
      const { entityId } = parseIdpMetadata(Buffer.from(sent.body), world.test.clock.now());
      assert.equal(entityId, "https://idp.example/id");
      assert.match(sent.body, /^<\?xml version="1\.0" encoding="UTF-8"\?>/);
    });

    it("a file field that was left empty leaves the metadata as it is", async () => {
      const world = await open();
      await world.save({ metadata_xml: signer.metadataXml() });
      const parts = [
        { name: "metadata_xml", filename: "", text: "" },
        { name: "domain", text: "contoso.com" },
      ];
      const { body } = await world.send("POST", settingsPath, multipart(parts));
      assert.equal(body.metadata_xml, signer.metadataXml());
      assert.equal(body.domain, "contoso.com");
    });

    for (const [title, parts, field] of [
      [
        "bytes that are no text",
        [{ name: "metadata_xml", filename: "a", text: Buffer.from([0xff, 0xfe, 0x3c]) }],
        "metadata_xml",
      ],
      [
        "a document that is no metadata",
        [{ name: "metadata_xml", filename: "a", text: "<html/>" }],
        "metadata_xml",
      ],
      ["an empty file", [{ name: "metadata_xml", filename: "idp.xml", text: "" }], "metadata_xml"],
      [
        "a file in a field for text",
        [{ name: "domain", filename: "a", text: "contoso.com" }],
        "domain",
      ],
      [
        "file and text at once",
        [
          { name: "metadata_xml", text: "<a/>" },
          { name: "metadata_file", filename: "a", text: "<a/>" },
        ],
        "metadata_xml",
      ],
      [
        "a field twice",
        [
          { name: "domain", text: "a.example" },
          { name: "domain", text: "b.example" },
        ],
        "domain",
      ],
    ] as const) {
      it(`an upload is refused by field: ${title}`, async () => {
        const world = await open();
        const { status, body } = await world.send("POST", settingsPath, multipart(parts));
        assert.equal(status, 400, JSON.stringify(body));
        assert.ok(Object.hasOwn(body.validation_errors, field), JSON.stringify(body));
        assert.deepEqual(await world.revisions(), []);
      });
    }

    it("a broken or hostile multipart body is 400, and a file over 1 MiB is 413", async () => {
      const world = await open();
      const whole = multipart([{ name: "domain", text: "contoso.com" }]);
      const broken = { ...whole, payload: whole.payload.subarray(0, whole.payload.length - 30) };
      const noBoundary = { ...whole, type: "multipart/form-data" };
      const hostile = multipart([{ name: "__proto__", text: "x" }]);
      for (const body of [broken, noBoundary, hostile]) {
        assert.equal((await world.send("POST", settingsPath, body)).status, 400);
      }
      const huge = multipart([
        { name: "metadata_xml", filename: "a", text: "x".repeat(1_048_577) },
      ]);
      assert.equal((await world.send("POST", settingsPath, huge)).status, 413);
    });
  });

  describe("validating a metadata URL (PRODUCT 6.4)", () => {
    const path = `${settingsPath}/validate-metadata-url`;

    it("a good URL is valid, says what it found and saves nothing", async () => {
      const world = await open();
      const url = web.serve("/validate", signer.metadataXml());
      const { status, body } = await world.post({ metadata_url: url }, path);
      assert.equal(status, 200);
      assert.equal(body.valid, true);
      assert.equal(body.entity_id, "https://idp.example/id");
      assert.equal((await world.get()).body.metadata_url, "");
    });

    it("a URL that does not answer metadata is 200 with valid false and a sentence", async () => {
      const world = await open();
      for (const [url, code] of [
        [web.serve("/invalid", "<html/>"), "metadata_not_idp"],
        [web.serve("/missing", "no", 404), "metadata_not_idp"],
        [web.serve("/failing", "no", 500), "metadata_unreachable"],
        ["http://127.0.0.1:9/", "metadata_unreachable"],
        ["http://169.254.169.254/", "metadata_address_refused"],
      ] as const) {
        const { status, body } = await world.post({ metadata_url: url }, path);
        assert.equal(status, 200, url);
        assert.equal(body.valid, false, url);
        assert.equal(body.code, code, url);
        assert.match(body.error, /^[A-Z].*\.$/s);
      }
    });

    for (const body of [
      {},
      { metadata_url: "" },
      { metadata_url: null },
      { metadata_url: 7 },
      { metadata_url: "idp.example" },
      { metadata_url: "file:///etc/passwd" },
      { metadata_url: "https://a:b@idp.example/" },
    ]) {
      it(`a body without a usable URL is 400: ${JSON.stringify(body)}`, async () => {
        const world = await open();
        const answer = await world.post(body, `${path}/`);
        assert.equal(answer.status, 400);
        assert.equal(answer.body.validation_errors.metadata_url.length, 1);
      });
    }
  });
});
