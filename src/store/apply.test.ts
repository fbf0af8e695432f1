import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { applyChanges, seedMember, seedOrganization } from "../../test/seed.ts";
import type { Assignment, Change } from "../access/changes.ts";
import { hasAccess } from "../access/roles.ts";
import { createApiToken, listApiTokens } from "./api-tokens.ts";
import { listAudit } from "./audit.ts";
import { createInvite, listInvites } from "./invites.ts";
import { loadOrganization, updateOrganization } from "./organizations.ts";
import { findUserByEmail, loadAccess, loadMembership, loadSnapshot, loadUser } from "./people.ts";
import { createProject } from "./projects.ts";
import { createSession, listSessions } from "./sessions.ts";
import type { Store } from "./store.ts";

const email = "ada@example.com";
const account = {
  kind: "user_created",
  email,
  firstName: "Ada",
  lastName: "Byron",
} as const satisfies Change;
const annotator: Change = { kind: "membership_created", role: "AN", source: "saml" };

const apply = (store: Store, organizationId: number, changes: readonly Change[]) =>
  store.transaction((tx) => applyChanges(tx, organizationId, email, { changes }));

const snapshot = (store: Store, organizationId: number, address = email) =>
  loadSnapshot(store.db, {
    organizationId,
    email: address,
    workspaceTitles: [],
    projectIds: [],
    lock: false,
  });

