/** Former settings (PRODUCT 8.6): who saved when, what it changed, and having it back. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { listAudit } from "../../src/store/audit.ts";
import { onEveryEngine } from "../engines.ts";
import { MetadataServer, SettingsWorld, scimPath, settingsPath, sorted } from "./settings-world.ts";

const path = `${settingsPath}/revisions`;
const signer = createSigner({
  entityId: "https://idp.example/id",
  ssoUrl: "https://idp.example/sso",
});

interface Row {
  readonly id: number;
  readonly kind: "saml" | "scim";
  readonly changes: readonly { readonly field: string; readonly from: unknown; to: unknown }[];
  readonly is_current: boolean;
}

onEveryEngine("revisions", (engine) => {
  const web = new MetadataServer();
  const opened: SettingsWorld[] = [];
  const open = async (): Promise<SettingsWorld> => {
    const world = await SettingsWorld.open(engine);
    opened.push(world);
    return world;
  };
  before(() => web.open());
  after(async () => {
    web.close();
    for (const world of opened) await world.test.close();
  });
  const list = async (world: SettingsWorld, query = ""): Promise<readonly Row[]> => {
    const { status, body } = await world.get(`${path}${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.results;
  };
  const restore = async (world: SettingsWorld, id: unknown, query = "") =>
    await world.send("POST", `${path}/${id}/restore${query}`);

  describe("the list", () => {
    it("tells who saved when, and each field before and after, latest first", async () => {
      const world = await open();
      await world.save({ domain: "contoso.com", roles_groups: [["Manager", "m"]] });
      await world.addMember("AD");
      await world.post({ roles_groups: [["Reviewer", "r"]] }, scimPath, "AD");
      await world.post({ domain: "contoso.com" });
      const { body } = await world.get(path);
      assert.equal(body.next, null);
      const [scim, saml] = body.results;
      assert.equal(body.results.length, 2, "a save that changes nothing leaves none");
      assert.deepEqual(
        [scim.kind, scim.actor.email, scim.is_current],
        ["scim", "ad@people.example", true],
      );
      assert.deepEqual(scim.changes, [
        {
          field: "roles_groups",
          from: [],
          to: [["Reviewer", "r"]],
          is_cut: false,
          added: [["Reviewer", "r"]],
          removed: [],
        },
      ]);
      assert.equal(saml.at, new Date(world.test.clock.nowMs).toISOString());
      assert.equal(saml.actor.email, "owner@contoso.example");
      assert.deepEqual(
        saml.changes.map(({ field, from, to }: Row["changes"][number]) => [field, from, to]),
        [
          ["domain", "", "contoso.com"],
          ["roles_groups", [], [["Manager", "m"]]],
        ],
      );
    });

    it("goes page by page, by kind, and only the latest of a kind is current", async () => {
      const world = await open();
      for (const name of ["A", "B", "C"]) await world.save({ mapping_email: name });
      await world.save({ roles_groups: [["Reviewer", "r"]] }, scimPath);
      const { body: first } = await world.get(`${path}?kind=saml&page_size=2`);
      assert.deepEqual(
        first.results.map((row: Row) => row.is_current),
        [true, false],
      );
      const next = first.next.slice(world.test.deps.config.baseUrl.length);
      assert.match(next, /kind=saml/);
      const { body: second } = await world.get(next);
      assert.deepEqual([second.results.length, second.next], [1, null]);
      assert.deepEqual(
        (await list(world, "?kind=scim")).map(({ kind }) => kind),
        ["scim"],
      );
      const wrong = await world.get(`${path}?kind=__proto__&page_size=51&before=x&toString=1`);
      assert.equal(wrong.status, 400);
      assert.deepEqual(sorted(Object.keys(wrong.body.validation_errors)), [
        "before",
        "kind",
        "non_field_errors",
        "page_size",
      ]);
    });

    it("a megabyte of metadata does not come whole, nor do secrets", async () => {
      const world = await open();
      const xml = signer.metadataXml();
      await world.save({ metadata_xml: xml });
      const { body } = await world.get(path);
      const text = JSON.stringify(body);
      assert.ok(text.length < 2000, text);
      assert.match(text, new RegExp(`… \\(${xml.length} characters\\)`));
      const { token } = await world.record();
      assert.equal(text.includes(token), false);
    });
  });

  describe("restoring", () => {
    it("brings back what a save left, as a save of its own, in the log too", async () => {
      const world = await open();
      const good = await world.save({
        domain: "contoso.com",
        metadata_url: web.serve("/good", signer.metadataXml()),
        idp_provider: "okta",
        mapping_email: "mail of our own",
        roles_groups: [["Manager", "m"]],
        want_response_signed: true,
      });
      await world.save({
        mapping_email: null,
        roles_groups: [],
        domain: "",
        idp_provider: "google",
      });
      const [, revision] = await list(world);
      const restored = await restore(world, revision?.id);
      assert.equal(restored.status, 200, JSON.stringify(restored.body));
      const ignored = { warnings: null, version: null, metadata: null };
      assert.deepEqual({ ...restored.body, ...ignored }, { ...good, ...ignored });
      assert.equal(restored.body.metadata.entity_id, "https://idp.example/id");
      assert.equal((await list(world)).length, 3);
      const { db } = world.test.store;
      const [entry] = await listAudit(db, {
        organizationId: world.organizationId,
        action: "saml_settings_restored",
      });
      assert.deepEqual(entry?.changes.at(-1), {
        kind: "revision_restored",
        revision: revision?.id,
      });
      assert.equal((await restore(world, revision?.id)).status, 200);
      assert.equal((await list(world)).length, 3, "restoring what stands is no save");
    });

    it("undoes a reset, of SAML and of SCIM each", async () => {
      const world = await open();
      const saml = await world.save({ domain: "contoso.com", roles_groups: [["Manager", "m"]] });
      const scim = await world.save({ roles_groups: [["Reviewer", "r"]] }, scimPath);
      await world.send("DELETE", settingsPath);
      for (const { id } of (await list(world)).slice(0, 2)) {
        const { status, body } = await restore(world, id, "?state=before");
        assert.equal(status, 200, JSON.stringify(body));
      }
      const now = (await world.get()).body;
      assert.deepEqual(
        [now.domain, now.roles_groups, now.token],
        [saml.domain, saml.roles_groups, saml.token],
      );
      assert.deepEqual((await world.get(scimPath)).body, scim);
    });

    it("is refused where a project is gone or a domain is claimed by now, and saves nothing", async () => {
      const world = await open();
      const projectId = await world.addProject();
      await world.save({
        domain: "contoso.com",
        projects_groups: [{ project_id: projectId, group: "g", role: "Annotator" }],
      });
      await world.save({ domain: "", projects_groups: [] });
      await world.test.store.db.deleteFrom("projects").where("id", "=", projectId).execute();
      const other = await SettingsWorld.inside(world.test, "Fabrikam");
      await other.save({ domain: "contoso.com" });
      const before = (await world.get()).body;
      const [, revision] = await list(world);
      const { status, body } = await restore(world, revision?.id);
      assert.equal(status, 400);
      assert.match(body.validation_errors.domain[0], /already claimed/);
      assert.match(body.validation_errors.projects_groups[0], /does not exist/);
      assert.doesNotMatch(JSON.stringify(body), /Fabrikam/i);
      assert.deepEqual((await world.get()).body, before);
    });

    it("of SCIM mappings is refused where a workspace is gone", async () => {
      const world = await open();
      const id = await world.addWorkspace("Cats");
      await world.save({ workspaces_groups: [["Cats", "g"]] }, scimPath);
      await world.save({ workspaces_groups: [] }, scimPath);
      await world.test.store.db.deleteFrom("workspaces").where("id", "=", id).execute();
      const [, revision] = await list(world);
      const { status, body } = await restore(world, revision?.id);
      assert.equal(status, 400);
      assert.match(body.validation_errors.workspaces_groups[0], /"Cats" does not exist/);
    });

    it("a revision from before a field existed restores that field's default", async () => {
      const world = await open();
      await world.save({ domain: "contoso.com" });
      const [revision] = await list(world);
      await world.test.store.db
        .updateTable("settings_revisions")
        .set({ after: JSON.stringify({ domain: "old.example", domains: ["old.example"] }) })
        .where("id", "=", revision?.id ?? 0)
        .execute();
      const { status, body } = await restore(world, revision?.id);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.domain, body.mapping_email], ["old.example", "Email"]);
    });

    it("another organization's revision is a missing one, and so is what is no id", async () => {
      const world = await open();
      const other = await SettingsWorld.inside(world.test, "Fabrikam");
      await other.save({ domain: "fabrikam.example" });
      const [foreign] = await list(other);
      const strip = ({ status, body }: { status: number; body: object }) => ({
        status,
        body: { ...body, id: "" },
      });
      const missing = strip(await restore(world, 999_999));
      assert.equal(missing.status, 404);
      for (const id of [foreign?.id, "0", "-1", "1e3", "2147483648", "__proto__", "constructor"]) {
        assert.deepEqual(strip(await restore(world, id)), missing, String(id));
      }
      assert.deepEqual(await list(world), []);
      assert.equal((await restore(other, foreign?.id, "?state=later")).status, 400);
    });

    it("is for Owner and Administrators", async () => {
      const world = await open();
      await world.save({ domain: "contoso.com" });
      const [revision] = await list(world);
      for (const role of ["MA", "RE", "AN"] as const) {
        await world.addMember(role);
        assert.equal((await world.send("GET", path, { as: role })).status, 403, role);
        const url = `${path}/${revision?.id}/restore`;
        assert.equal((await world.send("POST", url, { as: role })).status, 403, role);
      }
      assert.equal((await world.send("GET", path, { as: null })).status, 401);
      assert.equal((await world.send("POST", `${path}/1/restore`, { as: null })).status, 401);
    });
  });
});
