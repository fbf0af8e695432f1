/** Lists of projects (GATEWAY 10.5): what Label Studio is asked for, and that pages and counts are right. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AppError } from "../../src/errors.ts";
import type { StudioViewer } from "../../src/labelstudio/viewer.ts";
import { onEveryEngine } from "../engines.ts";
import { openStepWorld, type StepWorld } from "./step-world.ts";

interface List {
  readonly status: number;
  readonly sent: string;
  readonly ids: readonly number[];
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
}

const address = "https://labels.example.com/api/projects/";

onEveryEngine("lists of projects", (engine) => {
  describe("of a few projects", () => {
    let world: StepWorld;
    let viewer: StudioViewer;
    let admin: StudioViewer;
    before(async () => {
      world = await openStepWorld(engine);
      const userId = await world.member("re@contoso.com", "RE");
      const adminId = await world.member("admin@contoso.com", "AD");
      for (let n = 1; n <= 12; n += 1) world.stub.addProject(`Project ${n}`);
      world.stub.addProject("Draft", { is_draft: true });
      world.stub.addProject("Pinned", { pinned_at: "2026-02-02T00:00:00Z" });
      await world.step.sync.run();
      const granted = [1, 2, 3, 4, 5, 13, 14].map((id) => [id, "RE"] as const);
      viewer = await world.viewer(userId, new Map(granted));
      admin = await world.viewer(adminId);
    });
    after(async () => {
      await world.close();
    });

    test("hold what was granted, in Label Studio's order, and nobody's draft", async () => {
      assert.deepEqual((await list(world, viewer, "")).ids, [14, 5, 4, 3, 2, 1]);
    });

    test("hold of what is asked what was granted; the last ids do not win", async () => {
      assert.deepEqual((await list(world, viewer, "ids=1,2,9")).ids, [2, 1]);
      assert.deepEqual((await list(world, viewer, "ids=1&ids=9&ids=3")).ids, [3, 1]);
      assert.deepEqual((await list(world, viewer, "ids=9")).ids, []);
      assert.deepEqual((await list(world, viewer, "ids=0")).ids, []);
    });

    test("nobody's is ids=0, since empty means all", async () => {
      const nobody = await list(world, { ...viewer, projects: new Map() }, "");
      assert.equal(nobody.count, 0);
      assert.match(nobody.sent, /ids=0$/);
      assert.deepEqual((await list(world, viewer, "ids=")).ids, [14, 5, 4, 3, 2, 1]);
    });

    test("administrators see all, but for drafts of others", async () => {
      const all = await list(world, admin, "page_size=100");
      assert.equal(all.count, 13);
      assert.ok(!all.ids.includes(13));
      const own = { ...admin, userId: 0 };
      assert.ok(!(await list(world, own, "ids=13")).ids.includes(13));
    });

    test("their links are the client's own query, without what was granted", async () => {
      const page = await list(world, viewer, "page=2&page_size=2&include=id,title");
      assert.deepEqual(page.ids, [4, 3]);
      assert.equal(page.count, 6);
      assert.equal(page.next, `${address}?page=3&page_size=2&include=id%2Ctitle`);
      assert.equal(page.previous, `${address}?page_size=2&include=id%2Ctitle`);
    });

    test("search, workspaces and archived are resolved here", async () => {
      assert.deepEqual((await list(world, viewer, "search=PROJECT%202")).ids, [2]);
      assert.deepEqual((await list(world, viewer, "workspaces=9")).ids, []);
      assert.deepEqual((await list(world, viewer, "archived=true")).ids, []);
      assert.equal((await list(world, viewer, "archived=false")).count, 6);
    });

    test("a page that does not exist is refused as Label Studio does", async () => {
      assert.equal((await list(world, viewer, "page=9")).status, 404);
      assert.equal((await list(world, viewer, "page=last&page_size=4")).ids.length, 2);
    });

    for (const query of [
      "page=0",
      "page=1&page=2",
      "ids=1;2",
      "ids=01",
      "ids=1,x",
      "ids=-1",
      "ordering=task_data_password",
      "ordering=created_by__password",
      "include=id%00",
      "filter=mine",
      `search=${"x".repeat(201)}`,
      "archived=maybe",
    ]) {
      test(`${query.slice(0, 40)} is refused`, async () => {
        const work = world.step.listProjects(viewer, query, "list");
        await assert.rejects(work, (e) => e instanceof AppError && e.code === "bad_request");
      });
    }

    test("unknown parameters do not go on", async () => {
      const { sent } = await list(world, viewer, "created_by=1&organization=2&page_size=5");
      assert.doesNotMatch(sent, /created_by|organization/);
    });
  });

  describe("of 5,000 granted of 6,000", () => {
    let world: StepWorld;
    let viewer: StudioViewer;
    before(async () => {
      world = await openStepWorld(engine);
      const userId = await world.member("re@contoso.com", "RE");
      for (let n = 1; n <= 6000; n += 1) {
        const day = String((n % 28) + 1).padStart(2, "0");
        world.stub.addProject(`Title ${(n * 7919) % 6000}`, {
          ...(n % 100 === 0 && { pinned_at: `2026-01-${day}T00:00:00.${n}Z` }),
        });
      }
      await world.step.sync.run();
      const granted = world.stub.projects.filter(({ id }) => id % 6 !== 0);
      viewer = await world.viewer(userId, new Map(granted.map(({ id }) => [id, "RE"])));
    });
    after(async () => {
      await world.close();
    });

    for (const ordering of ["", "id", "-id", "-created_at", "created_at"]) {
      test(`every page is there once and nothing else, by ${ordering || "the usual order"}`, async () => {
        const seen: number[] = [];
        for (const page of [1, 2, 3, 25, 50]) {
          const found = await list(
            world,
            viewer,
            `page=${page}&page_size=100&ordering=${ordering}`,
          );
          assert.equal(found.count, 5000);
          assert.equal(found.ids.length, 100);
          assert.equal(found.next !== null, page < 50);
          seen.push(...found.ids);
        }
        assert.equal(new Set(seen).size, 500);
        assert.ok(seen.every((id) => id % 6 !== 0));
        const expected = expectedOrder(world, ordering).filter((id) => id % 6 !== 0);
        assert.deepEqual(seen.slice(0, 300), expected.slice(0, 300));
        assert.deepEqual(seen.slice(-100), expected.slice(-100));
      });
    }

    test("a title, pins and asked ids are counted right", async () => {
      const titled = await list(world, viewer, "title=title%2099&page_size=100");
      const expected = world.stub.projects.filter(
        ({ id, title }) => id % 6 !== 0 && title.toLowerCase().includes("title 99"),
      );
      assert.equal(titled.count, expected.length);
      const pinned = await list(world, viewer, "filter=pinned_only&page_size=100");
      assert.equal(pinned.count, 40);
      assert.deepEqual((await list(world, viewer, "ids=6,7")).ids, [7]);
    });

    test("no request line grows beyond what Label Studio takes", async () => {
      await list(world, viewer, `page_size=100&title=${"é".repeat(150)}&include=id`);
      for (const { target } of world.stub.requests) assert.ok(target.length < 4000, target);
    });

    test("counts likewise, and other orders are refused", async () => {
      const plan = await world.step.listProjects(viewer, "page=2&page_size=100", "counts");
      const { json } = await world.upstream.ask("GET", `/api/projects/counts/?${plan.query}`);
      const { results } = json as { results: { id: number }[] };
      const sorted = world.stub.projects.map(({ id }) => id).filter((id) => id % 6 !== 0);
      assert.deepEqual(
        results.map(({ id }) => id),
        sorted.slice(100, 200),
      );
      assert.equal(plan.links(1, address).count, 5000);
      const work = world.step.listProjects(viewer, "ordering=task_number", "list");
      await assert.rejects(work, (e) => e instanceof AppError && e.code === "bad_request");
    });

    test("a page beyond the last is Label Studio's 404", async () => {
      assert.equal((await list(world, viewer, "page=51&page_size=100")).status, 404);
      assert.equal((await list(world, viewer, "page=last&page_size=100")).ids.length, 100);
    });
  });
});

/** The order that Label Studio itself would list everything in. */
function expectedOrder({ stub }: StepWorld, ordering: string): number[] {
  const projects = stub.projects.toSorted((a, b) => {
    const [pinA, pinB] = [a.pinned_at ?? "", b.pinned_at ?? ""];
    if (ordering === "" && pinA !== pinB) return pinA > pinB ? -1 : 1;
    return ordering === "id" || ordering === "created_at" ? a.id - b.id : b.id - a.id;
  });
  return projects.map(({ id }) => id);
}

async function list(world: StepWorld, viewer: StudioViewer, query: string): Promise<List> {
  const plan = await world.step.listProjects(viewer, query, "list");
  const target = `/api/projects/?${plan.query}`;
  const { status, json } = await world.upstream.ask("GET", target);
  const { count = 0, results = [] } = json as { count?: number; results?: { id: number }[] };
  return {
    status,
    sent: plan.query,
    ids: results.map(({ id }) => id),
    ...plan.links(count, address),
  };
}
