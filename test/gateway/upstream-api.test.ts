/** The administrators' API about Label Studio (GATEWAY 10.1, 10.5), and what nobody may do by it. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { InjectOptions } from "fastify";
import { createStep, type Step } from "../../src/gateway/step.ts";
import { createUpstream, type Upstream } from "../../src/gateway/upstream.ts";
import { upstreamAnswer } from "../../src/http/openapi/upstream-answers.ts";
import { createProject } from "../../src/store/projects.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { type StubLabelStudio, startStubLabelStudio } from "./stub-label-studio.ts";

const base = "/api/labelgate/upstream";

onEveryEngine("the API about Label Studio", (engine) => {
  let stub: StubLabelStudio;
  let app: TestApp;
  let upstream: Upstream;
  let step: Step;
  let organizationId: number;
  let owner: number;
  beforeEach(async () => {
    stub = await startStubLabelStudio();
    const env = { UPSTREAM_URL: stub.url, UPSTREAM_SECRET_KEY: stub.secretKey };
    // The routes reach what is made after the application, whose deps it needs.
    const administration = {
      get upstream() {
        return upstream;
      },
      get step() {
        return step;
      },
    };
    app = await openTestApp(engine, { env, nowMs: Date.now(), wiring: { administration } });
    upstream = createUpstream(app.deps);
    step = createStep(app.deps, upstream);
    const made = await app.createOrganizationWithOwner({ title: "Contoso" });
    ({ organizationId, userId: owner } = made);
  });
  afterEach(async () => {
    await app.close();
    await upstream.close();
    await stub.stop();
  });

  const as = async (email: string, method: "GET" | "POST", path: string, payload?: object) => {
    const token = await app.apiToken(email, organizationId);
    const options: InjectOptions = {
      ...{ method, url: `${base}${path}` },
      headers: { authorization: `Token ${token}` },
      ...(payload !== undefined && { payload }),
    };
    const answer = await app.app.inject(options);
    return { status: answer.statusCode, json: answer.body === "" ? null : answer.json() };
  };
  const admin = async (name: string) => {
    const email = `${name}@contoso.com`;
    return (await app.addMember({ organizationId, email, role: "AD" })).userId;
  };
  const linkOf = async (userId: number) =>
    await app.store.db
      .selectFrom("users")
      .where("id", "=", userId)
      .select(["upstream_id as id"])
      .executeTakeFirstOrThrow();

  test("only administrators see it or change anything by it", async () => {
    await app.addMember({ organizationId, email: "ma@contoso.com", role: "MA" });
    for (const [method, path] of [
      ["GET", ""],
      ["POST", "/sync"],
      ["POST", "/accept"],
      ["POST", "/link"],
      ["POST", "/assign"],
    ] as const) {
      assert.equal(
        (await as("ma@contoso.com", method, path, method === "GET" ? undefined : {})).status,
        403,
      );
      assert.equal((await app.app.inject({ method, url: `${base}${path}` })).statusCode, 401);
    }
  });

  test("it tells what is found and who waits, and never the secret key", async () => {
    await admin("anna");
    stub.addUser("Anna@contoso.com");
    stub.addUser("ANNA@contoso.com");
    stub.addProject("First");
    assert.equal((await as("owner@contoso.com", "POST", "/sync", {})).json.problem, null);
    const { json } = await as("owner@contoso.com", "GET", "");
    assert.equal(json.connected, true);
    assert.deepEqual(upstreamAnswer.safeParse(json).error?.issues ?? [], [], "as documented");
    assert.deepEqual(
      json.findings.filter(({ level }: { level: string }) => level === "problem"),
      [],
    );
    assert.match(json.people.problems[0].problem, /several accounts/);
    assert.equal(json.projects.linked, 1);
    assert.doesNotMatch(JSON.stringify(json), new RegExp(stub.secretKey));
  });

  test("an administrator cannot make themselves Label Studio's owner, nor anybody", async () => {
    const annaId = await admin("anna");
    for (const user of [`${-annaId}`, -annaId]) {
      const link = { user, upstream_user: 1 };
      const { status, json } = await as("anna@contoso.com", "POST", "/link", link);
      assert.equal(status, 400);
      assert.match(JSON.stringify(json), /only the command labelgate upstream link/);
    }
    assert.equal((await linkOf(annaId)).id, null);
  });

  test("an administrator cannot take another person's account, nor link the Owner's", async () => {
    const [annaId, bertId] = [await admin("anna"), await admin("bert")];
    await step.people.workOutbox();
    const bert = (await linkOf(bertId)).id ?? 0;
    const anna = (await linkOf(annaId)).id ?? 0;
    const taken = await as("anna@contoso.com", "POST", "/link", {
      user: anna,
      upstream_user: bert,
    });
    assert.equal(taken.status, 400);
    assert.match(JSON.stringify(taken.json), /somebody else's/);
    const free = stub.addUser("free@contoso.com");
    const ofOwner = { user: -owner, upstream_user: free.id };
    assert.equal((await as("anna@contoso.com", "POST", "/link", ofOwner)).status, 403);
    assert.equal((await linkOf(annaId)).id, anna);
    assert.equal((await as("owner@contoso.com", "POST", "/link", ofOwner)).status, 204);
    assert.equal((await linkOf(owner)).id, free.id);
  });

  test("a project from before keeps its members and mappings, and the row of the list goes", async () => {
    const { db } = app.store;
    const old = await createProject(db, {
      organizationId,
      title: "Same",
      workspaceId: null,
      at: 1,
    });
    const studio = stub.addProject("Same");
    await step.sync.run();
    const { json } = await as("owner@contoso.com", "GET", "");
    assert.deepEqual(upstreamAnswer.safeParse(json).error?.issues ?? [], [], "as documented");
    assert.deepEqual(json.projects.to_link, [
      { id: -old, title: "Same", suggested: [studio.id], labelgate_id: old },
    ]);
    const link = { project: -old, upstream_project: studio.id };
    assert.equal((await as("owner@contoso.com", "POST", "/link", link)).status, 204);
    const rows = await db.selectFrom("projects").select(["id", "upstream_id"]).execute();
    assert.deepEqual(rows, [{ id: old, upstream_id: studio.id }]);
    assert.equal((await as("owner@contoso.com", "POST", "/link", link)).status, 400);
    const missing = { project: -old, upstream_project: 999 };
    assert.equal((await as("owner@contoso.com", "POST", "/link", missing)).status, 400);
  });

  test("many projects are put into a workspace at once, and out again", async () => {
    for (let n = 1; n <= 40; n += 1) stub.addProject(`Project ${n}`);
    await step.sync.run();
    const { id } = await app.store.db
      .insertInto("workspaces")
      .values({ organization_id: organizationId, title: "Vision", created_by: null, created_at: 1 })
      .returning("id")
      .executeTakeFirstOrThrow();
    const projects = stub.projects.slice(0, 30).map((project) => project.id);
    const into = await as("owner@contoso.com", "POST", "/assign", { projects, workspace: id });
    assert.deepEqual(into.json, { assigned: 30 });
    const unknown = { projects, workspace: id + 1 };
    assert.equal((await as("owner@contoso.com", "POST", "/assign", unknown)).status, 400);
    const out = { projects: projects.slice(0, 5), workspace: null };
    assert.deepEqual((await as("owner@contoso.com", "POST", "/assign", out)).json, { assigned: 5 });
    const { count } = await app.store.db
      .selectFrom("projects")
      .where("workspace_id", "=", id)
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    assert.equal(Number(count), 25);
  });

  test("what cannot be read as a link or an assignment is refused", async () => {
    for (const body of [
      {},
      { user: 1 },
      { user: -1, upstream_user: "1" },
      { user: -1, upstream_user: -1 },
      { user: -1, upstream_user: 2, project: 1 },
      { project: -1, upstream_project: 1.5 },
    ]) {
      assert.equal((await as("owner@contoso.com", "POST", "/link", body)).status, 400);
    }
    for (const body of [{}, { projects: [], workspace: 1 }, { projects: [-1], workspace: null }]) {
      assert.equal((await as("owner@contoso.com", "POST", "/assign", body)).status, 400);
    }
  });

  test("another database is accepted by an administrator, who hears how much was taken", async () => {
    await admin("anna");
    await admin("bert");
    await step.sync.run();
    for (const user of stub.users.slice(1)) user.email = `other-${user.id}@elsewhere.test`;
    await step.sync.run();
    const { json } = await as("owner@contoso.com", "GET", "");
    assert.equal(json.closed.differences.length, 3);
    assert.match(JSON.stringify(json.findings), /The gateway is closed/);
    assert.deepEqual((await as("owner@contoso.com", "POST", "/accept", {})).json, { taken: 3 });
    assert.equal((await as("owner@contoso.com", "GET", "")).json.closed, null);
    await step.requireOpen();
  });
});
