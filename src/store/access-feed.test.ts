/** The feed of changes of access: what writes it, what does not, and that no reader misses any. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { type AccessChanges, type FeedPosition, readAccessChanges } from "./access-feed.ts";
import { deleteExpired } from "./cleanup.ts";
import { createProject } from "./projects.ts";
import { createSession, deleteSession, touchSession } from "./sessions.ts";
import { type Db, migrate, type Store } from "./store.ts";

const at = Date.UTC(2026, 0, 5);

/** Two people, a workspace and a project of it, linked as number 700. */
async function seed(store: Store) {
  return await store.transaction(async (tx) => {
    const { id: organizationId } = await tx
      .insertInto("organizations")
      .values({
        title: "Contoso",
        default_role: "AN",
        seat_limit: null,
        invite_token: "i",
        created_at: at,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    const people: number[] = [];
    for (const email of ["anna@contoso.com", "rene@contoso.com"]) {
      const { id } = await tx
        .insertInto("users")
        .values({ email, first_name: "", last_name: "", password_hash: null, created_at: at })
        .returning("id")
        .executeTakeFirstOrThrow();
      people.push(id);
      await tx
        .insertInto("memberships")
        .values({
          organization_id: organizationId,
          user_id: id,
          role: "AN",
          role_source: "manual",
          role_set_at: at,
          created_at: at,
          last_groups: null,
          last_sign_in_at: null,
        })
        .execute();
    }
    const { id: workspaceId } = await tx
      .insertInto("workspaces")
      .values({ organization_id: organizationId, title: "W", created_by: null, created_at: at })
      .returning("id")
      .executeTakeFirstOrThrow();
    const projectId = await createProject(tx, { organizationId, title: "P", workspaceId, at });
    await tx
      .updateTable("projects")
      .set({ upstream_id: 700 })
      .where("id", "=", projectId)
      .execute();
    const [anna = 0, rene = 0] = people;
    return { organizationId, anna, rene, workspaceId, projectId };
  });
}

type Seeded = Awaited<ReturnType<typeof seed>>;

const sessionOf = ({ organizationId, anna }: Seeded, tokenHash: string) => ({
  ...{ tokenHash, id: tokenHash, userId: anna, organizationId, method: "saml" as const, at },
  ...{ expiresAt: at + 1000, ip: "", userAgent: "" },
});

function readerOf(store: Store) {
  let position: FeedPosition | null = null;
  return async (): Promise<Pick<AccessChanges, "people" | "isGeneral">> => {
    const { people, isGeneral, position: next } = await readAccessChanges(store.db, position);
    position = next;
    return { people, isGeneral };
  };
}

function newGate() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve };
}

const grant = ({ organizationId, anna, projectId }: Seeded) => ({
  ...{ organization_id: organizationId, user_id: anna, project_id: projectId },
  ...{ source: "manual" as const, role: "RE" as const, is_pending: 0, granted_at: at },
});

