/** Records of settings as Label Studio Enterprise answers them, taken as a whole (PRODUCT 6.2). */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createSigner } from "../../demo/signer.ts";
import { onEveryEngine } from "../engines.ts";
import { codesOf, SettingsWorld, scimPath, settingsPath, sorted } from "./settings-world.ts";

const signer = createSigner({
  entityId: "https://idp.example/metadata",
  ssoUrl: "https://idp.example/sso",
});

/** What Enterprise's GET answers, every field of its documentation filled in. */
const enterpriseRecord = (projects: readonly number[]) => ({
  acs_url: "https://app.heartex.example/saml/f00/acs",
  login_url: "https://app.heartex.example/saml/f00/login",
  logout_url: "https://app.heartex.example/saml/f00/logout",
  metadata_xml_url: "https://app.heartex.example/saml/f00/xml",
  nameid_format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
  token: "f00",
  domain: "contoso.com",
  idp_provider: "okta",
  metadata_url: "",
  metadata_xml: signer.metadataXml(),
  mapping_email: "email",
  mapping_first_name: "firstName",
  mapping_last_name: "lastName",
  mapping_groups: "groups",
  manual_role_management: null,
  roles_groups: [["Manager", "LS-Managers"]],
  workspaces_groups: [["Radiology", "LS-Radiology"]],
  projects_groups: projects.map((id) => ({ project_id: id, group: `LS-${id}`, role: "Inherit" })),
  user_type_groups: [
    ["standard", "LS-Staff"],
    ["View Only", "LS-Guests"],
  ],
  user_type_capacities: { Standard: { used: 4, limit: 10 }, Flex: { used: 0, limit: null } },
});

const messageOf = (answer: { warnings: { code: string; message: string }[] }, code: string) =>
  answer.warnings.find((warning) => warning.code === code)?.message ?? "";

