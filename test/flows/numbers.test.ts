/** One number a person and one a project (GATEWAY 10.5), in every answer and every request of the API. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createProject } from "../../src/store/projects.ts";
import { linkAccount } from "../../src/store/upstream-accounts.ts";
import { linkProjectRow } from "../../src/store/upstream-projects.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

interface World {
  readonly app: TestApp;
  readonly organizationId: number;
  readonly cookie: string;
  /** The Owner is 71 in Label Studio, Bert 2, Carl has no account there. */
  readonly owner: number;
  readonly bert: number;
  readonly carl: number;
  /** 1 in Label Studio, where the other one has the internal number of this. */
  readonly project: number;
  readonly unlinked: number;
}

const studio = {
  UPSTREAM_URL: "http://label-studio.test:8080",
  UPSTREAM_SECRET_KEY: "secret",
};

onEveryEngine("one number", (engine) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(engine);
  });
  afterEach(async () => {
    await world.app.close();
  });

  const ask = async (
    method: "GET" | "POST" | "PATCH" | "DELETE",
    url: string,
    payload?: object,
  ) => {
    const { app, cookie } = world;
    const csrf = await csrfOf(app, cookie);
    const answer = await app.app.inject({
      ...{ method, url },
      headers: { cookie, "x-csrftoken": csrf },
      ...(payload !== undefined && { payload }),
    });
    return { status: answer.statusCode, json: answer.body === "" ? null : answer.json() };
  };

  test("whoami, members and their lists have Label Studio's numbers, and labelgate_id beside", async () => {
    const { json: me } = await ask("GET", "/api/current-user/whoami");
    assert.deepEqual([me.id, me.labelgate_id], [71, world.owner]);
    const { json } = await ask("GET", `/api/organizations/${world.organizationId}/memberships`);
    const numbers = json.results.map((member: { user: { id: number; labelgate_id: number } }) => [
      member.user.id,
      member.user.labelgate_id,
    ]);
    assert.deepEqual(numbers, [
      [71, world.owner],
      [2, world.bert],
      [-world.carl, world.carl],
    ]);
  });

  test("a person is found by Label Studio's number, and by minus the internal one for ever", async () => {
    for (const number of [2, -world.bert]) {
      assert.equal((await ask("GET", `/api/users/${number}`)).json.email, "bert@contoso.com");
    }
    assert.equal((await ask("GET", `/api/users/${-world.carl}`)).json.email, "carl@contoso.com");
    // The internal number of somebody is nobody's number here, unless Label Studio gave it out.
    for (const number of [world.carl, 999, "0", "02", "+2", "2.5", "-0", "--2", "2147483647"]) {
      assert.equal((await ask("GET", `/api/users/${number}`)).status, 404, String(number));
    }
  });

  test("projects and their roles are named by Label Studio's numbers", async () => {
    const { json } = await ask("GET", "/api/projects/1");
    assert.deepEqual([json.id, json.labelgate_id, json.title], [1, world.project, "Linked"]);
    assert.equal((await ask("GET", `/api/projects/${-world.unlinked}`)).json.title, "Unlinked");
    assert.equal((await ask("GET", `/api/projects/${world.project}`)).status, 404);
    const given = await ask("POST", "/api/projects/roles", { project: 1, user: 2, role: "RE" });
    assert.deepEqual([given.json.project, given.json.user], [1, 2]);
    const { json: roles } = await ask("GET", "/api/projects/1/roles");
    assert.deepEqual([roles[0].project, roles[0].user], [1, 2]);
    assert.equal((await ask("DELETE", `/api/projects/roles/${given.json.id}`)).status, 204);
  });

  test("members are added, listed and removed by their numbers, one by one and in bulk", async () => {
    const added = await ask("POST", "/api/projects/1/members", { user: -world.carl });
    assert.deepEqual(added.json, { user: -world.carl });
    const bulk = { all: false, included: [2], roles: [{ user_id: 2, role: "RE" }] };
    assert.equal((await ask("POST", "/api/projects/1/members/bulk", bulk)).json.assignments, 1);
    const { json } = await ask("GET", "/api/projects/1/members/paginated?ids=2,999");
    assert.deepEqual(
      json.results.map(({ id }: { id: number }) => id),
      [2],
    );
    const unknown = await ask("POST", "/api/projects/1/members/bulk", {
      all: false,
      included: [2, world.carl + 500],
    });
    assert.equal(unknown.status, 400);
    assert.match(JSON.stringify(unknown.json.validation_errors), new RegExp(`${world.carl + 500}`));
    assert.equal((await ask("DELETE", "/api/projects/1/members?user=2")).status, 204);
    const foreign = await ask("POST", "/api/projects/1/members", { user: world.carl });
    assert.equal(foreign.status, 400);
  });

  test("a number never means another person than the one whose it is", async () => {
    const { organizationId } = world;
    const base = `/api/organizations/${organizationId}/memberships`;
    await ask("PATCH", base, { user_id: 2, role: "RE" });
    const roles = await world.app.store.db
      .selectFrom("memberships")
      .orderBy("user_id")
      .select(["user_id", "role"])
      .execute();
    assert.deepEqual(roles, [
      { user_id: world.owner, role: "OW" },
      { user_id: world.bert, role: "RE" },
      { user_id: world.carl, role: "AN" },
    ]);
    const missing = await ask("PATCH", base, { user_id: world.carl, role: "AD" });
    assert.ok(missing.status === 404 || missing.status === 400);
  });

  test("group mappings name projects by Label Studio's numbers, and keep the internal ones", async () => {
    const mapping = (project_id: number) => ({
      projects_groups: [{ project_id, group: "g", role: "Inherit" }],
    });
    const saved = await ask("POST", "/api/saml/settings", mapping(1));
    assert.equal(saved.json.projects_groups[0].project_id, 1);
    const stored = await world.app.store.db
      .selectFrom("saml_settings")
      .select("projects_groups")
      .executeTakeFirstOrThrow();
    assert.match(stored.projects_groups, new RegExp(`"projectId":${world.project}\\b`));
    const other = await ask("POST", "/api/scim/settings", mapping(-world.unlinked));
    assert.equal(other.json.projects_groups[0].project_id, -world.unlinked);
    const refused = await ask("POST", "/api/saml/settings", mapping(world.project));
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.json.validation_errors.projects_groups, [
      `Project ${world.project} does not exist in this organization.`,
    ]);
    const record = {
      acs_url: "https://elsewhere.example/saml/f00/acs",
      projects_groups: [...mapping(1).projects_groups, ...mapping(world.project).projects_groups],
    };
    const { json: imported } = await ask("POST", "/api/saml/settings", record);
    assert.deepEqual(imported.projects_groups.map(Object), mapping(1).projects_groups);
    const left = imported.warnings.find(
      ({ code }: { code: string }) => code === "projects_skipped",
    );
    assert.match(left.message, new RegExp(`left out: ${world.project}\\.`));
    const { json: revisions } = await ask("GET", "/api/saml/settings/revisions");
    assert.match(JSON.stringify(revisions), /"project_id":1\b/);
    const [first] = revisions.results;
    const restored = await ask("POST", `/api/saml/settings/revisions/${first.id}/restore`, {});
    assert.ok(restored.status < 300, JSON.stringify(restored.json));
  });

  test("an invite names projects by Label Studio's numbers", async () => {
    const invite = (project: number) => ({
      ...{ emails: ["dora@contoso.com"], role: "AN", projects: [project] },
    });
    assert.equal((await ask("POST", "/api/invite/send-email", invite(1))).status, 200);
    const { json } = await ask("GET", "/api/invites");
    assert.deepEqual(json[0].projects, [1]);
    const stored = await world.app.store.db.selectFrom("invites").select("projects").execute();
    assert.deepEqual(stored, [{ projects: `[${world.project}]` }]);
    assert.equal((await ask("POST", "/api/invite/send-email", invite(world.project))).status, 400);
  });

  test("tags are given to people by their numbers, and have numbers of their own", async () => {
    const tags = `/api/organizations/${world.organizationId}/member-tags`;
    const { json } = await ask("POST", `${tags}/bulk`, { labels: ["A", "B"] });
    assert.deepEqual(json, { created: 2 });
    const included = { all: false, included: [2, -world.carl], tags: [1] };
    const given = await ask("POST", `${tags}/assignments?exclude_project_id=1.0`, included);
    assert.deepEqual(given.json, { assigned: 2 });
    const members = `/api/organizations/${world.organizationId}/memberships?tags=1`;
    const { json: listed } = await ask("GET", members);
    assert.deepEqual(
      listed.results.map((member: { user: { id: number } }) => member.user.id),
      [2, -world.carl],
    );
    const { json: tag } = await ask("GET", `${tags}/1`);
    assert.equal(tag.created_by.id, 71);
    assert.equal(
      (await ask("POST", `${tags}/assignments`, { ...included, included: [999] })).status,
      400,
    );
    assert.deepEqual((await ask("DELETE", `${tags}/bulk?ids=1`)).json, { deleted: 1 });
    assert.deepEqual((await ask("DELETE", `${tags}/bulk`, { ids: [2] })).json, { deleted: 1 });
  });

  test("filters of the search of members, and their options, name projects by Label Studio's numbers", async () => {
    const members = `/api/organizations/${world.organizationId}/memberships`;
    await ask("POST", "/api/projects/1/members", { user: 2 });
    const found = async (project: number) => {
      const items = [{ filter: "projects", operator: "in", value: [project] }];
      return (await ask("POST", `${members}/search`, { filters: { items } })).json.count;
    };
    assert.deepEqual([await found(1), await found(-world.project)], [1, 1]);
    assert.equal(await found(world.project), 0, "the internal number is nobody's");
    const { json } = await ask("GET", `${members}/filter-options/membership`);
    assert.deepEqual(
      new Set(json.map(({ id }: { id: number }) => id)),
      new Set([1, -world.unlinked]),
    );
  });

  test("the administrators' app knows its person by the number that lists have", async () => {
    const { app, cookie } = world;
    const { body } = await app.app.inject({ url: "/people", headers: { cookie } });
    if (body.includes("may")) assert.match(body, /"id":71\b|id&quot;:71\b/);
    const sessions = await ask("GET", "/api/sessions");
    assert.equal(sessions.json[0]?.user ?? sessions.json.results?.[0]?.user, 71);
  });

  test("the activity log and its export speak of the same numbers", async () => {
    await ask("PATCH", "/api/projects/1", { description: "Changed" });
    const { json } = await ask("GET", "/api/activity-logs?project=1");
    const entries: { user_id: number; project_id: number }[] = json.data;
    assert.ok(entries.length > 0);
    assert.ok(entries.every((entry) => entry.user_id === 71 && entry.project_id === 1));
    const { app, cookie } = world;
    const url = "/api/activity-logs/export?format=jsonl&project=1&user=71";
    const { body } = await app.app.inject({ url, headers: { cookie } });
    assert.match(body, /"user_id":71,/);
    assert.match(body, /"project_id":1,/);
  });
});