onEveryEngine("applying a plan", (engine) => {
  test("makes the account, the membership and their audit row", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const changes = [account, annotator];
    const reasons = [
      { subject: "role", result: "granted", rule: "4.6", text: "The default role." },
    ] as const;
    const applied = await store.transaction((tx) =>
      applyChanges(tx, id, email, {
        changes,
        plan: { email, userId: null, changes, reasons },
        at: 7,
        action: "sign_in",
        requestId: "request",
        ip: "192.0.2.1",
      }),
    );
    const user = await findUserByEmail(store.db, email);
    assert.deepEqual(user, {
      id: applied.userId,
      email,
      firstName: "Ada",
      lastName: "Byron",
      passwordHash: null,
      isPasswordProved: false,
      createdAt: 7,
    });
    assert.equal(applied.role, "AN");
    assert.deepEqual(await loadMembership(store.db, id, applied.userId), {
      role: "AN",
      roleSource: "saml",
      roleSetAt: 7,
      createdAt: 7,
      opensByPassword: false,
      lastGroups: null,
      lastSignInAt: null,
    });
    const [row, ...more] = await listAudit(store.db, { organizationId: id });
    assert.deepEqual(more, []);
    assert.deepEqual(row, {
      id: row?.id,
      organizationId: id,
      at: 7,
      actor: { kind: "saml" },
      subjectUserId: applied.userId,
      action: "sign_in",
      changes,
      reasons,
      ip: "192.0.2.1",
      requestId: "request",
    });
  });

  test("without changes writes nothing", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const userId = await seedMember(store, id, email);
    const before = await listAudit(store.db, { organizationId: id });
    assert.deepEqual(await apply(store, id, []), { userId, role: null });
    assert.deepEqual(await listAudit(store.db, { organizationId: id }), before);
  });

  test("writes every kind of change", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const projectId = await createProject(store.db, {
      organizationId: id,
      title: "Birds",
      workspaceId: null,
      at: 1,
    });
    const assignments: readonly Assignment[] = [
      { scope: "organization", group: "g", role: "RE" },
      { scope: "workspace", group: "g", title: "Zoo" },
      { scope: "project", group: "g", projectId, role: "RE" },
    ];
    const { userId } = await apply(store, id, [
      account,
      annotator,
      { kind: "workspace_created", title: "Zoo" },
      { kind: "workspace_member_added", workspace: { id: null, title: "Zoo" }, source: "scim" },
      { kind: "project_member_added", projectId, role: "IN", source: "scim", isPending: true },
      ...assignments.map((assignment): Change => ({ kind: "assignment_added", assignment })),
    ]);
    const given = await snapshot(store, id);
    const workspaceId = given.workspaceMembers[0]?.workspaceId ?? 0;
    assert.deepEqual(given.workspaceMembers, [{ workspaceId, title: "Zoo", source: "scim" }]);
    assert.deepEqual(given.projectMembers, [
      { projectId, role: "IN", isPending: true, source: "scim" },
    ]);
    assert.deepEqual(
      new Set(given.assignments.map((entry) => JSON.stringify(entry))),
      new Set(assignments.map((entry) => JSON.stringify(entry))),
    );

    await apply(store, id, [
      {
        kind: "user_renamed",
        from: { firstName: "Ada", lastName: "Byron" },
        to: { firstName: "Augusta", lastName: "King" },
      },
      { kind: "role_changed", from: "AN", to: "RE", source: "scim" },
      {
        kind: "project_member_changed",
        projectId,
        source: "scim",
        from: { role: "IN", isPending: true },
        to: { role: "RE", isPending: false },
      },
      ...(["organization", "workspace", "project"] as const).map(
        (scope): Change => ({
          kind: "grant_source_changed",
          grant: { scope, workspaceId, projectId },
          from: "scim",
          to: "manual",
        }),
      ),
      ...assignments.map((assignment): Change => ({ kind: "assignment_removed", assignment })),
    ]);
    const changed = await snapshot(store, id);
    assert.deepEqual(changed.user, { id: userId, firstName: "Augusta", lastName: "King" });
    assert.deepEqual(changed.membership, { role: "RE", roleSource: "manual", awaited: null });
    assert.deepEqual(changed.workspaceMembers, [{ workspaceId, title: "Zoo", source: "manual" }]);
    assert.deepEqual(changed.projectMembers, [
      { projectId, role: "RE", isPending: false, source: "manual" },
    ]);
    assert.deepEqual(changed.assignments, []);

    await apply(store, id, [
      {
        kind: "workspace_member_removed",
        workspace: { id: workspaceId, title: "Zoo" },
        source: "manual",
      },
      { kind: "project_member_removed", projectId, source: "manual" },
    ]);
    assert.deepEqual(await loadAccess(store.db, id, userId), { workspaces: [], projects: [] });

    await apply(store, id, [{ kind: "membership_removed", role: "RE" }]);
    assert.equal(await loadMembership(store.db, id, userId), null);
    assert.notEqual(await loadUser(store.db, userId), null);
    assert.equal((await loadOrganization(store.db, id))?.seatsUsed, 0);
  });

  test("sets a password that opens this organization and stands in no log", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const { userId } = await store.transaction((tx) =>
      applyChanges(tx, id, email, {
        changes: [account, { kind: "password_set" }, annotator],
        passwordHash: "$argon2id$hash",
      }),
    );
    assert.equal((await loadUser(store.db, userId))?.passwordHash, "$argon2id$hash");
    assert.equal((await loadMembership(store.db, id, userId))?.opensByPassword, true);
    const log = JSON.stringify(await listAudit(store.db, { organizationId: id }));
    assert.doesNotMatch(log, /argon2id/);
  });

  test("of somebody who proved their password while joining opens the organization by it", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const { userId } = await store.transaction((tx) =>
      applyChanges(tx, id, email, { changes: [account, annotator], opensByPassword: true }),
    );
    assert.equal((await loadMembership(store.db, id, userId))?.opensByPassword, true);
  });

  test("uses the workspace that somebody else made meanwhile", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const people = Array.from({ length: 10 }, (_, index) => `person${index}@example.com`);
    await Promise.all(
      people.map((address) =>
        store.transaction((tx) =>
          applyChanges(tx, id, address, {
            changes: [
              { ...account, email: address },
              annotator,
              { kind: "workspace_created", title: "Zoo" },
              {
                kind: "workspace_member_added",
                workspace: { id: null, title: "Zoo" },
                source: "saml",
              },
            ],
          }),
        ),
      ),
    );
    const members = await store.db.selectFrom("workspace_members").selectAll().execute();
    assert.equal(members.length, 10);
    assert.equal(new Set(members.map((member) => member.workspace_id)).size, 1);
  });

  test("ends sessions, tokens and invites of the person here, and none elsewhere", async () => {
    const store = await engine.open();
    const here = await seedOrganization(store);
    const elsewhere = await seedOrganization(store);
    const userId = await seedMember(store, here, email);
    await seedMember(store, elsewhere, email);
    for (const organizationId of [here, elsewhere]) {
      const key = `key-${organizationId}`;
      const at = { userId, organizationId, at: 1, expiresAt: 100 };
      const browser = { id: key, method: "saml", ip: "", userAgent: "" } as const;
      await createSession(store.db, { ...at, ...browser, tokenHash: key });
      await createApiToken(store.db, { ...at, kind: "legacy", tokenHash: key });
      const invite = { email, role: "AN", createdBy: null, tokenHash: key } as const;
      await createInvite(store.db, { ...invite, organizationId, at: 1, expiresAt: 100 });
    }
    await apply(store, here, [
      { kind: "role_changed", from: "AN", to: "DI", source: "scim" },
      { kind: "access_ended" },
    ]);
    const left = async (organizationId: number) => [
      (await listSessions(store.db, { userId, organizationId, now: 2 })).length,
      (await listApiTokens(store.db, { userId, organizationId, now: 2 })).length,
      (await listInvites(store.db, { organizationId, now: 2 })).length,
    ];
    assert.deepEqual(await left(here), [0, 0, 0]);
    assert.deepEqual(await left(elsewhere), [1, 1, 1]);
  });

  test("of a person who changed meanwhile is refused, and leaves nothing", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await seedMember(store, id, email);
    const stale: Change = { kind: "role_changed", from: "RE", to: "AD", source: "saml" };
    await assert.rejects(apply(store, id, [stale]), { code: "conflict" });
    assert.equal((await snapshot(store, id)).membership?.role, "AN");
  });

  test("that breaks a constraint is refused whatever the plan says", async () => {
    const store = await engine.open();
    const [here, elsewhere] = [await seedOrganization(store), await seedOrganization(store)];
    const userId = await seedMember(store, here, email);
    const foreign = { organizationId: elsewhere, title: "Theirs", workspaceId: null, at: 1 };
    const projectId = await createProject(store.db, foreign);
    const intoForeign: Change = {
      kind: "project_member_added",
      projectId,
      role: "AN",
      source: "saml",
      isPending: false,
    };
    await assert.rejects(apply(store, here, [intoForeign]), /constraint/i);
    const users = store.db.updateTable("users").where("id", "=", userId);
    await assert.rejects(users.set({ email: "Ada@Example.com" }).execute(), /constraint/i);
    const memberships = store.db.updateTable("memberships").where("user_id", "=", userId);
    await assert.rejects(memberships.set({ role: "XX" as "AN" }).execute(), /constraint/i);
    await assert.rejects(memberships.set({ role_source: "" as "api" }).execute(), /constraint/i);
    assert.deepEqual((await snapshot(store, here)).projectMembers, []);
  });

  test("never gives an organization a second Owner", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await seedMember(store, id, email, { role: "OW" });
    await assert.rejects(
      seedMember(store, id, "b@example.com", { role: "OW" }),
      /constraint|unique/i,
    );
  });
});

