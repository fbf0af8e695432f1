/** Workspaces, projects, their members and roles, as programs and people reach them by the API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrgRole, Source } from "../../src/access/roles.ts";
import { applyPlan } from "../../src/store/apply.ts";
import { listAudit } from "../../src/store/audit.ts";
import { loadAccess } from "../../src/store/people.ts";
import { openTestApp, type Seeded, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";
/** The answers' fields, as these tests read them. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read by the fields that each test asserts
type Answer = any;

const hands = ["hand", "saml", "scim"] as const;
type Hand = (typeof hands)[number];

interface Places {
  readonly workspace: { readonly id: number; readonly title: string };
  readonly projectId: number;
}

/** An organization with its people, and a caller for each. */
class World {
  readonly t: TestApp;
  readonly owner: Seeded;
  readonly #tokens = new Map<string, string>();

  constructor(t: TestApp, owner: Seeded) {
    this.t = t;
    this.owner = owner;
  }

  async person(name: string, role: OrgRole): Promise<Seeded> {
    const { organizationId } = this.owner;
    const email = `${name}@contoso.com`;
    return await this.t.addMember({ organizationId, email, role });
  }

  async call(who: Seeded, method: Method, url: string, body?: unknown) {
    const key = `${who.organizationId} ${who.email}`;
    let token = this.#tokens.get(key);
    token ??= await this.t.apiToken(who.email, who.organizationId);
    this.#tokens.set(key, token);
    const answer = await this.t.app.inject({
      method,
      url,
      headers: { authorization: `Token ${token}` },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const json: Answer = answer.body === "" ? null : answer.json();
    return { status: answer.statusCode, body: json };
  }

  async ok(who: Seeded, method: Method, url: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(who, method, url, body);
    assert.ok(answer.status < 300, `${method} ${url}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async workspace(title: string, who = this.owner): Promise<number> {
    return (await this.ok(who, "POST", "/api/workspaces/", { title })).id;
  }

  async project(title: string, workspace: number | null = null): Promise<number> {
    return (await this.ok(this.owner, "POST", "/api/projects/", { title, workspace })).id;
  }

  /** What the identity provider grants, as a sign-in or a push would write it. */
  async grant(
    who: Seeded,
    source: Source,
    place:
      | { workspace: { id: number; title: string } }
      | { projectId: number; role: "AN" | "RE" | "IN" },
  ): Promise<void> {
    const change =
      "workspace" in place
        ? ({ kind: "workspace_member_added", workspace: place.workspace, source } as const)
        : ({ kind: "project_member_added", source, isPending: false, ...place } as const);
    await this.#apply(who, [change]);
  }

  async lose(
    who: Seeded,
    source: Source,
    place: { workspace: { id: number; title: string } } | { projectId: number },
  ): Promise<void> {
    const change =
      "workspace" in place
        ? ({ kind: "workspace_member_removed", workspace: place.workspace, source } as const)
        : ({ kind: "project_member_removed", source, projectId: place.projectId } as const);
    await this.#apply(who, [change]);
  }

  /** One of the three hands gives both memberships. */
  async give(who: Seeded, hand: Hand, { workspace, projectId }: Places): Promise<void> {
    if (hand === "hand") {
      const user = { user: who.userId };
      await this.ok(this.owner, "POST", `/api/workspaces/${workspace.id}/memberships/`, user);
      await this.ok(this.owner, "POST", `/api/projects/${projectId}/members/`, user);
    } else {
      await this.grant(who, hand, { workspace });
      await this.grant(who, hand, { projectId, role: "IN" });
    }
  }

  /** One of the three hands takes both again. */
  async take(who: Seeded, hand: Hand, { workspace, projectId }: Places): Promise<void> {
    if (hand === "hand") {
      const ofWorkspace = `/api/workspaces/${workspace.id}/memberships/?user_id=${who.userId}`;
      await this.ok(this.owner, "DELETE", ofWorkspace);
      await this.ok(this.owner, "DELETE", `/api/projects/${projectId}/members/?user=${who.userId}`);
    } else {
      await this.lose(who, hand, { workspace });
      await this.lose(who, hand, { projectId });
    }
  }

  async #apply(
    { organizationId, userId, email }: Seeded,
    changes: Parameters<typeof applyPlan>[1]["plan"]["changes"],
  ): Promise<void> {
    await this.t.store.transaction((tx) =>
      applyPlan(tx, {
        organizationId,
        plan: { email, userId, changes, reasons: [] },
        actor: { kind: "saml" },
        at: this.t.deps.now(),
        action: "test",
      }),
    );
  }
}

onEveryEngine("places", (engine) => {
  const withWorld = async (
    work: (world: World) => Promise<void>,
    config: Readonly<Record<string, string>> = {},
  ) => {
    const t = await openTestApp(engine, { config });
    try {
      await work(new World(t, await t.createOrganizationWithOwner({ title: "Contoso" })));
    } finally {
      await t.close();
    }
  };

  test("a workspace is made, read, changed and deleted", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const made = await world.call(owner, "POST", "/api/workspaces/", {
        title: " Radiology ",
        description: "Scans\nof 2026",
        color: "#FF0000",
      });
      assert.equal(made.status, 201);
      const { id } = made.body;
      const expected = {
        id,
        title: "Radiology",
        description: "Scans\nof 2026",
        color: "#FF0000",
        is_archived: false,
        is_personal: false,
        created_by: owner.userId,
        membership: null,
        projects_count: 0,
      };
      assert.deepEqual(made.body, expected);
      assert.deepEqual(await world.ok(owner, "GET", `/api/workspaces/${id}`), expected);
      // A record that was read may be sent back with what is to change.
      const patch = { ...expected, title: "Radiology 2", is_archived: true };
      assert.deepEqual(await world.ok(owner, "PATCH", `/api/workspaces/${id}/`, patch), patch);
      const list = "/api/workspaces/?is_archived";
      assert.deepEqual(await world.ok(owner, "GET", `${list}=true`), [patch]);
      assert.deepEqual(await world.ok(owner, "GET", `${list}=false`), []);
      const all = await world.ok(owner, "GET", "/api/workspaces/?include_all_workspaces=true");
      assert.equal(all[0].created_by_user.email, owner.email);
      assert.equal((await world.call(owner, "DELETE", `/api/workspaces/${id}/`)).status, 204);
      assert.equal((await world.call(owner, "GET", `/api/workspaces/${id}/`)).status, 404);
    });
  });

  test("workspaces are searched and paged where a page is asked for, by what the caller sees", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const manager = await world.person("mateo", "MA");
      for (const title of ["Radiology", "Oncology", "Cardiology", "Archive"]) {
        await world.workspace(title);
      }
      const path = "/api/workspaces/?ordering=title&page_size=2&search=LOGY";
      const titles = (page: { results: readonly { title: string }[] }) =>
        page.results.map(({ title }) => title);
      const first = await world.ok(owner, "GET", path);
      assert.equal(first.count, 3);
      assert.deepEqual(titles(first), ["Cardiology", "Oncology"]);
      const second = await world.ok(
        owner,
        "GET",
        new URL(first.next).href.replace(/^.*?\/api/, "/api"),
      );
      assert.deepEqual(titles(second), ["Radiology"]);
      assert.equal(second.next, null);
      const none = await world.ok(manager, "GET", path);
      assert.deepEqual([none.count, none.results], [0, []]);
    });
  });

  test("the lists of members say who gave each of them the place", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const ada = await world.person("ada", "AN");
      const workspace = await world.workspace("Radiology");
      const project = await world.project("Scans");
      await world.grant(ada, "saml", { workspace: { id: workspace, title: "Radiology" } });
      await world.grant(ada, "saml", { projectId: project, role: "AN" });
      const base = `/api/workspaces/${workspace}/memberships/`;
      await world.ok(owner, "POST", base, { user: ada.userId });
      const [there] = (await world.ok(owner, "GET", `${base}paginated/`)).results;
      assert.deepEqual(there.sources, ["api", "saml"]);
      const members = `/api/projects/${project}/members/paginated/?implicit=false`;
      const [member] = (await world.ok(owner, "GET", members)).results;
      const grants: readonly { id: number; source: string; role: string }[] = member.grants;
      assert.deepEqual(
        grants.map(({ source, role }) => [source, role]),
        [["saml", "AN"]],
      );
    });
  });

  test("a project keeps its colour, and null takes it away", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const made = await world.call(owner, "POST", "/api/projects/", {
        title: "Scans",
        color: "#FF0000",
      });
      assert.deepEqual([made.status, made.body.color], [201, "#FF0000"]);
      const url = `/api/projects/${made.body.id}/`;
      assert.equal((await world.call(owner, "GET", url)).body.color, "#FF0000");
      assert.equal(
        (await world.call(owner, "PATCH", url, { title: "Scans 2" })).body.color,
        "#FF0000",
      );
      assert.equal((await world.call(owner, "PATCH", url, { color: null })).body.color, null);
      const long = await world.call(owner, "PATCH", url, { color: "more than sixteen letters" });
      assert.deepEqual(Object.keys(long.body.validation_errors), ["color"]);
    });
  });

  test("titles of workspaces are unique in the organization, and problems are told by field", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      await world.workspace("Radiology");
      const other = await world.workspace("Oncology");
      for (const [method, url] of [
        ["POST", "/api/workspaces/"],
        ["PATCH", `/api/workspaces/${other}/`],
      ] as const) {
        const answer = await world.call(owner, method, url, { title: "Radiology" });
        assert.equal(answer.status, 400);
        assert.deepEqual(answer.body.validation_errors, {
          title: ["There is a workspace with this title already."],
        });
      }
      const answer = await world.call(owner, "POST", "/api/workspaces/", {
        color: "a color of more than sixteen characters",
        is_personal: true,
        tilte: "x",
      });
      assert.deepEqual(answer.body.validation_errors, {
        tilte: ["There is no such field here."],
        title: ["This field is required."],
        color: ["This may have at most 16 characters."],
        is_personal: ["Labelgate does not keep this field."],
      });
      const nul = await world.call(owner, "POST", "/api/workspaces/", { title: "a\u0000b" });
      assert.deepEqual(Object.keys(nul.body.validation_errors), ["title"]);
    });
  });

  test("a workspace that holds projects stays, and one that goes takes its memberships with reasons", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const ada = await world.person("ada", "AN");
      const id = await world.workspace("Radiology");
      const project = await world.project("Scans", id);
      await world.ok(owner, "POST", `/api/workspaces/${id}/memberships/`, { user: ada.userId });
      const refused = await world.call(owner, "DELETE", `/api/workspaces/${id}/`);
      assert.equal(refused.status, 409);
      assert.equal(
        refused.body.detail,
        "The workspace holds 1 project; move or delete them first.",
      );
      await world.ok(owner, "DELETE", `/api/workspaces/${id}/projects/?project=${project}`);
      await world.ok(owner, "DELETE", `/api/workspaces/${id}/`);
      const access = await loadAccess(world.t.store.db, ada.organizationId, ada.userId);
      assert.deepEqual(access, { workspaces: [], projects: [] });
      const [log] = await listAudit(world.t.store.db, {
        organizationId: ada.organizationId,
        subjectUserId: ada.userId,
        action: "workspace_deleted",
      });
      assert.equal(log?.changes[0]?.["kind"], "workspace_member_removed");
      assert.match(log?.reasons[0]?.text ?? "", /is deleted/);
    });
  });

  test("a foreign id answers exactly as a missing one", async () => {
    await withWorld(async (world) => {
      const { owner, t } = world;
      const other = await t.createOrganizationWithOwner({ title: "Fabrikam" });
      const workspace = (await world.ok(other, "POST", "/api/workspaces/", { title: "W" })).id;
      const project = (await world.ok(other, "POST", "/api/projects/", { title: "P" })).id;
      const own = await world.workspace("Own");
      const mine = await world.project("Mine");
      await world.ok(other, "POST", `/api/projects/${project}/members/`, { user: other.userId });
      const missing = 999_999;
      const asked: readonly (readonly [
        Method,
        (id: number) => string,
        ((id: number) => object)?,
      ])[] = [
        ["GET", (id) => `/api/workspaces/${id}/`],
        ["PATCH", (id) => `/api/workspaces/${id}/`, () => ({ title: "x" })],
        ["DELETE", (id) => `/api/workspaces/${id}/`],
        ["GET", (id) => `/api/workspaces/${id}/memberships/`],
        ["GET", (id) => `/api/workspaces/${id}/memberships/paginated/`],
        ["POST", (id) => `/api/workspaces/${id}/memberships/`, () => ({ user: owner.userId })],
        ["DELETE", (id) => `/api/workspaces/${id}/memberships/?user_id=${owner.userId}`],
        ["POST", (id) => `/api/workspaces/${id}/memberships/bulk/`, () => ({ all: true })],
        ["DELETE", (id) => `/api/workspaces/${id}/memberships/bulk/?all=true`],
        ["GET", (id) => `/api/workspaces/${id}/projects/`],
        ["POST", (id) => `/api/workspaces/${id}/projects/`, () => ({ project: mine })],
        ["POST", () => "/api/projects/", (id) => ({ title: "x", workspace: id })],
        ["PATCH", () => `/api/projects/${mine}/`, (id) => ({ workspace: id })],
      ];
      const ofProject: typeof asked = [
        ["GET", (id) => `/api/projects/${id}/`],
        ["PATCH", (id) => `/api/projects/${id}/`, () => ({ title: "x" })],
        ["DELETE", (id) => `/api/projects/${id}/`],
        ["GET", (id) => `/api/projects/${id}/members/`],
        ["GET", (id) => `/api/projects/${id}/members/paginated/`],
        ["GET", (id) => `/api/projects/${id}/roles`],
        ["POST", (id) => `/api/projects/${id}/members/`, () => ({ user: owner.userId })],
        ["DELETE", (id) => `/api/projects/${id}/members/?user=${owner.userId}`],
        ["POST", (id) => `/api/projects/${id}/members/bulk/`, () => ({ all: true })],
        ["DELETE", (id) => `/api/projects/${id}/members/bulk/?all=true`],
        ["POST", () => "/api/projects/roles/", (id) => ({ project: id, user: 1, role: "AN" })],
        ["POST", () => `/api/workspaces/${own}/projects/`, (id) => ({ project: id })],
      ];
      const ofPerson: typeof asked = [
        ["POST", () => `/api/workspaces/${own}/memberships/`, (id) => ({ user: id })],
        ["DELETE", (id) => `/api/workspaces/${own}/memberships/?user_id=${id}`],
        ["POST", () => `/api/projects/${mine}/members/`, (id) => ({ user: id })],
        ["DELETE", (id) => `/api/projects/${mine}/members/?user=${id}`],
        ["POST", () => "/api/projects/roles/", (id) => ({ project: mine, user: id, role: "AN" })],
      ];
      const all = [
        ...asked.map((one) => [one, workspace] as const),
        ...ofProject.map((one) => [one, project] as const),
        ...ofPerson.map((one) => [one, other.userId] as const),
      ];
      for (const [[method, url, body], foreign] of all) {
        const answers = [];
        for (const id of [foreign, missing]) {
          const answer = await world.call(owner, method, url(id), body?.(id));
          const { id: _reference, ...rest } = answer.body;
          answers.push({ status: answer.status, ...rest });
        }
        assert.ok([400, 404].includes(answers[0]?.status ?? 0), `${method} ${url(foreign)}`);
        assert.deepEqual(answers[0], answers[1], `${method} ${url(foreign)}`);
      }
      const list = await world.ok(other, "GET", `/api/projects/?ids=${project},${mine}`);
      assert.deepEqual(
        list.results.map(({ id }: Answer) => id),
        [project],
      );
    });
  });

  test("Managers see what they made or belong to, Reviewers and Annotators what they belong to", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const [mara, rex, ann] = [
        await world.person("mara", "MA"),
        await world.person("rex", "RE"),
        await world.person("ann", "AN"),
      ];
      const admin = await world.person("admin", "AD");
      const joined = await world.workspace("Joined");
      await world.workspace("Hidden");
      const made = await world.workspace("Made", mara);
      const inside = await world.project("Inside", joined);
      const alone = await world.project("Alone");
      await world.project("Elsewhere");
      const own = (await world.ok(mara, "POST", "/api/projects/", { title: "Own" })).id;
      for (const one of [mara, rex, ann]) {
        await world.ok(owner, "POST", `/api/workspaces/${joined}/memberships/`, {
          user: one.userId,
        });
      }
      await world.ok(owner, "POST", `/api/projects/${alone}/members/`, { user: ann.userId });
      const seen = async (who: Seeded) => ({
        workspaces: (await world.ok(who, "GET", "/api/workspaces/")).map((w: Answer) => w.title),
        projects: (await world.ok(who, "GET", "/api/projects/?ordering=title")).results.map(
          (p: Answer) => p.title,
        ),
      });
      const everything = {
        workspaces: ["Joined", "Hidden", "Made"],
        projects: ["Alone", "Elsewhere", "Inside", "Own"],
      };
      assert.deepEqual(await seen(owner), everything);
      assert.deepEqual(await seen(admin), everything);
      assert.deepEqual(await seen(mara), {
        workspaces: ["Joined", "Made"],
        projects: ["Inside", "Own"],
      });
      assert.deepEqual(await seen(rex), { workspaces: ["Joined"], projects: ["Inside"] });
      assert.deepEqual(await seen(ann), { workspaces: ["Joined"], projects: ["Alone", "Inside"] });
      assert.equal((await world.call(ann, "GET", `/api/projects/${own}/`)).status, 404);
      assert.equal((await world.call(mara, "PATCH", `/api/projects/${alone}/`, {})).status, 404);
      // Managers manage what they see; Reviewers and Annotators manage nothing.
      await world.ok(mara, "POST", `/api/projects/${inside}/members/`, { user: rex.userId });
      await world.ok(mara, "PATCH", `/api/workspaces/${made}/`, { title: "Made 2" });
      for (const who of [rex, ann]) {
        for (const [method, url] of [
          ["POST", "/api/workspaces/"],
          ["GET", `/api/workspaces/${joined}/memberships/`],
          ["GET", `/api/projects/${inside}/members/paginated/`],
          ["DELETE", `/api/projects/${inside}/`],
        ] as const) {
          assert.equal((await world.call(who, method, url)).status, 403, `${method} ${url}`);
        }
      }
    });
  });

  test("Not Activated and Deactivated people, and nobody, reach nothing", async () => {
    await withWorld(async (world) => {
      const waiting = await world.person("waiting", "NO");
      const cookie = await world.t.signedInCookie(waiting.email, waiting.organizationId);
      const answer = await world.t.app.inject({ url: "/api/projects/", headers: { cookie } });
      assert.equal(answer.statusCode, 403);
      assert.equal((await world.t.app.inject({ url: "/api/projects/" })).statusCode, 401);
    });
  });

  for (const survivor of hands) {
    const lost = hands.filter((hand) => hand !== survivor);
    test(`a membership granted by hand, SAML and SCIM survives the loss of ${lost.join(" and ")}`, async () => {
      await withWorld(async (world) => {
        const ada = await world.person("ada", "AN");
        const workspace = { id: await world.workspace("Radiology"), title: "Radiology" };
        const places = { workspace, projectId: await world.project("Scans") };
        for (const hand of hands) await world.give(ada, hand, places);
        for (const hand of lost) await world.take(ada, hand, places);
        const source = survivor === "hand" ? "api" : survivor;
        const access = await loadAccess(world.t.store.db, ada.organizationId, ada.userId);
        assert.deepEqual(access.workspaces, [{ ...workspace, sources: [source] }]);
        assert.deepEqual(
          access.projects.map(({ grants }) => grants.map((grant) => grant.source)),
          [[source]],
        );
      });
    });
  }

  test("what only the identity provider grants is not taken by hand, and says so", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const ada = await world.person("ada", "AN");
      const workspace = { id: await world.workspace("Radiology"), title: "Radiology" };
      await world.grant(ada, "saml", { workspace });
      const url = `/api/workspaces/${workspace.id}/memberships`;
      const refused = await world.call(owner, "DELETE", `${url}/?user_id=${ada.userId}`);
      assert.equal(refused.status, 409);
      assert.match(refused.body.detail, /identity provider grants this by SAML/);
      assert.deepEqual(await world.ok(owner, "DELETE", `${url}/bulk/?all=true`), {
        unassignments: 0,
        skipped_user_ids: [ada.userId],
      });
    });
  });

  test("members of a workspace come all at once, page by page, and by search", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const id = await world.workspace("Radiology");
      const people = [];
      for (const name of ["ada", "bob", "cyd", "dan"]) people.push(await world.person(name, "AN"));
      const url = `/api/workspaces/${id}/memberships`;
      const added = await world.call(owner, "POST", `${url}/bulk/`, {
        all: false,
        included: people.map(({ userId }) => userId),
      });
      assert.deepEqual(added.body, { assignments: 4, skipped_user_ids: [] });
      // Again changes nothing.
      const again = await world.ok(owner, "POST", `${url}/`, { user: people[0]?.userId });
      assert.deepEqual(again, { user: people[0]?.userId, workspace: id });
      const all = await world.ok(owner, "GET", `${url}/`);
      assert.deepEqual(
        all.map((entry: Answer) => [entry.workspace, entry.user.email]),
        people.map(({ email }) => [id, email]),
      );
      const page = await world.ok(owner, "GET", `${url}/paginated/?page=2&page_size=3`);
      assert.equal(page.count, 4);
      assert.equal(page.next, null);
      assert.match(page.previous, /page=1/);
      assert.deepEqual(
        page.results.map((user: Answer) => user.email),
        ["dan@contoso.com"],
      );
      assert.deepEqual((await world.ok(owner, "GET", `${url}/paginated/?page=3`)).results, []);
      const found = await world.ok(owner, "GET", `${url}/paginated/?search=BOB`);
      assert.deepEqual(
        found.results.map((user: Answer) => user.id),
        [people[1]?.userId],
      );
      const removed = await world.ok(
        owner,
        "DELETE",
        `${url}/bulk/?all=true&excluded=${people[0]?.userId}&search=contoso`,
      );
      assert.deepEqual(removed, { unassignments: 3, skipped_user_ids: [] });
      // The original still takes the selection as a body.
      const body = { all: false, included: [people[0]?.userId] };
      const rest = await world.ok(owner, "DELETE", `${url}/bulk/`, body);
      assert.equal(rest.unassignments, 1);
    });
  });

  test("bulk requests refuse people who are not of the organization, and leave Deactivated ones out", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const id = await world.workspace("Radiology");
      const gone = await world.person("gone", "DI");
      const ada = await world.person("ada", "AN");
      const url = `/api/workspaces/${id}/memberships/bulk/`;
      const unknown = await world.call(owner, "POST", url, { all: false, included: [777] });
      assert.deepEqual(unknown.body.validation_errors, {
        included: ["There is no such person in this organization. (777)"],
      });
      const all = await world.ok(owner, "POST", url, { all: true, excluded: [owner.userId] });
      assert.deepEqual(all, { assignments: 1, skipped_user_ids: [gone.userId] });
      const one = await world.call(owner, "POST", `/api/workspaces/${id}/memberships/`, {
        user: gone.userId,
      });
      assert.deepEqual(one.body.validation_errors, {
        user: ["A Deactivated person gains nothing."],
      });
      const unfiltered = await world.call(owner, "DELETE", `${url}?all=true&tags=1`);
      assert.equal(unfiltered.status, 400, "an unknown filter must not remove more than asked");
      const access = await loadAccess(world.t.store.db, ada.organizationId, ada.userId);
      assert.equal(access.workspaces.length, 1);
    });
  });

  test("members of a project are explicit, or implicit by workspace or organization role", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const [ada, bob, admin] = [
        await world.person("ada", "AN"),
        await world.person("bob", "RE"),
        await world.person("admin", "AD"),
      ];
      await world.person("stranger", "AN");
      const workspace = await world.workspace("Radiology");
      const id = await world.project("Scans", workspace);
      await world.ok(owner, "POST", `/api/workspaces/${workspace}/memberships/`, {
        user: ada.userId,
      });
      const added = await world.call(owner, "POST", `/api/projects/${id}/members/`, {
        user: bob.userId,
      });
      assert.deepEqual([added.status, added.body], [201, { user: bob.userId }]);
      const role = await world.call(owner, "POST", "/api/projects/roles/", {
        project: id,
        user: bob.userId,
        role: "AN",
      });
      assert.equal(role.status, 201);
      const expectedRole = { project: id, user: bob.userId, role: "AN", role_source: "api" };
      assert.deepEqual(role.body, { id: role.body.id, ...expectedRole });
      const url = `/api/projects/${id}/members/paginated/`;
      const { results } = await world.ok(owner, "GET", url);
      assert.deepEqual(
        results.map((one: Answer) => [
          one.email,
          one.implicit_member,
          one.project_role,
          one.project_role_source,
        ]),
        [
          [owner.email, true, null, null],
          [ada.email, true, null, null],
          [bob.email, false, "AN", "api"],
          [admin.email, true, null, null],
        ],
      );
      const emails = async (query: string) =>
        (await world.ok(owner, "GET", `${url}${query}`)).results.map((one: Answer) => one.email);
      assert.deepEqual(await emails("?implicit=false"), [bob.email]);
      assert.deepEqual(await emails("?role=AN&ordering=-email"), [bob.email, ada.email]);
      assert.deepEqual(await emails("?role=RE"), []);
      assert.deepEqual(await emails("?no_annotators=true"), [owner.email, admin.email]);
      assert.deepEqual(await emails(`?ids=${ada.userId}`), [ada.email]);
      // Membership through the workspace is not taken at the project.
      const refused = await world.call(
        owner,
        "DELETE",
        `/api/projects/${id}/members/?user=${ada.userId}`,
      );
      assert.equal(refused.status, 404);
      assert.match(refused.body.detail, /through its workspace/);
    });
  });

  test("a project role is given, listed and removed by its number, and never lowers a Manager", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const bob = await world.person("bob", "RE");
      const mara = await world.person("mara", "MA");
      const id = await world.project("Scans");
      const give = (user: Seeded, role: string) =>
        world.call(owner, "POST", "/api/projects/roles/", { project: id, user: user.userId, role });
      const given = await give(bob, "AN");
      assert.equal(given.status, 201);
      assert.deepEqual(await world.ok(owner, "GET", `/api/projects/${id}/roles`), [given.body]);
      assert.deepEqual(await world.ok(bob, "GET", `/api/projects/roles/?ids=${id}`), [given.body]);
      assert.deepEqual(await world.ok(owner, "GET", "/api/projects/roles/"), []);
      const manager = await give(mara, "AN");
      assert.match(manager.body.validation_errors.user[0], /means nothing to the role Manager/);
      const owned = await give(bob, "OW");
      assert.deepEqual(owned.body.validation_errors, {
        role: ["A project role is AN (Annotator) or RE (Reviewer)."],
      });
      // SAML's grant is another one: the more elevated counts, and only SAML takes it.
      await world.grant(bob, "saml", { projectId: id, role: "RE" });
      const [effective] = await world.ok(owner, "GET", `/api/projects/${id}/roles`);
      assert.deepEqual([effective.role, effective.role_source], ["RE", "saml"]);
      const url = (number: number) => `/api/projects/roles/${number}/`;
      assert.equal((await world.call(owner, "DELETE", url(given.body.id))).status, 204);
      const kept = await world.call(owner, "DELETE", url(effective.id));
      assert.equal(kept.status, 409);
      await world.lose(bob, "saml", { projectId: id });
      assert.deepEqual(await world.ok(owner, "GET", `/api/projects/${id}/roles`), []);
      const { results } = await world.ok(owner, "GET", `/api/projects/${id}/members/paginated/`);
      assert.ok(results.some((one: Answer) => one.id === bob.userId && !one.implicit_member));
      assert.equal((await world.call(owner, "DELETE", url(given.body.id))).status, 404);
      const stranger = await world.t.createOrganizationWithOwner({ title: "Fabrikam" });
      assert.equal((await world.call(stranger, "DELETE", url(given.body.id))).status, 404);
    });
  });

  test("many people join a project at once, some with a role", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const [ada, bob, mara] = [
        await world.person("ada", "AN"),
        await world.person("bob", "RE"),
        await world.person("mara", "MA"),
      ];
      const id = await world.project("Scans");
      const url = `/api/projects/${id}/members/bulk/`;
      const outside = await world.call(owner, "POST", url, {
        all: false,
        included: [ada.userId],
        roles: [{ user_id: bob.userId, role: "AN" }],
      });
      assert.match(outside.body.validation_errors.roles[0], /these are not/);
      const result = await world.ok(owner, "POST", `${url}?role=AN,RE,MA`, {
        all: true,
        roles: [
          { user_id: bob.userId, role: "AN" },
          { user_id: mara.userId, role: "AN" },
        ],
      });
      assert.deepEqual(result, { assignments: 2, skipped_user_ids: [mara.userId] });
      const members = await world.ok(owner, "GET", `/api/projects/${id}/members/`);
      assert.deepEqual(
        members.map((one: Answer) => one.id),
        [ada.userId, bob.userId],
      );
      // The project role takes precedence, so bob counts as an Annotator here.
      const removed = await world.ok(owner, "DELETE", `${url}?all=true&role=AN`);
      assert.equal(removed.unassignments, 2);
    });
  });

  test("projects are made, listed by filter and page, moved between workspaces and deleted", async () => {
    await withWorld(async (world) => {
      const { owner } = world;
      const archive = (
        await world.ok(owner, "POST", "/api/workspaces/", { title: "Old", is_archived: true })
      ).id;
      const workspace = await world.workspace("Radiology");
      const made = await world.call(owner, "POST", "/api/projects/", {
        title: "Chest scans",
        description: "100% of 2026",
        workspace,
      });
      assert.equal(made.status, 201);
      assert.equal(made.body.workspace_title, "Radiology");
      assert.equal(made.body.created_by.email, owner.email);
      const back = await world.ok(owner, "PATCH", `/api/projects/${made.body.id}/`, made.body);
      assert.deepEqual(back, made.body, "what was read may be sent back");
      await world.project("Old scans", archive);
      await world.project("Letters");
      const titles = async (query: string) =>
        (await world.ok(owner, "GET", `/api/projects/?${query}`)).results.map(
          (one: Answer) => one.title,
        );
      assert.deepEqual(await titles(""), ["Letters", "Old scans", "Chest scans"]);
      assert.deepEqual(await titles("ordering=title&page_size=1&page=2"), ["Letters"]);
      assert.deepEqual(await titles("page=9"), []);
      assert.deepEqual(await titles("title=SCANS"), ["Old scans", "Chest scans"]);
      assert.deepEqual(await titles("search=0%25"), ["Chest scans"]);
      assert.deepEqual(await titles(`workspaces=${workspace}.0`), ["Chest scans"]);
      assert.deepEqual(await titles("archived=true"), ["Old scans"]);
      assert.deepEqual(await titles("archived=false"), ["Letters", "Chest scans"]);
      assert.deepEqual(await titles("filter=pinned_only"), []);
      assert.equal((await world.call(owner, "GET", "/api/projects/?state=x")).status, 400);
      const url = `/api/workspaces/${archive}/projects/`;
      await world.ok(owner, "POST", url, { project: made.body.id });
      assert.equal((await world.ok(owner, "GET", url)).length, 2);
      const elsewhere = `/api/workspaces/${workspace}/projects/?project=${made.body.id}`;
      assert.equal((await world.call(owner, "DELETE", elsewhere)).status, 404);
      const out = await world.ok(owner, "PATCH", `/api/projects/${made.body.id}/`, {
        workspace: null,
      });
      assert.equal(out.workspace, null);
      await world.ok(owner, "DELETE", `/api/projects/${made.body.id}/`);
      assert.equal((await world.call(owner, "GET", `/api/projects/${made.body.id}/`)).status, 404);
      const config = { title: "x", label_config: "<View><Text/></View>" };
      const labelled = await world.call(owner, "POST", "/api/projects/", config);
      assert.deepEqual(labelled.body.validation_errors, {
        label_config: ["Labelgate does not keep this field."],
      });
    });
  });

  test("with MANUAL_WORKSPACE_MANAGEMENT off, members are not changed by hand, reading goes on", async () => {
    await withWorld(
      async (world) => {
        const { owner } = world;
        const id = await world.workspace("Radiology");
        const url = `/api/workspaces/${id}/memberships`;
        for (const [method, path, body] of [
          ["POST", `${url}/`, { user: owner.userId }],
          ["DELETE", `${url}/?user_id=${owner.userId}`, undefined],
          ["POST", `${url}/bulk/`, { all: true }],
          ["DELETE", `${url}/bulk/?all=true`, undefined],
        ] as const) {
          const answer = await world.call(owner, method, path, body);
          assert.equal(answer.status, 403, `${method} ${path}`);
          assert.match(answer.body.detail, /MANUAL_WORKSPACE_MANAGEMENT/);
        }
        assert.deepEqual(await world.ok(owner, "GET", `${url}/`), []);
        const project = await world.project("Scans");
        await world.ok(owner, "POST", `/api/projects/${project}/members/`, { user: owner.userId });
      },
      { MANUAL_WORKSPACE_MANAGEMENT: "0" },
    );
  });

  test("with MANUAL_PROJECT_MEMBER_MANAGEMENT off, members and roles are not changed by hand, reading goes on", async () => {
    await withWorld(
      async (world) => {
        const { owner } = world;
        const ada = await world.person("ada", "AN");
        const id = await world.project("Scans");
        await world.grant(ada, "saml", { projectId: id, role: "RE" });
        const [role] = await world.ok(owner, "GET", `/api/projects/${id}/roles`);
        const url = `/api/projects/${id}/members`;
        for (const [method, path, body] of [
          ["POST", `${url}/`, { user: ada.userId }],
          ["DELETE", `${url}/?user=${ada.userId}`, undefined],
          ["POST", `${url}/bulk/`, { all: true }],
          ["DELETE", `${url}/bulk/?all=true`, undefined],
          ["POST", "/api/projects/roles/", { project: id, user: ada.userId, role: "AN" }],
          ["DELETE", `/api/projects/roles/${role.id}/`, undefined],
        ] as const) {
          const answer = await world.call(owner, method, path, body);
          assert.equal(answer.status, 403, `${method} ${path}`);
          assert.match(answer.body.detail, /MANUAL_PROJECT_MEMBER_MANAGEMENT/);
        }
        assert.equal((await world.ok(owner, "GET", `${url}/`)).length, 1);
        await world.workspace("Radiology");
      },
      { MANUAL_PROJECT_MEMBER_MANAGEMENT: "0" },
    );
  });
});
