/**
 * SCIM beside SAML: the customer's sections "SAML and SCIM interaction" and "SAML user lifecycle", and
 * PRODUCT 4.6, 4.8, 5, 7.4, 7.7.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createInvite } from "../../src/store/invites.ts";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

onEveryEngine("SCIM beside SAML", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  let projectId: number;
  before(async () => {
    world = await ScimWorld.open(engine, {
      saml: {
        roles: [{ role: "RE", group: "SAML-Reviewers" }],
        workspaces: [{ workspace: "By SAML", group: "SAML-Workspace" }],
      },
    });
    ({ client } = world);
    projectId = await world.addProject();
    await world.sso.saveSettings({
      projects: [{ projectId, group: "SAML-Project", role: "AN" }],
    });
    await world.map({
      roles: [{ role: "MA", group: "SCIM-Managers" }],
      projects: [{ projectId, group: "SCIM-Project", role: "RE" }],
    });
  });
  after(() => world.close());
  const group = async (name: string, ...ids: string[]) => {
    const [found] = await client.find("Groups", `displayName eq "${name}"`);
    if (found === undefined) return await client.addGroup(name, ...ids);
    const value = ids.map((id) => ({ value: id }));
    await client.patch(204, `/Groups/${found.id}`, { op: "add", path: "members", value });
    return found.id as string;
  };

  test("mappings are apart: a group pushed by SCIM is worth nothing to SAML's list, and the other way", async () => {
    const email = "apart@contoso.com";
    const id = await client.addUser(email);
    await group("SAML-Reviewers", id);
    assert.equal(await world.roleOf(email), "AN scim");
    await world.signOn(email, ["SCIM-Managers"]);
    assert.equal(await world.roleOf(email), "AN scim");
  });

  test("the last to run wins: a sign-on changes SCIM's role, the next push changes it back", async () => {
    const email = "last@contoso.com";
    const id = await client.addUser(email);
    const managers = await group("SCIM-Managers", id);
    assert.equal(await world.roleOf(email), "MA scim");
    assert.equal(await world.signOn(email, ["SAML-Reviewers"]), "/");
    assert.equal(await world.roleOf(email), "RE saml");
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "title", value: "Nurse" });
    assert.equal(await world.roleOf(email), "RE saml", "a profile is no word about the role");
    const members = [{ value: id }];
    await client.patch(204, `/Groups/${managers}`, {
      op: "remove",
      path: "members",
      value: members,
    });
    await client.patch(204, `/Groups/${managers}`, { op: "add", path: "members", value: members });
    assert.equal(await world.roleOf(email), "MA scim");
    const [latest] = await world.test.store.db
      .selectFrom("audit_log")
      .orderBy("id", "desc")
      .select(["actor_kind", "reasons"])
      .limit(1)
      .execute();
    assert.equal(latest?.actor_kind, "scim");
    assert.match(String(latest?.reasons), /SCIM-Managers/);
  });

  test("SCIM project assignments silence SAML's projects for that person entirely", async () => {
    const email = "silent@contoso.com";
    const id = await client.addUser(email);
    await world.signOn(email, ["SAML-Project"]);
    assert.deepEqual(await world.accessOf(email), [`${projectId} AN saml`]);
    await group("SCIM-Project", id);
    assert.deepEqual(await world.accessOf(email), [`${projectId} AN saml`, `${projectId} RE scim`]);
    const other = await world.addProject("Dogs");
    await world.sso.saveSettings({
      projects: [
        { projectId, group: "SAML-Project", role: "AN" },
        { projectId: other, group: "SAML-Project", role: "AN" },
      ],
    });
    await world.signOn(email, ["SAML-Project", "SAML-Workspace"]);
    assert.deepEqual(await world.accessOf(email), [
      "By SAML saml",
      `${projectId} AN saml`,
      `${projectId} RE scim`,
    ]);
  });

  test("active false ends sessions, tokens and invites at once, and a sign-on is refused", async () => {
    const email = "out@contoso.com";
    const id = await client.addUser(email);
    const { organizationId, test: t } = world;
    assert.equal(await world.signOn(email, ["SAML-Reviewers"]), "/");
    const cookie = await t.signedInCookie(email, organizationId);
    const token = await t.apiToken(email, organizationId);
    await createInvite(t.store.db, {
      organizationId,
      tokenHash: "0".repeat(64),
      email,
      role: "AD",
      createdBy: null,
      at: t.clock.now(),
      expiresAt: t.clock.now() + 1e9,
    });
    const ask = async (headers: Record<string, string>) =>
      (await t.app.inject({ url: "/api/current-user/whoami", headers })).statusCode;
    assert.deepEqual(
      [await ask({ cookie }), await ask({ authorization: `Token ${token}` })],
      [200, 200],
    );
    await client.patch(200, `/Users/${id}`, { op: "Replace", path: "active", value: "False" });
    assert.deepEqual(
      [await ask({ cookie }), await ask({ authorization: `Token ${token}` })],
      [401, 401],
    );
    const invites = await t.store.db.selectFrom("invites").select("email").execute();
    assert.deepEqual(invites, []);
    assert.equal(await world.signOn(email, ["SAML-Reviewers"]), "denied");
    assert.equal(await world.sso.lastCode(), "sign_in_deactivated");
    assert.equal(await world.roleOf(email), "DI scim");
    await client.patch(200, `/Users/${id}`, { op: "Replace", path: "active", value: "True" });
    assert.equal(await world.signOn(email, ["SAML-Reviewers"]), "/");
  });

  test("whom a sign-on deactivated, active false keeps out for good", async () => {
    const email = "twice@contoso.com";
    const id = await client.addUser(email);
    await world.sso.saveSettings({ manualRoleManagement: false });
    await world.signOn(email, ["nothing mapped"]);
    assert.equal(await world.roleOf(email), "DI saml");
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: false });
    assert.equal(await world.roleOf(email), "DI scim");
    assert.equal(await world.signOn(email, ["SAML-Reviewers"]), "denied");
    await world.sso.saveSettings({ manualRoleManagement: null });
  });

  test("manual_role_management of the SAML settings counts for SCIM too", async () => {
    const email = "shared@contoso.com";
    const id = await client.addUser(email);
    const managers = await group("SCIM-Managers", id);
    await world.sso.saveSettings({ manualRoleManagement: false });
    const value = [{ value: id }];
    await client.patch(204, `/Groups/${managers}`, { op: "remove", path: "members", value });
    assert.equal(await world.roleOf(email), "DI scim");
    await world.sso.saveSettings({ manualRoleManagement: null });
  });

  test("a person of another organization only gains the membership and keeps their names", async () => {
    const other = await world.neighbour("Fabrikam");
    const email = "both@contoso.com";
    await client.addUser(email, { name: { givenName: "First", familyName: "Names" } });
    const name = { givenName: "Other", familyName: "Names" };
    const id = await other.client.addUser(email, { name });
    assert.equal(await world.namesOf(email), "First Names");
    assert.deepEqual(
      [await world.roleOf(email), await other.roleOf(email)],
      ["AN scim", "AN scim"],
    );
    await other.client.expect(204, "DELETE", `/Users/${id}`);
    assert.deepEqual(
      [await world.roleOf(email), await other.roleOf(email)],
      ["AN scim", "DI scim"],
    );
  });

  test("Alice@Contoso.com and alice@contoso.com are one person to both protocols", async () => {
    await client.addUser("Mixed@Contoso.COM");
    assert.equal(await world.signOn("mixed@CONTOSO.com", ["SAML-Reviewers"]), "/");
    assert.equal(await world.roleOf("mixed@contoso.com"), "RE saml");
  });

  test("a sign-on updates names, as SCIM does", async () => {
    const email = "named@contoso.com";
    await client.addUser(email, { name: { givenName: "Scim", familyName: "Name" } });
    assert.equal(await world.namesOf(email), "Scim Name");
    await world.signOn(email);
    assert.equal(await world.namesOf(email), "Saml Name");
  });
});

/** Sentences of the customer's page, one after the other; each test has an organization of its own. */
onEveryEngine("the customer's page on SAML and SCIM", (engine) => {
  const open = async (env: Record<string, string> = {}) => {
    const world = await ScimWorld.open(engine, { env });
    const projectId = await world.addProject();
    const saml = {
      roles: [
        { role: "RE" as const, group: "Reviewers" },
        { role: "MA" as const, group: "Managers" },
      ],
      workspaces: [{ workspace: "Cats", group: "Cats" }],
      projects: [{ projectId, group: "Cats", role: "RE" as const }],
    };
    await world.sso.saveSettings(saml);
    return { world, client: world.client, projectId, saml };
  };
  const email = "ana@contoso.com";
  const off = {
    MANUAL_ROLE_MANAGEMENT: "0",
    MANUAL_WORKSPACE_MANAGEMENT: "0",
    MANUAL_PROJECT_MEMBER_MANAGEMENT: "0",
  };

  test("first SAML login (new user): account created, added to org with default role, then group mappings applied immediately", async () => {
    const { world, projectId } = await open();
    assert.equal(await world.signOn("plain@contoso.com"), "/");
    assert.equal(await world.roleOf("plain@contoso.com"), "AN saml");
    assert.equal(await world.signOn(email, ["Managers", "Cats"]), "/");
    assert.equal(await world.roleOf(email), "MA saml");
    assert.equal(await world.namesOf(email), "Saml Name");
    assert.deepEqual(await world.accessOf(email), ["Cats saml", `${projectId} RE saml`]);
    await world.close();
  });

  test("first SAML login (existing user, different org): user added to this org with default role, group mappings applied", async () => {
    const { world, projectId } = await open();
    const other = await world.neighbour("Fabrikam");
    await other.client.addUser("plain@contoso.com");
    await other.client.addUser(email);
    assert.equal(await world.signOn("plain@contoso.com"), "/");
    assert.equal(await world.roleOf("plain@contoso.com"), "AN saml");
    assert.equal(await world.signOn(email, ["Reviewers", "Cats"]), "/");
    assert.equal(await world.roleOf(email), "RE saml");
    assert.deepEqual(await world.accessOf(email), ["Cats saml", `${projectId} RE saml`]);
    assert.equal(await other.roleOf(email), "AN scim");
    await world.close();
  });

  test("subsequent SAML login: name updated; roles, workspaces, and projects synced to match current groups (subject to manual management flags)", async () => {
    for (const [env, left] of [
      [off, []],
      [{}, ["Cats saml", "RE saml"]],
    ] as const) {
      const { world, client } = await open(env);
      const name = { givenName: "Scim", familyName: "Name" };
      await client.addUser(email, { name });
      await world.signOn(email, ["Managers", "Cats"]);
      assert.equal(await world.namesOf(email), "Saml Name");
      assert.equal(await world.roleOf(email), "MA saml");
      await world.signOn(email, ["Reviewers"]);
      assert.equal(await world.roleOf(email), "RE saml");
      const access = await world.accessOf(email);
      assert.deepEqual(
        access.map((entry) => entry.replace(/^\d+ /, "")),
        left,
      );
      await world.close();
    }
  });

  test("user removed from all role groups: if manual_role_management is off, role set to Deactivated on next login; if on, role unchanged", async () => {
    const { world } = await open();
    await world.signOn(email, ["Managers"]);
    await world.signOn(email, ["Cats"]);
    assert.equal(await world.roleOf(email), "MA saml");
    await world.sso.saveSettings({ manualRoleManagement: false });
    await world.signOn(email, ["Cats"]);
    assert.equal(await world.roleOf(email), "DI saml");
    await world.close();
  });

  test("user removed from app assignment: no automatic change; pair with SCIM deactivation for full lifecycle management", async () => {
    const { world, client } = await open();
    const id = await client.addUser(email);
    await world.signOn(email, ["Managers"]);
    const cookie = await world.test.signedInCookie(email, world.organizationId);
    const ask = async () =>
      (await world.test.app.inject({ url: "/api/current-user/whoami", headers: { cookie } }))
        .statusCode;
    // Nobody tells us of the assignment: the provider merely sends no more assertions.
    assert.deepEqual([await world.roleOf(email), await ask()], ["MA saml", 200]);
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: false });
    assert.deepEqual([await world.roleOf(email), await ask()], ["DI scim", 401]);
    await world.close();
  });

  test("group mappings are configured separately: identical in both, or different for each protocol", async () => {
    const { world, saml } = await open();
    const lists = async (path: string) => {
      const { roles_groups: roles, workspaces_groups: workspaces } = await world.api("GET", path);
      return [roles, workspaces];
    };
    assert.deepEqual(await lists("/api/scim/settings"), [[], []]);
    await world.signOn("maker@contoso.com", ["Cats"]);
    await world.map(saml);
    assert.deepEqual(await lists("/api/scim/settings"), await lists("/api/saml/settings"));
    await world.map({ roles: [{ role: "AD", group: "Admins" }] });
    assert.deepEqual((await lists("/api/scim/settings"))[0], [["Administrator", "Admins"]]);
    assert.equal((await lists("/api/saml/settings"))[0].length, 2);
    await world.close();
  });

  test("deleting SAML settings clears SCIM group assignments and resets SCIM group settings; re-saved, the assignments are rebuilt", async () => {
    const { world, client, projectId, saml } = await open();
    await world.signOn("maker@contoso.com", ["Cats"]);
    await world.map(saml);
    const id = await client.addUser(email);
    await client.addGroup("Managers", id);
    await client.addGroup("Cats", id);
    const assigned = [
      "organization Managers MA",
      `project Cats ${projectId} RE`,
      "workspace Cats Cats",
    ];
    assert.deepEqual(await world.assignmentsOf(email), assigned);
    await world.api("DELETE", "/api/saml/settings");
    assert.deepEqual(await world.assignmentsOf(email), []);
    const { roles_groups: roles } = await world.api("GET", "/api/scim/settings");
    assert.deepEqual(roles, []);
    assert.equal(await world.roleOf(email), "MA manual");
    await world.map(saml);
    assert.deepEqual(await world.assignmentsOf(email), assigned);
    await world.close();
  });

  test("manual_role_management is shared: the override takes precedence over the environment default for both SAML and SCIM role removal", async () => {
    for (const [env, override, kept] of [
      [off, true, true],
      [off, null, false],
      [{}, false, false],
      [{}, null, true],
    ] as const) {
      const { world, client } = await open(env);
      await world.map({ roles: [{ role: "MA", group: "Managers" }] });
      await world.sso.saveSettings({ manualRoleManagement: override });
      await world.signOn("saml@contoso.com", ["Managers"]);
      await world.signOn("saml@contoso.com", []);
      const id = await client.addUser("scim@contoso.com");
      const pushed = await client.addGroup("Managers", id);
      const gone = { op: "remove", path: `members[value eq "${id}"]` };
      await client.patch(204, `/Groups/${pushed}`, gone);
      const role = kept ? "MA" : "DI";
      assert.equal(await world.roleOf("saml@contoso.com"), `${role} saml`);
      assert.equal(await world.roleOf("scim@contoso.com"), `${role} scim`);
      await world.close();
    }
  });

  test("SSO login can still change roles even with SCIM; to avoid this, use the same mappings in both, or role mappings in only one of the two", async () => {
    const { world, client, saml } = await open();
    const roleAfter = async (groups: readonly string[]) => {
      await world.signOn(email, groups);
      return (await world.roleOf(email))?.slice(0, 2);
    };
    const id = await client.addUser(email);
    await world.map({ roles: [{ role: "AD", group: "Managers" }] });
    const pushed = await client.addGroup("Managers", id);
    assert.equal(await world.roleOf(email), "AD scim");
    assert.equal(await roleAfter(["Managers"]), "MA", "different mappings: the sign-on overrides");
    await world.map({ roles: saml.roles });
    assert.equal(await roleAfter(["Managers"]), "MA", "the same in both");
    await world.sso.saveSettings({ roles: [] });
    await world.map({ roles: [{ role: "AD", group: "Managers" }] });
    const members = { path: "members", value: [{ value: id }] };
    await client.patch(204, `/Groups/${pushed}`, { op: "remove", ...members });
    await client.patch(204, `/Groups/${pushed}`, { op: "add", ...members });
    assert.equal(await roleAfter(["Managers", "Reviewers"]), "AD", "only SCIM maps roles");
    await world.close();
  });
});
