/** Where memberships come from: each source's grant lasts by itself (PRODUCT 1.3, 1.4). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../src/access/roles.ts";
import { loadAccess, loadMembership } from "../../src/store/people.ts";
import { createProject, createWorkspace } from "../../src/store/projects.ts";
import { onEveryEngine } from "../engines.ts";
import { applyChanges } from "../seed.ts";
import { withWorld } from "./organization-world.ts";

const sources = ["manual", "saml", "scim"] as const satisfies readonly Source[];

onEveryEngine("sources", (engine) => {
  for (const last of sources) {
    test(`a membership granted by hand, SAML and SCIM survives the loss of all but ${last}`, async () => {
      await withWorld(engine, {}, async ({ t, organizationId, people }) => {
        const { email, userId } = people.AN;
        const { db } = t.store;
        const at = t.clock.nowMs;
        const title = "Radiology";
        const id = await createWorkspace(db, { organizationId, title, createdBy: null, at });
        assert.ok(id);
        const made = { organizationId, title: "X-rays", workspaceId: null, at };
        const projectId = await createProject(db, made);
        const workspace = { id, title };
        const places = async () => {
          const access = await loadAccess(db, organizationId, userId);
          return [
            access.workspaces.flatMap((place) => place.sources),
            access.projects.flatMap(({ grants }) => grants.map(({ source }) => source)),
          ];
        };
        await t.store.transaction((tx) =>
          applyChanges(tx, organizationId, email, {
            changes: sources.flatMap((source) => [
              { kind: "workspace_member_added", workspace, source },
              { kind: "project_member_added", projectId, role: "AN", source, isPending: false },
            ]),
          }),
        );
        assert.deepEqual(await places(), [[...sources], [...sources]]);
        for (const source of sources.filter((other) => other !== last)) {
          await t.store.transaction((tx) =>
            applyChanges(tx, organizationId, email, {
              changes: [
                { kind: "workspace_member_removed", workspace, source },
                { kind: "project_member_removed", projectId, source },
              ],
            }),
          );
        }
        assert.deepEqual(await places(), [[last], [last]]);
      });
    });
  }

  test("role_source says who set the role last, by page, by program or by groups", async () => {
    await withWorld(engine, {}, async (w) => {
      const { email, userId } = w.people.AN;
      const source = async () =>
        (await loadMembership(w.t.store.db, w.organizationId, userId))?.roleSource;
      assert.equal(await source(), "manual");
      await w.t.store.transaction((tx) =>
        applyChanges(tx, w.organizationId, email, {
          changes: [{ kind: "role_changed", from: "AN", to: "RE", source: "saml" }],
        }),
      );
      assert.equal(await source(), "saml");
      await w.admin("PATCH", `${w.at}/memberships`, { user_id: userId, role: "RE" });
      assert.equal(await source(), "api");
    });
  });
});
