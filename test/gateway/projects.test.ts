/** Projects in step with Label Studio (GATEWAY 10.5), and other databases behind the same address. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { AppError } from "../../src/errors.ts";
import { readProject } from "../../src/gateway/studio-records.ts";
import { createProject } from "../../src/store/projects.ts";
import { onEveryEngine } from "../engines.ts";
import { openStepWorld, type StepWorld } from "./step-world.ts";

onEveryEngine("projects in step", (engine) => {
  let world: StepWorld;
  beforeEach(async () => {
    world = await openStepWorld(engine);
  });
  afterEach(async () => {
    await world.close();
  });

  test("years of work appear in no workspace, with nobody but administrators in them", async () => {
    for (let n = 1; n <= 230; n += 1) world.stub.addProject(`Project ${n}`);
    await world.step.sync.run();
    const rows = await projects(world);
    assert.equal(rows.length, 230);
    assert.ok(rows.every((row) => row.workspaceId === null && row.goneAt === null));
    assert.deepEqual(await members(world), []);
  });

  test("whoever makes a project belongs to it as soon as it is passed on", async () => {
    const { userId, viewer, json } = await madeByManager(world);
    await world.step.projectCreated(viewer, json, null);
    const [row] = await projects(world);
    assert.equal(row?.createdBy, userId);
    assert.deepEqual(await members(world), [{ projectId: row?.id, userId, source: "manual" }]);
  });

  test("a list that told of the project before its maker heard of it makes no second row", async () => {
    const { userId, viewer, json } = await madeByManager(world);
    const workspaceId = await workspace(world);
    await world.step.sync.run();
    await world.step.projectCreated(viewer, json, workspaceId);
    const rows = await projects(world);
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.workspaceId, workspaceId);
    assert.deepEqual(
      (await members(world)).map((member) => member.userId),
      [userId],
    );
  });

  test("a project seen in a list whose maker is an active Manager is theirs; others' makers get nothing", async () => {
    const manager = await world.member("manager@contoso.com", "MA");
    const annotator = await world.member("annotator@contoso.com", "AN");
    await world.step.people.workOutbox();
    for (const userId of [manager, annotator]) {
      const { id } = await world.link(userId);
      world.stub.addProject(`Of ${userId}`, { created_by: id ?? 0 });
    }
    await world.step.sync.run();
    const given = await members(world);
    assert.deepEqual(
      given.map(({ userId }) => userId),
      [manager],
    );
  });

  test("titles, drafts and pins follow what passes through and what lists tell", async () => {
    const project = world.stub.addProject("Before");
    await world.step.sync.run();
    project.title = "After";
    project.pinned_at = "2026-02-01T00:00:00Z";
    assert.equal(await world.step.projectChanged(jsonOf(world, project.id)), true);
    assert.deepEqual(pick(await projects(world)), [{ title: "After", isPinned: true }]);
    project.title = "Later";
    project.pinned_at = null;
    await world.step.sync.run();
    assert.deepEqual(pick(await projects(world)), [{ title: "Later", isPinned: false }]);
    assert.equal(await world.step.projectChanged({ id: project.id }), true);
  });

  test("only a deletion through the gateway takes members; absence marks the project gone", async () => {
    const { viewer, json } = await madeByManager(world);
    await world.step.projectCreated(viewer, json, null);
    const [kept] = world.stub.projects.splice(0, 1);
    await world.step.sync.run();
    assert.notEqual((await projects(world))[0]?.goneAt, null);
    assert.equal((await members(world)).length, 1);
    if (kept !== undefined) world.stub.projects.push(kept);
    await world.step.sync.run();
    assert.equal((await projects(world))[0]?.goneAt, null);
    await world.step.projectDeleted(viewer, kept?.id ?? 0);
    assert.deepEqual(await projects(world), []);
    assert.deepEqual(await members(world), []);
  });

  test("short and failed lists change nothing", async () => {
    for (let n = 1; n <= 130; n += 1) world.stub.addProject(`Project ${n}`);
    await world.step.sync.run();
    const before = await projects(world);
    world.stub.projects.splice(0, 60);
    world.stub.settings.isShort = true;
    assert.match((await world.step.sync.run()).problem ?? "", /ended after|answered 404/);
    world.stub.settings.isShort = false;
    world.stub.settings.failsWith = 500;
    assert.match((await world.step.sync.run()).problem ?? "", /answered 500/);
    await world.stub.stop();
    assert.notEqual((await world.step.sync.run()).problem, null);
    assert.deepEqual(await projects(world), before);
  });

  test("a number that is another project's now is unlinked, and opens nothing", async () => {
    const project = world.stub.addProject("Ours");
    await world.step.sync.run();
    project.created_at = "2026-03-03T03:03:03.000003Z";
    project.title = "Theirs";
    assert.equal(await world.step.projectChanged(jsonOf(world, project.id)), false);
    const rows = await projects(world);
    assert.deepEqual(
      rows.map(({ title, upstreamId }) => [title, upstreamId]),
      [
        ["Ours", null],
        ["Theirs", project.id],
      ],
    );
    await world.step.requireOpen();
  });

  test("another database behind the address closes the gateway until it is accepted", async () => {
    const ids = [await world.member("a@contoso.com"), await world.member("b@contoso.com")];
    await world.step.sync.run();
    const [first, second] = world.stub.users.slice(1);
    if (first === undefined || second === undefined) assert.fail("there are two accounts");
    [first.email, second.email] = [second.email, first.email];
    await world.step.sync.run();
    await refused(Promise.resolve(world.step.requireOpen()), "upstream_closed");
    assert.equal((await world.step.door.closed())?.differences.length, 2);
    const before = await Promise.all(ids.map((id) => world.link(id)));
    await world.step.sync.run();
    assert.deepEqual(await Promise.all(ids.map((id) => world.link(id))), before);
    await world.step.sync.accept({ kind: "system" });
    await world.step.requireOpen();
    const after = await Promise.all(ids.map((id) => world.link(id)));
    assert.deepEqual(
      after.map(({ id }) => id),
      before.map(({ id }) => id).toReversed(),
    );
  });

  test("that it is closed reaches the other processes within a second", async () => {
    await world.step.requireOpen();
    const difference = { kind: "person", id: 1, upstreamId: 2, name: "", problem: "" } as const;
    const { Door } = await import("../../src/gateway/door.ts");
    await new Door(world.deps).close([difference, difference]);
    world.advance(1000);
    await refused(Promise.resolve(world.step.requireOpen()), "upstream_closed");
  });

  test("one account that is another's address now is unlinked, and linked by nobody but an administrator", async () => {
    const userId = await world.member("a@contoso.com");
    await world.step.sync.run();
    const account = world.stub.users.at(-1);
    if (account === undefined) assert.fail("there is an account");
    account.email = "mallory@contoso.com";
    await world.step.sync.run();
    await world.step.sync.run();
    assert.equal((await world.link(userId)).id, null);
    assert.match((await world.problem(userId)) ?? "", /mallory@contoso\.com/);
    const mallory = await world.member("mallory@contoso.com");
    await world.step.people.workOutbox();
    assert.equal((await world.link(mallory)).id, null);
    await world.step.requireOpen();
  });

  test("whose membership was taken in Label Studio is listed, and the gateway stays open", async () => {
    const ids = [await world.member("a@contoso.com"), await world.member("b@contoso.com")];
    await world.step.sync.run();
    const accounts = world.stub.users.slice(1);
    for (const account of accounts) account.isDeleted = true;
    await world.step.sync.run();
    await world.step.requireOpen();
    for (const id of ids) assert.match((await world.problem(id)) ?? "", /membership.*taken/);
    for (const account of accounts) account.isDeleted = false;
    await world.step.sync.run();
    for (const id of ids) assert.equal(await world.problem(id), null);
  });

  test("unknown projects are asked of Label Studio for administrators alone, once a second", async () => {
    const annotator = await world.viewer(await world.member("a@contoso.com"));
    const admin = await world.viewer(await world.member("admin@contoso.com", "AD"));
    const asked = () => world.stub.requests.filter(({ target }) => /\/7\//.test(target)).length;
    assert.equal(world.step.requireProject(annotator, 7), undefined);
    assert.equal(await world.step.projects.learnProject(annotator, 7), false);
    assert.equal(asked(), 0);
    const learn = async () => await world.step.requireProject(admin, 7);
    await Promise.all([refused(learn(), "not_found"), refused(learn(), "not_found")]);
    await refused(learn(), "not_found");
    assert.equal(asked(), 1);
    world.stub.addProject("New", { id: 7 });
    world.advance(1000);
    await Promise.all([learn(), learn(), learn()]);
    assert.equal(asked(), 2);
    assert.equal((await projects(world)).length, 1);
    assert.equal(world.step.requireProject(admin, 7), undefined);
  });

  test("a look-up compares the project's creation time, once a second; another's is unlinked", async () => {
    const project = world.stub.addProject("Ours");
    await world.step.sync.run();
    const asked = () => world.stub.requests.filter(({ target }) => /\/1\//.test(target)).length;
    const before = asked();
    assert.equal(await world.step.isSameProject(project.id), true);
    assert.equal(await world.step.isSameProject(project.id), true);
    assert.equal(asked() - before, 1);
    assert.equal(await world.step.isSameProject(77), true, "nobody was given what is not known");
    project.created_at = "2026-03-03T03:03:03.000003Z";
    world.advance(1000);
    assert.equal(await world.step.isSameProject(project.id), false);
    const [ours] = await projects(world);
    assert.equal(ours?.upstreamId, null);
    await world.step.requireOpen();
    world.stub.projects.splice(0);
    world.advance(1000);
    assert.equal(await world.step.isSameProject(project.id), false, "one that is not there");
  });

  test("a look-up that meets another database closes the gateway", async () => {
    const made = ["One", "Two"].map((title) => world.stub.addProject(title));
    await world.step.sync.run();
    for (const project of made) project.created_at = "2026-03-03T03:03:03.000003Z";
    await refused(world.step.isSameProject(1), "upstream_closed");
    await refused(Promise.resolve(world.step.requireOpen()), "upstream_closed");
    assert.deepEqual(
      (await projects(world)).map(({ upstreamId }) => upstreamId),
      [1, 2],
    );
  });

  test("an account that is another's when it is read again is unlinked at once", async () => {
    const userId = await world.member("a@contoso.com");
    await world.step.sync.run();
    const viewer = await world.viewer(userId);
    const account = world.stub.users.at(-1);
    if (account === undefined) assert.fail("there is an account");
    account.email = "mallory@contoso.com";
    await refused(world.step.mendAccount(viewer), "upstream_bad_answer");
    assert.equal((await world.link(userId)).id, null);
  });

  test("once links were taken every process forgets what it kept, within a second", async () => {
    const { Door } = await import("../../src/gateway/door.ts");
    const other = new Door(world.deps);
    let forgotten = 0;
    other.onRenewal(() => {
      forgotten += 1;
    });
    const project = world.stub.addProject("Ours");
    await world.step.sync.run();
    await other.requireOpen();
    const first = forgotten;
    world.advance(1000);
    await other.requireOpen();
    assert.equal(forgotten, first, "nothing was taken meanwhile");
    project.created_at = "2026-03-03T03:03:03.000003Z";
    await world.step.sync.run();
    world.advance(1000);
    await other.requireOpen();
    assert.equal(forgotten, first + 1);
    await world.step.sync.accept({ kind: "system" });
    world.advance(1000);
    await other.requireOpen();
    assert.equal(forgotten, first + 2, "an accepted database");
  });

  test("rows from before attaching stay unlinked, whatever their titles", async () => {
    await createProject(world.store.db, {
      organizationId: world.organizationId,
      title: "Same title",
      workspaceId: null,
      at: 1,
    });
    world.stub.addProject("Same title");
    await world.step.sync.run();
    assert.deepEqual((await projects(world)).map((row) => row.upstreamId).sort(), [1, null]);
  });

  test("people see those who share a project and whoever worked in it; annotators see themselves", async () => {
    const ids: number[] = [];
    for (const name of ["rev", "ann", "other"]) {
      ids.push(await world.member(`${name}@contoso.com`, name === "rev" ? "RE" : "AN"));
    }
    const { userId, viewer, json } = await madeByManager(world);
    await world.step.projectCreated(viewer, json, null);
    await world.step.people.workOutbox();
    const gone = world.stub.addUser("left@contoso.com");
    const project = world.stub.projects[0];
    project?.annotators.push(gone.id);
    const [rev = 0, ann = 0] = ids;
    const reviewer = await world.viewer(rev, new Map([[project?.id ?? 0, "RE"]]));
    const numbers = async (userIds: readonly number[]) =>
      await Promise.all(userIds.map(async (id) => (await world.link(id)).id ?? 0));
    const seen = await world.step.peopleSeenBy(reviewer, project?.id ?? 0);
    assert.deepEqual(seen, new Set([...(await numbers([rev, userId])), gone.id]));
    const annotator = await world.viewer(ann, new Map([[project?.id ?? 0, "AN"]]));
    assert.deepEqual(
      [...(await world.step.peopleSeenBy(annotator, project?.id ?? 0))],
      await numbers([ann]),
    );
    assert.deepEqual(
      [...(await world.step.peopleSeenBy(reviewer, 999))],
      await numbers([rev]),
      "a project that is not theirs shows nobody",
    );
  });

  test("a workspace that somebody does not see is refused before the project is made", async () => {
    const workspaceId = await workspace(world);
    const manager = await world.viewer(await world.member("m@contoso.com", "MA"));
    const admin = await world.viewer(await world.member("admin@contoso.com", "AD"));
    await world.step.requireWorkspace(admin, workspaceId);
    await refused(world.step.requireWorkspace(manager, workspaceId), "validation_failed");
  });
});

async function madeByManager(world: StepWorld) {
  const userId = await world.member("manager@contoso.com", "MA");
  await world.step.ensureAccount(await world.viewer(userId));
  const viewer = await world.viewer(userId);
  const as = viewer.upstreamUserId ?? 0;
  const body = { title: "Mine" };
  const { json, status } = await world.upstream.ask("POST", "/api/projects/", { as, body });
  assert.equal(status, 201);
  assert.equal(readProject(json).creatorUpstreamId, as);
  return { userId, viewer, json };
}

function jsonOf({ stub }: StepWorld, id: number): unknown {
  return stub.projects.find((project) => project.id === id);
}

async function workspace({ store, organizationId }: StepWorld): Promise<number> {
  const { id } = await store.db
    .insertInto("workspaces")
    .values({ organization_id: organizationId, title: "Vision", created_by: null, created_at: 1 })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

async function projects({ store }: StepWorld) {
  return await store.db
    .selectFrom("projects")
    .orderBy("id")
    .select(["id", "title", "upstream_id as upstreamId", "workspace_id as workspaceId"])
    .select(["created_by as createdBy", "gone_at as goneAt", "pinned_at as pinnedAt"])
    .execute();
}

function pick(rows: Awaited<ReturnType<typeof projects>>) {
  return rows.map(({ title, pinnedAt }) => ({ title, isPinned: pinnedAt !== null }));
}

async function members({ store }: StepWorld) {
  return await store.db
    .selectFrom("project_members")
    .orderBy("id")
    .select(["project_id as projectId", "user_id as userId", "source"])
    .execute();
}

async function refused(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => error instanceof AppError && error.code === code);
}
