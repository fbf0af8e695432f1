/** Members for the pages (PRODUCT 1.7, 9.8), and why each has what they have (PRODUCT 8.5). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findUserByEmail } from "../../src/store/people.ts";
import { createWorkspace } from "../../src/store/projects.ts";
import { onEveryEngine } from "../engines.ts";
import { type Call, callWith, withWorld } from "./organization-world.ts";
import { ScimWorld } from "./scim-world.ts";

onEveryEngine("members for the pages", (engine) => {
  test("the list tells seats, the last sign-on, and whose password opens the organization", async () => {
    await withWorld(engine, {}, async (w) => {
      const { organizationId } = w;
      const password = "a long enough password";
      await w.t.addMember({ organizationId, email: "paul@contoso.com", role: "RE", password });
      await w.owner("PATCH", w.at, { seat_limit: 9 });
      const list = async (query: string) =>
        (await w.admin("GET", `${w.at}/memberships?${query}`)).body;
      const all = await list("ordering=-last_sign_in_at");
      assert.deepEqual(all.seats, { used: 6, limit: 9 });
      assert.equal(all.count, 8);
      assert.deepEqual(
        new Set(all.results.map((one: { last_sign_in_at: null }) => one.last_sign_in_at)),
        new Set([null]),
      );
      const emails = ({ results }: { results: { user: { email: string } }[] }) =>
        results.map(({ user }) => user.email);
      assert.deepEqual(emails(await list("has_password=true")), ["paul@contoso.com"]);
      assert.equal((await list("has_password=false")).count, 7);
      await w.admin("PATCH", `${w.at}/memberships`, { user_id: w.people.AN.userId, role: "RE" });
      assert.deepEqual(emails(await list("role_source=api")), ["anna@contoso.com"]);
      assert.equal((await list("role_source=manual,api")).count, 8);
      assert.equal((await list("role_source=saml")).count, 0);
      const wrong = await w.admin("GET", `${w.at}/memberships?role_source=__proto__`);
      assert.match(wrong.body.validation_errors.role_source[0], /manual, saml, scim, api/);
    });
  });

  test("a password that another organization's door alone takes is nobody's business here", async () => {
    await withWorld(engine, {}, async (w) => {
      const other = await w.t.createOrganizationWithOwner({ title: "Fabrikam" });
      const email = "twice@contoso.com";
      const password = "a long enough password";
      await w.t.addMember({ organizationId: other.organizationId, email, role: "AN", password });
      const created = await w.owner("POST", "/api/users/", { email });
      assert.equal(created.status, 201, created.text);
      const { body } = await w.owner("GET", `${w.at}/memberships?search=twice`);
      assert.deepEqual(
        body.results.map((one: { has_password: boolean }) => one.has_password),
        [false],
      );
    });
  });
});

onEveryEngine("why", (engine) => {
  let w: ScimWorld;
  let owner: Call;
  let projectId = 0;
  before(async () => {
    w = await ScimWorld.open(engine, {
      saml: {
        roles: [{ role: "RE", group: "reviewers" }],
        workspaces: [{ workspace: "Cats", group: "cats" }],
      },
      mappings: {},
    });
    projectId = await w.addProject("Scans");
    await w.sso.reload();
    await w.sso.saveSettings({ projects: [{ projectId, group: "cats", role: "AN" }] });
    owner = callWith(w.test, await w.ownerToken());
  });
  after(() => w.test.close());

  const at = () => `/api/organizations/${w.organizationId}/memberships`;
  const userOf = async (email: string) =>
    (await findUserByEmail(w.test.store.db, email)) ?? assert.fail(email);
  const why = async (email: string) => {
    const { id } = await userOf(email);
    const answer = await owner("GET", `${at()}/${id}/why/`);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };

  test("what groups gave names the rule, the group and the time, and the next sign-on keeps it", async () => {
    const email = "alice@contoso.com";
    const groups = ["reviewers", "cats"];
    await w.sso.signOn(w.sso.browser(), { email, groups });
    const told = await why(email);
    const at = new Date(w.test.clock.nowMs).toISOString();
    assert.equal(told.user.email, email);
    assert.deepEqual(told.role, {
      role: "RE",
      source: "saml",
      set_at: at,
      reasons: ['The group "reviewers" is mapped to Reviewer.'],
      rule: "4.2",
      group: "reviewers",
    });
    const [cats] = told.workspaces;
    assert.equal(cats.title, "Cats");
    assert.deepEqual(cats.sources, [{ source: "saml", granted_at: at }]);
    assert.match(cats.reasons[0], /The group "cats"/);
    const [scans] = told.projects;
    assert.deepEqual(scans.sources, [
      { source: "saml", role: "AN", granted_at: at, is_pending: false },
    ]);
    assert.match(scans.reasons[0], /"cats" is mapped to Annotator of project/);
    assert.deepEqual(told.last_sign_on.groups, groups);
    assert.equal(told.sessions, 1);
    assert.deepEqual(
      [told.next_sign_on.outcome, told.next_sign_on.role, told.next_sign_on.changes],
      ["admitted", "RE", []],
    );
  });

  test("a changed mapping shows in what the next sign-on would do, and is not done by looking", async () => {
    const email = "ben@contoso.com";
    await w.sso.signOn(w.sso.browser(), { email, groups: ["reviewers"] });
    await w.sso.saveSettings({ roles: [{ role: "MA", group: "reviewers" }] });
    const { role, next_sign_on: next } = await why(email);
    assert.equal(role.role, "RE");
    assert.deepEqual(next.changes, [
      { kind: "role_changed", from: "RE", to: "MA", source: "saml" },
    ]);
    assert.equal(await w.roleOf(email), "RE saml");
    await w.sso.saveSettings({ roles: [{ role: "RE", group: "reviewers" }] });
  });

  test("what was given by hand names who did it, and SCIM's gift names the pushed group", async () => {
    const email = "cleo@contoso.com";
    await w.map({ workspaces: [] });
    const made = { organizationId: w.organizationId, title: "Dogs", createdBy: null, at: 1 };
    const workspaceId = (await createWorkspace(w.test.store.db, made)) ?? assert.fail();
    await w.map({ workspaces: [{ workspace: "Dogs", group: "dog people" }] });
    const scimId = await w.client.addUser(email);
    await w.client.addGroup("dog people", scimId);
    const { id } = await userOf(email);
    await owner("PATCH", at(), { user_id: id, role: "MA" });
    await owner("POST", `/api/workspaces/${workspaceId}/memberships/`, { user: id });
    const told = await why(email);
    assert.equal(told.role.source, "api");
    assert.match(told.role.reasons[0], /The role was set/);
    assert.match(told.role.reasons[1], /^Done by owner@contoso\.com\.$/);
    const [dogs] = told.workspaces;
    assert.deepEqual(
      dogs.sources.map(({ source }: { source: string }) => source),
      ["api", "scim"],
    );
    const said = dogs.reasons.join(" ");
    assert.match(said, /by hand/);
    assert.match(said, /"dog people"/);
    assert.equal(told.last_sign_on, null);
    assert.equal(told.next_sign_on, null);
  });

  test("a person deactivated by hand is refused at the next sign-on, and the answer says so", async () => {
    const email = "dan@contoso.com";
    await w.sso.signOn(w.sso.browser(), { email, groups: ["reviewers"] });
    const { id } = await userOf(email);
    await owner("POST", `${at()}/${id}/deactivate`);
    const told = await why(email);
    assert.deepEqual(
      [told.next_sign_on.outcome, told.next_sign_on.code, told.next_sign_on.role, told.sessions],
      ["refused", "sign_in_deactivated", null, 0],
    );
    assert.match(told.next_sign_on.reasons[0].text, /by hand/);
  });

  test("the Owner's role is nobody's to give", async () => {
    const { email } = await w.owner();
    assert.match((await why(email)).role.reasons[0], /transfer alone/);
  });

  test("people below Administrator may not ask, and a foreign person is a missing one", async () => {
    const { organizationId } = w;
    const { id } = await userOf("alice@contoso.com");
    const of = `/api/organizations/${organizationId}/memberships`;
    for (const role of ["MA", "RE", "AN"] as const) {
      const email = `${role.toLowerCase()}@contoso.com`;
      await w.test.addMember({ organizationId, email, role });
      const call = callWith(w.test, await w.test.apiToken(email, organizationId));
      assert.equal((await call("GET", `${of}/${id}/why/`)).status, 403);
      assert.equal((await call("GET", of)).status, 403);
    }
    const other = await w.test.createOrganizationWithOwner({ title: "Fabrikam" });
    const strip = ({ status, body }: { status: number; body: object }) => ({
      status,
      body: { ...body, id: "" },
    });
    const foreign = await owner("GET", `${of}/${other.userId}/why/`);
    assert.equal(foreign.status, 404);
    assert.deepEqual(strip(foreign), strip(await owner("GET", `${of}/999999/why/`)));
    const elsewhere = `/api/organizations/${other.organizationId}/memberships`;
    assert.equal((await owner("GET", `${elsewhere}/${other.userId}/why/`)).status, 404);
    for (const odd of ["0", "-1", "__proto__", "2147483648", "1e3", "%00"]) {
      assert.equal((await owner("GET", `${of}/${odd}/why/`)).status, 404, odd);
    }
    const anonymous = await w.test.app.inject({ url: `${of}/${id}/why/` });
    assert.equal(anonymous.statusCode, 401);
  });

  test("no secret stands in the answer", async () => {
    const { id } = await userOf("alice@contoso.com");
    const { text } = await owner("GET", `${at()}/${id}/why/`);
    assert.doesNotMatch(text, /password|token|hash|\$argon2/i);
  });
});
