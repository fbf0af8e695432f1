/** Look-ups, against answers of a real Label Studio 1.23.2. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { anna, studioAnswer } from "../../test/fixtures/studio-answers.ts";
import { AppError } from "../errors.ts";
import { type ResourceKind, type ResourceRef, resourceKey } from "../labelstudio/resource.ts";
import { KeptLookups } from "./lookups.ts";

const answer = (name: string): unknown => JSON.parse(studioAnswer(name));
const first = (name: string): unknown => {
  const list = answer(name);
  return Array.isArray(list) ? list[0] : Reflect.get(Object(list), "results")?.[0];
};

/** A Label Studio that answers these addresses, and 404 to all others. */
function labelStudio(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  let nowMs = 0;
  const world = {
    asked,
    answers: { ...answers } as Record<string, unknown>,
    status: 0,
    gate: null as Promise<void> | null,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
  const ask = async (_method: string, target: string) => {
    asked.push(target);
    const json = world.answers[target];
    await world.gate;
    if (world.status > 0) return { status: world.status, json: null };
    return json === undefined ? { status: 404, json: { detail: "No." } } : { status: 200, json };
  };
  const others = new Set<number>();
  let renew: () => void = () => undefined;
  const inStep = {
    isSameProject: async (project: number) => !others.has(project),
    onRenewal: (forget: () => void) => {
      renew = forget;
    },
  };
  const lookups = new KeptLookups({ ask }, inStep, { now: () => nowMs, most: 100 });
  const one = async (ref: ResourceRef) => (await lookups.find([ref])).get(resourceKey(ref)) ?? null;
  return { ...world, world, lookups, one, others, renew: () => renew() };
}

const tasks = {
  "/api/tasks/1/?include=id,project": { id: 1, project: 1 },
  "/api/tasks/4/?include=id,project": { id: 4, project: 2 },
};

describe("looking things up", () => {
  test("each kind tells its project, its task and its maker", async () => {
    const ls = labelStudio({
      ...tasks,
      "/api/annotations/2/": answer("annotation"),
      "/api/drafts/1/": answer("draft"),
      "/api/predictions/1/": first("predictions"),
      "/api/dm/views/2/": answer("view"),
      "/api/import/file-upload/9": { id: 9, file: "upload/7/0a1b2c3d-photo.png", size: 3 },
      "/api/storages/s3/1": answer("storage"),
      "/api/storages/export/s3/1": answer("storage"),
      "/api/webhooks/1/": answer("webhook"),
      "/api/webhooks/2/": { id: 2, project: null },
      "/api/ml/1": answer("ml-backend"),
      "/api/label_links/1/": { id: 1, project: 1, label: 1 },
      "/api/projects/5/exports/3": { id: 3, title: "E" },
      "/api/projects/1/?include=id,created_by": answer("project"),
    });
    const told = async (kind: ResourceKind, id: number, type?: string) =>
      await ls.one({ kind, id, ...(type !== undefined && { type }) });
    assert.deepEqual(await told("task", 1), { kind: "task", id: 1, projectId: 1 });
    const annotation = await told("annotation", 2);
    assert.deepEqual([annotation?.projectId, annotation?.taskId], [1, 1]);
    assert.equal(annotation?.createdBy, Reflect.get(Object(answer("annotation")), "completed_by"));
    const draft = await told("draft", 1);
    assert.deepEqual([draft?.projectId, draft?.taskId, draft?.createdBy], [1, 1, anna]);
    assert.equal((await told("prediction", 1))?.projectId, 1);
    const view = await told("view", 2);
    assert.equal(view?.projectId, 1);
    assert.deepEqual(view?.data, Reflect.get(Object(answer("view")), "data"));
    assert.equal((await told("file_upload", 9))?.projectId, 7);
    assert.equal((await told("storage", 1, "s3"))?.projectId, 1);
    assert.equal((await told("storage", 1, "export/s3"))?.type, "export/s3");
    assert.equal((await told("webhook", 1))?.projectId, 1);
    assert.equal((await told("webhook", 2))?.projectId, null);
    assert.equal((await told("ml_backend", 1))?.projectId, 1);
    assert.equal((await told("label_link", 1))?.projectId, 1);
    assert.equal((await told("export", 3, "5"))?.projectId, 5);
    assert.equal(await told("export", 3, "6"), null);
    await assert.rejects(told("export", 3, "5/../6"));
    assert.equal((await told("project", 1))?.projectId, 1);
  });

  test("an annotation that was moved to a task of another project belongs where its task does", async () => {
    const ls = labelStudio({
      ...tasks,
      "/api/annotations/7/": { id: 7, task: 4, project: 1, completed_by: 3 },
      "/api/annotations/8/": { id: 8, task: 99, project: 1, completed_by: 3 },
    });
    assert.equal((await ls.one({ kind: "annotation", id: 7 }))?.projectId, 2);
    assert.equal((await ls.one({ kind: "annotation", id: 8 }))?.projectId, null);
  });

  test("a draft of an annotation belongs where the annotation does, whatever the maker is called", async () => {
    const ls = labelStudio({
      ...tasks,
      "/api/annotations/7/": { id: 7, task: 1, project: 1, completed_by: 3 },
      "/api/drafts/5/": {
        ...{ id: 5, task: null, annotation: 7, user: "eve@x.y" },
        created_username: "Eve, 2 eve@x.y, 17",
      },
      "/api/drafts/6/": { id: 6, task: 1, annotation: null, user: "", created_username: "" },
    });
    const draft = await ls.one({ kind: "draft", id: 5 });
    assert.deepEqual(
      [draft?.projectId, draft?.taskId, draft?.annotationId, draft?.createdBy],
      [1, 1, 7, 17],
    );
    assert.equal((await ls.one({ kind: "draft", id: 6 }))?.createdBy, null);
  });

  test("tasks and annotations are asked once, others again after a second, and after a change at once", async () => {
    const ls = labelStudio({
      ...tasks,
      "/api/annotations/2/": answer("annotation"),
      "/api/dm/views/2/": answer("view"),
    });
    const refs: readonly ResourceRef[] = [
      { kind: "task", id: 1 },
      { kind: "annotation", id: 2 },
      { kind: "view", id: 2 },
    ];
    await ls.lookups.find(refs);
    assert.equal((await ls.lookups.find(refs)).size, 3);
    assert.equal(ls.asked.length, 3);
    ls.advance(1_000);
    await ls.lookups.find(refs);
    assert.equal(ls.asked.length, 4);
    for (const ref of refs) ls.lookups.forget(ref);
    ls.world.answers["/api/tasks/1/?include=id,project"] = undefined;
    assert.equal(await ls.one({ kind: "task", id: 1 }), null);
    assert.equal(ls.asked.length, 5);
  });

  test("what is not there costs one question a second, however often somebody guesses", async () => {
    const ls = labelStudio({});
    for (let guess = 0; guess < 10; guess += 1) await ls.one({ kind: "task", id: 77 });
    assert.equal(ls.asked.length, 1);
    ls.advance(1_000);
    ls.world.answers["/api/tasks/77/?include=id,project"] = { id: 77, project: 3 };
    assert.equal((await ls.one({ kind: "task", id: 77 }))?.projectId, 3);
  });

  test("requests that come together share a question, and a change meanwhile keeps nothing stale", async () => {
    const ls = labelStudio(tasks);
    let open: () => void = () => undefined;
    ls.world.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const ref = { kind: "task", id: 1 } as const;
    const [one, two] = [ls.one(ref), ls.one(ref)];
    ls.lookups.forget(ref);
    ls.world.answers["/api/tasks/1/?include=id,project"] = undefined;
    const three = ls.one(ref);
    open();
    assert.equal((await one)?.projectId, 1);
    assert.equal((await two)?.projectId, 1);
    assert.equal(await three, null);
    assert.equal(ls.asked.length, 2);
    assert.equal(await ls.one(ref), null);
    assert.equal(ls.asked.length, 2);
  });

  test("a Label Studio that fails, or answers something else, is no proof of anything", async () => {
    const ls = labelStudio({ "/api/webhooks/3/": { id: 3, project: "1" }, "/api/tasks/5/": [] });
    const isBad = (error: unknown) =>
      error instanceof AppError && error.code === "upstream_bad_answer";
    await assert.rejects(ls.one({ kind: "webhook", id: 3 }), isBad);
    ls.world.status = 500;
    await assert.rejects(ls.one({ kind: "task", id: 5 }), isBad);
    ls.world.status = 0;
    assert.equal(await ls.one({ kind: "task", id: 5 }), null);
  });

  test("a thing of a project that is another by now is not there, until it is settled which it is", async () => {
    const ls = labelStudio({
      ...tasks,
      "/api/annotations/7/": { id: 7, task: 1, project: 1, completed_by: 3 },
    });
    ls.others.add(1);
    assert.equal(await ls.one({ kind: "task", id: 1 }), null);
    assert.equal((await ls.one({ kind: "annotation", id: 7 }))?.projectId, null);
    assert.equal((await ls.one({ kind: "task", id: 4 }))?.projectId, 2);
    ls.others.clear();
    ls.advance(1_000);
    assert.equal((await ls.one({ kind: "task", id: 1 }))?.projectId, 1);
  });

  test("nothing that was learnt of another database is believed, nor what is being asked of it", async () => {
    const ls = labelStudio(tasks);
    assert.equal((await ls.one({ kind: "task", id: 1 }))?.projectId, 1);
    let open: () => void = () => undefined;
    ls.world.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const before = ls.one({ kind: "task", id: 4 });
    ls.renew();
    for (const id of [1, 4])
      ls.world.answers[`/api/tasks/${id}/?include=id,project`] = { project: 9 };
    open();
    await before;
    assert.equal((await ls.one({ kind: "task", id: 1 }))?.projectId, 9);
    assert.equal((await ls.one({ kind: "task", id: 4 }))?.projectId, 9);
  });

  test("hundreds of things are asked a few at a time, and no more is kept than there is room for", async () => {
    const ls = labelStudio({});
    const refs = Array.from(
      { length: 500 },
      (_, index) => ({ kind: "task", id: index + 1 }) as const,
    );
    await ls.lookups.find(refs);
    assert.equal(ls.asked.length, 500);
    await ls.lookups.find(refs.slice(-50));
    assert.ok(ls.asked.length <= 550);
  });

  test("a type of storage never leads to another address", async () => {
    const ls = labelStudio({});
    for (const type of ["../users", "s3/../..", "", "s3?x", "export/export/s3"]) {
      await assert.rejects(ls.one({ kind: "storage", id: 1, type }));
    }
    assert.deepEqual(ls.asked, []);
  });
});
