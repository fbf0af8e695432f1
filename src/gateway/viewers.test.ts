/** Who asks the gateway: kept while true, forgotten in time, and never by another's credential. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openTestApp, type TestApp } from "../../test/app.ts";
import { type Engine, onEveryEngine } from "../../test/engines.ts";
import type { OrgRole } from "../access/roles.ts";
import type { RawHeaders } from "../credentials/read.ts";
import { AppError } from "../errors.ts";
import { makeAccessToken, refreshAccess } from "../people/api-tokens.ts";
import { createProject } from "../store/projects.ts";
import { deleteSessions } from "../store/sessions.ts";
import { migrate } from "../store/store.ts";
import type { Authenticated } from "./contract.ts";
import { KeptViewers } from "./viewers.ts";

interface World {
  readonly t: TestApp;
  readonly viewers: KeptViewers;
  readonly organizationId: number;
  readonly people: Readonly<Record<"OW" | "MA" | "RE" | "AN", { userId: number; email: string }>>;
}

async function withWorld(engine: Engine, work: (w: World) => Promise<void>): Promise<void> {
  const t = await openTestApp(engine);
  const viewers = new KeptViewers(t.deps);
  try {
    const OW = await t.createOrganizationWithOwner({ title: "Contoso" });
    const { organizationId } = OW;
    const add = async (role: OrgRole) =>
      await t.addMember({ organizationId, email: `${role.toLowerCase()}@contoso.com`, role });
    const people = { OW, MA: await add("MA"), RE: await add("RE"), AN: await add("AN") };
    await work({ t, viewers, organizationId, people });
  } finally {
    await viewers.stop();
    await t.close();
  }
}

const ask = async (w: World, ...rawHeaders: string[]) =>
  await w.viewers.authenticate({ rawHeaders }, "first");

const known = async (w: World, ...headers: string[]): Promise<Authenticated> => {
  const who = await ask(w, ...headers);
  assert.ok(who);
  return who;
};

/** True where the answer comes without waiting. */
function isWarm({ viewers }: World, headers: RawHeaders): boolean {
  const answer = viewers.authenticate({ rawHeaders: headers }, "first");
  if (answer instanceof Promise) {
    answer.catch(() => undefined);
    return false;
  }
  return answer !== null;
}

const has = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

async function project(
  { t, organizationId }: World,
  upstreamId: number | null,
  made: { workspaceId?: number; createdBy?: number } = {},
): Promise<number> {
  const { workspaceId = null, createdBy = null } = made;
  const at = t.deps.now();
  const id = await t.store.transaction((tx) =>
    createProject(tx, { organizationId, title: `P${upstreamId}`, workspaceId, createdBy, at }),
  );
  await t.store.db
    .updateTable("projects")
    .set({ upstream_id: upstreamId })
    .where("id", "=", id)
    .execute();
  return id;
}

