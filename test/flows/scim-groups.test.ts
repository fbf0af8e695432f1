/** Pushed groups and what they give: PRODUCT 7.5, 6.5, 6.3, 4.1 to 4.8. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Engine, onEveryEngine } from "../engines.ts";
import { type ScimClient, ScimWorld } from "./scim-world.ts";

const roles = [
  { role: "AD" as const, group: "LS-Admins" },
  { role: "MA" as const, group: "LS-Managers" },
  { role: "AN" as const, group: "LS-Annotators" },
];
const workspaces = [{ workspace: "Engineering", group: "LS-Engineering" }];

const inOrder = (...ids: string[]) => ids.toSorted((left, right) => (left < right ? -1 : 1));

/** Opens the organization before the suite's tests, with one project, and closes it after. */
function worldOf(engine: Engine, env: Record<string, string> = {}) {
  const opened: { world: ScimWorld; client: ScimClient; projectId: number } = Object.create(null);
  before(async () => {
    opened.world = await ScimWorld.open(engine, { env });
    opened.client = opened.world.client;
    opened.projectId = await opened.world.addProject();
    await opened.world.test.store.db
      .insertInto("workspaces")
      .values({
        organization_id: opened.world.organizationId,
        title: "Engineering",
        created_at: 1,
        created_by: null,
      })
      .execute();
    const projects = [{ projectId: opened.projectId, group: "LS-Cats", role: "RE" as const }];
    await opened.world.map({ roles, workspaces, projects });
  });
  after(() => opened.world.close());
  return opened;
}

