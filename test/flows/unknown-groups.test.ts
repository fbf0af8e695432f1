/**
 * Unknown is not none (PRODUCT 3.3): Entra's link in place of more than 150 groups takes nothing away. What
 * SCIM pushed counts instead; the log, the settings page and the person are told.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";
import type { Says } from "./sso-world.ts";

/** In place of the groups, as Entra ID does. */
const overage: Says = {
  groups: ["https://graph.windows.net/t/users/1/getMemberObjects"],
  attributeNames: {
    email: "Email",
    firstName: "FirstName",
    lastName: "LastName",
    groups: "http://schemas.microsoft.com/claims/groups.link",
  },
};

onEveryEngine("groups that are unknown", (engine) => {
  let world: ScimWorld;
  let client: ScimClient;
  let projectId: number;
  before(async () => {
    world = await ScimWorld.open(engine, {
      env: {
        MANUAL_ROLE_MANAGEMENT: "0",
        MANUAL_WORKSPACE_MANAGEMENT: "0",
        MANUAL_PROJECT_MEMBER_MANAGEMENT: "0",
      },
    });
    ({ client } = world);
    projectId = await world.addProject();
    await world.sso.saveSettings({
      roles: [
        { role: "AD", group: "Admins" },
        { role: "RE", group: "5f1c-object-id" },
      ],
      workspaces: [{ workspace: "Cats", group: "Admins" }],
      projects: [{ projectId, group: "Admins", role: "RE" }],
    });
  });
  after(() => world.close());

  const arrive = async (email: string, says: Says) => {
    const answer = await world.sso.signOn(world.sso.browser(), { email, ...says });
    return String(answer.headers["location"]);
  };
  const warnings = async (): Promise<string[]> => {
    const answer = await world.api("GET", "/api/saml/settings");
    return answer.warnings.map(({ code }: { code: string }) => code);
  };

  test("role, workspaces and projects stay, and a sign-in with groups goes on from there", async () => {
    const email = "ada@contoso.com";
    assert.ok(!(await warnings()).includes("groups_unknown"));
    await arrive(email, { groups: ["Admins"] });
    const had = await world.accessOf(email);
    assert.equal(had.length, 2);
    for (const _ of [1, 2]) assert.equal(await arrive(email, overage), "/");
    assert.equal(await world.roleOf(email), "AD saml");
    assert.deepEqual(await world.accessOf(email), had);
    const { reasons, identity } = await world.sso.lastAttempt();
    assert.match(reasons, /they are unknown: role, workspaces and projects stay/);
    assert.match(String(identity), /"groups":\[\],"groupsState":"overage"/);
    assert.ok((await warnings()).includes("groups_unknown"));
    await arrive(email, { groups: ["Others"] });
    assert.equal(await world.roleOf(email), "DI saml");
    assert.deepEqual(await world.accessOf(email), []);
  });

  test("no groups at all is not unknown: it takes away as before", async () => {
    const email = "eve@contoso.com";
    await arrive(email, { groups: ["Admins"] });
    await arrive(email, { groups: [] });
    assert.equal(await world.roleOf(email), "DI saml");
  });

  test("a new person gets the default role", async () => {
    assert.equal(await arrive("new@contoso.com", overage), "/");
    assert.equal(await world.roleOf("new@contoso.com"), "AN saml");
    assert.deepEqual(await world.accessOf("new@contoso.com"), []);
  });

  test("nobody who was deactivated comes back by it", async () => {
    const email = "out@contoso.com";
    await arrive(email, { groups: ["Others"] });
    assert.match(await arrive(email, overage), /denied/);
    assert.equal(await world.roleOf(email), "DI saml");
    const id = await client.addUser("scim-out@contoso.com");
    await client.patch(200, `/Users/${id}`, { op: "replace", path: "active", value: false });
    assert.match(await arrive("scim-out@contoso.com", overage), /denied/);
  });

  test("groups that SCIM pushed count, by their names and by the provider's ids", async () => {
    const id = await client.addUser("named@contoso.com");
    await client.addGroup("Admins", id);
    assert.equal(await arrive("named@contoso.com", overage), "/");
    assert.equal(await world.roleOf("named@contoso.com"), "AD saml");
    assert.equal((await world.accessOf("named@contoso.com")).length, 2);
    assert.match((await world.sso.lastAttempt()).reasons, /that SCIM pushed/);

    const other = await client.addUser("object@contoso.com");
    await client.expect(201, "POST", "/Groups", {
      displayName: "Reviewing people",
      externalId: "5f1c-object-id",
      members: [{ value: other }],
    });
    await arrive("object@contoso.com", overage);
    assert.equal(await world.roleOf("object@contoso.com"), "RE saml");
  });

  test("pushed groups count only in place of unknown ones, and only the person's own", async () => {
    const id = await client.addUser("known@contoso.com");
    await client.addUser("beside@contoso.com");
    await client.addGroup("admins-too", id);
    await world.sso.saveSettings({ roles: [{ role: "MA", group: "admins-too" }] });
    await arrive("known@contoso.com", { groups: ["Others"] });
    assert.equal(await world.roleOf("known@contoso.com"), "DI saml");
    await arrive("beside@contoso.com", overage);
    assert.equal(await world.roleOf("beside@contoso.com"), "AN scim");
  });
});
