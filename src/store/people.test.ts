import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { applyChanges, seedMember, seedOrganization } from "../../test/seed.ts";
import type { Change } from "../access/changes.ts";
import {
  findMissingProjects,
  findMissingWorkspaces,
  findSimilarWorkspaces,
} from "./mapping-targets.ts";
import { noteSignIn } from "./noted-sign-ins.ts";
import { countOwners, listOrganizationsOf, listOwners, loadOrganization } from "./organizations.ts";
import { rehashPassword } from "./passwords.ts";
import {
  findUserByEmail,
  loadAccess,
  loadAssignedMembers,
  loadMembership,
  loadSnapshot,
} from "./people.ts";
import { createProject, createWorkspace, listProjects } from "./projects.ts";
import type { Db, Store } from "./store.ts";

const email = "ada@example.com";

const ask = (db: Db, organizationId: number, address = email, lock = true) =>
  loadSnapshot(db, {
    organizationId,
    email: address,
    workspaceTitles: [],
    projectIds: [],
    lock,
  });

onEveryEngine("a snapshot", (engine) => {
  test("of an unknown address is empty", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    assert.deepEqual(await ask(store.db, id, email, false), {
      user: null,
      membership: null,
      belongsElsewhere: false,
      acceptedElsewhere: false,
      workspaceMembers: [],
      projectMembers: [],
      assignments: [],
      workspaces: [],
      projectIds: [],
      seats: { limit: null, used: 0 },
    });
  });

  test("knows one organization, and of others only that there is one", async () => {
    const store = await engine.open();
    const [here, elsewhere] = [await seedOrganization(store), await seedOrganization(store)];
    await seedMember(store, elsewhere, email, { role: "AD" });
    await store.transaction((tx) =>
      applyChanges(tx, elsewhere, email, {
        changes: [
          { kind: "workspace_created", title: "Zoo" },
          { kind: "workspace_member_added", workspace: { id: null, title: "Zoo" }, source: "saml" },
          {
            kind: "assignment_added",
            assignment: { scope: "organization", group: "g", role: "AD" },
          },
        ],
      }),
    );
    const foreign = { organizationId: elsewhere, title: "Theirs", workspaceId: null, at: 1 };
    const projectId = await createProject(store.db, foreign);
    const seen = await loadSnapshot(store.db, {
      organizationId: here,
      email,
      workspaceTitles: ["Zoo"],
      projectIds: [projectId],
      lock: false,
    });
    assert.equal(seen.belongsElsewhere, true);
    assert.equal(seen.membership, null);
    assert.deepEqual(
      [seen.workspaceMembers, seen.assignments, seen.workspaces, seen.projectIds],
      [[], [], [], []],
    );
    assert.equal((await ask(store.db, elsewhere)).belongsElsewhere, false);
  });

  test("names those of the wanted workspaces and projects that exist", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const title = 'Größe "1", 漢字';
    const workspaceId = await createWorkspace(store.db, {
      organizationId: id,
      title,
      createdBy: null,
      at: 1,
    });
    const project = { organizationId: id, title: "Birds", workspaceId, at: 1 };
    const projectId = await createProject(store.db, project);
    const seen = await loadSnapshot(store.db, {
      organizationId: id,
      email,
      workspaceTitles: ["missing", title, title.toLowerCase()],
      projectIds: [projectId, projectId + 1, 2 ** 40, -1],
      lock: false,
    });
    assert.deepEqual(seen.workspaces, [{ id: workspaceId, title }]);
    assert.deepEqual(seen.projectIds, [projectId]);
  });

  test("lets of fifty first sign-ons of one person exactly one make the account", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const signOns = await Promise.all(Array.from({ length: 50 }, () => firstSignOn(store, id)));
    assert.equal(new Set(signOns.map(({ userId }) => userId)).size, 1);
    assert.equal(signOns.filter(({ isNew }) => isNew).length, 1);
    const users = await store.db.selectFrom("users").select("id").execute();
    assert.equal(users.length, 1);
    assert.equal((await loadOrganization(store.db, id))?.seatsUsed, 1);
  });

  test("with a lock is what it was until its plan is applied", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await seedMember(store, id, email, { role: "AN" });
    const ladder = ["AN", "RE", "MA", "AD"] as const;
    // Each raises by one step from what it read; a lost update would leave somebody on a lower step.
    await Promise.all(
      [1, 2, 3].map(() =>
        store.transaction(async (tx) => {
          const { membership } = await ask(tx, id);
          const from = ladder.find((role) => role === membership?.role) ?? "AN";
          const to = ladder[ladder.indexOf(from) + 1] ?? "AD";
          await applyChanges(tx, id, email, {
            changes: [{ kind: "role_changed", from, to, source: "manual" }],
          });
        }),
      ),
    );
    assert.equal((await ask(store.db, id, email, false)).membership?.role, "AD");
  });

  test("of one address waits for no other address", async () => {
    const store = await engine.open();
    if (store.dialect === "sqlite") {
      assert.equal((await ask(store.db, await seedOrganization(store))).user, null);
      return;
    }
    const id = await seedOrganization(store);
    await seedMember(store, id, email);
    await store.transaction(async (tx) => {
      await ask(tx, id);
      await store.transaction((other) => ask(other, id, "grace@example.com"));
    });
    assert.equal((await ask(store.db, id, email, false)).membership?.role, "AN");
  });
});