onEveryEngine("pushed groups", (engine) => {
  describe("with manual management on", () => {
    const o = worldOf(engine);
    const add = (...values: string[]) => ({
      op: "add",
      path: "members",
      value: values.map((value) => ({ value })),
    });
    const remove = (value: string) => ({ op: "remove", path: `members[value eq "${value}"]` });

    test("the most elevated role wins; leaving its group falls to the next", async () => {
      const id = await o.client.addUser("rank@contoso.com");
      const low = await o.client.addGroup("LS-Annotators", id);
      const high = await o.client.addGroup("LS-Managers");
      assert.equal(await o.world.roleOf("rank@contoso.com"), "AN scim");
      await o.client.patch(204, `/Groups/${high}`, add(id));
      assert.equal(await o.world.roleOf("rank@contoso.com"), "MA scim");
      assert.deepEqual(await o.world.assignmentsOf("rank@contoso.com"), [
        "organization LS-Annotators AN",
        "organization LS-Managers MA",
      ]);
      await o.client.patch(204, `/Groups/${high}`, remove(id));
      assert.equal(await o.world.roleOf("rank@contoso.com"), "AN scim");
      await o.client.patch(204, `/Groups/${low}`, remove(id));
      assert.equal(await o.world.roleOf("rank@contoso.com"), "AN scim");
      assert.deepEqual(await o.world.assignmentsOf("rank@contoso.com"), []);
    });

    test("group names compare exactly, and two that differ by case are two groups", async () => {
      const id = await o.client.addUser("case@contoso.com");
      await o.client.addGroup("ls-admins", id);
      assert.equal(await o.world.roleOf("case@contoso.com"), "AN scim");
      await o.client.addGroup("LS-Admins", id);
      assert.equal(await o.world.roleOf("case@contoso.com"), "AD scim");
      const { body } = await o.client.expect(409, "POST", "/Groups", { displayName: "LS-Admins" });
      assert.equal(body.scimType, "uniqueness");
      const exact = await o.client.expect(200, "GET", "/Groups/LS-Admins");
      assert.equal(exact.body.displayName, "LS-Admins");
    });

    test("workspaces and projects come with the group, and stay when it is left", async () => {
      const email = "places@contoso.com";
      const id = await o.client.addUser(email);
      const engineering = await o.client.addGroup("LS-Engineering", id);
      await o.client.addGroup("LS-Cats", id);
      const project = `${o.projectId} RE scim`;
      assert.deepEqual(await o.world.accessOf(email), ["Engineering scim", project]);
      await o.client.patch(204, `/Groups/${engineering}`, remove(id));
      assert.deepEqual(await o.world.accessOf(email), ["Engineering scim", project]);
      assert.deepEqual(await o.world.assignmentsOf(email), [`project LS-Cats ${o.projectId} RE`]);
    });

    test("members are added, removed and replaced by value; doing it again changes nothing", async () => {
      const [a = "", b = "", c = ""] = [
        await o.client.addUser("a@contoso.com"),
        await o.client.addUser("b@contoso.com"),
        await o.client.addUser("c@contoso.com"),
      ];
      const id = await o.client.addGroup("Plain", a);
      const path = `/Groups/${id}`;
      const first = await o.client.patch(204, path, add(b));
      const again = await o.client.patch(204, path, add(b, a));
      assert.equal(again.headers["etag"], first.headers["etag"]);
      assert.deepEqual(await o.world.membersOf(id), inOrder(a, b));
      await o.client.patch(204, path, remove(a), add(c));
      assert.deepEqual(await o.world.membersOf(id), inOrder(b, c));
      await o.client.patch(204, path, { op: "replace", path: "members", value: [{ value: a }] });
      assert.deepEqual(await o.world.membersOf(id), [a]);
      await o.client.patch(204, path, { op: "Remove", path: "members" });
      assert.deepEqual(await o.world.membersOf(id), []);
      const put = { displayName: "Plain", members: [{ value: "b@contoso.com" }, { value: c }] };
      await o.client.expect(200, "PUT", path, put);
      assert.deepEqual(await o.world.membersOf(id), inOrder(b, c));
    });

    test("a member that does not exist is 400 invalidValue, and wipes nobody out", async () => {
      const a = await o.client.addUser("kept@contoso.com");
      const id = await o.client.addGroup("Kept", a);
      const ghost = "00000000-0000-4000-8000-000000000000";
      for (const op of ["add", "replace"]) {
        const operation = { op, path: "members", value: [{ value: ghost }] };
        const { body } = await o.client.patch(400, `/Groups/${id}`, operation);
        assert.equal(body.scimType, "invalidValue");
      }
      await o.client.patch(204, `/Groups/${id}`, remove(ghost));
      assert.deepEqual(await o.world.membersOf(id), [a]);
    });

    test("a rename gives what the new name gives, and touches no member", async () => {
      const email = "renamed@contoso.com";
      const id = await o.client.addUser(email);
      const group = await o.client.addGroup("Old name", id);
      await o.client.patch(204, `/Groups/${group}`, {
        op: "replace",
        value: { id: group, displayName: "LS-Renamed" },
      });
      await o.world.map({ roles: [...roles, { role: "RE", group: "LS-Renamed" }], workspaces });
      assert.equal(await o.world.roleOf(email), "RE scim");
      const value = { id: group, displayName: "Elsewhere" };
      await o.client.patch(204, `/Groups/${group}`, { op: "replace", value });
      assert.deepEqual(await o.world.assignmentsOf(email), []);
      assert.deepEqual(await o.world.membersOf(group), [id]);
    });

    test("mappings saved later apply at once to groups pushed earlier", async () => {
      const email = "early@contoso.com";
      const id = await o.client.addUser(email);
      await o.client.addGroup("LS-Early", id);
      assert.equal(await o.world.roleOf(email), "AN scim");
      await o.world.map({ roles: [...roles, { role: "MA", group: "LS-Early" }] });
      assert.equal(await o.world.roleOf(email), "MA scim");
      await o.world.map({ roles, workspaces });
      assert.deepEqual(await o.world.assignmentsOf(email), []);
    });

    test("groups inside groups are kept and shown, and give nothing", async () => {
      const email = "nested@contoso.com";
      const inner = await o.client.addGroup("Inner", await o.client.addUser(email));
      const outer = await o.client.addGroup("Outer", inner);
      const { body } = await o.client.expect(200, "GET", `/Groups/${outer}`);
      assert.deepEqual(
        body.members.map(({ value, type }: Record<string, string>) => [value, type]),
        [[inner, "Group"]],
      );
      await o.client.patch(400, `/Groups/${outer}`, add(outer));
    });

    test("a person shows their groups, and groups are found by their members", async () => {
      const id = await o.client.addUser("shown@contoso.com");
      const group = await o.client.addGroup("Shown", id);
      const { body } = await o.client.expect(200, "GET", `/Users/${id}`);
      assert.deepEqual(
        body.groups.map(({ display }: { display: string }) => display),
        ["Shown"],
      );
      const filter = `id eq "${group}" and members eq "${id}"`;
      const found = await o.client.find("Groups", filter, "&attributes=id");
      assert.deepEqual(found, [
        { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], id: group },
      ]);
    });

    test("DELETE ends the group, and what it alone gave", async () => {
      const email = "ended@contoso.com";
      const id = await o.client.addUser(email);
      const group = (await o.client.find("Groups", 'displayName eq "LS-Managers"'))[0].id;
      await o.client.patch(204, `/Groups/${group}`, add(id));
      await o.client.expect(204, "DELETE", `/Groups/${group}`);
      await o.client.expect(404, "GET", `/Groups/${group}`);
      assert.deepEqual(await o.world.assignmentsOf(email), []);
    });

    test("a reset of the SAML settings keeps what assignments gave, now as given by hand", async () => {
      const email = "reset@contoso.com";
      const id = await o.client.addUser(email);
      const engineering = (await o.client.find("Groups", 'displayName eq "LS-Engineering"'))[0].id;
      await o.client.patch(204, `/Groups/${engineering}`, add(id));
      assert.deepEqual(await o.world.accessOf(email), ["Engineering scim"]);
      await o.world.api("DELETE", "/api/saml/settings");
      assert.deepEqual(await o.world.assignmentsOf(email), []);
      assert.deepEqual(await o.world.accessOf(email), ["Engineering manual"]);
      await o.world.map({ roles, workspaces });
      assert.deepEqual(await o.world.accessOf(email), ["Engineering manual", "Engineering scim"]);
    });
  });

  describe("with manual management off", () => {
    const o = worldOf(engine, {
      MANUAL_ROLE_MANAGEMENT: "0",
      MANUAL_WORKSPACE_MANAGEMENT: "0",
      MANUAL_PROJECT_MEMBER_MANAGEMENT: "0",
    });
    const leave = async (group: string, value: string) =>
      await o.client.patch(204, `/Groups/${group}`, {
        op: "Remove",
        path: "members",
        value: [{ value }],
      });

    test("a new person has the default role until the groups come", async () => {
      await o.client.addUser("new@contoso.com");
      assert.equal(await o.world.roleOf("new@contoso.com"), "AN scim");
    });

    test("leaving the last role group makes the person Deactivated, and ends their sessions", async () => {
      const email = "last@contoso.com";
      const id = await o.client.addUser(email);
      const group = await o.client.addGroup("LS-Managers", id);
      const cookie = await o.world.test.signedInCookie(email, o.world.organizationId);
      await leave(group, id);
      assert.equal(await o.world.roleOf(email), "DI scim");
      const home = await o.world.test.app.inject({ url: "/", headers: { cookie } });
      assert.match(String(home.headers["location"]), /^\/user\/login/);
      const members = { op: "add", path: "members", value: [{ value: id }] };
      await o.client.patch(204, `/Groups/${group}`, members);
      assert.equal(await o.world.roleOf(email), "MA scim");
    });

    test("leaving a group takes its workspaces and projects away", async () => {
      const email = "gone@contoso.com";
      const id = await o.client.addUser(email);
      const engineering = await o.client.addGroup("LS-Engineering", id);
      const cats = await o.client.addGroup("LS-Cats", id);
      assert.equal((await o.world.accessOf(email)).length, 2);
      await leave(engineering, id);
      await leave(cats, id);
      assert.deepEqual(await o.world.accessOf(email), []);
    });

    test("the last active Administrator of an organization without an active Owner stays", async () => {
      const email = "admin@contoso.com";
      const id = await o.client.addUser(email);
      const group = await o.client.addGroup("LS-Admins", id);
      assert.equal(await o.world.roleOf(email), "AD scim");
      // An Owner leaves by no door of the product; here the row is taken away.
      const owner = await o.world.owner();
      await o.world.test.store.db
        .updateTable("memberships")
        .where("user_id", "=", owner.userId)
        .set({ role: "DI" })
        .execute();
      await o.client.patch(403, `/Users/${id}`, { op: "replace", path: "active", value: false });
      await o.client.expect(403, "DELETE", `/Users/${id}`);
      await leave(group, id);
      assert.equal(await o.world.roleOf(email), "AD scim");
    });
  });
});
