/** The settings API as programs use it: reading, saving, refusing, resetting (PRODUCT 6, 8.4). */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { defaultSamlSettings } from "../../src/access/settings-table.ts";
import { renderSamlFields } from "../../src/settings/answer.ts";
import { listAudit } from "../../src/store/audit.ts";
import { findOrganizationByDomain } from "../../src/store/saml-settings.ts";
import { recordSignIn, type SignInRecord } from "../../src/store/sign-in-log.ts";
import { onEveryEngine } from "../engines.ts";
import {
  type Answer,
  codesOf,
  MetadataServer,
  SettingsWorld,
  scimPath,
  settingsPath,
  sorted,
} from "./settings-world.ts";

const signer = createSigner({
  entityId: "https://idp.example/id",
  ssoUrl: "https://idp.example/sso",
});

onEveryEngine("settings API", (engine) => {
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

  describe("reading (PRODUCT 6.1)", () => {
    it("an organization that set nothing answers defaults, its addresses and no metadata", async () => {
      const world = await open();
      const { status, body } = await world.get();
      const { token } = await world.record();
      const base = `${world.test.deps.config.baseUrl}/saml/${token}`;
      assert.equal(status, 200);
      assert.deepEqual(body, {
        ...renderSamlFields(defaultSamlSettings),
        domain: "",
        metadata_url: "",
        metadata_xml: "",
        idp_provider: null,
        mapping_email: "Email",
        mapping_first_name: "FirstName",
        mapping_last_name: "LastName",
        mapping_groups: "Groups",
        manual_role_management: null,
        allow_unsolicited: null,
        want_assertions_signed: null,
        want_response_signed: null,
        allow_sha1: false,
        allow_cbc: false,
        disable_password_login: false,
        roles_groups: [],
        workspaces_groups: [],
        projects_groups: [],
        user_type_groups: [],
        acs_url: `${base}/acs`,
        login_url: `${base}/login`,
        logout_url: `${base}/logout`,
        metadata_xml_url: `${base}/xml`,
        sp_metadata_url: `${base}/metadata`,
        nameid_format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        token,
        metadata: null,
        warnings: [],
        version: 1,
        password_login: {
          may_disable: false,
          reason:
            "Single sign-on is not configured yet: no usable metadata of an identity provider is on record.",
          used_by: 0,
        },
        owner_sign_in: { is_confirmed: false, may_confirm: false },
      });
      assert.deepEqual((await world.get(`${settingsPath}/`)).body, body);
    });

    it("without a credential every address answers 401, and below Administrator 403", async () => {
      const world = await open();
      for (const role of ["AD", "MA", "RE", "AN", "NO", "DI"] as const) await world.addMember(role);
      const addresses = [
        ["GET", settingsPath],
        ["POST", settingsPath],
        ["DELETE", settingsPath],
        ["POST", `${settingsPath}/validate-metadata-url`],
        ["GET", scimPath],
        ["POST", scimPath],
        ["GET", "/api/saml/sign-ins"],
      ] as const;
      for (const [method, url] of addresses) {
        const label = `${method} ${url}`;
        assert.equal((await world.send(method, url, { as: null })).status, 401, label);
        assert.equal((await world.send(method, `${url}/`, { as: null })).status, 401, label);
        for (const as of ["MA", "RE", "AN"]) {
          assert.equal((await world.send(method, url, { as })).status, 403, `${as} ${label}`);
        }
        for (const as of ["NO", "DI"]) {
          const { status } = await world.send(method, url, { as });
          assert.ok(status === 401 || status === 403, `${as} ${label}`);
        }
      }
      assert.equal((await world.send("GET", settingsPath, { as: "AD" })).status, 200);
      assert.equal((await world.post({ idp_provider: "okta" }, settingsPath, "AD")).status, 200);
    });

    it("an organization sees and changes its own settings only", async () => {
      const world = await open();
      const second = await SettingsWorld.inside(world.test, "Fabrikam");
      await world.save({ domain: "contoso.com" });
      assert.equal((await second.get()).body.domain, "");
      await second.save({ domain: "fabrikam.com" });
      assert.equal((await world.get()).body.domain, "contoso.com");
    });
  });

  describe("saving (PRODUCT 6.2)", () => {
    it("the customer's curl example answers 200 with the whole record, and takes effect", async () => {
      const world = await open();
      const project = await world.addProject();
      const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
      const sent = {
        domain: "contoso.com",
        metadata_url: web.serve("/federationmetadata.xml?appid=1", signer.metadataXml()),
        idp_provider: "azure",
        mapping_email: `${claims}/emailaddress`,
        mapping_first_name: `${claims}/givenname`,
        mapping_last_name: `${claims}/surname`,
        mapping_groups: "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        roles_groups: [
          ["Administrator", "LS-Admins"],
          ["Annotator", "LS-Annotators"],
        ],
        workspaces_groups: [["Engineering", "LS-Engineering-Team"]],
        projects_groups: [
          { project_id: project, group: "LS-Project42-Reviewers", role: "Reviewer" },
        ],
      };
      const answer = await world.save(sent);
      for (const [field, value] of Object.entries(sent))
        assert.deepEqual(answer[field], value, field);
      assert.deepEqual(codesOf(answer), []);
      assert.equal(answer.metadata.entity_id, "https://idp.example/id");
      assert.equal(answer.metadata.sso_redirect_url, "https://idp.example/sso");
      assert.equal(answer.metadata.source, "metadata_url");
      assert.equal(answer.metadata.last_error, null);
      assert.equal(answer.metadata.certificates.length, 1);
      assert.equal(answer.metadata.certificates[0].is_usable, true);
      assert.equal(answer.metadata.fetched_at, new Date(world.test.clock.now()).toISOString());
      const record = await world.record();
      assert.equal(record.idpMetadata, signer.metadataXml());
      assert.deepEqual(record.settings.roles, [
        { role: "AD", group: "LS-Admins" },
        { role: "AN", group: "LS-Annotators" },
      ]);
      const found = await findOrganizationByDomain(world.test.store.db, "contoso.com");
      assert.equal(found?.organizationId, world.organizationId);
    });

    it("absent fields stay and null puts a field back to its default", async () => {
      const world = await open();
      await world.save({ domain: "contoso.com", mapping_email: "mail", allow_sha1: true });
      await world.save({ manual_role_management: false });
      const kept = (await world.get()).body;
      assert.equal(kept.domain, "contoso.com");
      assert.equal(kept.mapping_email, "mail");
      assert.equal(kept.manual_role_management, false);
      const reset = await world.save({
        domain: null,
        mapping_email: null,
        allow_sha1: null,
        manual_role_management: null,
        roles_groups: null,
      });
      assert.equal(reset.domain, "");
      assert.equal(reset.mapping_email, "Email");
      assert.equal(reset.allow_sha1, false);
      assert.equal(reset.manual_role_management, null);
    });

    it("a known preset fills the mappings that the same request does not set", async () => {
      const world = await open();
      const answer = await world.save({ idp_provider: "Okta", mapping_groups: "teams" });
      assert.equal(answer.idp_provider, "okta");
      assert.equal(answer.mapping_email, "email");
      assert.equal(answer.mapping_first_name, "firstName");
      assert.equal(answer.mapping_last_name, "lastName");
      assert.equal(answer.mapping_groups, "teams");
      const custom = await world.save({ idp_provider: "Our own" });
      assert.equal(custom.idp_provider, "Our own");
      assert.equal(custom.mapping_email, "email", "an unknown provider means custom");
    });

    it("what GET answers can be posted back, and that leaves no revision", async () => {
      const world = await open();
      await world.save({
        domain: "b.example, a.example",
        metadata_xml: signer.metadataXml(),
        roles_groups: [["Manager", "m"]],
        idp_provider: "azure",
      });
      const { body } = await world.get();
      assert.deepEqual(await world.save(body), body);
      assert.equal((await world.revisions()).length, 1);
    });

    it("the NameID format is taken by its short name or its URN, and another is refused (PRODUCT 2.5)", async () => {
      const world = await open();
      const urn = "urn:oasis:names:tc:SAML:1.1:nameid-format:";
      const chosen = await world.save({ nameid_format: "unspecified" });
      assert.equal(chosen.nameid_format, `${urn}unspecified`);
      const again = await world.save({ nameid_format: `${urn}emailAddress` });
      assert.equal(again.nameid_format, `${urn}emailAddress`);
      assert.deepEqual(again.warnings, []);
      const refused = await world.post({ nameid_format: "kerberos" });
      assert.equal(refused.status, 400);
      assert.match(
        refused.body.validation_errors.nameid_format[0],
        /"kerberos" is no NameID format; choose one of transient, persistent, emailAddress, unspecified/,
      );
      const reset = await world.save({ nameid_format: null });
      assert.match(reset.nameid_format, /transient$/);
    });

    it("a read-only value that differs is told and stays", async () => {
      const world = await open();
      const answer = await world.save({
        token: "mine",
        nameid_format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        acs_url: "x",
      });
      assert.deepEqual(
        answer.warnings.map(({ code, field }: { code: string; field: string }) => [code, field]),
        [
          ["read_only", "acs_url"],
          ["read_only", "token"],
        ],
      );
      assert.equal(answer.token, (await world.record()).token);
    });

    it("each save is a revision and an audit row, and names who did it", async () => {
      const world = await open();
      await world.save({ domain: "contoso.com" });
      await world.save({ domain: "contoso.com", allow_cbc: true });
      const [latest, first] = await world.revisions();
      assert.ok(latest && first);
      assert.notEqual(latest.actorUserId, null);
      assert.equal(Reflect.get(Object(latest.before), "allowCbc"), false);
      assert.equal(Reflect.get(Object(latest.after), "allowCbc"), true);
      const { organizationId } = world;
      const rows = await listAudit(world.test.store.db, {
        organizationId,
        action: "saml_settings_saved",
      });
      assert.deepEqual(
        rows.map(({ changes }) => changes),
        [
          [{ kind: "setting_changed", field: "allow_cbc" }],
          [{ kind: "setting_changed", field: "domain" }],
        ],
      );
    });

    it("domains are lower-cased and answered without spaces", async () => {
      const world = await open();
      const answer = await world.save({ domain: " @Contoso.COM, Bücher.example , contoso.com, " });
      assert.equal(answer.domain, "contoso.com,xn--bcher-kva.example");
    });

    it("duplicate mappings collapse", async () => {
      const world = await open();
      const answer = await world.save({
        roles_groups: [
          ["Manager", "a"],
          ["Manager", "a"],
          ["Reviewer", "a"],
        ],
      });
      assert.deepEqual(answer.roles_groups, [
        ["Manager", "a"],
        ["Reviewer", "a"],
      ]);
    });

    it("ten partial updates at once lose nothing", async () => {
      const world = await open();
      const patches = [
        { domain: "contoso.com" },
        { idp_provider: "ours" },
        { mapping_email: "e" },
        { mapping_first_name: "f" },
        { mapping_last_name: "l" },
        { mapping_groups: "g" },
        { manual_role_management: true },
        { roles_groups: [["Manager", "m"]] },
        { workspaces_groups: [["W", "w"]] },
        { allow_unsolicited: true },
      ];
      await Promise.all(patches.map((patch) => world.save(patch)));
      const { body } = await world.get();
      for (const [field, value] of patches.flatMap((patch) => Object.entries(patch))) {
        assert.deepEqual(body[field], value, field);
      }
      assert.equal((await world.revisions()).length, patches.length);
    });
  });

  describe("refusing (PRODUCT 6.2)", () => {
    it("all problems are told together and nothing is saved", async () => {
      const world = await open();
      const second = await SettingsWorld.inside(world.test, "Fabrikam");
      await second.save({ domain: "taken.example" });
      const foreign = await second.addProject();
      const url = web.serve("/login.html", "<html><body>Please sign in</body></html>");
      const errors = await world.refuse({
        domain: "gmail.com, nodots, taken.example, contoso.com",
        metadata_url: url,
        metadata_xml: "<a>",
        mapping_email: "",
        roles_groups: [
          ["Owner", "g"],
          ["Boss", "g"],
        ],
        workspaces_groups: [["Engineering", ""]],
        projects_groups: [
          { project_id: 987_654_321, group: "g", role: "Inherit" },
          { project_id: 9_876_543_210, group: "g", role: "Inherit" },
          { project_id: foreign, group: "g", role: "Inherit" },
        ],
        idp_provder: "okta",
      });
      assert.deepEqual(sorted(Object.keys(errors)), [
        "domain",
        "idp_provder",
        "mapping_email",
        "metadata_url",
        "metadata_xml",
        "projects_groups",
        "roles_groups",
        "workspaces_groups",
      ]);
      assert.equal(errors["domain"]?.length, 3);
      assert.ok(
        errors["domain"]?.includes(
          "taken.example is already claimed by another organization on this server.",
        ),
      );
      assert.ok(!JSON.stringify(errors).includes("Fabrikam"));
      assert.equal(errors["roles_groups"]?.length, 2);
      assert.deepEqual(errors["projects_groups"], [
        "Project 987654321 does not exist in this organization.",
        "Project 9876543210 does not exist in this organization.",
        `Project ${foreign} does not exist in this organization.`,
      ]);
      assert.deepEqual(errors["idp_provder"], [
        "There is no such setting; did you mean idp_provider?",
      ]);
      assert.deepEqual(await world.revisions(), []);
    });

    it("an answer that is no metadata is refused with its reason", async () => {
      const world = await open();
      for (const [path, text] of [
        ["/html", "<html>sign in</html>"],
        ["/empty", ""],
        ["/json", "{}"],
        [
          "/sp",
          `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>`,
        ],
        ["/keyless", signer.metadataXml({ certificates: [] })],
        ["/expired", signer.metadataXml({ validUntilMs: 1_000_000_000_000 })],
      ] as const) {
        const errors = await world.refuse({ metadata_url: web.serve(path, text) });
        assert.equal(errors["metadata_url"]?.length, 1, path);
        assert.match(errors["metadata_url"]?.[0] ?? "", /^[A-Z].*\.$/s, path);
        const again = await world.refuse({ metadata_xml: text === "" ? " x" : text });
        assert.equal(again["metadata_xml"]?.length, 1, path);
      }
    });

    it("a URL that may not be fetched is refused", async () => {
      const world = await open();
      for (const url of [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:a9fe:a9fe]/",
        "http://2852039166/",
        "http://metadata.google.internal/",
        "ftp://idp.example/",
        "idp.example/metadata",
        "https://user:secret@idp.example/",
      ]) {
        const errors = await world.refuse({ metadata_url: url });
        assert.equal(errors["metadata_url"]?.length, 1, url);
      }
      const guarded = await open({ SSRF_PROTECTION_ENABLED: "1" });
      const errors = await guarded.refuse({
        metadata_url: web.serve("/private", signer.metadataXml()),
      });
      assert.match(errors["metadata_url"]?.[0] ?? "", /SSRF_PROTECTION_ENABLED/);
    });

    it("two organizations that claim one domain at once leave it to one of them", async () => {
      const world = await open();
      const second = await SettingsWorld.inside(world.test, "Fabrikam");
      const answers = await Promise.all(
        [world, second].map((each) => each.post({ domain: "shared.example" })),
      );
      assert.deepEqual(sorted(answers.map(({ status }) => String(status))), ["200", "400"]);
      const refused = answers.find(({ status }) => status === 400);
      assert.match(refused?.body.validation_errors.domain[0], /already claimed by another/);
    });

    it("bodies that are no settings are 400 with a sentence", async () => {
      const world = await open();
      const type = "application/json";
      const deep = "[".repeat(50_000) + "]".repeat(50_000);
      for (const payload of [
        "[]",
        '"text"',
        "7",
        "{",
        '{"domain": "contoso.com"',
        '{"__proto__": {"domain": "contoso.com"}}',
        '{"constructor": {"prototype": {"domain": "x"}}}',
        '{"toString": 1}',
        `{"roles_groups": ${deep}}`,
        `{"domain": ${deep}}`,
        deep,
      ]) {
        const { status, body } = await world.send("POST", settingsPath, { payload, type });
        assert.equal(status, 400, payload.slice(0, 60));
        assert.equal(typeof body.detail, "string");
      }
      assert.deepEqual(await world.revisions(), []);
    });

    it("an empty body changes nothing and answers the record", async () => {
      const world = await open();
      const { status, body } = await world.send("POST", settingsPath);
      assert.equal(status, 200);
      assert.deepEqual(body, (await world.get()).body);
    });

    it("another content type is 415 and an oversized body 413", async () => {
      const world = await open();
      const xml = { payload: signer.metadataXml(), type: "application/xml" };
      assert.equal((await world.send("POST", settingsPath, xml)).status, 415);
      const huge = {
        payload: `{"metadata_xml":"${"x".repeat(9_000_000)}"}`,
        type: "application/json",
      };
      assert.equal((await world.send("POST", settingsPath, huge)).status, 413);
    });
  });

  describe("resetting (PRODUCT 6.3)", () => {
    it("every field goes back to its default; token stays; a revision and an audit row remain", async () => {
      const world = await open();
      const { body: fresh } = await world.get();
      await world.save({
        domain: "contoso.com",
        metadata_url: web.serve("/reset", signer.metadataXml()),
        idp_provider: "okta",
        roles_groups: [["Manager", "m"]],
        allow_sha1: true,
        want_response_signed: true,
      });
      await world.save({ roles_groups: [["Manager", "m"]] }, scimPath);
      const { status, body } = await world.send("DELETE", `${settingsPath}/`);
      assert.equal(status, 204);
      assert.equal(body, "");
      assert.deepEqual({ ...(await world.get()).body, version: fresh.version }, fresh);
      assert.deepEqual((await world.get(scimPath)).body.roles_groups, []);
      assert.equal(await findOrganizationByDomain(world.test.store.db, "contoso.com"), null);
      const [revision] = await world.revisions();
      assert.equal(Reflect.get(Object(revision?.before), "domain"), "contoso.com");
      assert.equal((await world.revisions("scim")).length, 2);
      const second = await SettingsWorld.inside(world.test, "Fabrikam");
      assert.equal((await second.save({ domain: "contoso.com" })).domain, "contoso.com");
    });

    it("assignment records go; what they gave stays, as given by hand", async () => {
      const world = await open();
      const [workspaceId, projectId] = [await world.addWorkspace("W"), await world.addProject()];
      const userId = await world.addMember("RE", [
        {
          kind: "workspace_member_added",
          workspace: { id: workspaceId, title: "W" },
          source: "scim",
        },
        { kind: "project_member_added", projectId, role: "AN", source: "scim", isPending: false },
        {
          kind: "assignment_added",
          assignment: { scope: "organization", group: "g", role: "RE" },
        },
        { kind: "assignment_added", assignment: { scope: "workspace", group: "g", title: "W" } },
        {
          kind: "assignment_added",
          assignment: { scope: "project", group: "g", projectId, role: "AN" },
        },
      ]);
      assert.equal((await world.send("DELETE", settingsPath)).status, 204);
      const { db } = world.test.store;
      const left = await db.selectFrom("scim_assignments").selectAll().execute();
      assert.deepEqual(left, []);
      const membership = await db
        .selectFrom("memberships")
        .where("user_id", "=", userId)
        .select(["role", "role_source as source"])
        .execute();
      assert.deepEqual(membership, [{ role: "RE", source: "manual" }]);
      for (const table of ["workspace_members", "project_members"] as const) {
        const rows = await db
          .selectFrom(table)
          .where("user_id", "=", userId)
          .select("source")
          .execute();
        assert.deepEqual(rows, [{ source: "manual" }], table);
      }
    });

    it("resetting twice is harmless and leaves one revision", async () => {
      const world = await open();
      await world.save({ domain: "contoso.com" });
      assert.equal((await world.send("DELETE", settingsPath)).status, 204);
      assert.equal((await world.send("DELETE", settingsPath)).status, 204);
      assert.equal((await world.revisions()).length, 2);
    });
  });

  describe("SCIM settings (PRODUCT 6.5)", () => {
    it("they are lists apart from SAML's, with partial update and revision", async () => {
      const world = await open();
      await world.addWorkspace("Radiology");
      const project = await world.addProject();
      const sent = {
        roles_groups: [["Administrator", "a"]],
        workspaces_groups: [["Radiology", "r"]],
        projects_groups: [{ project_id: project, group: "p", role: "Inherit" }],
      };
      const saved = { ...sent, user_type_groups: [], warnings: [] };
      assert.deepEqual(await world.save(sent, scimPath), saved);
      assert.deepEqual((await world.save({ roles_groups: null }, `${scimPath}/`)).roles_groups, []);
      const { body } = await world.get(scimPath);
      assert.deepEqual(body.workspaces_groups, sent.workspaces_groups);
      assert.deepEqual((await world.get()).body.workspaces_groups, []);
      assert.equal((await world.revisions("scim")).length, 2);
    });

    it("unknown workspaces and projects are refused by name, together", async () => {
      const world = await open();
      const second = await SettingsWorld.inside(world.test, "Fabrikam");
      await second.addWorkspace("Theirs");
      const errors = await world.refuse(
        {
          workspaces_groups: [
            ["Nowhere", "g"],
            ["Theirs", "g"],
          ],
          projects_groups: [{ project_id: 404, group: "g", role: "Inherit" }],
          roles_groups: [["Owner", "g"]],
        },
        scimPath,
      );
      assert.deepEqual(errors["workspaces_groups"], [
        'Workspace "Nowhere" does not exist; create it first.',
        'Workspace "Theirs" does not exist; create it first.',
      ]);
      assert.deepEqual(errors["projects_groups"], [
        "Project 404 does not exist in this organization.",
      ]);
      assert.equal(errors["roles_groups"]?.length, 1);
    });

    it("SAML's fields are no SCIM settings", async () => {
      const world = await open();
      assert.deepEqual(Object.keys(await world.refuse({ domain: "contoso.com" }, scimPath)), [
        "domain",
      ]);
    });
  });

  describe("the sign-in log (PRODUCT 8.4)", () => {
    const path = "/api/saml/sign-ins";
    const attempt = (organizationId: number, index: number): SignInRecord => ({
      reference: `ref-${organizationId}-${index}`,
      organizationId,
      at: 1_000 + index,
      outcome: "refused",
      code: "saml_expired",
      signed: true,
      email: index % 2 === 0 ? "even@contoso.com" : "odd@contoso.com",
      userId: null,
      requestId: "r",
      ip: "192.0.2.1",
      userAgent: "test",
      evidence: { found: 1 },
      attributeNames: ["email"],
      identity: null,
      changes: [],
      reasons: [],
    });

    it("is listed latest first, in pages that follow one another, with the hint for the fix", async () => {
      const world = await open();
      const { db } = world.test.store;
      for (let index = 0; index < 5; index += 1) {
        await recordSignIn(db, attempt(world.organizationId, index));
      }
      const seen: string[] = [];
      let url: string | null = `${path}/?page_size=2`;
      for (let pages = 0; url !== null && pages < 9; pages += 1) {
        const { status, body }: Answer = await world.get(url);
        assert.equal(status, 200);
        seen.push(...body.results.map(({ reference }: { reference: string }) => reference));
        url = body.next === null ? null : body.next.slice(world.test.deps.config.baseUrl.length);
      }
      const expected = [4, 3, 2, 1, 0].map((index) => `ref-${world.organizationId}-${index}`);
      assert.deepEqual(seen, expected);
      const [row] = (await world.get(path)).body.results;
      assert.match(row.hint, /SAML_CLOCK_SKEW_SECONDS/);
      assert.equal(row.at, "1970-01-01T00:00:01.004Z");
    });

    it("is found by reference and by e-mail, in one's own organization only", async () => {
      const world = await open();
      const second = await SettingsWorld.inside(world.test, "Fabrikam");
      const { db } = world.test.store;
      for (let index = 0; index < 4; index += 1) {
        await recordSignIn(db, attempt(world.organizationId, index));
        await recordSignIn(db, attempt(second.organizationId, index));
      }
      const byEmail = await world.get(`${path}?email=EVEN@contoso.com`);
      assert.equal(byEmail.body.results.length, 2);
      const own = `${path}?reference=ref-${world.organizationId}-1`;
      assert.equal((await world.get(own)).body.results.length, 1);
      assert.equal((await second.get(own)).body.results.length, 0);
    });

    for (const query of [
      "page_size=0",
      "page_size=201",
      "before=x",
      "outcome=lost",
      "colour=red",
      "email=a&email=b",
      "before=99999999999",
    ]) {
      it(`a query that is not understood is 400 by field: ${query}`, async () => {
        const world = await open();
        const { status, body } = await world.get(`${path}?${query}`);
        assert.equal(status, 400);
        assert.equal(Object.keys(body.validation_errors).length, 1);
      });
    }
  });
});