onEveryEngine("an import of Enterprise's settings", (engine) => {
  const worlds: SettingsWorld[] = [];
  const open = async () => {
    const world = await SettingsWorld.open(engine);
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.test.close();
  });

  it("takes the whole record: read-only fields stay ours, the rest is kept", async () => {
    const world = await open();
    const project = await world.addProject();
    const sent = enterpriseRecord([project]);
    const before = await world.record();
    const answer = await world.save(sent);
    assert.equal(answer.token, before.token);
    assert.match(answer.acs_url, new RegExp(`/saml/${before.token}/acs$`));
    const settable = Object.entries(sent).filter(
      ([field]) => !(field.endsWith("_url") && field !== "metadata_url"),
    );
    for (const [field, value] of settable) {
      if (["token", "user_type_capacities"].includes(field)) continue;
      assert.deepEqual(answer[field], value, field);
    }
    assert.equal(answer.user_type_capacities, undefined);
    assert.deepEqual((await world.get()).body.user_type_groups, sent.user_type_groups);
  });

  it("leaves out the projects that are not here and names them, once", async () => {
    const world = await open();
    const second = await SettingsWorld.inside(world.test, "Fabrikam");
    const foreign = await second.addProject("Theirs");
    const project = await world.addProject();
    const answer = await world.save(enterpriseRecord([project, 987_654, foreign, 987_654]));
    assert.deepEqual(
      answer.projects_groups.map((entry: { project_id: number }) => entry.project_id),
      [project],
    );
    const message = messageOf(answer, "projects_skipped");
    assert.match(
      message,
      new RegExp(`left out: 987654, ${foreign}\\.|left out: ${foreign}, 987654\\.`),
    );
    assert.doesNotMatch(JSON.stringify(answer), /Theirs|Fabrikam/);
    assert.match(messageOf(answer, "projects_of_another_server"), /Check each project mapping/);
    assert.ok(!codesOf((await world.get()).body).includes("projects_skipped"));
    assert.equal((await world.revisions()).length, 1);
  });

  it("an own record comes back without the project that was deleted meanwhile", async () => {
    const world = await open();
    const project = await world.addProject();
    const gone = await world.addProject("Gone");
    await world.save(enterpriseRecord([project, gone]));
    const { body } = await world.get();
    await world.test.store.db.deleteFrom("projects").where("id", "=", gone).execute();
    const answer = await world.save(body);
    assert.match(messageOf(answer, "projects_skipped"), new RegExp(`left out: ${gone}\\.`));
    assert.ok(!codesOf(answer).includes("projects_of_another_server"));
  });

  it("a patch is no record: an unknown project is refused, whatever read-only field comes with it", async () => {
    const world = await open();
    const projects_groups = [{ project_id: 987_654, group: "g", role: "Inherit" }];
    for (const more of [{}, { token: "f00" }, { login_url: "https://x.example/" }]) {
      const errors = await world.refuse({ projects_groups, ...more });
      assert.match(String(errors["projects_groups"]), /987654 does not exist/);
    }
  });

  it("a record with something wrong in it saves nothing, and all of that is told", async () => {
    const world = await open();
    const errors = await world.refuse({
      ...enterpriseRecord([987_654]),
      roles_groups: [["Owner", "g"]],
      user_type_groups: [["gold", "g"], ["flex"], ["flex", " "]],
      roles_group: [],
    });
    assert.deepEqual(sorted(Object.keys(errors)), [
      "roles_group",
      "roles_groups",
      "user_type_groups",
    ]);
    assert.equal(errors["user_type_groups"]?.length, 3);
    assert.match(String(errors["user_type_groups"]), /standard, flex, viewonly/);
  });

  describe("seat types", () => {
    it("are kept, said to give nothing, put back by null and by a reset, and restored", async () => {
      const world = await open();
      const pairs = [["flex", "LS-Flex"]];
      const answer = await world.save({ user_type_groups: pairs });
      assert.match(messageOf(answer, "seat_types_not_used"), /Seats have one type here/);
      const emptied = await world.save({ user_type_groups: null });
      assert.deepEqual(emptied.user_type_groups, []);
      assert.ok(!codesOf(emptied).includes("seat_types_not_used"));
      const [, first] = await world.revisions();
      const path = `${settingsPath}/revisions/${first?.id}/restore`;
      assert.deepEqual((await world.save({}, path)).user_type_groups, pairs);
      await world.send("DELETE", settingsPath);
      assert.deepEqual((await world.get()).body.user_type_groups, []);
    });

    it("are SCIM settings too, whose record is taken as a whole", async () => {
      const world = await open();
      await world.addWorkspace("Radiology");
      const answer = await world.save(
        {
          roles_groups: [["Reviewer", "g"]],
          workspaces_groups: [["Radiology", "g"]],
          projects_groups: [{ project_id: 987_654, group: "g", role: "Annotator" }],
          user_type_groups: [["viewonly", "g"]],
          user_type_capacities: {},
        },
        scimPath,
      );
      assert.deepEqual(answer.user_type_groups, [["viewonly", "g"]]);
      assert.deepEqual(answer.projects_groups, []);
      assert.deepEqual(codesOf(answer), ["seat_types_not_used", "projects_skipped"]);
    });

    it("a revision from before there were any restores as none", async () => {
      const world = await open();
      await world.save({ roles_groups: [["Reviewer", "g"]] }, scimPath);
      await world.save({ user_type_groups: [["flex", "g"]] }, scimPath);
      const [, first] = await world.revisions("scim");
      const { db } = world.test.store;
      const { userTypes: _, ...older } = Object(first?.after);
      await db
        .updateTable("settings_revisions")
        .where("id", "=", first?.id ?? 0)
        .set({ after: JSON.stringify(older) })
        .execute();
      const path = `${settingsPath}/revisions/${first?.id}/restore`;
      const answer = await world.save({}, path);
      assert.deepEqual([answer.roles_groups, answer.user_type_groups], [[["Reviewer", "g"]], []]);
    });
  });
});