/** The flow of a first sign-in: plans from what it sees, as planSignIn does. */
async function firstSignOn(store: Store, organizationId: number) {
  return await store.transaction(async (tx) => {
    const { user } = await ask(tx, organizationId);
    const account: Change = { kind: "user_created", email, firstName: "", lastName: "" };
    const membership: Change = { kind: "membership_created", role: "AN", source: "saml" };
    const changes = user === null ? [account, membership] : [];
    const { userId } = await applyChanges(tx, organizationId, email, { changes });
    return { userId, isNew: user === null };
  });
}

onEveryEngine("people", (engine) => {
  test("have their access listed by title, with every source and through workspaces", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const userId = await seedMember(store, id, email);
    const at = { organizationId: id, at: 1 };
    const workspaceId = await createWorkspace(store.db, { ...at, title: "Zoo", createdBy: userId });
    assert.equal(await createWorkspace(store.db, { ...at, title: "Zoo", createdBy: null }), null);
    const implied = await createProject(store.db, { ...at, title: "Apes", workspaceId });
    const direct = await createProject(store.db, { ...at, title: "Birds", workspaceId: null });
    await createProject(store.db, { ...at, title: "Others", workspaceId: null });
    const zoo = { id: workspaceId ?? 0, title: "Zoo" };
    await store.transaction((tx) =>
      applyChanges(tx, id, email, {
        changes: [
          { kind: "workspace_member_added", workspace: zoo, source: "saml" },
          { kind: "workspace_member_added", workspace: zoo, source: "manual" },
          {
            kind: "project_member_added",
            projectId: direct,
            role: "RE",
            source: "saml",
            isPending: false,
          },
          {
            kind: "project_member_added",
            projectId: implied,
            role: "IN",
            source: "scim",
            isPending: true,
          },
        ],
      }),
    );
    assert.deepEqual(await loadAccess(store.db, id, userId), {
      workspaces: [{ ...zoo, sources: ["manual", "saml"] }],
      projects: [
        {
          id: implied,
          title: "Apes",
          upstreamId: null,
          throughWorkspace: "Zoo",
          grants: [{ source: "scim", role: "IN", isPending: true }],
        },
        {
          id: direct,
          title: "Birds",
          upstreamId: null,
          throughWorkspace: null,
          grants: [{ source: "saml", role: "RE", isPending: false }],
        },
      ],
    });
    const elsewhere = await seedOrganization(store);
    assert.deepEqual(await loadAccess(store.db, elsewhere, userId), {
      workspaces: [],
      projects: [],
    });
    assert.equal((await listProjects(store.db, id)).length, 3);
  });

  test("have the groups and the time of their last sign-on remembered", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const userId = await seedMember(store, id, email);
    await noteSignIn(store.db, {
      organizationId: id,
      userId,
      groups: ["b", "a"],
      at: 1_900_000_000_000,
      accepts: true,
    });
    const membership = await loadMembership(store.db, id, userId);
    assert.deepEqual(membership?.lastGroups, ["b", "a"]);
    assert.equal(membership?.lastSignInAt, 1_900_000_000_000);
  });

  test("belong to organizations in the order of joining", async () => {
    const store = await engine.open();
    const first = await seedOrganization(store, "First");
    const second = await seedOrganization(store, "Second");
    const userId = await seedMember(store, second, email, { role: "OW" });
    await seedMember(store, first, email, { role: "NO" });
    const rest = { opensByPassword: false, lastSignInAt: null };
    assert.deepEqual(await listOrganizationsOf(store.db, userId), [
      { id: second, title: "Second", role: "OW", ...rest },
      { id: first, title: "First", role: "NO", ...rest },
    ]);
    assert.equal(await countOwners(store.db), 1);
    assert.deepEqual(await listOwners(store.db, second), [{ userId, email }]);
    assert.deepEqual(await listOwners(store.db, first), []);
  });

  test("keep a password by a stronger hash only while it is the password", async () => {
    const store = await engine.open();
    const userId = await seedMember(store, await seedOrganization(store), email);
    await store.db.updateTable("users").set({ password_hash: "weak" }).execute();
    const to = "strong";
    assert.equal(await rehashPassword(store.db, userId, { from: "weak", to }), true);
    assert.equal(await rehashPassword(store.db, userId, { from: "weak", to: "older" }), false);
    assert.equal((await findUserByEmail(store.db, email))?.passwordHash, "strong");
  });

  test("whom SCIM assigned something are listed for a settings reset, of this organization only", async () => {
    const store = await engine.open();
    const [here, elsewhere] = [await seedOrganization(store), await seedOrganization(store)];
    await seedMember(store, here, "nothing@example.com");
    for (const organizationId of [here, elsewhere]) {
      const address = `member${organizationId}@example.com`;
      await seedMember(store, organizationId, address);
      await store.transaction((tx) =>
        applyChanges(tx, organizationId, address, {
          changes: [
            {
              kind: "assignment_added",
              assignment: { scope: "organization", group: "g", role: "AN" },
            },
            {
              kind: "assignment_added",
              assignment: { scope: "organization", group: "h", role: "AN" },
            },
          ],
        }),
      );
    }
    const members = await store.transaction((tx) => loadAssignedMembers(tx, here));
    assert.deepEqual(
      members.map((member) => [member.email, member.snapshot.assignments.length]),
      [[`member${here}@example.com`, 2]],
    );
  });
});

onEveryEngine("mapping targets", (engine) => {
  test("that the organization lacks are named, foreign ones among them", async () => {
    const store = await engine.open();
    const [here, elsewhere] = [await seedOrganization(store), await seedOrganization(store)];
    const make = (organizationId: number) =>
      createProject(store.db, { organizationId, title: "P", workspaceId: null, at: 1 });
    const [own, foreign] = [await make(here), await make(elsewhere)];
    const wanted = [own, foreign, 2 ** 50];
    assert.deepEqual(await findMissingProjects(store.db, here, wanted), [foreign, 2 ** 50]);
    const workspace = { organizationId: here, title: "Zoo", createdBy: null, at: 1 };
    await createWorkspace(store.db, workspace);
    const titles = ["Zoo", "zoo ", "Park"];
    assert.deepEqual(await findMissingWorkspaces(store.db, here, titles), ["zoo ", "Park"]);
    assert.deepEqual(await findMissingWorkspaces(store.db, elsewhere, ["Zoo"]), ["Zoo"]);
    assert.deepEqual([...(await findSimilarWorkspaces(store.db, here, titles))], [["zoo ", "Zoo"]]);
  });
});