async function workspace({ t, organizationId }: World, createdBy: number | null): Promise<number> {
  const { id } = await t.store.db
    .insertInto("workspaces")
    .values({
      ...{ organization_id: organizationId, title: `W${createdBy}`, created_by: createdBy },
      created_at: t.deps.now(),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

interface Grant {
  readonly role?: "AN" | "RE" | "IN";
  readonly source?: "manual" | "saml";
  readonly isPending?: boolean;
}

const grant = async (
  { t, organizationId }: World,
  [userId, projectId]: readonly [number, number],
  { role = "IN", source = "manual", isPending = false }: Grant = {},
) =>
  await t.store.db
    .insertInto("project_members")
    .values({
      ...{ organization_id: organizationId, user_id: userId, project_id: projectId, source, role },
      ...{ is_pending: isPending ? 1 : 0, granted_at: t.deps.now() },
    })
    .execute();

const join = async ({ t, organizationId }: World, userId: number, workspaceId: number) =>
  await t.store.db
    .insertInto("workspace_members")
    .values({
      ...{ organization_id: organizationId, user_id: userId, workspace_id: workspaceId },
      ...{ source: "manual", granted_at: t.deps.now() },
    })
    .execute();

const setRole = async ({ t }: World, userId: number, role: OrgRole) =>
  await t.store.db.updateTable("memberships").set({ role }).where("user_id", "=", userId).execute();

onEveryEngine("the gateway's viewers", (engine) => {
  const world = async (work: (w: World) => Promise<void>) => await withWorld(engine, work);
  const cookieOf = async (w: World, role: keyof World["people"]) => [
    "Cookie",
    await w.t.signedInCookie(w.people[role].email, w.organizationId),
  ];

  test("a person has the projects that they were given, by Label Studio's numbers", async () => {
    await world(async (w) => {
      const { MA, RE, AN } = w.people;
      const shared = await workspace(w, null);
      const own = await workspace(w, MA.userId);
      await join(w, RE.userId, shared);
      await project(w, 71, { workspaceId: shared });
      await project(w, 72, { workspaceId: own });
      await project(w, 73, { createdBy: MA.userId });
      await project(w, 74);
      const unlinked = await project(w, null);
      const lowered = await project(w, 75);
      const raised = await project(w, 76);
      const pending = await project(w, 77);
      await grant(w, [RE.userId, lowered], { role: "AN" });
      await grant(w, [RE.userId, unlinked]);
      await grant(w, [AN.userId, raised], { role: "AN" });
      await grant(w, [AN.userId, raised], { role: "RE", source: "saml" });
      await grant(w, [AN.userId, pending], { isPending: true });
      await grant(w, [MA.userId, raised], { role: "AN" });
      const projects = async (role: keyof World["people"]) =>
        (await known(w, ...(await cookieOf(w, role)))).viewer.projects;
      assert.equal(await projects("OW"), "all");
      const sorted = async (role: keyof World["people"]) =>
        [...((await projects(role)) as ReadonlyMap<number, string>)].sort(([a], [b]) => a - b);
      assert.deepEqual(await sorted("RE"), [
        [71, "RE"],
        [75, "AN"],
      ]);
      assert.deepEqual(await sorted("AN"), [[76, "RE"]]);
      assert.deepEqual(await sorted("MA"), [
        [72, "MA"],
        [73, "MA"],
        [76, "MA"],
      ]);
    });
  });

  test("the second request answers at once, by session and by each kind of token", async () => {
    await world(async (w) => {
      const { AN } = w.people;
      const holder = { userId: AN.userId, organizationId: w.organizationId };
      const refresh = await makeAccessToken(w.t.deps, holder, { replaces: false });
      const { access } = await refreshAccess(w.t.deps, refresh.token);
      const token = await w.t.apiToken(AN.email, w.organizationId);
      const cookie = await cookieOf(w, "AN");
      for (const [headers, via] of [
        [cookie, "session"],
        [["Authorization", `Token ${token}`], "token"],
        [["X-Api-Key", token.toUpperCase()], "token"],
        [["authorization", `Bearer ${access}`], "bearer"],
        [["Authorization", "Basic dTpw", ...cookie], "session"],
        [["Authorization", "Bearer an.outer.gateways", ...cookie], "session"],
      ] as const) {
        const who = await known(w, ...headers);
        assert.deepEqual(
          [who.principal.userId, who.principal.via, who.isAmbient],
          [AN.userId, via, via === "session"],
        );
        assert.ok(isWarm(w, headers), via);
      }
      assert.equal(await ask(w), null);
    });
  });

  test("a bad token of ours is refused beside a good session, an outer one without a session", async () => {
    await world(async (w) => {
      const cookie = await cookieOf(w, "AN");
      await assert.rejects(
        async () => await ask(w, "Authorization", `Token ${"0".repeat(40)}`, ...cookie),
        has("invalid_token"),
      );
      await assert.rejects(
        async () => await ask(w, "Authorization", "Bearer an.outer.gateways"),
        has("invalid_token"),
      );
      assert.equal(await ask(w, "Cookie", `labelgate_session=${"s".repeat(43)}`), null);
    });
  });

  test("what this process writes counts from the next request on", async () => {
    await world(async (w) => {
      const { AN } = w.people;
      const cookie = await cookieOf(w, "AN");
      const number = await project(w, 71);
      assert.equal((await known(w, ...cookie)).viewer.projects.valueOf() instanceof Map, true);
      await grant(w, [AN.userId, number], { role: "RE" });
      assert.deepEqual((await known(w, ...cookie)).viewer.projects, new Map([[71, "RE"]]));
      await w.t.store.transaction(async (tx) => {
        await tx.deleteFrom("project_members").execute();
      });
      assert.deepEqual((await known(w, ...cookie)).viewer.projects, new Map());
      await setRole(w, AN.userId, "DI");
      await assert.rejects(async () => await ask(w, ...cookie), has("permission_denied"));
      await setRole(w, AN.userId, "AN");
      await known(w, ...cookie);
      await deleteSessions(w.t.store.db, { userId: AN.userId });
      assert.equal(await ask(w, ...cookie), null);
    });
  });

  test("a token that was made anew is dead from the next request on", async () => {
    await world(async (w) => {
      const { AN } = w.people;
      const old = await w.t.apiToken(AN.email, w.organizationId);
      await known(w, "X-Api-Key", old);
      const fresh = await w.t.apiToken(AN.email, w.organizationId);
      await assert.rejects(async () => await ask(w, "X-Api-Key", old), has("invalid_token"));
      await known(w, "X-Api-Key", fresh);
    });
  });

  test("a session ends by its clock from what is kept, and its use is noted every five minutes", async () => {
    await world(async (w) => {
      const cookie = await cookieOf(w, "AN");
      const lastSeen = async () =>
        (await w.t.store.db.selectFrom("sessions").select("last_seen_at").executeTakeFirstOrThrow())
          .last_seen_at;
      await known(w, ...cookie);
      const begun = await lastSeen();
      w.t.clock.advance(6 * 60_000);
      assert.ok(isWarm(w, cookie));
      await wait(50);
      assert.equal(await lastSeen(), begun + 6 * 60_000);
      assert.ok(isWarm(w, cookie));
      for (let day = 0; day < 13; day += 1) {
        w.t.clock.advance(24 * 3_600_000);
        await known(w, ...cookie);
        await wait(5);
      }
      w.t.clock.advance(24 * 3_600_000);
      assert.equal(await ask(w, ...cookie), null);
    });
  });

  test("somebody who signed in elsewhere idle for five days is asked of the database, not refused", async () => {
    await world(async (w) => {
      const cookie = await cookieOf(w, "AN");
      await known(w, ...cookie);
      w.t.clock.advance(4 * 24 * 3_600_000);
      await w.t.store.db.updateTable("sessions").set({ last_seen_at: w.t.clock.nowMs }).execute();
      w.t.clock.advance(2 * 24 * 3_600_000);
      await known(w, ...cookie);
      w.t.clock.advance(5 * 24 * 3_600_000);
      assert.equal(await ask(w, ...cookie), null);
    });
  });

  test("requests that come together while a person is deactivated all see it afterwards", async () => {
    await world(async (w) => {
      const { AN } = w.people;
      for (let round = 0; round < 10; round += 1) {
        const cookie = await cookieOf(w, "AN");
        const asked = () =>
          Promise.allSettled(Array.from({ length: 5 }, async () => await ask(w, ...cookie)));
        const before = asked();
        const change = setRole(w, AN.userId, "DI");
        const during = asked();
        await change;
        await assert.rejects(async () => await ask(w, ...cookie), has("permission_denied"));
        await Promise.all([before, during]);
        await assert.rejects(async () => await ask(w, ...cookie), has("permission_denied"));
        await setRole(w, AN.userId, "AN");
      }
    });
  });

  test("another process hears within a second", async () => {
    const options = await engine.create();
    const [first, second] = [await engine.openAt(options), await engine.openAt(options)];
    await migrate(first);
    await withWorld({ ...engine, open: async () => first }, async (w) => {
      const viewers = new KeptViewers({ ...w.t.deps, store: second });
      viewers.start();
      try {
        const cookie = await cookieOf(w, "AN");
        const there = async () => await viewers.authenticate({ rawHeaders: cookie }, "first");
        assert.ok(await there());
        assert.ok(!(viewers.authenticate({ rawHeaders: cookie }, "first") instanceof Promise));
        await setRole(w, w.people.AN.userId, "DI");
        await wait(1_000);
        await assert.rejects(there, has("permission_denied"));
      } finally {
        await viewers.stop();
      }
    });
  });

  test("without the database, what is kept counts for a second, and then the answer is 503", async () => {
    const options = await engine.create();
    const [first, second] = [await engine.openAt(options), await engine.openAt(options)];
    await migrate(first);
    await withWorld({ ...engine, open: async () => first }, async (w) => {
      let isAway = false as boolean;
      const store = {
        ...second,
        get db() {
          if (isAway) throw new Error("the database is away");
          return second.db;
        },
      };
      const viewers = new KeptViewers({ ...w.t.deps, store });
      const cookie = await cookieOf(w, "AN");
      const there = async () => await viewers.authenticate({ rawHeaders: cookie }, "first");
      assert.ok(await there());
      isAway = true;
      assert.ok(await there());
      await wait(1_050);
      await assert.rejects(there, has("not_ready"));
      isAway = false;
      assert.ok(await there());
    });
  });

  test("transfers are cut where the person is deactivated or the session ended, and only then", async () => {
    await world(async (w) => {
      w.viewers.start();
      const { AN, RE } = w.people;
      const cut: string[] = [];
      const watch = async (name: string, headers: readonly string[]) =>
        w.viewers.whileActive(await known(w, ...headers), () => cut.push(name));
      const anna = await cookieOf(w, "AN");
      const token = await w.t.apiToken(AN.email, w.organizationId);
      await watch("session", anna);
      await watch("other session", await cookieOf(w, "AN"));
      await watch("token", ["X-Api-Key", token]);
      await watch("rene", await cookieOf(w, "RE"));
      const over = await watch("over", await cookieOf(w, "RE"));
      over();
      await grant(w, [AN.userId, await project(w, 71)]);
      await wait(700);
      assert.deepEqual([...cut], []);
      const { sessionId } = (await known(w, ...anna)).principal;
      await deleteSessions(w.t.store.db, { userId: AN.userId, id: sessionId ?? "" });
      await wait(700);
      assert.deepEqual([...cut], ["session"]);
      await setRole(w, AN.userId, "DI");
      await wait(700);
      assert.deepEqual(new Set(cut), new Set(["other session", "session", "token"]));
      assert.equal(cut.length, 3);
      w.t.clock.advance(15 * 24 * 3_600_000);
      await deleteSessions(w.t.store.db, { userId: RE.userId });
      await wait(700);
      assert.ok(!cut.includes("rene"), "a session that ran out cuts nothing");
      await setRole(w, RE.userId, "DI");
      await wait(700);
      assert.ok(cut.includes("rene"));
      assert.ok(!cut.includes("over"));
    });
  });

  test("no more is kept than there is room for, and what is used stays", async () => {
    await world(async (w) => {
      const small = { ...w, viewers: new KeptViewers(w.t.deps, { most: 2 }) };
      const used = await cookieOf(w, "AN");
      await known(small, ...used);
      for (let visit = 0; visit < 5; visit += 1) {
        const other = await cookieOf(w, "RE");
        assert.ok(isWarm(small, used));
        await known(small, ...other);
      }
      await wait(5);
      assert.ok(isWarm(small, used));
    });
  });
});