onEveryEngine("seats", (engine) => {
  test("are taken and given back by every change of role", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const used = async () => (await loadOrganization(store.db, id))?.seatsUsed;
    await seedMember(store, id, email, { role: "NO" });
    assert.equal(await used(), 0);
    for (const [from, to, expected] of [
      ["NO", "AN", 1],
      ["AN", "AD", 1],
      ["AD", "DI", 0],
      ["DI", "NO", 0],
      ["NO", "RE", 1],
    ] as const) {
      await apply(store, id, [{ kind: "role_changed", from, to, source: "manual" }]);
      assert.equal(await used(), expected, `${from} to ${to}`);
    }
  });

  test("hold when fifty people join at once: one for each, the others wait for activation", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await updateOrganization(store.db, id, { seatLimit: 7 });
    const people = Array.from({ length: 50 }, (_, index) => `person${index}@example.com`);
    const roles = await Promise.all(people.map((address) => join(store, id, address)));
    assert.equal(roles.filter((role) => role === "AN").length, 7);
    assert.equal(roles.filter((role) => role === "NO").length, 43);
    assert.equal((await loadOrganization(store.db, id))?.seatsUsed, 7);
  });

  test("beyond the limit are refused to a plan that was made without looking", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await updateOrganization(store.db, id, { seatLimit: 0 });
    await assert.rejects(seedMember(store, id, email), { code: "conflict" });
    assert.equal(await findUserByEmail(store.db, email), null);
  });

  test("are never in the Owner's way", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await updateOrganization(store.db, id, { seatLimit: 0 });
    await seedMember(store, id, email, { role: "OW" });
    assert.equal((await snapshot(store, id)).membership?.role, "OW");
  });
});

/** Plans as PRODUCT 1.7 says, from the seats that the snapshot counts. */
async function join(store: Store, organizationId: number, address: string) {
  return await store.transaction(async (tx) => {
    const { seats } = await loadSnapshot(tx, {
      organizationId,
      email: address,
      workspaceTitles: [],
      projectIds: [],
      lock: true,
    });
    const role = seats.limit !== null && seats.used >= seats.limit ? "NO" : "AN";
    assert.equal(hasAccess(role), role === "AN");
    const changes: readonly Change[] = [
      { ...account, email: address },
      { kind: "membership_created", role, source: "saml" },
    ];
    return (await applyChanges(tx, organizationId, address, { changes })).role;
  });
}