onEveryEngine("one Label Studio is one organization", (engine) => {
  test("nobody signs up for an organization of their own, and no page offers it", async () => {
    const { app } = await openWorld(engine);
    const login = await app.app.inject({ url: "/user/login" });
    assert.doesNotMatch(login.body, /Create an organization/);
    const form = "email=m%40x.org&password=secret-enough-1&organization_title=Mine";
    const answer = await app.app.inject({
      ...{ method: "POST", url: "/user/signup", payload: form },
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assert.ok(answer.statusCode >= 400, String(answer.statusCode));
    const organizations = await app.store.db.selectFrom("organizations").select("id").execute();
    assert.equal(organizations.length, 1);
    assert.equal((await app.app.inject({ url: "/user/signup" })).statusCode >= 400, true);
    await app.close();
  });
});

onEveryEngine("without a Label Studio", (engine) => {
  test("the internal numbers are the ones, and nothing else means anybody", async () => {
    const world = await openWorld(engine, {});
    const { app, cookie } = world;
    const me = await app.app.inject({ url: "/api/current-user/whoami", headers: { cookie } });
    assert.equal(me.json().id, world.owner);
    assert.equal("labelgate_id" in me.json(), false);
    const negative = { url: `/api/users/${-world.bert}`, headers: { cookie } };
    assert.equal((await app.app.inject(negative)).statusCode, 404);
    await app.close();
  });
});

async function openWorld(
  engine: Parameters<typeof openTestApp>[0],
  env: Readonly<Record<string, string>> = studio,
): Promise<World> {
  const app = await openTestApp(engine, { env });
  const {
    organizationId,
    userId: owner,
    email,
  } = await app.createOrganizationWithOwner({
    title: "Contoso",
  });
  const member = async (name: string) =>
    (await app.addMember({ organizationId, email: `${name}@contoso.com`, role: "AN" })).userId;
  const [bert, carl] = [await member("bert"), await member("carl")];
  const project = (title: string) =>
    createProject(app.store.db, { organizationId, title, workspaceId: null, at: 1 });
  // The linked one comes second, so that its number in Label Studio is the other's internal number.
  const unlinked = await project("Unlinked");
  const linked = await project("Linked");
  await app.store.transaction(async (tx) => {
    const link = { upstreamEmail: "x@contoso.com", at: 1 };
    await linkAccount(tx, { ...link, userId: owner, upstreamId: 71 });
    await linkAccount(tx, { ...link, userId: bert, upstreamId: 2 });
    await linkProjectRow(tx, {
      id: linked,
      seen: {
        ...{ upstreamId: 1, title: "Linked", description: "", createdAt: 1, pinnedAt: null },
        ...{ isDraft: false, creatorUpstreamId: null },
      },
    });
  });
  const cookie = await app.signedInCookie(email, organizationId);
  return { app, organizationId, cookie, owner, bert, carl, project: linked, unlinked };
}

async function csrfOf({ app }: TestApp, cookie: string): Promise<string> {
  const { headers, body } = await app.inject({ url: "/user/account", headers: { cookie } });
  const found = /name="csrf_token" value="([^"]+)"/.exec(body)?.[1];
  return found ?? String(headers["x-csrftoken"] ?? "");
}
