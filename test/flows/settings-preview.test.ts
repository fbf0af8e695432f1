/**
 * The preview (PRODUCT 8.1): what it says is what the next sign-ins, or saving the SCIM mappings, then
 * do; nothing is saved by asking; and nobody but the organization's administrators asks.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createWorkspace } from "../../src/store/projects.ts";
import { onEveryEngine } from "../engines.ts";
import { type Answer, type Call, callWith } from "./organization-world.ts";
import { ScimWorld } from "./scim-world.ts";
import { sorted } from "./settings-world.ts";

const samlPath = "/api/saml/settings/preview";
const scimPath = "/api/scim/settings/preview";

onEveryEngine("preview", (engine) => {
  const opened: ScimWorld[] = [];
  after(async () => {
    for (const world of opened) await world.test.close();
  });
  const open = async (options: Parameters<typeof ScimWorld.open>[1] = {}) => {
    const world = await ScimWorld.open(engine, options);
    opened.push(world);
    const call = callWith(world.test, await world.ownerToken());
    return { world, call };
  };
  const ok = (answer: Answer) => {
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  /** Everything in the database that asking must not change. */
  const rowsOf = async ({ test }: ScimWorld) => {
    const { db } = test.store;
    return {
      settings: await db.selectFrom("saml_settings").selectAll().execute(),
      scim: await db.selectFrom("scim_settings").selectAll().execute(),
      revisions: await db.selectFrom("settings_revisions").selectAll().execute(),
      memberships: await db.selectFrom("memberships").selectAll().orderBy("id").execute(),
      workspaces: await db.selectFrom("workspaces").selectAll().execute(),
      members: await db.selectFrom("workspace_members").selectAll().execute(),
      audit: await db.selectFrom("audit_log").selectAll().execute(),
      log: await db.selectFrom("sign_in_log").selectAll().execute(),
    };
  };
  const emailsOf = (body: { results: { email: string }[] }) =>
    body.results.map(({ email }) => email.replace("@contoso.com", ""));

  describe("of SAML", () => {
    it("tells who gains and loses what, those who lose first, and saves nothing", async () => {
      const { world, call } = await open({
        saml: {
          roles: [
            { role: "AD", group: "admins" },
            { role: "AN", group: "staff" },
          ],
          workspaces: [{ workspace: "Cats", group: "staff" }],
        },
        env: { MANUAL_ROLE_MANAGEMENT: "0", MANUAL_WORKSPACE_MANAGEMENT: "0" },
      });
      const signOn = async (name: string, ...groups: readonly string[]) =>
        await world.sso.signOn(world.sso.browser(), { email: `${name}@contoso.com`, groups });
      await signOn("anna", "staff");
      await signOn("bert", "managers", "staff");
      await signOn("carla", "admins");
      await signOn("dora", "staff", "temps");
      const patch = {
        roles_groups: [
          ["Manager", "managers"],
          ["Annotator", "staff"],
        ],
        workspaces_groups: [["Cats", "managers"]],
      };
      const before = await rowsOf(world);
      const body = ok(await call("POST", samlPath, patch));
      assert.deepEqual(await rowsOf(world), before);
      assert.deepEqual(body.summary, {
        members: 4,
        changed: 4,
        gaining: 1,
        losing: 3,
        losing_access: 1,
        losing_administrator: 1,
      });
      assert.deepEqual(emailsOf(body), ["carla", "anna", "dora", "bert"]);
      const [carla, anna, , bert] = body.results;
      assert.deepEqual(carla.role, { from: "Administrator", to: "Deactivated" });
      assert.equal(carla.loses_access, true);
      assert.deepEqual(carla.groups, ["admins"]);
      assert.equal(anna.role, null);
      assert.equal(anna.changes[0].kind, "workspace_member_removed");
      assert.match(anna.reasons.map(({ text }: { text: string }) => text).join(" "), /Cats/);
      assert.deepEqual(bert.role, { from: "Annotator", to: "Manager" });
      assert.deepEqual([body.needs_confirmation, body.confirmation], [true, "remove access"]);
      assert.equal(body.groups_unknown, 1);
      const unknown = body.warnings.find(({ code }: { code: string }) => code === "groups_unknown");
      assert.match(unknown.message, /One member has never signed on by SAML/);

      // What was foretold is what happens.
      const metadata_xml = world.sso.signer.metadataXml();
      ok(await call("POST", "/api/saml/settings", { ...patch, metadata_xml }));
      await signOn("carla", "admins");
      await signOn("anna", "staff");
      await signOn("bert", "managers", "staff");
      assert.equal(await world.roleOf("carla@contoso.com"), "DI saml");
      assert.equal(await world.roleOf("bert@contoso.com"), "MA saml");
      assert.deepEqual(await world.accessOf("anna@contoso.com"), []);
      const again = ok(await call("POST", samlPath, {}));
      assert.deepEqual(emailsOf(again), ["dora"]);
    });

    it("goes page by page, each person once, whichever the size", async () => {
      const { world, call } = await open({ saml: { roles: [{ role: "RE", group: "staff" }] } });
      for (let number = 1; number <= 5; number += 1) {
        const email = `person${number}@contoso.com`;
        await world.sso.signOn(world.sso.browser(), { email, groups: ["staff"] });
      }
      const patch = { roles_groups: [["Annotator", "staff"]] };
      const seen: string[] = [];
      let url: string | null = `${samlPath}?page_size=2`;
      while (url !== null) {
        const body: { results: { email: string }[]; next: string | null; count: number } = ok(
          await call("POST", url, patch),
        );
        assert.equal(body.count, 5);
        assert.ok(body.results.length <= 2);
        seen.push(...emailsOf(body));
        url = body.next === null ? null : body.next.slice(world.test.deps.config.baseUrl.length);
      }
      assert.deepEqual(seen, ["person1", "person2", "person3", "person4", "person5"]);
      const beyond = ok(await call("POST", `${samlPath}?page=9`, patch));
      assert.deepEqual([beyond.results, beyond.next], [[], null]);
    });

    it("asks for a confirmation where more than ten people lose access", async () => {
      const { world, call } = await open({ env: { MANUAL_ROLE_MANAGEMENT: "0" } });
      await world.sso.saveSettings({ roles: [{ role: "AN", group: "staff" }] });
      const add = async (number: number) => {
        const email = `person${number}@contoso.com`;
        await world.sso.signOn(world.sso.browser(), { email, groups: ["staff"] });
      };
      for (let number = 0; number < 10; number += 1) await add(number);
      const patch = { roles_groups: [["Annotator", "Staff"]] };
      const ten = ok(await call("POST", samlPath, patch));
      assert.deepEqual([ten.summary.losing_access, ten.needs_confirmation], [10, false]);
      assert.equal(ten.confirmation, null);
      await add(10);
      const eleven = ok(await call("POST", samlPath, patch));
      assert.deepEqual([eleven.summary.losing_access, eleven.needs_confirmation], [11, true]);
      const hint = eleven.results[0].reasons.find(
        ({ subject }: { subject: string }) => subject === "hint",
      );
      assert.match(hint.text, /"staff" is mapped to nothing, but "Staff" is/);
    });

    it("counts seats that are taken on the way", async () => {
      const { world, call } = await open({ env: { MANUAL_ROLE_MANAGEMENT: "0" } });
      await world.sso.saveSettings({ roles: [{ role: "AN", group: "nobody" }] });
      for (const name of ["anna", "bert"]) {
        const email = `${name}@contoso.com`;
        await world.sso.signOn(world.sso.browser(), { email, groups: ["staff"] });
      }
      ok(await call("PATCH", `/api/organizations/${world.organizationId}`, { seat_limit: 2 }));
      const body = ok(await call("POST", samlPath, { roles_groups: [["Reviewer", "staff"]] }));
      assert.deepEqual(
        body.results.map(({ role }: { role: { to: string } }) => role.to),
        ["Reviewer", "Not Activated"],
      );
    });

    it("refuses what saving refuses, all of it at once", async () => {
      const { call } = await open();
      const patch = {
        roles_groups: [["Owner", "x"]],
        projects_groups: [{ project_id: 99, group: "x", role: "Annotator" }],
        domain: "gmail.com",
        constructor: 1,
        toString: 2,
        metadata_xml: "<nothing/>",
      };
      const looked = await call("POST", samlPath, patch);
      const saved = await call("POST", "/api/saml/settings", patch);
      assert.equal(looked.status, 400, looked.text);
      assert.deepEqual(looked.body.validation_errors, saved.body.validation_errors);
      assert.deepEqual(sorted(Object.keys(looked.body.validation_errors)), [
        "constructor",
        "domain",
        "metadata_xml",
        "projects_groups",
        "roles_groups",
        "toString",
      ]);
      const poisoned = JSON.parse('{"__proto__":{"polluted":true}}');
      assert.equal((await call("POST", samlPath, poisoned)).status, 400);
      assert.equal(Reflect.get({}, "polluted"), undefined);
      const odd = await call("POST", `${samlPath}?page=0&page_size=201&constructor=1`, {});
      assert.equal(odd.status, 400);
      assert.deepEqual(sorted(Object.keys(odd.body.validation_errors)), [
        "non_field_errors",
        "page",
        "page_size",
      ]);
    });

    it("a body beyond the limit is refused before it is looked at", async () => {
      const { call } = await open();
      const big = await call("POST", samlPath, { domain: "x".repeat(9_000_000) });
      assert.equal(big.status, 413, big.text.slice(0, 200));
    });
  });

  describe("of SCIM", () => {
    let world: ScimWorld;
    let call: Call;
    before(async () => {
      ({ world, call } = await open({
        env: { MANUAL_ROLE_MANAGEMENT: "0", MANUAL_WORKSPACE_MANAGEMENT: "0" },
        mappings: {
          roles: [
            { role: "AD", group: "admins" },
            { role: "AN", group: "staff" },
          ],
        },
      }));
      const { organizationId } = world;
      const made = { organizationId, title: "Cats", createdBy: null, at: 1 };
      await createWorkspace(world.test.store.db, made);
      const anna = await world.client.addUser("anna@contoso.com");
      const carla = await world.client.addUser("carla@contoso.com");
      await world.client.addUser("zoe@contoso.com");
      await world.client.addGroup("staff", anna);
      await world.client.addGroup("admins", carla);
    });

    it("tells what saving then does", async () => {
      const patch = {
        roles_groups: [["Manager", "staff"]],
        workspaces_groups: [["Cats", "staff"]],
      };
      const before = await rowsOf(world);
      const body = ok(await call("POST", scimPath, patch));
      assert.deepEqual(await rowsOf(world), before);
      assert.deepEqual(emailsOf(body), ["carla", "anna"]);
      assert.deepEqual(body.results[0].role, { from: "Administrator", to: "Deactivated" });
      assert.deepEqual(body.results[0].groups, ["admins"]);
      assert.deepEqual(body.results[1].role, { from: "Annotator", to: "Manager" });
      assert.equal(body.summary.losing_administrator, 1);
      assert.deepEqual([body.needs_confirmation, body.groups_unknown], [true, 2]);
      ok(await call("POST", "/api/scim/settings", patch));
      assert.equal(await world.roleOf("carla@contoso.com"), "DI scim");
      assert.equal(await world.roleOf("anna@contoso.com"), "MA scim");
      assert.deepEqual(await world.accessOf("anna@contoso.com"), ["Cats scim"]);
      assert.equal(ok(await call("POST", scimPath, patch)).count, 0);
    });

    it("refuses an unknown workspace by name, as saving does", async () => {
      const answer = await call("POST", scimPath, { workspaces_groups: [["Dogs", "staff"]] });
      assert.equal(answer.status, 400);
      assert.match(answer.body.validation_errors.workspaces_groups[0], /"Dogs" does not exist/);
    });
  });

  it("is for Owner and Administrators, of their own organization's people", async () => {
    const { world } = await open({ saml: { roles: [{ role: "RE", group: "staff" }] } });
    const { organizationId, test } = world;
    const email = "anna@contoso.com";
    await world.sso.signOn(world.sso.browser(), { email, groups: ["staff"] });
    for (const role of ["MA", "RE", "AN"] as const) {
      const person = `${role.toLowerCase()}@contoso.com`;
      await test.addMember({ organizationId, email: person, role });
      const call = callWith(test, await test.apiToken(person, organizationId));
      for (const path of [samlPath, scimPath]) {
        assert.equal((await call("POST", path, {})).status, 403, `${role} ${path}`);
      }
    }
    const anonymous = await test.app.inject({ method: "POST", url: samlPath, payload: {} });
    assert.equal(anonymous.statusCode, 401);
    const other = await world.neighbour("Fabrikam");
    const call = callWith(test, await other.ownerToken());
    const body = ok(await call("POST", samlPath, { roles_groups: [["Manager", "staff"]] }));
    assert.deepEqual([body.count, body.summary.members, body.groups_unknown], [0, 0, 1]);
    assert.doesNotMatch(JSON.stringify(body), /contoso/);
    const session = await test.signedInCookie("owner@contoso.com", organizationId);
    const forged = await test.app.inject({
      method: "POST",
      url: samlPath,
      headers: { cookie: session },
      payload: {},
    });
    assert.equal(forged.statusCode, 403, "a session without its form token");
  });
});
