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