onEveryEngine("the feed of changes", (engine) => {
  test("whatever takes away or changes access names its person, or everybody, and counts as a write", async () => {
    const store = await engine.open();
    const s = await seed(store);
    const read = readerOf(store);
    await read();
    const { db } = store;
    const anna = { people: new Set([s.anna]), isGeneral: false };
    const everybody = { people: new Set<number>(), isGeneral: true };
    const ofAnna = (table: "memberships" | "project_members" | "workspace_members") =>
      db.updateTable(table).where("user_id", "=", s.anna);
    const cases: readonly (readonly [string, () => Promise<unknown>, typeof anna])[] = [
      ["project grant", () => db.insertInto("project_members").values(grant(s)).execute(), anna],
      ["project role", () => ofAnna("project_members").set({ role: "AN" }).execute(), anna],
      ["project removal", () => db.deleteFrom("project_members").execute(), anna],
      [
        "workspace grant",
        () =>
          db
            .insertInto("workspace_members")
            .values({
              ...{ organization_id: s.organizationId, user_id: s.anna, source: "manual" },
              ...{ workspace_id: s.workspaceId, granted_at: at },
            })
            .execute(),
        anna,
      ],
      ["workspace removal", () => db.deleteFrom("workspace_members").execute(), anna],
      ["role", () => ofAnna("memberships").set({ role: "DI" }).execute(), anna],
      [
        "address",
        () => db.updateTable("users").where("id", "=", s.anna).set({ email: "a@b.c" }).execute(),
        anna,
      ],
      [
        "account of Label Studio",
        () => db.updateTable("users").where("id", "=", s.anna).set({ upstream_id: 7 }).execute(),
        anna,
      ],
      [
        "workspace of a project",
        () => db.updateTable("projects").set({ workspace_id: null }).execute(),
        everybody,
      ],
      [
        "number of a project",
        () => db.updateTable("projects").set({ upstream_id: 701 }).execute(),
        everybody,
      ],
      [
        "session",
        async () => {
          await createSession(db, sessionOf(s, "h1"));
          await deleteSession(db, "h1");
        },
        anna,
      ],
      [
        "membership with its sessions",
        async () => {
          await createSession(db, sessionOf(s, "h2"));
          await db.deleteFrom("memberships").where("user_id", "=", s.anna).execute();
        },
        anna,
      ],
    ];
    for (const [what, change, expected] of cases) {
      const before = store.accessWrites();
      await change();
      assert.ok(store.accessWrites() > before, what);
      assert.deepEqual(await read(), expected, what);
      assert.deepEqual(await read(), { people: new Set(), isGeneral: false }, `${what}, again`);
    }
  });

  test("what takes nothing away writes no row: a session begins, is used, a sign-on is noted", async () => {
    const store = await engine.open();
    const s = await seed(store);
    await store.transaction((tx) => createSession(tx, sessionOf(s, "h")));
    const read = readerOf(store);
    await read();
    const before = store.accessWrites();
    await store.transaction(async (tx) => {
      await createSession(tx, sessionOf(s, "k"));
      await tx
        .updateTable("memberships")
        .set({ last_sign_in_at: at, last_groups: "[]", role: "AN" })
        .execute();
      await tx.updateTable("users").set({ first_name: "", password_hash: "x" }).execute();
    });
    await touchSession(
      store.db,
      { id: "h", userId: s.anna, lastSeenAt: at, idleMs: 3_600_000 },
      at + 600_000,
    );
    assert.deepEqual(await read(), { people: new Set(), isGeneral: false });
    assert.equal(store.accessWrites(), before);
  });

  test("a transaction that is taken back leaves nothing in the feed", async () => {
    const store = await engine.open();
    const s = await seed(store);
    const read = readerOf(store);
    await read();
    await assert.rejects(
      store.transaction(async (tx) => {
        await tx.insertInto("project_members").values(grant(s)).execute();
        throw new Error("no");
      }),
    );
    assert.deepEqual(await read(), { people: new Set(), isGeneral: false });
  });

  test("a write of one process is in the feed of another, and counts as a write in the first alone", async () => {
    const options = await engine.create();
    const first = await engine.openAt(options);
    await migrate(first);
    const second = await engine.openAt(options);
    const s = await seed(first);
    await second.ping();
    const read = readerOf(second);
    await read();
    const before = second.accessWrites();
    await first.db.insertInto("project_members").values(grant(s)).execute();
    assert.deepEqual(await read(), { people: new Set([s.anna]), isGeneral: false });
    assert.equal(second.accessWrites(), before);
  });

  test("rows go after an hour, and a reader that begins anew reads on", async () => {
    const store = await engine.open();
    const s = await seed(store);
    const read = readerOf(store);
    await read();
    await store.db.insertInto("project_members").values(grant(s)).execute();
    await read();
    await deleteExpired(store.db, Date.now() + 3_700_000);
    const { count } = await store.db
      .selectFrom("access_changes")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    assert.equal(Number(count), 0);
    const fresh = readerOf(store);
    await fresh();
    await store.db.deleteFrom("project_members").execute();
    assert.deepEqual((await read()).people, new Set([s.anna]));
    assert.deepEqual((await fresh()).people, new Set([s.anna]));
  });

  if (engine.name === "postgres") {
    test("a row that becomes visible after younger ones is not missed, and none is told twice", async () => {
      const store = await engine.open();
      const s = await seed(store);
      const read = readerOf(store);
      await read();
      const gate = newGate();
      const hasWritten = newGate();
      const late = store.transaction(async (tx: Db) => {
        await tx.insertInto("project_members").values(grant(s)).execute();
        hasWritten.resolve();
        await gate.promise;
      });
      await hasWritten.promise;
      const before = store.accessWrites();
      await store.db
        .updateTable("memberships")
        .where("user_id", "=", s.rene)
        .set({ role: "RE" })
        .execute();
      assert.deepEqual((await read()).people, new Set([s.rene]));
      assert.deepEqual((await read()).people, new Set());
      assert.equal(store.accessWrites(), before + 1);
      gate.resolve();
      await late;
      assert.equal(store.accessWrites(), before + 2);
      assert.deepEqual((await read()).people, new Set([s.anna]));
      assert.deepEqual((await read()).people, new Set());
    });
  }
});
